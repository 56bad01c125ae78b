/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime-mock/realtime-mock.h>
#include <realtime/realtime.h>

#include <string.h>
#include "rt-clock.h"
#include "rt-fault-proxy.h"
#include "rt-io-thread.h"
#include "rt-test-virtual.h"

/* Streams over lines that carry a kilobyte or two in a second, with a long way between the ends, on virtual time: each
 * client has a line of its own. What is put on a line waits there without a bound, as it does in the networks of
 * telephones, so that a client that sends too much in advance is not heard any more by a server that asks whether it
 * is there. */

#define STEP_MS 200
/* As long as anything moves, nobody gives up; this is only for what never ends, s. */
#define LONGEST 3600

typedef struct
{
  guint rate;    /* bytes in a second, each way; 0: any */
  guint latency; /* ms, each way */
} Line;

static const Line fast = { 0, 20 };
static const Line gprs = { 2500, 500 };
static const Line gsm = { 1200, 1000 };

typedef struct
{
  RtClient *client;
  RtFaultProxy *proxy;
  RtChannel *room;
  RtStreamReader *reader; /* the last that it was told of */
  guint messages;
  guint lost; /* how often its line was */
} Actor;

typedef struct
{
  RtMockServer *server;
  Actor ann;
  Actor bob;
} World;

/* --- Time --- */

static void
step (World *world)
{
  for (guint i = 0; i < 2; i++)
    rt_clock_virtual_settle ();
  rt_clock_virtual_advance (RT_CLOCK_MS (STEP_MS));
}

/* How long it took, ms. */
#define wait_until(world, condition)                                                   \
  G_STMT_START                                                                         \
  {                                                                                    \
    guint waited_ = 0;                                                                 \
    while (!(condition))                                                               \
      {                                                                                \
        if (waited_ >= LONGEST * 1000)                                                 \
          g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #condition);          \
        step (world);                                                                  \
        waited_ += STEP_MS;                                                            \
      }                                                                                \
  }                                                                                    \
  G_STMT_END

static void
reply_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

/* --- Lines --- */

static void
set_line (Actor *actor, const Line *line)
{
  rt_fault_proxy_clear_rules (actor->proxy);
  /* Those to come, too: each begins with a head. */
  rt_fault_proxy_add_rule (actor->proxy, &(RtFaultRule) { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .action = RT_FAULT_RATE,
                                                          .n = line->rate });
  rt_fault_proxy_add_rule (actor->proxy, &(RtFaultRule) { .action = RT_FAULT_DELAY, .n = line->latency });
  rt_fault_proxy_strike (actor->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RATE, .n = line->rate });
}

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, gpointer user_data)
{
  g_set_object (&((Actor *) user_data)->reader, reader);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  ((Actor *) user_data)->messages++;
}

static void
lost_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, gpointer user_data)
{
  Actor *actor = user_data;

  actor->lost++;
  g_test_message ("a line is lost: %u %s", code, reason);
}

static void
actor_init (World *world, Actor *actor, const char *name, const Line *line)
{
  const char *const strategies[] = { "websocket", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  actor->proxy = rt_fault_proxy_new (rt_mock_server_get_port (world->server), rt_fault_seed (1));
  set_line (actor, line);
  g_autofree char *url = rt_fault_proxy_get_url (actor->proxy, "ws");
  g_autoptr (RtConfig)
    config = g_object_new (RT_TYPE_CONFIG, "endpoint", url, "user-id", name, "strategies", strategies, NULL);
  actor->client = rt_client_new (config);
  g_signal_connect (actor->client, "disconnected", G_CALLBACK (lost_cb), actor);
  rt_client_connect_async (actor->client, NULL, reply_cb, &result);
  wait_until (world, result != NULL);
  rt_client_connect_finish (actor->client, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  rt_client_join_channel_async (actor->client, "room", NULL, NULL, reply_cb, &result);
  wait_until (world, result != NULL);
  actor->room = rt_client_join_channel_finish (actor->client, result, &error);
  g_assert_no_error (error);
  g_signal_connect (actor->room, "stream-opened", G_CALLBACK (opened_cb), actor);
  g_signal_connect (actor->room, "message", G_CALLBACK (message_cb), actor);
}

static void
actor_clear (World *world, Actor *actor)
{
  g_autoptr (GAsyncResult) result = NULL;

  set_line (actor, &fast);
  rt_client_close_async (actor->client, NULL, reply_cb, &result);
  wait_until (world, result != NULL);
  rt_client_close_finish (actor->client, result, NULL);
  g_clear_object (&result);
  g_clear_object (&actor->reader);
  g_clear_object (&actor->room);
  g_assert_finalize_object (actor->client);
  rt_fault_proxy_free (actor->proxy);
}

static void
world_init (World *world, const Line *anns, const Line *bobs)
{
  g_autoptr (GError) error = NULL;

  rt_io_thread_shutdown_for_tests ();
  rt_test_virtual_begin ();
  memset (world, 0, sizeof *world);
  world->server = rt_mock_server_new ();
  rt_mock_server_set_history_size (world->server, 0);
  rt_mock_server_start (world->server, &error);
  g_assert_no_error (error);
  actor_init (world, &world->ann, "ann", anns);
  actor_init (world, &world->bob, "bob", bobs);
}

static void
world_clear (World *world)
{
  actor_clear (world, &world->ann);
  actor_clear (world, &world->bob);
  g_assert_finalize_object (world->server);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

/* --- Copies --- */

typedef struct
{
  GBytes *bytes;
  RtStream *stream;
  GOutputStream *target;
  GAsyncResult *sent;
  GAsyncResult *received;
  gint64 began;
} Copy;

static GBytes *
make_bytes (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + (i >> 8) * 13);
  return g_bytes_new_take (bytes, size);
}

static void
copy_begin (World *world, Copy *copy, Actor *from, Actor *to, gsize size)
{
  const GOutputStreamSpliceFlags flags = G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  *copy = (Copy) { .bytes = make_bytes (size), .began = rt_clock_now () };
  rt_client_start_stream_async (from->client, "room", "a", NULL, (gint64) size, NULL, reply_cb, &result);
  wait_until (world, result != NULL);
  copy->stream = rt_client_start_stream_finish (from->client, result, &error);
  g_assert_no_error (error);
  wait_until (world, to->reader != NULL);
  copy->target = g_memory_output_stream_new_resizable ();
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_bytes (copy->bytes);
  g_output_stream_splice_async (G_OUTPUT_STREAM (copy->stream), source, flags, 0, NULL, reply_cb, &copy->sent);
  g_output_stream_splice_async (copy->target, G_INPUT_STREAM (to->reader), flags, 0, NULL, reply_cb, &copy->received);
}

static gsize
copy_get_received (Copy *copy)
{
  return g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (copy->target));
}

static void
copy_end (World *world, Copy *copy)
{
  g_autoptr (GError) error = NULL;

  wait_until (world, copy->received != NULL && copy->sent != NULL);
  g_output_stream_splice_finish (copy->target, copy->received, &error);
  g_assert_no_error (error);
  g_output_stream_splice_finish (G_OUTPUT_STREAM (copy->stream), copy->sent, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (copy->target)), copy_get_received (copy),
                   g_bytes_get_data (copy->bytes, NULL), g_bytes_get_size (copy->bytes));
  g_test_message ("%" G_GSIZE_FORMAT " bytes in %" G_GINT64_FORMAT " ms", copy_get_received (copy),
                  (rt_clock_now () - copy->began) / 1000);
  g_clear_object (&copy->sent);
  g_clear_object (&copy->received);
  g_clear_object (&copy->stream);
  g_clear_object (&copy->target);
  g_bytes_unref (copy->bytes);
}

/* --- Lines that are slow all the time --- */

typedef struct
{
  const char *name;
  const Line *anns;
  const Line *bobs;
  gboolean both_ways;
} Case;

static const Case cases[] = {
  { "reader/gprs", &fast, &gprs, FALSE },      { "reader/gsm", &fast, &gsm, FALSE },
  { "sender/gprs", &gprs, &fast, FALSE },      { "sender/gsm", &gsm, &fast, FALSE },
  { "both/gprs", &gprs, &gprs, FALSE },        { "both-ways/gsm", &gsm, &gsm, TRUE },
};

/* Nothing fails, no line is lost over it, and most of what the line carries is the stream. */
static void
test_slow (gconstpointer data)
{
  const Case *row = data;
  const gsize size = 16000;
  World world;
  Copy there, back;

  world_init (&world, row->anns, row->bobs);
  copy_begin (&world, &there, &world.ann, &world.bob, size);
  if (row->both_ways)
    copy_begin (&world, &back, &world.bob, &world.ann, size);
  copy_end (&world, &there);
  if (row->both_ways)
    copy_end (&world, &back);
  g_assert_cmpuint (world.ann.lost + world.bob.lost, ==, 0);
  world_clear (&world);
}

/* --- Lines that fall, and rise again --- */

static const Line good = { 125000, 50 };

static void
test_falls (gconstpointer data)
{
  const gboolean senders = GPOINTER_TO_INT (data);
  const gsize size = 1500000;
  World world;
  Copy copy;

  world_init (&world, senders ? &good : &fast, senders ? &fast : &good);
  Actor *actor = senders ? &world.ann : &world.bob;
  copy_begin (&world, &copy, &world.ann, &world.bob, size);
  wait_until (&world, copy_get_received (&copy) >= size / 4);
  set_line (actor, &gsm);
  gint64 fell = rt_clock_now ();
  wait_until (&world, rt_clock_now () - fell >= 60 * G_USEC_PER_SEC);
  g_assert_null (copy.sent);
  set_line (actor, &good);
  gint64 rose = rt_clock_now ();
  copy_end (&world, &copy);
  /* It is fast again: the rest would take more than twenty times as long if it were not. */
  g_assert_cmpint (rt_clock_now () - rose, <, 90 * G_USEC_PER_SEC);
  world_clear (&world);
}

/* --- What else is to pass --- */

static void
test_message (gconstpointer data)
{
  const gboolean senders = GPOINTER_TO_INT (data);
  World world;
  Copy copy;
  gint64 longest = 0;

  world_init (&world, senders ? &gsm : &fast, senders ? &fast : &gsm);
  copy_begin (&world, &copy, &world.ann, &world.bob, 30000);
  for (guint i = 1; i <= 4; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      gsize before = copy_get_received (&copy);

      wait_until (&world, copy_get_received (&copy) >= before + 5000);
      gint64 began = rt_clock_now ();
      rt_client_send_message_async (world.ann.client, "room", "hello", NULL, reply_cb, &result);
      wait_until (&world, world.bob.messages == i);
      longest = MAX (longest, rt_clock_now () - began);
      wait_until (&world, result != NULL);
      g_object_unref (rt_client_send_message_finish (world.ann.client, result, &error));
      g_assert_no_error (error);
    }
  g_test_message ("%" G_GINT64_FORMAT " ms", longest / 1000);
  /* A second it needs by itself, and a piece a second and a half. */
  g_assert_cmpint (longest, <, 6 * G_USEC_PER_SEC);
  copy_end (&world, &copy);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/Fault/stream-slow/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], test_slow);
    }
  g_test_add_data_func ("/Rt/Fault/stream-falls/reader", GINT_TO_POINTER (FALSE), test_falls);
  g_test_add_data_func ("/Rt/Fault/stream-falls/sender", GINT_TO_POINTER (TRUE), test_falls);
  g_test_add_data_func ("/Rt/Fault/stream-message/reader", GINT_TO_POINTER (FALSE), test_message);
  g_test_add_data_func ("/Rt/Fault/stream-message/sender", GINT_TO_POINTER (TRUE), test_message);
  return g_test_run ();
}
