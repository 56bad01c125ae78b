/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_POSITION (rt_position_get_type ())

typedef struct _RtPosition RtPosition;

RT_AVAILABLE_IN_1_0
GType       rt_position_get_type   (void) G_GNUC_CONST;

RT_AVAILABLE_IN_1_0
RtPosition *rt_position_new        (const char       *epoch,
                                    guint64           offset) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtPosition *rt_position_copy       (const RtPosition *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
void        rt_position_free       (RtPosition       *self);
RT_AVAILABLE_IN_1_0
const char *rt_position_get_epoch  (const RtPosition *self);
RT_AVAILABLE_IN_1_0
guint64     rt_position_get_offset (const RtPosition *self);
RT_AVAILABLE_IN_1_0
gboolean    rt_position_equal      (const RtPosition *self,
                                    const RtPosition *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtPosition, rt_position_free)

G_END_DECLS
