/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

struct _ClientLog
{
  GMainContext *context;
  RtClient *client;
  GPtrArray *channels;
  GPtrArray *lines;
};

static void G_GNUC_PRINTF (2, 3)
add (ClientLog *self, const char *format, ...)
{
  va_list args;

  g_assert_true (g_main_context_is_owner (self->context));
  va_start (args, format);
  char *line = g_strdup_vprintf (format, args);
  va_end (args);
  g_test_message ("%s", line);
  g_ptr_array_add (self->lines, line);
}

/* --- The client --- */

static void
connected_cb (RtClient *client, ClientLog *self)
{
  add (self, "connected");
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, ClientLog *self)
{
  g_assert_nonnull (reason);
  add (self, "disconnected %u %d", code, will_retry);
}

static void
reconnecting_cb (RtClient *client, guint attempt, guint delay_ms, ClientLog *self)
{
  g_test_message ("in %u ms", delay_ms);
  add (self, "reconnecting %u", attempt);
}

static void
dropped_cb (RtClient *client, RtMessage *message, const GError *error, ClientLog *self)
{
  add (self, "dropped %s %s %s-%d", rt_message_get_channel (message), rt_message_get_content (message),
       g_quark_to_string (error->domain), error->code);
}

static void
token_cb (RtClient *client, const char *channel, ClientLog *self)
{
  add (self, "token %s", channel != NULL ? channel : "-");
}

static void
error_cb (RtClient *client, const GError *error, ClientLog *self)
{
  g_test_message ("%s", error->message);
  add (self, "error %s-%d", g_quark_to_string (error->domain), error->code);
}

static void
state_cb (RtClient *client, GParamSpec *pspec, ClientLog *self)
{
  add (self, "state %d", (int) rt_client_get_state (client));
}

static void
client_message_cb (RtClient *client, RtMessage *message, ClientLog *self)
{
  add (self, "message %s %s", rt_message_get_channel (message), rt_message_get_content (message));
}

/* --- Channels --- */

static void
message_cb (RtChannel *channel, RtMessage *message, ClientLog *self)
{
  add (self, "%s message %s", rt_channel_get_name (channel), rt_message_get_content (message));
}

static void
joined_cb (RtChannel *channel, gboolean recovered, ClientLog *self)
{
  add (self, "%s joined %d", rt_channel_get_name (channel), recovered);
}

static void
left_cb (RtChannel *channel, guint code, const char *reason, ClientLog *self)
{
  g_assert_nonnull (reason);
  add (self, "%s left %u", rt_channel_get_name (channel), code);
}

static void
member_joined_cb (RtChannel *channel, RtMember *member, ClientLog *self)
{
  add (self, "%s member-joined %s", rt_channel_get_name (channel), rt_member_get_user_id (member));
}

static void
member_left_cb (RtChannel *channel, RtMember *member, ClientLog *self)
{
  add (self, "%s member-left %s", rt_channel_get_name (channel), rt_member_get_user_id (member));
}

static void
recovered_cb (RtChannel *channel, guint count, ClientLog *self)
{
  add (self, "%s recovered %u", rt_channel_get_name (channel), count);
}

static void
gap_cb (RtChannel *channel, guint missed, ClientLog *self)
{
  add (self, "%s gap %u", rt_channel_get_name (channel), missed);
}

static void
channel_state_cb (RtChannel *channel, GParamSpec *pspec, ClientLog *self)
{
  add (self, "%s state %d", rt_channel_get_name (channel), (int) rt_channel_get_state (channel));
}

/* --- The log --- */

ClientLog *
client_log_new (RtClient *client)
{
  ClientLog *self = g_new0 (ClientLog, 1);

  self->context = g_main_context_ref_thread_default ();
  self->client = g_object_ref (client);
  self->channels = g_ptr_array_new_with_free_func (g_object_unref);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (client, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (client, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (client, "reconnecting", G_CALLBACK (reconnecting_cb), self);
  g_signal_connect (client, "message-dropped", G_CALLBACK (dropped_cb), self);
  g_signal_connect (client, "token-refreshed", G_CALLBACK (token_cb), self);
  g_signal_connect (client, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (client, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect (client, "message", G_CALLBACK (client_message_cb), self);
  return self;
}

void
client_log_add_channel (ClientLog *self, RtChannel *channel)
{
  g_ptr_array_add (self->channels, g_object_ref (channel));
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (channel, "joined", G_CALLBACK (joined_cb), self);
  g_signal_connect (channel, "left", G_CALLBACK (left_cb), self);
  g_signal_connect (channel, "member-joined", G_CALLBACK (member_joined_cb), self);
  g_signal_connect (channel, "member-left", G_CALLBACK (member_left_cb), self);
  g_signal_connect (channel, "recovered", G_CALLBACK (recovered_cb), self);
  g_signal_connect (channel, "gap", G_CALLBACK (gap_cb), self);
  g_signal_connect (channel, "notify::state", G_CALLBACK (channel_state_cb), self);
}

void
client_log_free (ClientLog *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  for (guint i = 0; i < self->channels->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->channels, i), self);
  g_ptr_array_unref (self->channels);
  g_ptr_array_unref (self->lines);
  g_object_unref (self->client);
  g_main_context_unref (self->context);
  g_free (self);
}

guint
client_log_count (ClientLog *self, const char *prefix)
{
  guint count = 0;

  for (guint i = 0; i < self->lines->len; i++)
    count += g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix);
  return count;
}

static gboolean
has_prefix (const char *line, GPtrArray *prefixes)
{
  for (guint i = 0; i < prefixes->len; i++)
    if (g_str_has_prefix (line, g_ptr_array_index (prefixes, i)))
      return TRUE;
  return FALSE;
}

char *
client_log_list (ClientLog *self, const char *first_prefix, ...)
{
  g_autoptr (GPtrArray) prefixes = g_ptr_array_new ();
  g_autoptr (GString) list = g_string_new (NULL);
  va_list args;

  va_start (args, first_prefix);
  for (const char *prefix = first_prefix; prefix != NULL; prefix = va_arg (args, const char *))
    g_ptr_array_add (prefixes, (gpointer) prefix);
  va_end (args);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const char *line = g_ptr_array_index (self->lines, i);

      if (has_prefix (line, prefixes))
        g_string_append_printf (list, "%s%s", list->len > 0 ? "; " : "", line);
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

void
client_log_clear (ClientLog *self)
{
  g_ptr_array_set_size (self->lines, 0);
}
