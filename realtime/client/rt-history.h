/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_HISTORY (rt_history_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtHistory, rt_history, RT, HISTORY, GObject)

RT_AVAILABLE_IN_1_0
const char *rt_history_get_epoch        (RtHistory            *self);
RT_AVAILABLE_IN_1_0
guint64     rt_history_get_offset       (RtHistory            *self);
RT_AVAILABLE_IN_1_0
gboolean    rt_history_get_has_more     (RtHistory            *self);
RT_AVAILABLE_IN_1_0
gboolean    rt_history_get_loading      (RtHistory            *self);
RT_AVAILABLE_IN_1_0
const GError *rt_history_get_error      (RtHistory            *self);
RT_AVAILABLE_IN_1_0
gboolean    rt_history_get_auto_load    (RtHistory            *self);
RT_AVAILABLE_IN_1_0
void        rt_history_set_auto_load    (RtHistory            *self,
                                         gboolean              auto_load);

RT_AVAILABLE_IN_1_0
void        rt_history_load_more_async  (RtHistory            *self,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean    rt_history_load_more_finish (RtHistory            *self,
                                         GAsyncResult         *result,
                                         guint                *n_loaded,
                                         GError              **error);
RT_AVAILABLE_IN_1_0
gboolean    rt_history_load_more_sync   (RtHistory            *self,
                                         GCancellable         *cancellable,
                                         guint                *n_loaded,
                                         GError              **error);

G_END_DECLS
