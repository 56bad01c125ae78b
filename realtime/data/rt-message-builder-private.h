/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-faults.h"
#include "rt-message-builder.h"

G_BEGIN_DECLS

/* Like rt_message_builder_build (), for a caller that has found faults of its own already. */
RtMessage *rt_message_builder_finish (RtMessageBuilder *self,
                                      RtFaults         *faults,
                                      GError          **error);

G_END_DECLS
