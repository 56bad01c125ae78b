/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-env.h"
#include "rt-mock-server.h"

G_BEGIN_DECLS

/* The way from the server's thread to the program's signal handlers: emits in the main context that was
 * thread-default when the server object was made. */

typedef enum
{
  RT_MOCK_SIGNAL_CLIENT_CONNECTED,
  RT_MOCK_SIGNAL_CLIENT_DISCONNECTED,
  RT_MOCK_SIGNAL_MESSAGE,
  RT_MOCK_SIGNAL_RPC,
  RT_MOCK_N_SIGNALS,
} RtMockSignal;

typedef struct _RtMockOutlet RtMockOutlet;

/* @signals lives as long as the class. */
RtMockOutlet *rt_mock_outlet_new   (RtMockServer *server,
                                    const guint  *signals);
/* Nothing is emitted any more; what is on the way may hold on to it for a moment. */
void          rt_mock_outlet_close (RtMockOutlet *self);

/* For a core, with the outlet as their data. */
extern const RtMockEvents rt_mock_outlet_events;

G_END_DECLS
