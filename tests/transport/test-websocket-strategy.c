/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "rt-clock.h"
#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-raw-peer.h"
#include "rt-test-virtual.h"
#include "rt-test.h"
#include "rt-websocket-strategy.h"

/* --- Helpers --- */

typedef struct
{
  RtConnectionStrategy *strategy;
  GThread *thread;
  GPtrArray *messages; /* char * */
  guint received;
  guint closed;
  guint code;
  char *reason;
} Listener;

static void
received_cb (RtConnectionStrategy *strategy, GBytes *bytes, Listener *listener)
{
  g_assert_true (g_thread_self () == listener->thread);
  g_assert_cmpuint (listener->closed, ==, 0);
  listener->received++;
  if (g_bytes_get_size (bytes) < 100)
    g_ptr_array_add (listener->messages, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
}

static void
closed_cb (RtConnectionStrategy *strategy, guint code, const char *reason, Listener *listener)
{
  g_assert_true (g_thread_self () == listener->thread);
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  listener->closed++;
  listener->code = code;
  g_free (listener->reason);
  listener->reason = g_strdup (reason);
}

static void
listener_init (Listener *listener, RtConnectionStrategy *strategy)
{
  memset (listener, 0, sizeof *listener);
  listener->strategy = strategy;
  listener->thread = g_thread_self ();
  listener->messages = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (strategy, "received", G_CALLBACK (received_cb), listener);
  g_signal_connect (strategy, "closed", G_CALLBACK (closed_cb), listener);
}

static void
listener_clear (Listener *listener)
{
  g_ptr_array_unref (listener->messages);
  g_free (listener->reason);
}

static RtConfigBuilder *
builder_for_peer (RtRawPeer *peer)
{
  RtConfigBuilder *builder = rt_config_builder_new ();
  g_autofree char *url = rt_raw_peer_get_url (peer);

  return rt_config_builder_with_endpoint (builder, url);
}

static RtConnectionStrategy *
strategy_from_builder (RtConfigBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);

  g_assert_no_error (error);
  return RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
}

static RtConnectionStrategy *
strategy_for_peer (RtRawPeer *peer)
{
  g_autoptr (RtConfigBuilder) builder = builder_for_peer (peer);

  return strategy_from_builder (builder);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  g_assert_null (*slot);
  *slot = g_object_ref (result);
}

static gboolean
connect_and_wait (RtConnectionStrategy *strategy, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  rt_connection_strategy_connect_async (strategy, cancellable, result_cb, &result);
  rt_test_wait_until (result != NULL);
  return rt_connection_strategy_connect_finish (strategy, result, error);
}

static gboolean
disconnect_and_wait (RtConnectionStrategy *strategy, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  rt_connection_strategy_disconnect_async (strategy, NULL, result_cb, &result);
  rt_test_wait_until (result != NULL);
  return rt_connection_strategy_disconnect_finish (strategy, result, error);
}

static gboolean
send_and_wait (RtConnectionStrategy *strategy, const char *data, gsize len, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, len);

  rt_connection_strategy_send_async (strategy, bytes, NULL, result_cb, &result);
  rt_test_wait_until (result != NULL);
  return rt_connection_strategy_send_finish (strategy, result, error);
}

static void
assert_connects (RtConnectionStrategy *strategy)
{
  g_autoptr (GError) error = NULL;
  gboolean connected = connect_and_wait (strategy, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (connected);
  g_assert_true (rt_connection_strategy_is_connected (strategy));
}

/* The I/O half gives back what it holds after the object is gone. */
static void
finalize_strategy (RtConnectionStrategy *strategy)
{
  g_assert_finalize_object (strategy);
  rt_io_thread_shutdown_for_tests ();
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* --- Scripts --- */

static void
echo_connection (RtRawPeer *peer)
{
  guint8 first;

  rt_raw_peer_upgrade (peer);
  for (;;)
    {
      g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
      if (payload == NULL)
        return;
      rt_raw_peer_send_frame (peer, first, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
      if ((first & 0x0f) == RT_RAW_CLOSE)
        break;
    }
  rt_raw_peer_wait_end (peer);
}

static void
echo_script (RtRawPeer *peer, gpointer user_data)
{
  for (guint i = 0; i < GPOINTER_TO_UINT (user_data); i++)
    echo_connection (peer);
}

static void
silent_script (RtRawPeer *peer, gpointer user_data)
{
  g_assert_true (rt_raw_peer_accept (peer));
  rt_raw_peer_wait_end (peer);
}

/* --- The WebSocket strategy --- */

static void
test_conversation (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, GUINT_TO_POINTER (2));
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  g_autofree char *name = rt_connection_strategy_get_name (strategy);
  g_autoptr (GError) error = NULL;
  Listener listener;

  listener_init (&listener, strategy);
  g_assert_cmpstr (name, ==, "websocket");
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  for (guint round = 1; round <= 2; round++)
    {
      listener.closed = 0;
      assert_connects (strategy);
      g_assert_false (connect_and_wait (strategy, NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_ALREADY_CONNECTED);
      g_clear_error (&error);
      g_assert_true (send_and_wait (strategy, "one", 3, &error));
      g_assert_true (send_and_wait (strategy, "two", 3, &error));
      rt_test_wait_until (listener.messages->len == 2 * round);
      g_assert_cmpstr (g_ptr_array_index (listener.messages, 2 * round - 1), ==, "two");
      g_assert_true (disconnect_and_wait (strategy, &error));
      rt_test_wait_until (listener.closed == 1);
      g_assert_cmpuint (listener.code, ==, 1000);
    }
  listener_clear (&listener);
  finalize_strategy (strategy);
}

static void
test_refusals (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, GUINT_TO_POINTER (1));
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  g_autofree char *huge = g_strnfill (32 * 1024 * 1024 + 1, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_true (disconnect_and_wait (strategy, &error));
  g_assert_false (send_and_wait (strategy, "x", 1, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  assert_connects (strategy);
  g_assert_false (send_and_wait (strategy, "\xff", 1, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (send_and_wait (strategy, "\xe2\x82", 2, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (send_and_wait (strategy, huge, strlen (huge), &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_true (send_and_wait (strategy, "still good", 10, &error));
  g_assert_true (disconnect_and_wait (strategy, &error));
  finalize_strategy (strategy);
}

static void
test_without_config (void)
{
  RtConnectionStrategy *strategy = g_object_new (RT_TYPE_WEBSOCKET_STRATEGY, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_websocket_strategy_get_config (RT_WEBSOCKET_STRATEGY (strategy)));
  g_assert_false (connect_and_wait (strategy, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_finalize_object (strategy);
}

static void
test_invalid_config (void)
{
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", "gopher://localhost/", NULL);
  RtConnectionStrategy *strategy = RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
  g_autoptr (RtConfig) property = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (strategy, "config", &property, NULL);
  g_assert_true (property == config);
  g_assert_false (connect_and_wait (strategy, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_finalize_object (strategy);
}

static void
test_cancelled (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (silent_script, NULL);
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rt_connection_strategy_connect_async (strategy, cancellable, result_cb, &result);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  rt_test_wait_until (result != NULL);
  g_assert_false (rt_connection_strategy_connect_finish (strategy, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  /* Cancelled before it is called. */
  g_assert_false (connect_and_wait (strategy, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_clear_object (&result);
  /* Given up. */
  rt_connection_strategy_connect_async (strategy, NULL, result_cb, &result);
  g_assert_true (disconnect_and_wait (strategy, &error));
  rt_test_wait_until (result != NULL);
  g_assert_false (rt_connection_strategy_connect_finish (strategy, result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  g_clear_object (&result);
  finalize_strategy (strategy);
  rt_raw_peer_visit (peer);
}

#define DRIPS 6

/* A byte at a time, of an answer that would be right. */
static void
drip_script (RtRawPeer *peer, gpointer user_data)
{
  static const char answer[] = "HTTP/1.1 101 Switching Protocols";

  g_assert_true (rt_raw_peer_accept (peer));
  for (guint i = 0; i < DRIPS; i++)
    {
      rt_raw_peer_hold (peer);
      rt_raw_peer_send (peer, answer + i, 1);
    }
  rt_raw_peer_wait_end (peer);
}

/* The deadline for the whole opening ends it, and not before, whether a peer that accepted says nothing or drips. */
static void
check_connect_timeout (RtRawPeerScript script)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (script, NULL);
  g_autoptr (RtConfigBuilder) builder = builder_for_peer (peer);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  rt_test_virtual_begin ();
  rt_config_builder_with_connect_timeout (builder, 7000);
  RtConnectionStrategy *strategy = strategy_from_builder (builder);
  g_assert_cmpuint (rt_connection_strategy_get_timeout (strategy), >, 7000);
  gint64 start = rt_clock_now ();
  rt_connection_strategy_connect_async (strategy, NULL, result_cb, &result);
  /* The I/O thread, which may just be starting, has begun to count. */
  while (rt_clock_virtual_next () != start + RT_CLOCK_MS (7000))
    g_thread_yield ();
  for (guint i = 0; i < DRIPS; i++)
    {
      rt_raw_peer_release (peer);
      rt_clock_virtual_advance (RT_CLOCK_MS (1000));
    }
  rt_clock_virtual_advance (RT_CLOCK_MS (999));
  g_assert_null (result);
  rt_clock_virtual_advance (RT_CLOCK_MS (2));
  g_assert_nonnull (result);
  g_assert_false (rt_connection_strategy_connect_finish (strategy, result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "7000 ms"));
  g_clear_object (&result);
  finalize_strategy (strategy);
  rt_clock_virtual_end ();
  rt_raw_peer_visit (peer);
}

static void
test_connect_timeout (void)
{
  check_connect_timeout (silent_script);
  check_connect_timeout (drip_script);
}

static void
deaf_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_wait_end (peer);
}

/* The other side does not answer the closing handshake: two seconds are enough. */
static void
test_disconnect_timeout (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (deaf_script, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Listener listener;

  rt_test_virtual_begin ();
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  listener_init (&listener, strategy);
  assert_connects (strategy);
  rt_connection_strategy_disconnect_async (strategy, NULL, result_cb, &result);
  rt_clock_virtual_advance (RT_CLOCK_MS (1999));
  g_assert_null (result);
  rt_clock_virtual_advance (RT_CLOCK_MS (2));
  g_assert_nonnull (result);
  g_assert_true (rt_connection_strategy_disconnect_finish (strategy, result, &error));
  g_assert_cmpuint (listener.closed, ==, 1);
  g_assert_cmpuint (listener.code, ==, 1000);
  g_clear_object (&result);
  listener_clear (&listener);
  finalize_strategy (strategy);
  rt_clock_virtual_end ();
}

static void
server_closes_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_hold (peer);
  rt_raw_peer_send_close (peer, 3001, "shutdown");
  rt_raw_peer_wait_end (peer);
}

static void
test_server_closes (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (server_closes_script, NULL);
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  Listener listener;

  listener_init (&listener, strategy);
  assert_connects (strategy);
  rt_raw_peer_release (peer);
  rt_test_wait_until (listener.closed == 1);
  g_assert_cmpuint (listener.code, ==, 3001);
  g_assert_cmpstr (listener.reason, ==, "shutdown");
  listener_clear (&listener);
  finalize_strategy (strategy);
}

/* --- Queues --- */

static void
stuck_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_hold (peer);
  rt_raw_peer_reset (peer);
}

/* To a peer that reads nothing: the queue has an end, and what waited in it ends too. */
static void
test_send_queue (void)
{
  const gsize size = 32 * 1024 * 1024; /* more than the kernel takes for a socket */
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (stuck_script, NULL);
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, size);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  assert_connects (strategy);
  rt_connection_strategy_send_async (strategy, bytes, NULL, result_cb, &result);
  g_assert_false (send_and_wait (strategy, "more", 4, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  g_clear_error (&error);
  g_assert_null (result);
  rt_raw_peer_release (peer);
  rt_test_wait_until (result != NULL);
  g_assert_false (rt_connection_strategy_send_finish (strategy, result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  g_clear_object (&result);
  finalize_strategy (strategy);
}

#define FLOOD_MESSAGES 4000
#define FLOOD_SIZE (32 * 1024)

typedef struct
{
  int stalled_at; /* atomic: messages that were sent when there was no progress any more, else 0 */
} Flood;

/* Sends much more than the client may hold while its program does not look. */
static void
flood_script (RtRawPeer *peer, gpointer user_data)
{
  Flood *flood = user_data;
  g_autofree char *text = g_strnfill (FLOOD_SIZE, 'x');
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  struct timeval patience = { .tv_usec = 200000 };
  int fd;

  rt_raw_peer_upgrade (peer);
  fd = g_socket_get_fd (rt_raw_peer_get_socket (peer));
  g_socket_set_blocking (rt_raw_peer_get_socket (peer), TRUE);
  rt_raw_peer_put_frame (frame, RT_RAW_FIN | RT_RAW_TEXT, text, FLOOD_SIZE);
  for (int i = 0; i < FLOOD_MESSAGES; i++)
    {
      GPollFD poll = { .fd = fd, .events = G_IO_OUT };
      if (g_atomic_int_get (&flood->stalled_at) == 0 && g_poll (&poll, 1, (int) (patience.tv_usec / 1000)) == 0)
        g_atomic_int_set (&flood->stalled_at, i);
      if (!rt_raw_peer_send (peer, frame->data, frame->len))
        return;
    }
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_receive_queue (void)
{
  Flood flood = { 0 };
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (flood_script, &flood);
  g_autoptr (RtConfigBuilder) builder = builder_for_peer (peer);
  Listener listener;

  rt_config_builder_with_receive_queue_limit (builder, 100);
  RtConnectionStrategy *strategy = strategy_from_builder (builder);
  listener_init (&listener, strategy);
  assert_connects (strategy);
  while (g_atomic_int_get (&flood.stalled_at) == 0)
    g_thread_yield ();
  /* What the kernel holds for the socket is a few MiB. */
  g_assert_cmpint (g_atomic_int_get (&flood.stalled_at), <, FLOOD_MESSAGES / 4);
  rt_test_wait_until (listener.closed == 1);
  g_assert_cmpuint (listener.received, ==, FLOOD_MESSAGES);
  listener_clear (&listener);
  finalize_strategy (strategy);
}

/* --- Ends of the object --- */

static void
test_drop_connected (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (i % 2 == 0 ? deaf_script : echo_script, GUINT_TO_POINTER (1));
      RtConnectionStrategy *strategy = strategy_for_peer (peer);
      g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

      assert_connects (strategy);
      /* Its task holds the strategy until the frame is written. */
      g_autoptr (GAsyncResult) result = NULL;
      rt_connection_strategy_send_async (strategy, bytes, NULL, result_cb, &result);
      rt_test_wait_until (result != NULL);
      g_clear_object (&result);
      finalize_strategy (strategy);
    }
}

static void
dispose_cb (RtConnectionStrategy *strategy, GBytes *bytes, gpointer user_data)
{
  g_object_run_dispose (G_OBJECT (strategy));
  g_atomic_int_inc ((int *) user_data);
}

/* Nothing is emitted after that, though more has arrived. */
static void
test_dispose_inside (void)
{
  int count = 0;
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, GUINT_TO_POINTER (1));
  RtConnectionStrategy *strategy = strategy_for_peer (peer);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

  assert_connects (strategy);
  g_signal_connect (strategy, "received", G_CALLBACK (dispose_cb), &count);
  for (guint i = 0; i < 5; i++)
    rt_connection_strategy_send_async (strategy, bytes, NULL, NULL, NULL);
  rt_test_wait_until (count > 0);
  g_assert_cmpint (count, ==, 1);
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  finalize_strategy (strategy);
  g_assert_cmpint (count, ==, 1);
}

static gpointer
other_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  {
    g_autoptr (GError) error = NULL;
    RtConnectionStrategy *strategy = strategy_for_peer (user_data);
    Listener listener;

    listener_init (&listener, strategy);
    assert_connects (strategy);
    g_assert_true (send_and_wait (strategy, "hello", 5, &error));
    rt_test_wait_until (listener.received == 1);
    g_assert_true (disconnect_and_wait (strategy, &error));
    g_assert_cmpuint (listener.closed, ==, 1);
    listener_clear (&listener);
    finalize_strategy (strategy);
    while (g_main_context_iteration (context, FALSE))
      ;
  }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_own_context (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, GUINT_TO_POINTER (1));

  g_thread_join (g_thread_new ("other", other_thread, peer));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WebsocketStrategy/conversation", test_conversation);
  g_test_add_func ("/Rt/WebsocketStrategy/refusals", test_refusals);
  g_test_add_func ("/Rt/WebsocketStrategy/without-config", test_without_config);
  g_test_add_func ("/Rt/WebsocketStrategy/invalid-config", test_invalid_config);
  g_test_add_func ("/Rt/WebsocketStrategy/cancelled", test_cancelled);
  g_test_add_func ("/Rt/WebsocketStrategy/connect-timeout", test_connect_timeout);
  g_test_add_func ("/Rt/WebsocketStrategy/disconnect-timeout", test_disconnect_timeout);
  g_test_add_func ("/Rt/WebsocketStrategy/server-closes", test_server_closes);
  g_test_add_func ("/Rt/WebsocketStrategy/send-queue", test_send_queue);
  g_test_add_func ("/Rt/WebsocketStrategy/receive-queue", test_receive_queue);
  g_test_add_func ("/Rt/WebsocketStrategy/drop-connected", test_drop_connected);
  g_test_add_func ("/Rt/WebsocketStrategy/dispose-inside", test_dispose_inside);
  g_test_add_func ("/Rt/WebsocketStrategy/own-context", test_own_context);
  return g_test_run ();
}
