/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

/* Everything that happens is on the client's bus; "event" and rt_client_on () are views of it. */

typedef struct
{
  RtMockServer *server;
  RtEventBus *bus;
  RtClient *client;
  GString *signals; /* what "event" was emitted for: nicks, each with a space behind */
  GString *heard;   /* what came by the bus */
  GThread *thread;
} Fixture;

static void
event_cb (RtClient *client, RtEvent *event, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", rt_event_get_name (event));
}

static void
hear (RtEvent *event, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (g_thread_self () == fixture->thread);
  g_string_append_printf (fixture->heard, "%s ", rt_event_get_name (event));
}

/* @data: whether the program brings the bus along. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (GError) error = NULL;

  fixture->server = client_util_start_server ();
  g_autofree char *url = rt_mock_server_get_url (fixture->server);
  rt_client_builder_with_endpoint (builder, url);
  fixture->bus = data != NULL ? rt_event_bus_new () : NULL;
  rt_client_builder_with_event_bus (builder, fixture->bus);
  fixture->client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  fixture->signals = g_string_new (NULL);
  fixture->heard = g_string_new (NULL);
  fixture->thread = g_thread_self ();
  g_signal_connect (fixture->client, "event", G_CALLBACK (event_cb), fixture->signals);
  g_autoptr (RtSubscription) all
    = rt_event_bus_subscribe_all (rt_client_get_event_bus (fixture->client), hear, fixture, NULL);
  g_assert_nonnull (all);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_util_finalize (fixture->client);
  g_clear_object (&fixture->bus);
  turn ();
  g_string_free (fixture->signals, TRUE);
  g_string_free (fixture->heard, TRUE);
  g_assert_finalize_object (fixture->server);
}

static void
connect_now (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
}

/* --- What there is --- */

static void
check_life (Fixture *fixture, const char *events)
{
  g_autofree char *expected = g_strdup_printf ("connected %s", events);

  rt_test_wait_until (strlen (fixture->heard->str) >= strlen (expected));
  g_assert_cmpstr (fixture->heard->str, ==, expected);
  g_assert_cmpstr (fixture->signals->str, ==, expected);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  connect_now (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  check_life (fixture, "channel-joined member-joined ");
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  /* The echo comes before the answer. */
  rt_client_send_message_async (fixture->client, "room", "one", NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  check_life (fixture, "channel-joined member-joined message-received message-sent ");
  g_assert_true (rt_channel_leave_sync (room, NULL, &error));
  check_life (fixture, "channel-joined member-joined message-received message-sent channel-left ");
  g_assert_true (rt_client_close_sync (fixture->client, NULL, &error));
  /* What happened at the end is told before the end. */
  check_life (fixture, "channel-joined member-joined message-received message-sent channel-left disconnected ");
  client_reply_clear (&reply);
}

/* A send that nobody waits for is told of as well. */
static void
test_sent (Fixture *fixture, gconstpointer data)
{
  connect_now (fixture);
  rt_client_send_message_async (fixture->client, "room", "one", NULL, NULL, NULL);
  check_life (fixture, "message-sent ");
}

static void
test_loss (Fixture *fixture, gconstpointer data)
{
  connect_now (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  rt_test_wait_until (g_str_has_suffix (fixture->heard->str, "member-joined "));
  g_string_truncate (fixture->heard, 0);
  client_util_cut (fixture->server);
  client_util_publish (fixture->server, "room", 1, 1);
  rt_test_wait_until (g_str_has_prefix (fixture->heard->str, "disconnected reconnecting "));
  client_util_mend (fixture->server, fixture->client);
  rt_test_wait_until (strstr (fixture->heard->str, "recovered ") != NULL);
  g_assert_nonnull (strstr (fixture->heard->str, "connected channel-joined message-received recovered "));
  g_string_truncate (fixture->heard, 0);
  rt_mock_server_new_epoch (fixture->server, "room");
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (strstr (fixture->heard->str, "gap ") != NULL);
}

/* --- What is in them --- */

typedef struct
{
  RtEvent *last;
  guint count;
} Last;

static void
keep_last (RtEvent *event, gpointer user_data)
{
  Last *last = user_data;

  g_set_object (&last->last, event);
  last->count++;
}

static void
test_parts (Fixture *fixture, gconstpointer data)
{
  Last connected = { 0 }, received = { 0 }, errors = { 0 };
  g_autoptr (RtSubscription) first
    = rt_client_on (fixture->client, RT_EVENT_TYPE_CONNECTED, keep_last, &connected, NULL);
  g_autoptr (RtSubscription) second
    = rt_client_on (fixture->client, RT_EVENT_TYPE_MESSAGE_RECEIVED, keep_last, &received, NULL);
  g_autoptr (RtSubscription) third = rt_client_on (fixture->client, RT_EVENT_TYPE_ERROR, keep_last, &errors, NULL);
  const char *id, *transport;

  connect_now (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  client_util_publish (fixture->server, "room", 1, 1);
  rt_test_wait_until (received.count == 1);
  g_assert_cmpstr (rt_event_get_channel (received.last), ==, "room");
  g_assert_cmpuint (client_util_get_number (rt_event_get_message (received.last)), ==, 1);
  g_autofree char *client_id = rt_client_get_client_id (fixture->client);
  g_assert_true (g_variant_lookup (rt_event_get_variant (connected.last), "client-id", "&s", &id));
  g_assert_true (g_variant_lookup (rt_event_get_variant (connected.last), "transport", "&s", &transport));
  g_assert_cmpstr (id, ==, client_id);
  g_assert_cmpstr (transport, ==, "websocket");
  rt_mock_server_disconnect_client (fixture->server, NULL, 3507, "not you");
  rt_test_wait_until (errors.count == 1);
  g_assert_error (rt_event_get_error (errors.last), RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  g_clear_object (&connected.last);
  g_clear_object (&received.last);
  g_clear_object (&errors.last);
}

static void
test_detail (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) details = g_string_new (NULL);

  g_signal_connect (fixture->client, "event::message-sent", G_CALLBACK (event_cb), details);
  connect_now (fixture);
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (fixture->client, "room", "one", NULL, NULL);
  rt_test_wait_until (details->len > 0);
  g_assert_cmpstr (details->str, ==, "message-sent ");
}

/* A handler without a detail, where nobody looks at the bus. */
static void
test_signal_only (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_new_client (server, NULL);
  g_autoptr (GString) all = g_string_new (NULL), sent = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (client, "event", G_CALLBACK (event_cb), all);
  g_signal_connect (client, "event::message-sent", G_CALLBACK (event_cb), sent);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_autoptr (RtMessage) message = rt_client_send_message_sync (client, "room", "one", NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (sent->len > 0);
  g_assert_cmpstr (sent->str, ==, "message-sent ");
  g_assert_cmpstr (all->str, ==, "connected message-sent ");
  g_signal_handlers_disconnect_by_func (client, event_cb, all);
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* --- The end --- */

static void
count_destroyed (gpointer data)
{
  ++*(guint *) data;
}

static void
ignore (RtEvent *event, gpointer user_data)
{
}

/* On a bus of the client's own everything ends with it; of one that was brought along, what was made through it. */
static void
test_close (Fixture *fixture, gconstpointer data)
{
  guint through_client = 0, through_bus = 0;
  g_autoptr (RtSubscription) first
    = rt_client_on (fixture->client, RT_EVENT_TYPE_CONNECTED, ignore, &through_client, count_destroyed);
  g_autoptr (RtSubscription) second = rt_event_bus_subscribe (
    rt_client_get_event_bus (fixture->client), RT_EVENT_TYPE_CONNECTED, ignore, &through_bus, count_destroyed);

  connect_now (fixture);
  g_assert_true (rt_client_close_sync (fixture->client, NULL, NULL));
  rt_test_wait_until (through_client == 1);
  turn ();
  g_assert_false (rt_subscription_is_active (first));
  g_assert_cmpuint (through_bus, ==, fixture->bus == NULL);
  g_assert_cmpint (rt_subscription_is_active (second), ==, fixture->bus != NULL);
  rt_subscription_cancel (second);
  /* Too late for another. */
  g_autoptr (RtSubscription) third
    = rt_client_on (fixture->client, RT_EVENT_TYPE_CONNECTED, ignore, &through_client, count_destroyed);
  rt_test_wait_until (through_client == 2);
  g_assert_false (rt_subscription_is_active (third));
}

int
main (int argc, char **argv)
{
#define TEST(name, function)                                                                    \
  g_test_add ("/Rt/ClientEvents/" name, Fixture, NULL, set_up, function, tear_down);            \
  g_test_add ("/Rt/ClientEvents/" name "/shared", Fixture, "shared", set_up, function, tear_down)

  g_test_init (&argc, &argv, NULL);
  TEST ("life", test_life);
  TEST ("sent", test_sent);
  TEST ("loss", test_loss);
  TEST ("parts", test_parts);
  TEST ("detail", test_detail);
  TEST ("close", test_close);
  g_test_add_func ("/Rt/ClientEvents/signal-only", test_signal_only);
  return g_test_run ();
}
