/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-config-builder.h"
#include "rt-config.h"
#include "rt-faults.h"

G_BEGIN_DECLS

/* The rules of every setting. */
void      rt_config_collect_faults     (RtConfig        *self,
                                        RtFaults        *faults);

/* What all of the builder's setters come down to: @name is a property of RtConfig. */
void      rt_config_builder_take_value (RtConfigBuilder *self,
                                        const char      *name,
                                        GValue          *value);
/* Like rt_config_builder_build (), for a caller that has found faults of its own already. */
RtConfig *rt_config_builder_finish     (RtConfigBuilder *self,
                                        RtFaults        *faults,
                                        GError         **error);

G_END_DECLS
