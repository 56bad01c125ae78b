/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include <string.h>

#include "rt-config-builder.h"
#include "rt-connection-private.h"
#include "rt-io-thread.h"
#include "rt-raw-peer.h"
#include "rt-test-virtual.h"
#include "rt-test.h"
#include "rt-ws-transport.h"

/* A peer that sends as much as it can, over a real socket, of what is dear to take in. Meanwhile the I/O thread keeps
 * its hands free for others: no dispatch takes more than its budget, a timer of another owner fires in time, and
 * memory stays bounded. */

/* µs that a tick there may be later than one on an idle thread. A sanitizer makes each dispatch many times as long. */
#ifdef __SANITIZE_ADDRESS__
#define MAX_LATER (1000 * 1000)
#else
#define MAX_LATER (100 * 1000)
#endif
#define SLACK ((gsize) 16 * 1024 * 1024) /* beyond the caps of the queues */

typedef struct
{
  const char *name;
  guint8 first; /* of the frame that is repeated */
  const char *payload;
  guint frames;
  gboolean pong;    /* the server wants pongs */
  gboolean slow;    /* the program takes nothing of what comes up */
  gsize cap;        /* of what may be held */
  const char *last; /* a frame that ends the flood; nullable */
} Flood;

#define PUBLICATION                                                                                             \
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":\"0123456789012345678901234567890123456789012345678901234567890123\"}}}"

static const Flood floods[] = {
  { "tiny", RT_RAW_FIN | RT_RAW_TEXT, "{}", 3000000, FALSE, FALSE, 0, NULL },
  { "pings", RT_RAW_FIN | RT_RAW_PING, "", 3000000, FALSE, FALSE, 0, NULL },
  { "pongs", RT_RAW_FIN | RT_RAW_PONG, "x", 3000000, FALSE, FALSE, 0, NULL },
  { "protocol-pings", RT_RAW_FIN | RT_RAW_TEXT, "{}", 3000000, TRUE, FALSE, 0, NULL },
  { "fragments", RT_RAW_CONTINUATION, " ", 3000000, FALSE, FALSE, 6000000, "{}" },
  { "empty-fragments", RT_RAW_CONTINUATION, "", 3000000, FALSE, FALSE, 0, "{}" },
  { "publications", RT_RAW_FIN | RT_RAW_TEXT, PUBLICATION, 1000000, FALSE, FALSE, 8 * 1024 * 1024, NULL },
  { "slow-program", RT_RAW_FIN | RT_RAW_TEXT, PUBLICATION, 1000000, FALSE, TRUE, 8 * 1024 * 1024, NULL },
};

/* --- The peer --- */

static void
send_text (RtRawPeer *peer, const char *text)
{
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, text, strlen (text));
}

static void
read_command (RtRawPeer *peer)
{
  guint8 first;
  g_autoptr (GBytes) command = rt_raw_peer_read_frame (peer, &first);

  g_assert_nonnull (command);
}

/* Until the other side ends it, which is agreed to. */
static void
read_close (RtRawPeer *peer)
{
  guint8 first = 0;

  while ((first & 0x0f) != RT_RAW_CLOSE)
    {
      g_autoptr (GBytes) frame = rt_raw_peer_read_frame (peer, &first);

      if (frame == NULL)
        return;
    }
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

/* Answers connect and join. Then it sends and does not read. */
static void
pour (RtRawPeer *peer, const Flood *flood)
{
  g_autoptr (GByteArray) frames = g_byte_array_new ();

  rt_raw_peer_upgrade (peer);
  read_command (peer);
  send_text (peer, flood->pong ? "{\"id\":1,\"connect\":{\"client\":\"c\",\"ping\":25,\"pong\":true}}"
                               : "{\"id\":1,\"connect\":{\"client\":\"c\",\"ping\":25}}");
  read_command (peer);
  send_text (peer, "{\"id\":2,\"subscribe\":{}}");
  read_command (peer);
  if (flood->last != NULL)
    rt_raw_peer_send_frame (peer, RT_RAW_TEXT, "", 0);
  for (guint i = 0; i < 1000; i++)
    rt_raw_peer_put_frame (frames, flood->first, flood->payload, strlen (flood->payload));
  for (guint i = 0; i < flood->frames; i += 1000)
    if (!rt_raw_peer_send (peer, frames->data, frames->len))
      return;
  if (flood->last != NULL)
    rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_CONTINUATION, flood->last, strlen (flood->last));
}

/* The call is answered when the flood is over. */
static void
flood_script (RtRawPeer *peer, gpointer user_data)
{
  pour (peer, user_data);
  send_text (peer, "{\"id\":3,\"rpc\":{\"data\":1}}");
  read_close (peer);
}

/* Nothing is answered: neither the call nor the close. */
static void
silent_script (RtRawPeer *peer, gpointer user_data)
{
  pour (peer, user_data);
  rt_raw_peer_wait_end (peer);
}

/* --- Ticks --- */

typedef struct
{
  RtTimer *timer;
  gint64 before;
  gint64 worst; /* µs between two of them; read when the thread has ended */
  gsize most_memory;
  gboolean measures;
} Tick;

static gsize
heap_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static void
tick_cb (gpointer user_data)
{
  Tick *tick = user_data;
  gint64 now = rt_clock_now ();

  tick->worst = MAX (tick->worst, now - tick->before);
  tick->before = now;
  if (tick->measures)
    tick->most_memory = MAX (tick->most_memory, heap_in_use ());
  rt_timer_start (tick->timer, now + RT_CLOCK_MS (10));
}

static gboolean
start_tick_cb (gpointer user_data)
{
  Tick *tick = user_data;

  tick->before = rt_clock_now ();
  rt_timer_start (tick->timer, tick->before + RT_CLOCK_MS (10));
  return G_SOURCE_REMOVE;
}

static gboolean
stop_tick_cb (gpointer user_data)
{
  Tick *tick = user_data;

  /* One that never came counts as well. */
  tick->worst = MAX (tick->worst, rt_clock_now () - tick->before);
  g_clear_pointer (&tick->timer, rt_timer_free);
  return G_SOURCE_REMOVE;
}

static void
run_in (GMainContext *context, GSourceFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_static_name (source, "[test] tick");
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, context);
}

static gpointer
idle_thread (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

/* --- The client's side --- */

typedef struct
{
  const Flood *flood;
  RtConnection *connection;
  GQueue held;  /* RtBatch of a slow program; in the I/O thread */
  gint results; /* atomic */
  gint failures; /* atomic */
  RtWsTransportStats stats; /* set before results says so */
} Client;

static void
news_cb (gpointer user_data, RtNews *news)
{
  rt_connection_taken (((Client *) user_data)->connection, 1, news->bytes);
  rt_news_free (news);
}

static void
batch_cb (gpointer user_data, RtBatch *batch)
{
  Client *client = user_data;

  if (client->flood->slow)
    {
      g_queue_push_tail (&client->held, batch);
      return;
    }
  rt_connection_taken (client->connection, batch->n_entries, batch->bytes);
  rt_batch_free (batch);
}

static void
result_cb (gpointer user_data, RtOp *op)
{
  Client *client = user_data;

  if (op->kind == RT_OP_RPC && client->connection->transport != NULL)
    client->stats = *rt_ws_transport_get_stats (client->connection->transport);
  if (op->error != NULL)
    {
      g_test_message ("%s", op->error->message);
      g_atomic_int_inc (&client->failures);
    }
  rt_op_unref (op);
  g_atomic_int_inc (&client->results);
  g_main_context_wakeup (NULL);
}

static void
do_op (Client *client, RtOpKind kind, const char *channel)
{
  RtOp *op = rt_op_new (kind);

  op->channel = g_strdup (channel);
  rt_connection_submit (client->connection, op);
}

static RtConnection *
connect_to (RtRawPeer *peer, Client *client)
{
  static const RtConnectionEvents events = { .news = news_cb, .batch = batch_cb, .result = result_cb };
  g_autofree char *url = rt_raw_peer_get_url (peer);
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_request_timeout (builder, 60000);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, NULL);
  g_autoptr (RtSettings) settings = rt_settings_new (config);
  g_autoptr (RtRoutes) routes = rt_routes_new ();
  rt_routes_add (routes, "websocket", rt_websocket_transport (), NULL, NULL);
  return rt_connection_new (settings, routes, FALSE, &events, client, NULL);
}

static void
check (const Flood *flood, const Client *client, const Tick *io, const Tick *control, gsize before)
{
  g_test_message ("%s: worst gap %" G_GINT64_FORMAT " µs, of the control %" G_GINT64_FORMAT " µs; memory grew by %" G_GSSIZE_FORMAT
                  " KiB; %" G_GUINT64_FORMAT " dispatches, at most %u frames, %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " queued",
                  flood->name, io->worst, control->worst, ((gssize) io->most_memory - (gssize) before) / 1024,
                  client->stats.dispatches, client->stats.max_frames, client->stats.max_bytes, client->stats.max_queued);
  g_assert_cmpint (client->failures, ==, 0);
  /* All but those of the last dispatch, which is still under way as this is looked at. */
  g_assert_cmpuint (client->stats.frames + RT_WS_DISPATCH_FRAMES, >=, flood->frames);
  g_assert_cmpuint (client->stats.max_frames, <=, RT_WS_DISPATCH_FRAMES);
  g_assert_cmpuint (client->stats.max_bytes, <=, RT_WS_DISPATCH_BYTES);
  g_assert_cmpint (io->worst, <=, control->worst + MAX_LATER);
  g_assert_cmpuint (io->most_memory, <=, before + flood->cap + SLACK);
}

static void
test_flood (gconstpointer data)
{
  const Flood *flood = data;
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (flood_script, (gpointer) flood);
  g_autoptr (GMainContext) idle_context = g_main_context_new ();
  g_autoptr (GMainLoop) idle_loop = g_main_loop_new (idle_context, FALSE);
  Client client = { .flood = flood, .held = G_QUEUE_INIT };
  gsize before = heap_in_use ();
  Tick io = { .measures = TRUE, .most_memory = before }, control = { 0 };

  io.timer = rt_timer_new (rt_io_thread_get_context (), "[test] tick", tick_cb, &io);
  control.timer = rt_timer_new (idle_context, "[test] tick", tick_cb, &control);
  GThread *thread = g_thread_new ("idle", idle_thread, idle_loop);
  run_in (rt_io_thread_get_context (), start_tick_cb, &io);
  run_in (idle_context, start_tick_cb, &control);

  client.connection = connect_to (peer, &client);
  do_op (&client, RT_OP_CONNECT, NULL);
  rt_test_wait_until (g_atomic_int_get (&client.results) == 1);
  do_op (&client, RT_OP_JOIN, "room");
  rt_test_wait_until (g_atomic_int_get (&client.results) == 2);
  do_op (&client, RT_OP_RPC, "end");
  rt_test_wait_until (g_atomic_int_get (&client.results) == 3);
  do_op (&client, RT_OP_CLOSE, NULL);
  rt_test_wait_until (g_atomic_int_get (&client.results) == 4);

  run_in (rt_io_thread_get_context (), stop_tick_cb, &io);
  run_in (idle_context, stop_tick_cb, &control);
  rt_connection_unref (client.connection);
  rt_io_thread_shutdown_for_tests ();
  g_main_loop_quit (idle_loop);
  g_thread_join (thread);
  g_queue_clear_full (&client.held, (GDestroyNotify) rt_batch_free);
  check (flood, &client, &io, &control, before);
}

/* In the middle of it, with a call under way: within the shutdown timeout, 5 s. When the peer has said all that it has to say
 * depends on the machine; from then on the line is a dead one, and may end sooner. */
static void
test_close (void)
{
  const Flood *flood = &floods[0];
  Client client = { .flood = flood };

  rt_test_virtual_begin ();
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (silent_script, (gpointer) flood);
  client.connection = connect_to (peer, &client);
  do_op (&client, RT_OP_CONNECT, NULL);
  rt_test_wait_until (g_atomic_int_get (&client.results) == 1);
  do_op (&client, RT_OP_JOIN, "room");
  rt_test_wait_until (g_atomic_int_get (&client.results) == 2);
  do_op (&client, RT_OP_RPC, "end");
  do_op (&client, RT_OP_CLOSE, NULL);
  rt_clock_virtual_advance (RT_CLOCK_MS (1999));
  g_assert_cmpint (g_atomic_int_get (&client.results), ==, 2);
  rt_clock_virtual_advance (RT_CLOCK_MS (3001));
  g_assert_cmpint (g_atomic_int_get (&client.results), ==, 4);
  g_assert_cmpint (client.failures, ==, 1);
  rt_connection_unref (client.connection);
  rt_clock_virtual_settle ();
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/Flood/", floods[i].name, NULL);
      g_test_add_data_func (path, &floods[i], test_flood);
    }
  g_test_add_func ("/Rt/Flood/close", test_close);
  return g_test_run ();
}
