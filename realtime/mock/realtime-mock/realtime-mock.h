/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define RT_MOCK_INSIDE
#include "rt-mock-call.h"
#include "rt-mock-enum-types.h"
#include "rt-mock-server.h"
#include "rt-mock-types.h"
#undef RT_MOCK_INSIDE
