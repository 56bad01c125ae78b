/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"

/* --- The connection --- */

#define DEFINE_PLAIN_CALL(call)                                                                          \
  static void                                                                                            \
  call##_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) \
  {                                                                                                      \
    rt_client_##call##_async (setup->client, cancellable, callback, data);                               \
  }                                                                                                      \
  static gboolean                                                                                        \
  call##_finish (GObject *source, GAsyncResult *result, GError **error)                                  \
  {                                                                                                      \
    return rt_client_##call##_finish (RT_CLIENT (source), result, error);                                \
  }                                                                                                      \
  static gboolean                                                                                        \
  call##_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)                            \
  {                                                                                                      \
    return rt_client_##call##_sync (setup->client, cancellable, error);                                  \
  }

DEFINE_PLAIN_CALL (connect)
DEFINE_PLAIN_CALL (disconnect)
DEFINE_PLAIN_CALL (close)

static void
ping_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_ping_async (setup->client, cancellable, callback, data);
}

static gboolean
ping_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_client_ping_finish (RT_CLIENT (source), result, error) >= 0;
}

static gboolean
ping_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_client_ping_sync (setup->client, cancellable, error) >= 0;
}

/* --- Sending --- */

/* Whether there is a result; it is dropped. */
static gboolean
take_object (gpointer object)
{
  gboolean there = object != NULL;

  g_clear_object (&object);
  return there;
}

static void
send_message_start (ClientSetup *setup,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer data)
{
  rt_client_send_message_async (setup->client, "room", "hello", cancellable, callback, data);
}

static gboolean
send_message_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_client_send_message_finish (RT_CLIENT (source), result, error));
}

static gboolean
send_message_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_client_send_message_sync (setup->client, "room", "hello", cancellable, error));
}

static RtMessageOptions *
new_options (void)
{
  RtMessageOptions *options = rt_message_options_new ();

  rt_message_options_set_priority (options, RT_PRIORITY_HIGH);
  return options;
}

static void
send_with_options_start (ClientSetup *setup,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  g_autoptr (RtMessageOptions) options = new_options ();

  rt_client_send_message_with_options_async (setup->client, "room", "hello", options, cancellable, callback, data);
}

static gboolean
send_with_options_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_client_send_message_with_options_finish (RT_CLIENT (source), result, error));
}

static gboolean
send_with_options_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtMessageOptions) options = new_options ();

  return take_object (
    rt_client_send_message_with_options_sync (setup->client, "room", "hello", options, cancellable, error));
}

static void
send_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");

  rt_client_send_async (setup->client, message, cancellable, callback, data);
}

static gboolean
send_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_client_send_finish (RT_CLIENT (source), result, error));
}

static gboolean
send_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");

  return take_object (rt_client_send_sync (setup->client, message, cancellable, error));
}

static void
channel_send_message_start (ClientSetup *setup,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  rt_channel_send_message_async (setup->room, "hello", cancellable, callback, data);
}

static gboolean
channel_send_message_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_channel_send_message_finish (RT_CHANNEL (source), result, error));
}

static gboolean
channel_send_message_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_channel_send_message_sync (setup->room, "hello", cancellable, error));
}

static void
channel_options_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_channel_send_message_with_options_async (setup->room, "x", NULL, cancellable, callback, data);
}

static gboolean
channel_options_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_channel_send_message_with_options_finish (RT_CHANNEL (source), result, error));
}

static gboolean
channel_options_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_channel_send_message_with_options_sync (setup->room, "x", NULL, cancellable, error));
}

static void
channel_send_start (ClientSetup *setup,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");

  rt_channel_send_async (setup->room, message, cancellable, callback, data);
}

static gboolean
channel_send_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_channel_send_finish (RT_CHANNEL (source), result, error));
}

static gboolean
channel_send_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");

  return take_object (rt_channel_send_sync (setup->room, message, cancellable, error));
}

static gboolean
take_variant (GVariant *variant)
{
  gboolean there = variant != NULL;

  g_clear_pointer (&variant, g_variant_unref);
  return there;
}

static void
rpc_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_rpc_async (setup->client, "echo", g_variant_new_string ("x"), cancellable, callback, data);
}

static gboolean
rpc_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_variant (rt_client_rpc_finish (RT_CLIENT (source), result, error));
}

static gboolean
rpc_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_variant (rt_client_rpc_sync (setup->client, "echo", g_variant_new_string ("x"), cancellable, error));
}

static void
timed_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_rpc_with_timeout_async (setup->client, "echo", g_variant_new_string ("x"), 20000, cancellable, callback,
                                    data);
}

static gboolean
timed_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_variant (rt_client_rpc_with_timeout_finish (RT_CLIENT (source), result, error));
}

static gboolean
timed_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_variant (rt_client_rpc_with_timeout_sync (setup->client, "echo", g_variant_new_string ("x"), 20000,
                                                        cancellable, error));
}

static void
notify_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_send_notification_async (setup->client, "echo", g_variant_new_string ("x"), cancellable, callback, data);
}

static gboolean
notify_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_client_send_notification_finish (RT_CLIENT (source), result, error);
}

static gboolean
notify_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_client_send_notification_sync (setup->client, "echo", g_variant_new_string ("x"), cancellable, error);
}

/* --- Channels --- */

static void
join_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_join_channel_async (setup->client, "hall", NULL, cancellable, callback, data);
}

static gboolean
join_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_client_join_channel_finish (RT_CLIENT (source), result, error));
}

static gboolean
join_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_client_join_channel_sync (setup->client, "hall", NULL, cancellable, error));
}

static void
leave_joined_start (ClientSetup *setup,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer data)
{
  rt_client_leave_channel_async (setup->client, "room", cancellable, callback, data);
}

static void
leave_unknown_start (ClientSetup *setup,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer data)
{
  rt_client_leave_channel_async (setup->client, "nowhere", cancellable, callback, data);
}

static gboolean
leave_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_client_leave_channel_finish (RT_CLIENT (source), result, error);
}

static gboolean
leave_joined_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_client_leave_channel_sync (setup->client, "room", cancellable, error);
}

static gboolean
leave_unknown_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_client_leave_channel_sync (setup->client, "nowhere", cancellable, error);
}

static void
channel_leave_start (ClientSetup *setup,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer data)
{
  rt_channel_leave_async (setup->room, cancellable, callback, data);
}

static gboolean
channel_leave_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_channel_leave_finish (RT_CHANNEL (source), result, error);
}

static gboolean
channel_leave_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_channel_leave_sync (setup->room, cancellable, error);
}

/* --- Questions --- */

static void
history_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_channel_history_async (setup->room, 10, NULL, FALSE, cancellable, callback, data);
}

static gboolean
history_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_channel_history_finish (RT_CHANNEL (source), result, error));
}

static gboolean
history_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_channel_history_sync (setup->room, 10, NULL, FALSE, cancellable, error));
}

static void
load_more_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_history_load_more_async (setup->history, cancellable, callback, data);
}

static gboolean
load_more_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_history_load_more_finish (RT_HISTORY (source), result, NULL, error);
}

static gboolean
load_more_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_history_load_more_sync (setup->history, cancellable, NULL, error);
}

static void
presence_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_channel_presence_async (setup->room, cancellable, callback, data);
}

static gboolean
presence_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return take_object (rt_channel_presence_finish (RT_CHANNEL (source), result, error));
}

static gboolean
presence_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return take_object (rt_channel_presence_sync (setup->room, cancellable, error));
}

static void
presence_stats_start (ClientSetup *setup,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer data)
{
  rt_channel_presence_stats_async (setup->room, cancellable, callback, data);
}

static gboolean
presence_stats_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_channel_presence_stats_finish (RT_CHANNEL (source), result, NULL, NULL, error);
}

static gboolean
presence_stats_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_channel_presence_stats_sync (setup->room, cancellable, NULL, NULL, error);
}

static void
reset_start (ClientSetup *setup, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  rt_client_reset_session_async (setup->client, cancellable, callback, data);
}

static gboolean
reset_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return rt_client_reset_session_finish (RT_CLIENT (source), result, error);
}

static gboolean
reset_sync (ClientSetup *setup, GCancellable *cancellable, GError **error)
{
  return rt_client_reset_session_sync (setup->client, cancellable, error);
}

/* --- The table --- */

const ClientCall client_calls[] = {
  { "connect", connect_start, connect_finish, connect_sync },
  { "disconnect", disconnect_start, disconnect_finish, disconnect_sync },
  { "close", close_start, close_finish, close_sync },
  { "send_message", send_message_start, send_message_finish, send_message_sync },
  { "send_message_with_options", send_with_options_start, send_with_options_finish, send_with_options_sync },
  { "send", send_start, send_finish, send_sync },
  { "channel-send_message", channel_send_message_start, channel_send_message_finish, channel_send_message_sync },
  { "channel-send_message_with_options", channel_options_start, channel_options_finish, channel_options_sync },
  { "channel-send", channel_send_start, channel_send_finish, channel_send_sync },
  { "rpc", rpc_start, rpc_finish, rpc_sync },
  { "rpc_with_timeout", timed_start, timed_finish, timed_sync },
  { "send_notification", notify_start, notify_finish, notify_sync },
  { "ping", ping_start, ping_finish, ping_sync },
  { "join_channel", join_start, join_finish, join_sync },
  { "leave_channel-joined", leave_joined_start, leave_finish, leave_joined_sync },
  { "leave_channel-unknown", leave_unknown_start, leave_finish, leave_unknown_sync },
  { "leave", channel_leave_start, channel_leave_finish, channel_leave_sync },
  { "history", history_start, history_finish, history_sync },
  { "load_more", load_more_start, load_more_finish, load_more_sync },
  { "presence", presence_start, presence_finish, presence_sync },
  { "presence_stats", presence_stats_start, presence_stats_finish, presence_stats_sync },
  /* After this one nothing is joined. */
  { "reset_session", reset_start, reset_finish, reset_sync },
};

const guint n_client_calls = G_N_ELEMENTS (client_calls);

const ClientCall *
client_calls_find (const char *name)
{
  for (guint i = 0; i < n_client_calls; i++)
    if (g_strcmp0 (client_calls[i].name, name) == 0)
      return &client_calls[i];
  g_assert_not_reached ();
}

void
client_setup_init (ClientSetup *self, RtClient *client)
{
  g_autoptr (GError) error = NULL;

  self->client = client;
  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  self->room = client_util_join (client, "room");
  client_util_publish (self->server, "room", 1, 3);
  self->history = rt_channel_history_sync (self->room, 1, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
}

void
client_setup_clear (ClientSetup *self)
{
  g_clear_object (&self->history);
  g_clear_object (&self->room);
  client_util_finalize (g_steal_pointer (&self->client));
}
