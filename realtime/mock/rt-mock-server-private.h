/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-core.h"
#include "rt-mock-outlet.h"
#include "rt-mock-server.h"

G_BEGIN_DECLS

/* The public object, shared by rt-mock-server.c (its life), rt-mock-server-settings.c (its settings),
 * rt-mock-server-properties.c (the same as properties) and
 * rt-mock-server-control.c (what a test does with it). */

enum
{
  PROP_0,
  PROP_PORT,
  PROP_API_KEYS,
  PROP_TOKEN_SECRET,
  PROP_AUTH_REQUIRED,
  PROP_PING_INTERVAL,
  PROP_HISTORY_SIZE,
  PROP_HISTORY_TTL,
  PROP_PRESENCE,
  PROP_JOIN_LEAVE,
  PROP_TOKEN_TTL,
  PROP_JOURNAL,
  PROP_DELAY,
  N_PROPS,
};

struct _RtMockServer
{
  GObject parent_instance;

  GMutex run_lock; /* held while the server is started or stopped; taken before lock */
  GMutex lock;
  RtMockOptions options; /* guarded by lock */
  guint port;            /* as set; options has it once it is checked. Guarded by lock */
  RtMockCore *core;      /* NULL while it does not run; guarded by lock */

  RtMockJournal journal;
  RtMockFaults faults;
  RtMockOutlet *outlet; /* immutable after construction */
};

/* rt-mock-server.c: NULL while it does not run. */
RtMockCore *rt_mock_server_ref_core           (RtMockServer  *self);

/* rt-mock-server-properties.c */
void        rt_mock_server_install_properties (GObjectClass  *object_class);
void        rt_mock_server_notify             (RtMockServer  *self,
                                               guint          prop_id);

G_END_DECLS
