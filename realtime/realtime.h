/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define RT_INSIDE
#include "rt-config-builder.h"
#include "rt-config.h"
#include "rt-connection-state.h"
#include "rt-connection-strategy.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-version-macros.h"
#include "rt-websocket-strategy.h"
#undef RT_INSIDE
