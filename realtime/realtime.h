/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define RT_INSIDE
#include "rt-channel-options.h"
#include "rt-channel.h"
#include "rt-client-builder.h"
#include "rt-client.h"
#include "rt-config-builder.h"
#include "rt-config.h"
#include "rt-connection-state.h"
#include "rt-connection-strategy.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-history.h"
#include "rt-http-stream-strategy.h"
#include "rt-member.h"
#include "rt-message-builder.h"
#include "rt-message-options.h"
#include "rt-message.h"
#include "rt-polling-strategy.h"
#include "rt-position.h"
#include "rt-snowflake.h"
#include "rt-strategy-selector.h"
#include "rt-token-provider.h"
#include "rt-version-macros.h"
#include "rt-websocket-strategy.h"
#undef RT_INSIDE
