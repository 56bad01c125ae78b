/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "poll-server.h"
#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-http-stream-strategy.h"
#include "rt-io-thread.h"
#include "rt-polling-strategy.h"
#include "rt-test.h"

#define CONNECT "{\"id\":1,\"connect\":{}}"
#define GREETING "{\"id\":1,\"connect\":{\"client\":\"c\",\"session\":\"s\",\"node\":\"n\"}}"

typedef struct
{
  RtConnectionStrategy *strategy;
  GPtrArray *messages; /* char * */
  guint closed;
  guint code;
  char *reason;
} Listener;

static void
received_cb (RtConnectionStrategy *strategy, GBytes *bytes, Listener *self)
{
  g_assert_cmpuint (self->closed, ==, 0);
  g_ptr_array_add (self->messages, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
}

static void
closed_cb (RtConnectionStrategy *strategy, guint code, const char *reason, Listener *self)
{
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  self->closed++;
  self->code = code;
  self->reason = g_strdup (reason);
}

static Listener *
listener_new (gpointer strategy)
{
  Listener *self = g_new0 (Listener, 1);

  self->strategy = strategy;
  self->messages = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (strategy, "received", G_CALLBACK (received_cb), self);
  g_signal_connect (strategy, "closed", G_CALLBACK (closed_cb), self);
  return self;
}

static void
listener_free (Listener *self)
{
  g_object_unref (self->strategy);
  g_ptr_array_unref (self->messages);
  g_free (self->reason);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

static RtConfig *
config_for (const char *url)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;
  RtConfig *config = rt_config_builder_build (rt_config_builder_with_endpoint (builder, url), &error);

  g_assert_no_error (error);
  return config;
}

static RtConfig *
config_for_peer (HttpPeer *peer)
{
  g_autofree char *url = http_peer_get_url (peer);

  return config_for (url);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

static gboolean
open_strategy (Listener *listener, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  rt_connection_strategy_connect_async (listener->strategy, NULL, result_cb, &result);
  rt_test_wait_until (result != NULL);
  return rt_connection_strategy_connect_finish (listener->strategy, result, error);
}

static void
close_strategy (Listener *listener)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rt_connection_strategy_disconnect_async (listener->strategy, NULL, result_cb, &result);
  rt_test_wait_until (result != NULL);
  rt_connection_strategy_disconnect_finish (listener->strategy, result, &error);
  g_assert_no_error (error);
}

static gboolean
send_text (Listener *listener, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;

  rt_connection_strategy_send_async (listener->strategy, bytes, NULL, result_cb, &result);
  rt_test_wait_until (result != NULL);
  return rt_connection_strategy_send_finish (listener->strategy, result, error);
}

static void
send_well (Listener *listener, const char *text)
{
  g_autoptr (GError) error = NULL;

  send_text (listener, text, &error);
  g_assert_no_error (error);
}

static void
assert_protocol (Listener *listener, const char *expected)
{
  g_autofree char *protocol = rt_connection_strategy_get_protocol (listener->strategy);

  g_assert_cmpstr (protocol, ==, expected);
}

/* --- HTTP stream --- */

static void
stream_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  if (g_str_equal (request->path, "/emulation"))
    {
      http_conn_send_string (conn, "HTTP/1.1 204 No Content\r\n\r\n");
      return;
    }
  http_conn_send_string (conn, user_data);
  http_conn_send_string (conn, GREETING "\n");
  http_conn_wait_end (conn);
  http_conn_close (conn);
}

static void
test_stream (void)
{
  g_autoptr (HttpPeer) peer = http_peer_new (stream_func, "HTTP/1.1 200 OK\r\nX-Rt-Protocol: 1\r\n\r\n");
  g_autoptr (RtConfig) config = config_for_peer (peer);
  g_autoptr (Listener) listener = listener_new (rt_http_stream_strategy_new (config));
  g_autofree char *name = rt_connection_strategy_get_name (listener->strategy);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (name, ==, "http-stream");
  g_assert_true (rt_http_stream_strategy_get_config (RT_HTTP_STREAM_STRATEGY (listener->strategy)) == config);
  g_assert_true (open_strategy (listener, &error));
  g_assert_true (rt_connection_strategy_is_connected (listener->strategy));
  assert_protocol (listener, "centrifuge-json");
  send_well (listener, CONNECT);
  rt_test_wait_until (listener->messages->len == 1);
  g_assert_cmpstr (g_ptr_array_index (listener->messages, 0), ==, GREETING);
  assert_protocol (listener, "rt1.json");
  send_well (listener, "one");
  send_well (listener, "two");
  rt_test_poll_until (http_peer_count (peer) == 3);
  close_strategy (listener);
  g_assert_cmpuint (listener->closed, ==, 1);
  g_assert_cmpuint (listener->code, ==, 1000);

  /* And again. */
  listener->closed = 0;
  g_clear_pointer (&listener->reason, g_free);
  g_assert_true (open_strategy (listener, &error));
  send_well (listener, CONNECT);
  rt_test_wait_until (listener->messages->len == 2);
  close_strategy (listener);
}

static void
refuse_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  http_conn_answer (conn, 503, NULL, "");
}

/* The refusal comes after the strategy was taken for connected. */
static void
test_refused (gconstpointer user_data)
{
  gboolean polls = user_data != NULL;
  g_autoptr (HttpPeer) peer = http_peer_new (refuse_func, NULL);
  g_autoptr (RtConfig) config = config_for_peer (peer);
  g_autoptr (Listener) listener = listener_new (polls ? (gpointer) rt_polling_strategy_new (config, 0)
                                                      : (gpointer) rt_http_stream_strategy_new (config));
  g_autoptr (GError) error = NULL;

  g_assert_true (open_strategy (listener, &error));
  send_text (listener, CONNECT, NULL);
  rt_test_wait_until (listener->closed == 1);
  g_assert_cmpuint (listener->code, ==, 1006);
  g_assert_nonnull (strstr (listener->reason, "503"));
  g_assert_false (send_text (listener, "more", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
}

/* --- Polling --- */

static void
test_polling (gconstpointer user_data)
{
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autofree char *url = poll_server_get_url (server);
  g_autoptr (RtConfig) config = config_for (url);
  guint interval = GPOINTER_TO_UINT (user_data);
  g_autoptr (Listener) listener = listener_new (rt_polling_strategy_new (config, interval));
  g_autofree char *name = rt_connection_strategy_get_name (listener->strategy);
  g_autoptr (GError) error = NULL;
  guint told;

  g_object_get (listener->strategy, "poll-interval", &told, NULL);
  g_assert_cmpuint (told, ==, interval);
  g_assert_cmpuint (rt_polling_strategy_get_poll_interval (RT_POLLING_STRATEGY (listener->strategy)), ==,
                    interval);
  g_assert_true (rt_polling_strategy_get_config (RT_POLLING_STRATEGY (listener->strategy)) == config);
  g_assert_cmpstr (name, ==, "polling");
  g_assert_true (open_strategy (listener, &error));
  assert_protocol (listener, "rt1.json");
  send_well (listener, CONNECT);
  rt_test_wait_until (listener->messages->len == 1);
  send_well (listener, "c1");
  send_well (listener, "c2");
  rt_test_wait_until (listener->messages->len == 3);
  g_assert_cmpstr (g_ptr_array_index (listener->messages, 2), ==, "r2");
  close_strategy (listener);
  g_assert_true (poll_server_has_ended (server));
}

static void
test_bad_interval (void)
{
  static const guint intervals[] = { 1, 99, 600001, G_MAXUINT };
  g_autoptr (RtConfig) config = config_for ("ws://127.0.0.1:1/");

  for (guint i = 0; i < G_N_ELEMENTS (intervals); i++)
    {
      g_autoptr (Listener) listener = listener_new (rt_polling_strategy_new (config, intervals[i]));
      g_autoptr (GError) error = NULL;

      g_assert_false (open_strategy (listener, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
      g_assert_nonnull (strstr (error->message, "poll-interval"));
    }
}

static void
test_without_config (void)
{
  GType types[] = { RT_TYPE_HTTP_STREAM_STRATEGY, RT_TYPE_POLLING_STRATEGY };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (Listener) listener = listener_new (g_object_new (types[i], NULL));
      g_autoptr (GError) error = NULL;

      g_assert_false (open_strategy (listener, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
    }
}

static void
drop_connected (gpointer strategy)
{
  g_autoptr (Listener) listener = listener_new (strategy);

  g_assert_true (open_strategy (listener, NULL));
  send_well (listener, CONNECT);
  rt_test_wait_until (listener->messages->len == 1);
}

/* Nothing is left of one that was dropped while connected. */
static void
test_dropped (void)
{
  g_autoptr (HttpPeer) peer = http_peer_new (stream_func, "HTTP/1.1 200 OK\r\n\r\n");
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autofree char *url = poll_server_get_url (server);
  g_autoptr (RtConfig) config = config_for_peer (peer);
  g_autoptr (RtConfig) poll_config = config_for (url);

  /* What GLib opens once and keeps is there after the first time. */
  drop_connected (rt_http_stream_strategy_new (config));
  guint fds = rt_test_count_fds ();
  drop_connected (rt_http_stream_strategy_new (config));
  drop_connected (rt_polling_strategy_new (poll_config, 0));
  poll_server_push (server, "end of a held poll");
  rt_test_poll_until (rt_test_count_fds () <= fds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/HttpStrategies/stream", test_stream);
  g_test_add_data_func ("/Rt/HttpStrategies/refused/stream", GUINT_TO_POINTER (0), test_refused);
  g_test_add_data_func ("/Rt/HttpStrategies/refused/polling", GUINT_TO_POINTER (1), test_refused);
  g_test_add_data_func ("/Rt/HttpStrategies/polling/long", GUINT_TO_POINTER (0), test_polling);
  g_test_add_data_func ("/Rt/HttpStrategies/polling/interval", GUINT_TO_POINTER (100), test_polling);
  g_test_add_func ("/Rt/HttpStrategies/bad-interval", test_bad_interval);
  g_test_add_func ("/Rt/HttpStrategies/without-config", test_without_config);
  g_test_add_func ("/Rt/HttpStrategies/dropped", test_dropped);
  int status = g_test_run ();
  rt_io_thread_shutdown_for_tests ();
  return status;
}
