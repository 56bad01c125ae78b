/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The main job, end to end: this program holds a server and talks on a channel with a program in Python, which it
 * starts. In the middle of it the server cuts both lines. Every message must be acknowledged by the server and
 * delivered to the other program, once.
 * Run: quickstart-host PYTHON quickstart-guest.py */
#include <realtime/realtime.h>
#include <realtime-mock/realtime-mock.h>
#include <stdio.h>

#define CHANNEL "quickstart"
#define ROUNDS 5
#define CUT_AFTER 3
#define API_KEY "quickstart-key"
#define DEADLINE_S 30

typedef struct
{
  GMainLoop *loop;
  RtMockServer *server;
  RtClient *client;
  RtChannel *channel;
  GSubprocess *guest;
  GDataInputStream *guest_output;
  char **command;

  guint sent;
  guint acknowledged;
  guint received; /* from the guest */
  guint connected;
  guint guest_sent;
  guint guest_acknowledged;
  guint guest_received; /* from here */
  guint guest_reconnected;
  gboolean guest_succeeded;
  gboolean failed;
} Host;

static void
say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("C       %s\n", text);
}

static void
fail (Host *self, const char *what, const GError *error)
{
  say ("FAILED: %s: %s", what, error != NULL ? error->message : "no reason given");
  self->failed = TRUE;
  g_main_loop_quit (self->loop);
}

/* When the other program has ended, and has left nothing open. */
static void
finish_if_done (Host *self)
{
  if (self->guest_succeeded && self->acknowledged == ROUNDS && self->received == ROUNDS)
    g_main_loop_quit (self->loop);
}

/* --- The conversation --- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Host *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  if (message == NULL)
    {
      fail (self, "sending", error);
      return;
    }
  self->acknowledged++;
  say ("acknowledged \"%s\", id %s", rt_message_get_content (message), rt_message_get_id (message));
  finish_if_done (self);
}

static void
send_line (Host *self)
{
  self->sent++;
  g_autofree char *text = g_strdup_printf ("message %u from C", self->sent);

  rt_client_send_message_async (self->client, CHANNEL, text, NULL, sent_cb, self);
  if (self->sent == CUT_AFTER)
    {
      say ("sends \"%s\", and the server cuts both lines", text);
      rt_mock_server_drop_connections (self->server);
    }
}

static void
connected_cb (RtClient *client, gpointer user_data)
{
  Host *self = user_data;

  if (self->connected++ > 0)
    say ("is connected again");
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, gpointer user_data)
{
  if (will_retry)
    say ("has lost its line");
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Host *self = user_data;

  /* What this program sends comes back to it, too. */
  if (g_strcmp0 (rt_message_get_sender (message), "python") != 0)
    return;
  self->received++;
  say ("received \"%s\" from %s", rt_message_get_content (message), rt_message_get_sender (message));
  if (self->sent < ROUNDS)
    send_line (self);
  finish_if_done (self);
}

static void
member_joined_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  Host *self = user_data;

  say ("sees %s join", rt_member_get_user_id (member));
  /* Who has lost the line joins again. */
  if (self->sent == 0 && g_strcmp0 (rt_member_get_user_id (member), "python") == 0)
    send_line (self);
}

/* --- The program in Python --- */

static void
guest_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Host *self = user_data;
  g_autoptr (GError) error = NULL;

  self->guest_succeeded = g_subprocess_wait_check_finish (self->guest, result, &error);
  if (!self->guest_succeeded)
    fail (self, "the program in Python", error);
  finish_if_done (self);
}

static void
guest_line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Host *self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (self->guest_output, result, NULL, NULL);

  if (line == NULL)
    {
      g_subprocess_wait_check_async (self->guest, NULL, guest_ended_cb, self);
      return;
    }
  if (sscanf (line, "counts %u %u %u %u", &self->guest_sent, &self->guest_acknowledged, &self->guest_received,
              &self->guest_reconnected) != 4)
    g_print ("Python  %s\n", line);
  g_data_input_stream_read_line_async (self->guest_output, G_PRIORITY_DEFAULT, NULL, guest_line_cb, self);
}

static gboolean
start_guest (Host *self, GError **error)
{
  g_autofree char *url = rt_mock_server_get_url (self->server);
  const char *const arguments[] = { self->command[1], self->command[2], url, CHANNEL, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  g_subprocess_launcher_setenv (launcher, "REALTIME_API_KEY", API_KEY, TRUE);
  self->guest = g_subprocess_launcher_spawnv (launcher, arguments, error);
  if (self->guest == NULL)
    return FALSE;
  self->guest_output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->guest));
  g_data_input_stream_read_line_async (self->guest_output, G_PRIORITY_DEFAULT, NULL, guest_line_cb, self);
  return TRUE;
}

/* --- Beginning and end --- */

static gboolean
start_server (Host *self, GError **error)
{
  const char *const api_keys[] = { API_KEY, NULL };

  self->server = rt_mock_server_new ();
  g_object_set (self->server, "api-keys", api_keys, NULL);
  if (!rt_mock_server_start (self->server, error))
    return FALSE;
  g_autofree char *url = rt_mock_server_get_url (self->server);
  say ("server listens on %s", url);
  return TRUE;
}

static gboolean
join (Host *self, GError **error)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (RtConfig) config = NULL;
  g_autofree char *url = rt_mock_server_get_url (self->server);

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_api_key (builder, API_KEY);
  rt_config_builder_with_user_id (builder, "c");
  config = rt_config_builder_build (builder, error);
  if (config == NULL)
    return FALSE;

  self->client = rt_client_new (config);
  g_signal_connect (self->client, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (self->client, "disconnected", G_CALLBACK (disconnected_cb), self);
  if (!rt_client_connect_sync (self->client, NULL, error))
    return FALSE;
  g_autofree char *id = rt_client_get_client_id (self->client);
  say ("connected as client %s", id);
  self->channel = rt_client_join_channel_sync (self->client, CHANNEL, NULL, NULL, error);
  if (self->channel == NULL)
    return FALSE;
  say ("joined the channel \"%s\"", CHANNEL);
  g_signal_connect (self->channel, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->channel, "member-joined", G_CALLBACK (member_joined_cb), self);
  return TRUE;
}

static gboolean
late_cb (gpointer user_data)
{
  fail (user_data, "the conversation", NULL);
  say ("it did not end within %d s", DEADLINE_S);
  return G_SOURCE_CONTINUE;
}

static gboolean
finish (Host *self)
{
  g_autoptr (GError) error = NULL;

  if (self->guest != NULL && !self->guest_succeeded)
    g_subprocess_force_exit (self->guest);
  if (self->client != NULL && !rt_client_close_sync (self->client, NULL, &error))
    fail (self, "closing", error);
  else if (self->client != NULL)
    say ("closed");
  rt_mock_server_stop (self->server);

  guint sent = self->sent + self->guest_sent;
  guint acknowledged = self->acknowledged + self->guest_acknowledged;
  guint delivered = self->received + self->guest_received;
  guint reconnected = (self->connected > 0 ? self->connected - 1 : 0) + self->guest_reconnected;
  g_print ("sent %u, acknowledged %u, delivered %u, lost %d, reconnected %u\n", sent, acknowledged, delivered,
           (int) sent - (int) delivered, reconnected);
  return !self->failed && self->guest_succeeded && sent == 2 * ROUNDS && acknowledged == sent && delivered == sent
         && reconnected >= 2;
}

int
main (int argc, char **argv)
{
  Host self = { .command = argv };
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    {
      g_printerr ("usage: quickstart-host PYTHON quickstart-guest.py\n");
      return 2;
    }
  self.loop = g_main_loop_new (NULL, FALSE);
  guint deadline = g_timeout_add_seconds (DEADLINE_S, late_cb, &self);

  if (start_server (&self, &error) && join (&self, &error) && start_guest (&self, &error))
    g_main_loop_run (self.loop);
  else
    fail (&self, "starting", error);
  gboolean succeeded = finish (&self);

  g_source_remove (deadline);
  g_clear_object (&self.guest_output);
  g_clear_object (&self.guest);
  g_clear_object (&self.channel);
  g_clear_object (&self.client);
  g_clear_object (&self.server);
  g_main_loop_unref (self.loop);
  return succeeded ? 0 : 1;
}
