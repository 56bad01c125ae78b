/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-client-builder.h"
#include "rt-config-builder.h"

G_BEGIN_DECLS

/* What holds the settings. */
RtConfigBuilder *rt_client_builder_get_config_builder (RtClientBuilder *self);

G_END_DECLS
