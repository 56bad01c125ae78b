/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-probe.h"

#include "rt-client-private.h"
#include "rt-connection-private.h"
#include "rt-io-thread.h"

typedef struct
{
  RtConnection *connection;
  guint count;
  RtWaiter waiter;
} Probe;

static gboolean
count_cb (gpointer user_data)
{
  Probe *probe = user_data;
  RtConnection *connection = probe->connection;
  GHashTableIter iter;
  gpointer sub;

  probe->count = connection->connects->len + connection->ends->len + connection->replies.count
                 + g_queue_get_length (&connection->pings) + (guint) g_atomic_int_get (&connection->queued_messages);
  g_hash_table_iter_init (&iter, connection->subs);
  while (g_hash_table_iter_next (&iter, NULL, &sub))
    probe->count += ((RtSub *) sub)->joins->len + ((RtSub *) sub)->leaves->len;
  rt_waiter_wake (&probe->waiter);
  return G_SOURCE_REMOVE;
}

guint
client_probe_count (RtClient *client)
{
  Probe probe = { .connection = rt_client_get_connection (client) };
  g_autoptr (GSource) source = g_idle_source_new ();

  rt_waiter_init (&probe.waiter);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "probe");
  g_source_set_callback (source, count_cb, &probe, NULL);
  g_source_attach (source, rt_io_thread_get_context ());
  rt_waiter_wait (&probe.waiter);
  rt_waiter_clear (&probe.waiter);
  return probe.count;
}
