/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-faults.h"
#include "rt-message-builder.h"

G_BEGIN_DECLS

/* Like rt_message_builder_build (), for a caller that has found faults of its own already. @sender, if not NULL, stands
 * in for one that the builder does not have. */
RtMessage  *rt_message_builder_finish        (RtMessageBuilder *self,
                                              const char       *sender,
                                              RtFaults         *faults,
                                              GError          **error);
const char *rt_message_builder_get_type_name (RtMessageBuilder *self); /* nullable */

G_END_DECLS
