/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* A strategy as a program would write it around a built-in one: it carries frames over a WebSocket of its own. */

#define RELAY_TYPE_STRATEGY (relay_strategy_get_type ())
G_DECLARE_FINAL_TYPE (RelayStrategy, relay_strategy, RELAY, STRATEGY, GObject)

struct _RelayStrategy
{
  GObject parent_instance;

  RtConnectionStrategy *inner;
  char *name;
  GThread *thread; /* where it was made, and where it is used and disposed of */
  gboolean broken; /* cannot connect */
  guint connects;
  guint frames; /* that were sent */
};

RelayStrategy *relay_strategy_new (const char *url,
                                   const char *name);

G_END_DECLS
