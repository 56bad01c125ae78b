/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime/realtime.h>

#include "interop-server.h"
#include "rt-test.h"

/* Realtime's WebSocket against one that is not its own, ws-server.py or node/ws-server.mjs:
 * ws-client [--tap] COMMAND [ARGUMENT...]. */

static InteropServer *server;

typedef struct
{
  RtConnectionStrategy *strategy;
  GPtrArray *received; /* of GBytes */
  guint close_code;
  char *close_reason;
} Line;

static void
received_cb (RtConnectionStrategy *strategy, GBytes *bytes, gpointer user_data)
{
  Line *line = user_data;

  g_ptr_array_add (line->received, g_bytes_ref (bytes));
}

static void
closed_cb (RtConnectionStrategy *strategy, guint code, const char *reason, gpointer user_data)
{
  Line *line = user_data;

  g_assert_null (line->close_reason);
  line->close_code = code;
  line->close_reason = g_strdup (reason);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static void
line_open (Line *line, const char *path)
{
  g_autofree char *url = g_strconcat (interop_server_get_url (server), path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new ("key", url, &error);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_no_error (error);
  line->received = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  line->strategy = RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
  g_signal_connect (line->strategy, "received", G_CALLBACK (received_cb), line);
  g_signal_connect (line->strategy, "closed", G_CALLBACK (closed_cb), line);
  rt_connection_strategy_connect_async (line->strategy, NULL, done_cb, &result);
  rt_test_wait_until (result != NULL);
  rt_connection_strategy_connect_finish (line->strategy, result, &error);
  g_assert_no_error (error);
}

static void
line_send (Line *line, const char *text, gsize len)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, len);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rt_connection_strategy_send_async (line->strategy, bytes, NULL, done_cb, &result);
  rt_test_wait_until (result != NULL);
  rt_connection_strategy_send_finish (line->strategy, result, &error);
  g_assert_no_error (error);
}

/* What the server says of the end it saw. */
static void
assert_seen (const char *expected)
{
  g_autofree char *seen = interop_server_read_line (server);

  g_assert_cmpstr (seen, ==, expected);
}

static void
line_clear (Line *line)
{
  g_signal_handlers_disconnect_by_data (line->strategy, line);
  g_assert_finalize_object (line->strategy);
  g_ptr_array_unref (line->received);
  g_free (line->close_reason);
}

static void
line_close (Line *line)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rt_connection_strategy_disconnect_async (line->strategy, NULL, done_cb, &result);
  rt_test_wait_until (result != NULL);
  rt_connection_strategy_disconnect_finish (line->strategy, result, &error);
  g_assert_no_error (error);
  g_assert_false (rt_connection_strategy_is_connected (line->strategy));
  assert_seen ("closed 1000 ");
  g_clear_object (&result);
  line_clear (line);
}

/* Sizes at which the length in the frame's header changes its form, and some that take many reads. */
static const gsize sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, 500000 };

static void
exchange (const char *path)
{
  static const char unit[] = "häß 日本語 \xf0\x9f\x98\x80 ";
  Line line = { 0 };

  line_open (&line, path);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      GBytes *back;

      while (text->len + sizeof unit - 1 <= sizes[i])
        g_string_append_len (text, unit, sizeof unit - 1);
      while (text->len < sizes[i])
        g_string_append_c (text, 'x');
      line_send (&line, text->str, text->len);
      rt_test_wait_until (line.received->len == i + 1);
      back = g_ptr_array_index (line.received, i);
      g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), text->str, text->len);
    }
  line_close (&line);
}

static void
test_echo (void)
{
  exchange ("/echo");
}

static void
test_fragments (void)
{
  exchange ("/fragments");
}

#define MANY 1000

/* Many frames in one write, and many in one read. */
static void
test_burst (void)
{
  Line line = { 0 };

  line_open (&line, "/echo");
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *text = g_strdup_printf ("number %u", i);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      rt_connection_strategy_send_async (line.strategy, bytes, NULL, NULL, NULL);
    }
  rt_test_wait_until (line.received->len == MANY);
  for (guint i = 0; i < MANY; i++)
    {
      GBytes *back = g_ptr_array_index (line.received, i);
      g_autofree char *text = g_strdup_printf ("number %u", i);

      g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), text, strlen (text));
    }
  line_close (&line);
}

static void
test_ping (void)
{
  Line line = { 0 };
  GBytes *back;

  line_open (&line, "/ping");
  rt_test_wait_until (line.received->len == 1);
  back = g_ptr_array_index (line.received, 0);
  g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), "are you there?", 14);
  line_close (&line);
}

static void
test_closed_by_server (void)
{
  Line line = { 0 };

  line_open (&line, "/close");
  line_send (&line, "close", 5);
  rt_test_wait_until (line.close_reason != NULL);
  g_assert_cmpuint (line.close_code, ==, 4001);
  g_assert_cmpstr (line.close_reason, ==, "as you wish");
  g_assert_false (rt_connection_strategy_is_connected (line.strategy));
  assert_seen ("closed 4001 "); /* the answer repeats the code alone */
  line_clear (&line);
}

int
main (int argc, char **argv)
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  if (argc < 2)
    g_error ("Usage: ws-client [--tap] COMMAND [ARGUMENT...]");
  server = interop_server_start (argv + 1);
  g_test_add_func ("/Rt/WebSocket/echo", test_echo);
  g_test_add_func ("/Rt/WebSocket/fragments", test_fragments);
  g_test_add_func ("/Rt/WebSocket/burst", test_burst);
  g_test_add_func ("/Rt/WebSocket/ping", test_ping);
  g_test_add_func ("/Rt/WebSocket/closed-by-server", test_closed_by_server);
  failed = g_test_run ();
  interop_server_stop (server);
  return failed;
}
