/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test-virtual.h"

/* Streams over lines that break, over each transport, and with peers that do not keep to the rules. */

#define SIZE (1024 * 1024 + 17)

static const char *const routes[] = { "websocket", "http-stream", "polling" };

typedef struct
{
  RtMockServer *server;
  RtClient *ann;
  RtClient *bob;
  RtChannel *room; /* bob's */
  RtStreamReader *reader;
  guint told;
} World;

static RtClient *
connect_over (RtMockServer *server, const char *route)
{
  const char *const strategies[] = { route, NULL };
  g_autoptr (GError) error = NULL;
  RtClient *client = client_util_new_client (server, "strategies", strategies, "heartbeat-timeout", 2000u,
                                             "reconnect-delay", 100u, NULL);

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, gpointer user_data)
{
  World *world = user_data;

  world->told++;
  g_set_object (&world->reader, reader);
}

static void
world_init (World *world, const char *route)
{
  *world = (World) { .server = client_util_start_server () };
  world->ann = connect_over (world->server, route);
  world->bob = connect_over (world->server, route);
  world->room = client_util_join (world->bob, "room");
  g_signal_connect (world->room, "stream-opened", G_CALLBACK (opened_cb), world);
}

static void
world_clear (World *world)
{
  g_clear_object (&world->reader);
  g_clear_object (&world->room);
  client_util_finalize (world->ann);
  client_util_finalize (world->bob);
  g_assert_finalize_object (world->server);
}

static RtStream *
start (World *world, gint64 size)
{
  g_autoptr (GError) error = NULL;
  RtStream *stream = rt_client_start_stream_sync (world->ann, "room", "a", NULL, size, NULL, &error);

  g_assert_no_error (error);
  rt_test_wait_until (world->reader != NULL);
  return stream;
}

static GBytes *
make_bytes (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + (i >> 8) * 13);
  return g_bytes_new_take (bytes, size);
}

/* --- A copy in both directions at once, while something is done to the line --- */

typedef struct
{
  GBytes *bytes;
  RtStream *stream;
  GOutputStream *target;
  ClientReply sent;
  ClientReply received;
} Copy;

static void
copy_begin (World *world, Copy *copy)
{
  const GOutputStreamSpliceFlags flags = G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;
  g_autoptr (GInputStream) source = NULL;

  memset (copy, 0, sizeof *copy);
  copy->bytes = make_bytes (SIZE);
  copy->stream = start (world, SIZE);
  copy->target = g_memory_output_stream_new_resizable ();
  source = g_memory_input_stream_new_from_bytes (copy->bytes);
  g_output_stream_splice_async (G_OUTPUT_STREAM (copy->stream), source, flags, 0, NULL, client_reply_cb, &copy->sent);
  g_output_stream_splice_async (copy->target, G_INPUT_STREAM (world->reader), flags, 0, NULL, client_reply_cb,
                                &copy->received);
}

static gsize
copy_get_received (Copy *copy)
{
  return g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (copy->target));
}

static void
copy_end (Copy *copy)
{
  g_autoptr (GError) error = NULL;

  client_reply_wait (&copy->received);
  client_reply_wait (&copy->sent);
  g_output_stream_splice_finish (copy->target, copy->received.result, &error);
  g_assert_no_error (error);
  g_output_stream_splice_finish (G_OUTPUT_STREAM (copy->stream), copy->sent.result, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (copy->target)), copy_get_received (copy),
                   g_bytes_get_data (copy->bytes, NULL), SIZE);
  client_reply_clear (&copy->sent);
  client_reply_clear (&copy->received);
  g_clear_object (&copy->stream);
  g_clear_object (&copy->target);
  g_bytes_unref (copy->bytes);
}

static void
test_plain (gconstpointer route)
{
  World world;
  Copy copy;

  world_init (&world, route);
  copy_begin (&world, &copy);
  copy_end (&copy);
  world_clear (&world);
}

/* Both ends lose their lines, a few times, in the middle. */
static void
test_lines_lost (gconstpointer route)
{
  World world;
  Copy copy;

  world_init (&world, route);
  copy_begin (&world, &copy);
  for (gsize part = 1; part <= 3; part++)
    {
      rt_test_wait_until (copy_get_received (&copy) >= part * SIZE / 4);
      rt_mock_server_drop_connections (world.server);
    }
  copy_end (&copy);
  world_clear (&world);
}

/* The server dies with all that it knew. */
static void
test_server_lost (gconstpointer route)
{
  World world;
  Copy copy;
  g_autoptr (GError) error = NULL;

  world_init (&world, route);
  guint port = rt_mock_server_get_port (world.server);
  copy_begin (&world, &copy);
  rt_test_wait_until (copy_get_received (&copy) >= SIZE / 3);
  rt_mock_server_drop_connections (world.server);
  rt_mock_server_stop (world.server);
  g_assert_finalize_object (world.server);
  world.server = rt_mock_server_new ();
  rt_mock_server_set_port (world.server, port);
  rt_mock_server_start (world.server, &error);
  g_assert_no_error (error);
  copy_end (&copy);
  world_clear (&world);
}

/* One fault of the server's at a time, all through a copy. */
static void
test_faults (gconstpointer route)
{
  static const RtMockFault faults[] = { RT_MOCK_FAULT_DROP_PUBLICATION, RT_MOCK_FAULT_LOSE_PUSH, RT_MOCK_FAULT_LOSE_REPLY,
                                        RT_MOCK_FAULT_ERROR_REPLY, RT_MOCK_FAULT_DUPLICATE };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      World world;
      Copy copy;

      world_init (&world, route);
      copy_begin (&world, &copy);
      rt_test_wait_until (copy_get_received (&copy) > 0);
      if (faults[i] != RT_MOCK_FAULT_LOSE_REPLY)
        rt_mock_server_inject_fault (world.server, faults[i], 2);
      copy_end (&copy);
      world_clear (&world);
    }
}

/* --- Peers that break the rules --- */

#define OPENING                                                                                                        \
  "{\"$rt\":1,\"id\":\"1\",\"src\":\"ee\",\"ts\":1,\"type\":\"stream\",\"data\":{\"stream\":\"77\",\"name\":\"x\"}}"
#define FRAME(fields) "{\"$rt\":1,\"id\":\"2\",\"src\":\"ee\",\"ts\":1,\"type\":\"stream\"," fields "}"
#define DATA(off, b64) FRAME ("\"b64\":\"" b64 "\",\"st\":{\"k\":\"data\",\"id\":\"77\",\"off\":" #off "}")
#define SUM_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define END(off, sum) FRAME ("\"st\":{\"k\":\"end\",\"id\":\"77\",\"off\":" #off ",\"sum\":\"" sum "\"}")

typedef struct
{
  const char *name;
  const char *frames[6];
  const char *text;  /* that comes before the end, "" if none */
  int code;          /* of the error, -1: it ends well */
} Hostile;

static const Hostile hostile[] = {
  { "good", { DATA (0, "YWJj"), END (3, SUM_OF_ABC) }, "abc", -1 },
  { "wrong-sum", { DATA (0, "YWJk"), END (3, SUM_OF_ABC) }, "abd", RT_ERROR_PROTOCOL },
  { "repeats", { DATA (0, "YWJj"), DATA (0, "YWJj"), DATA (0, "WFhY"), END (3, SUM_OF_ABC) }, "abc", -1 },
  { "after-end", { DATA (0, "YWJj"), END (3, SUM_OF_ABC), DATA (3, "YWJj") }, "", RT_ERROR_PROTOCOL },
  { "two-ends", { END (3, SUM_OF_ABC), END (4, SUM_OF_ABC) }, "", RT_ERROR_PROTOCOL },
  { "end-too-soon", { DATA (0, "YWJj"), END (2, SUM_OF_ABC) }, "", RT_ERROR_PROTOCOL },
  { "far-away", { DATA (9223372036854775807, "YWJj") }, "", RT_ERROR_PROTOCOL },
  { "no-base64", { DATA (0, "YW!j") }, "", RT_ERROR_PROTOCOL },
  { "nothing", { FRAME ("\"st\":{\"k\":\"data\",\"id\":\"77\"}") }, "", RT_ERROR_PROTOCOL },
  { "abort", { DATA (0, "YWJj"), FRAME ("\"st\":{\"k\":\"abort\",\"id\":\"77\",\"why\":\"no \\\"more\\\"\"}") }, "", RT_ERROR_CLOSED },
  { "nonsense",
    { FRAME ("\"st\":{\"k\":\"what\",\"id\":\"77\"}"), FRAME ("\"st\":7"), OPENING, DATA (0, "YWJj"), END (3, SUM_OF_ABC) },
    "abc", -1 },
};

static void
publish (World *world, const char *json)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_publish (world->server, "room", json, &error);
  g_assert_no_error (error);
}

/* What is said by somebody else, or of another stream, is not heard. */
static void
publish_noise (World *world)
{
  publish (world, "{\"$rt\":1,\"id\":\"3\",\"src\":\"ff\",\"ts\":1,\"st\":{\"k\":\"abort\",\"id\":\"77\"}}");
  publish (world, "{\"$rt\":1,\"id\":\"3\",\"src\":\"ff\",\"ts\":1,\"b64\":\"WFhY\",\"st\":{\"k\":\"data\",\"id\":\"77\"}}");
  publish (world, "{\"$rt\":1,\"id\":\"3\",\"src\":\"ee\",\"ts\":1,\"st\":{\"k\":\"abort\",\"id\":\"78\"}}");
  publish (world, "{\"$rt\":1,\"id\":\"3\",\"src\":\"ee\",\"ts\":1,\"st\":{\"k\":\"abort\",\"id\":\"77\",\"to\":\"gg\"}}");
}

static void
test_hostile (gconstpointer data)
{
  const Hostile *attack = data;
  World world;
  char byte;
  gssize n;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  world_init (&world, "websocket");
  publish (&world, OPENING);
  rt_test_wait_until (world.reader != NULL);
  publish_noise (&world);
  for (guint i = 0; attack->frames[i] != NULL; i++)
    publish (&world, attack->frames[i]);
  /* So that all of it is there before it is read. */
  g_autoptr (GVariant) echo = rt_client_rpc_sync (world.bob, "echo", NULL, NULL, &error);
  g_assert_no_error (error);
  while ((n = g_input_stream_read (G_INPUT_STREAM (world.reader), &byte, 1, NULL, &error)) > 0)
    g_string_append_c (text, byte);
  g_assert_cmpstr (text->str, ==, attack->text);
  if (attack->code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, RT_ERROR, attack->code);
  g_assert_cmpuint (world.told, ==, 1);
  world_clear (&world);
}

/* Openings without end: more than 64 are declined, and nobody's memory grows. */
static void
test_many_openings (void)
{
  World world;

  world_init (&world, "websocket");
  g_signal_handlers_disconnect_by_func (world.room, opened_cb, &world);
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *json = g_strdup_printf (
        "{\"$rt\":1,\"id\":\"%u\",\"src\":\"ee\",\"ts\":1,\"type\":\"stream\",\"data\":{\"stream\":\"%u\",\"name\":\"x\"}}", i + 1,
        i + 1);
      publish (&world, json);
    }
  g_autoptr (GVariant) echo = rt_client_rpc_sync (world.bob, "echo", NULL, NULL, &error);
  g_assert_no_error (error);
  world_clear (&world);
}

/* What is of no use any more takes nobody's place. */
static void
test_late_openings (void)
{
  World world;

  world_init (&world, "websocket");
  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"$rt\":1,\"id\":\"%u\",\"src\":\"ee\",\"ts\":1,\"ttl\":1,\"type\":\"stream\","
                                               "\"data\":{\"stream\":\"%u\",\"name\":\"x\"}}",
                                               i + 100, i + 100);
      publish (&world, json);
    }
  publish (&world, OPENING);
  rt_test_wait_until (world.reader != NULL);
  g_assert_cmpuint (world.told, ==, 1);
  world_clear (&world);
}

/* --- Slow readers, on virtual time --- */

static void
run (guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

static void
slow_init (World *world)
{
  rt_io_thread_shutdown_for_tests ();
  rt_test_virtual_begin ();
  world_init (world, "websocket");
}

static void
slow_clear (World *world)
{
  world_clear (world);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

static gssize
write_now (RtStream *stream, GBytes *bytes)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize written = 0;

  g_output_stream_write_all_async (G_OUTPUT_STREAM (stream), g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), 0,
                                   cancellable, client_reply_cb, &reply);
  for (guint i = 0; i < 20 && reply.count == 0; i++)
    run (50);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&reply);
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), reply.result, &written, &error);
  return (gssize) written;
}

/* Nothing is read for ten seconds. */
static void
test_given_up (void)
{
  World world;
  g_autoptr (GBytes) bytes = make_bytes (SIZE);
  g_autoptr (GError) error = NULL;
  char byte;

  slow_init (&world);
  g_autoptr (RtStream) stream = start (&world, -1);
  /* What fits into the window, and what the reader keeps. */
  gssize written = write_now (stream, bytes);
  run (5000);
  g_assert_cmpint (written + write_now (stream, bytes), ==, 2 * 256 * 1024);
  run (5000);
  g_assert_cmpint (write_now (stream, bytes), ==, 0);
  run (5000);
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (world.reader), &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
  slow_clear (&world);
}

/* The sender says nothing for an hour, and then goes on. */
static void
test_idle (void)
{
  World world;
  g_autoptr (GError) error = NULL;
  char byte = 'a';

  slow_init (&world);
  g_autoptr (RtStream) stream = start (&world, -1);
  for (guint i = 0; i < 360; i++)
    run (10000);
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), &byte, 1, NULL, &error), ==, 1);
  run (100);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (world.reader), &byte, 1, NULL, &error), ==, 1);
  g_assert_no_error (error);
  slow_clear (&world);
}

/* The sender is gone without a word. */
static void
test_silence (void)
{
  World world;
  g_autoptr (GError) error = NULL;
  char byte;

  slow_init (&world);
  publish (&world, OPENING);
  rt_test_wait_until (world.reader != NULL);
  for (guint i = 0; i < 62; i++)
    run (1000);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (world.reader), &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  slow_clear (&world);
}

static gboolean
hold_cb (gpointer data)
{
  GMutex *gate = data;

  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  return G_SOURCE_REMOVE;
}

/* A reader that has read to the end has said so before its client ends, however soon that is. */
static void
test_done_at_the_end (gconstpointer data)
{
  World world;
  GMutex gate;
  g_auto (ClientReply) closed = { 0 };
  ClientReply ended = { 0 };
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GError) error = NULL;
  char bytes[8];

  slow_init (&world);
  g_mutex_init (&gate);
  g_autoptr (RtStream) stream = start (&world, -1);
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), "abc", 3, NULL, &error), ==, 3);
  g_output_stream_close_async (G_OUTPUT_STREAM (stream), 0, NULL, client_reply_cb, &closed);
  run (100); /* the end of the stream has come */

  g_mutex_lock (&gate);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_static_name (source, "[test] hold");
  g_source_set_callback (source, hold_cb, &gate, NULL);
  g_source_attach (source, rt_io_thread_get_context ());
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (world.reader), bytes, sizeof bytes, NULL, &error), ==, 3);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (world.reader), bytes, sizeof bytes, NULL, &error), ==, 0);
  g_assert_no_error (error);
  if (data != NULL)
    rt_client_disconnect_async (world.bob, NULL, client_reply_cb, &ended);
  else
    rt_client_close_async (world.bob, NULL, client_reply_cb, &ended);
  g_mutex_unlock (&gate);
  client_reply_wait (&ended);
  client_reply_wait (&closed);
  g_output_stream_close_finish (G_OUTPUT_STREAM (stream), closed.result, &error);
  g_assert_no_error (error);
  client_reply_clear (&ended);
  g_mutex_clear (&gate);
  slow_clear (&world);
}

/* --- A program that is slow with its messages --- */

static gpointer
write_thread (gpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (SIZE);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (data, g_bytes_get_data (bytes, NULL), SIZE, NULL, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Its queue is full, so that messages are dropped, or had again later: the stream goes on. */
static void
test_beside_flood (gconstpointer data)
{
  World world;
  const char *const strategies[] = { "websocket", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *read = g_malloc (SIZE);
  g_autoptr (GBytes) bytes = make_bytes (SIZE);

  world_init (&world, "websocket");
  g_clear_object (&world.room);
  client_util_finalize (world.bob);
  if (data == NULL)
    rt_mock_server_set_history_size (world.server, 0);
  world.bob = client_util_new_client (world.server, "strategies", strategies, "receive-queue-limit", 10u, NULL);
  rt_client_connect_sync (world.bob, NULL, &error);
  g_assert_no_error (error);
  world.room = client_util_join (world.bob, "room");
  g_signal_connect (world.room, "stream-opened", G_CALLBACK (opened_cb), &world);
  g_autoptr (RtStream) stream = start (&world, SIZE);
  client_util_publish (world.server, "room", 1, 100);
  GThread *thread = g_thread_new ("writer", write_thread, stream);
  g_input_stream_read_all (G_INPUT_STREAM (world.reader), read, SIZE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (read, SIZE, g_bytes_get_data (bytes, NULL), SIZE);
  g_thread_join (thread);
  g_clear_object (&world.reader);
  g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  world_clear (&world);
}

static void
add (const char *name, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/Client/stream-%s/%s", name, routes[i]);
      g_test_add_data_func (path, routes[i], func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("plain", test_plain);
  add ("lines-lost", test_lines_lost);
  add ("server-lost", test_server_lost);
  add ("faults", test_faults);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/Client/stream-hostile/%s", hostile[i].name);
      g_test_add_data_func (path, &hostile[i], test_hostile);
    }
  g_test_add_func ("/Rt/Client/stream-many-openings", test_many_openings);
  g_test_add_func ("/Rt/Client/stream-late-openings", test_late_openings);
  g_test_add_data_func ("/Rt/Client/stream-beside-flood/forgetful", NULL, test_beside_flood);
  g_test_add_data_func ("/Rt/Client/stream-beside-flood/recoverable", "history", test_beside_flood);
  g_test_add_func ("/Rt/Client/stream-given-up", test_given_up);
  g_test_add_data_func ("/Rt/Client/stream-done-at-the-end/close", NULL, test_done_at_the_end);
  g_test_add_data_func ("/Rt/Client/stream-done-at-the-end/disconnect", "disconnect", test_done_at_the_end);
  g_test_add_func ("/Rt/Client/stream-idle", test_idle);
  g_test_add_func ("/Rt/Client/stream-silence", test_silence);
  return g_test_run ();
}
