/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chat in the terminal: each line that is typed is sent, and what others say is printed.
 * Run: chat URL CHANNEL NAME. Ends at the end of the input. */
#include <gio/gunixinputstream.h>
#include <realtime/realtime.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  RtClient *client;
  RtChannel *channel;
  GDataInputStream *input;
  guint unanswered;
  gboolean at_end;
} Chat;

static void read_line (Chat *self);

static void
end_when_answered (Chat *self)
{
  if (self->at_end && self->unanswered == 0)
    g_main_loop_quit (self->loop);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chat *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_channel_send_message_finish (self->channel, result, &error);

  if (sent == NULL)
    g_printerr ("not sent: %s\n", error->message);
  self->unanswered--;
  end_when_answered (self);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chat *self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (self->input, result, NULL, NULL);

  if (line == NULL)
    {
      self->at_end = TRUE;
      end_when_answered (self);
      return;
    }
  self->unanswered++;
  rt_channel_send_message_async (self->channel, line, NULL, sent_cb, self);
  read_line (self);
}

static void
read_line (Chat *self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, line_cb, self);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_print ("%s: %s\n", rt_message_get_sender (message), rt_message_get_content (message));
}

static void
member_joined_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  g_print ("* %s joined\n", rt_member_get_user_id (member));
}

static void
member_left_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  g_print ("* %s left\n", rt_member_get_user_id (member));
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, gpointer user_data)
{
  Chat *self = user_data;

  g_printerr ("the connection was lost: %u %s\n", code, reason);
  g_main_loop_quit (self->loop);
}

static gboolean
join (Chat *self, char **argv, GError **error)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (RtConfig) config = NULL;

  rt_config_builder_with_endpoint (builder, argv[1]);
  rt_config_builder_with_user_id (builder, argv[3]);
  rt_config_builder_with_api_key (builder, g_getenv ("REALTIME_API_KEY"));
  config = rt_config_builder_build (builder, error);
  if (config == NULL)
    return FALSE;

  self->client = rt_client_new (config);
  if (!rt_client_connect_sync (self->client, NULL, error))
    return FALSE;
  self->channel = rt_client_join_channel_sync (self->client, argv[2], NULL, NULL, error);
  if (self->channel == NULL)
    return FALSE;
  g_signal_connect (self->channel, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->channel, "member-joined", G_CALLBACK (member_joined_cb), self);
  g_signal_connect (self->channel, "member-left", G_CALLBACK (member_left_cb), self);
  g_signal_connect (self->client, "disconnected", G_CALLBACK (disconnected_cb), self);
  return TRUE;
}

int
main (int argc, char **argv)
{
  Chat self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (STDIN_FILENO, FALSE);

  if (argc != 4)
    {
      g_printerr ("usage: chat URL CHANNEL NAME\n");
      return 2;
    }
  self.loop = g_main_loop_new (NULL, FALSE);
  self.input = g_data_input_stream_new (standard_input);
  if (join (&self, argv, &error))
    {
      read_line (&self);
      g_main_loop_run (self.loop);
      g_signal_handlers_disconnect_by_data (self.client, &self);
      rt_client_close_sync (self.client, NULL, &error);
    }
  if (error != NULL)
    g_printerr ("%s\n", error->message);

  g_clear_object (&self.input);
  g_clear_object (&self.channel);
  g_clear_object (&self.client);
  g_main_loop_unref (self.loop);
  return error == NULL ? 0 : 1;
}
