/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-call.h"
#include "rt-mock-core.h"

G_BEGIN_DECLS

/* In the program's context: scripts may come to hold it. */
RtMockCall *rt_mock_call_new (RtMockCore          *core,
                              const RtMockRequest *request);

G_END_DECLS
