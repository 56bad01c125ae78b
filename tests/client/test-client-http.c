/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

/* The main job over the transports of HTTP: what a program sees is what it sees over a WebSocket. */

typedef struct
{
  const char *name;
  const char *strategy;
  guint poll_interval;
} Way;

static const Way ways[] = {
  { "stream", "http-stream", 0 },
  { "long-poll", "polling", 0 },
  { "interval", "polling", 100 },
};

static RtClient *
new_client (RtMockServer *server, const Way *way)
{
  const char *const strategies[] = { way->strategy, NULL };

  return client_util_new_client (server, "strategies", strategies, "poll-interval", way->poll_interval,
                                 "heartbeat-timeout", 2000u, "user-id", "ann", NULL);
}

static void
connect_it (RtClient *client, const Way *way)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_client_get_transport (client), ==, way->strategy);
}

static void
close_it (RtClient *client)
{
  g_autoptr (GError) error = NULL;

  rt_client_close_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_CLOSED);
}

/* The next message carries the next number. */
static void
count_cb (RtChannel *channel, RtMessage *message, guint *count)
{
  g_assert_cmpuint (client_util_get_number (message), ==, *count + 1);
  *count += 1;
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *acknowledged = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  *acknowledged += 1;
}

#define N_MESSAGES 500u

/* What both say arrives once and in order, and requests are answered. */
static void
test_conversation (gconstpointer data)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = new_client (server, data);
  RtClient *other = client_util_connect (server);
  guint acknowledged = 0;
  guint heard = 0;
  guint heard_by_other = 0;

  connect_it (client, data);
  g_autoptr (RtChannel) room = client_util_join (client, "room");
  g_autoptr (RtChannel) same_room = client_util_join (other, "room");
  g_signal_connect (room, "message", G_CALLBACK (count_cb), &heard);
  g_signal_connect (same_room, "message", G_CALLBACK (count_cb), &heard_by_other);
  for (guint i = 1; i <= N_MESSAGES; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      rt_client_send_message_async (client, "room", text, NULL, sent_cb, &acknowledged);
    }
  rt_test_wait_until (acknowledged == N_MESSAGES && heard == N_MESSAGES && heard_by_other == N_MESSAGES);
  client_util_publish (server, "room", N_MESSAGES + 1, 2 * N_MESSAGES);
  rt_test_wait_until (heard == 2 * N_MESSAGES);

  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) members = rt_channel_presence_sync (room, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (members), ==, 2);
  g_autoptr (GVariant) answer = rt_client_rpc_sync (client, "echo", g_variant_new_int64 (7), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (answer), ==, 7);
  g_assert_true (rt_channel_leave_sync (room, NULL, &error));
  g_assert_no_error (error);
  close_it (client);
  close_it (other);
  /* The server knows that it has gone. */
  rt_test_poll_until (client_util_count_clients (server) == 0);
  g_clear_object (&room);
  g_clear_object (&same_room);
  client_util_finalize (client);
  client_util_finalize (other);
}

/* What was missed comes after all, once and in order. */
static void
test_cut (gconstpointer data)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = new_client (server, data);
  guint heard = 0;

  connect_it (client, data);
  g_autoptr (RtChannel) room = client_util_join (client, "room");
  g_signal_connect (room, "message", G_CALLBACK (count_cb), &heard);
  for (guint round = 0; round < 3; round++)
    {
      client_util_publish (server, "room", round * 20 + 1, round * 20 + 10);
      client_util_cut (server);
      client_util_publish (server, "room", round * 20 + 11, round * 20 + 20);
      client_util_mend (server, client);
      rt_test_wait_until (heard == round * 20 + 20);
    }
  g_clear_object (&room);
  close_it (client);
  client_util_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *conversation = g_strconcat ("/Rt/ClientHttp/conversation/", ways[i].name, NULL);
      g_autofree char *cut = g_strconcat ("/Rt/ClientHttp/cut/", ways[i].name, NULL);
      g_test_add_data_func (conversation, &ways[i], test_conversation);
      g_test_add_data_func (cut, &ways[i], test_cut);
    }
  return g_test_run ();
}
