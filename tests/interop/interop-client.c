/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interop-client.h"

#include <stdarg.h>
#include <string.h>

#include "rt-test.h"

/* --- Tokens --- */

static void
append_base64url (GString *out, const void *data, gsize len)
{
  g_autofree char *text = g_base64_encode (data, len);

  text[strcspn (text, "=")] = '\0';
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  g_string_append (out, text);
}

char *
interop_token_new (const char *user, const char *secret, gint64 expires)
{
  static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
  g_autofree char *claims = g_strdup_printf ("{\"sub\":\"%s\",\"exp\":%" G_GINT64_FORMAT "}", user, expires);
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret));
  GString *token = g_string_new (NULL);
  guint8 signature[32];
  gsize len = sizeof signature;

  append_base64url (token, header, strlen (header));
  g_string_append_c (token, '.');
  append_base64url (token, claims, strlen (claims));
  g_hmac_update (hmac, (const guchar *) token->str, (gssize) token->len);
  g_hmac_get_digest (hmac, signature, &len);
  g_string_append_c (token, '.');
  append_base64url (token, signature, len);
  return g_string_free (token, FALSE);
}

/* --- The record --- */

static void
record (InteropClient *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
record (InteropClient *self, const char *format, ...)
{
  char *event;
  va_list arguments;

  va_start (arguments, format);
  event = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_test_message ("%.100s", event);
  g_ptr_array_add (self->events, event);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_autofree char *json = NULL;

  if (rt_message_get_content (message) == NULL)
    json = rt_message_dup_data_json (message);
  record (user_data, "message: %s", json != NULL ? json : rt_message_get_content (message));
}

static void
joined_cb (RtChannel *channel, gboolean recovered, gpointer user_data)
{
  record (user_data, "joined: %d", recovered);
}

static void
left_cb (RtChannel *channel, guint code, const char *reason, gpointer user_data)
{
  record (user_data, "left: %u", code);
}

static void
recovered_cb (RtChannel *channel, guint count, gpointer user_data)
{
  record (user_data, "recovered: %u", count);
}

static void
gap_cb (RtChannel *channel, guint missed, gpointer user_data)
{
  record (user_data, "gap: %u", missed);
}

static void
member_joined_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  record (user_data, "member-joined: %s", rt_member_get_user_id (member));
}

static void
member_left_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  record (user_data, "member-left: %s", rt_member_get_user_id (member));
}

static void
connected_cb (RtClient *client, gpointer user_data)
{
  record (user_data, "connected:");
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, gpointer user_data)
{
  record (user_data, "disconnected: %u %d", code, will_retry);
  record (user_data, "reason: %s", reason);
}

static void
token_refreshed_cb (RtClient *client, const char *channel, gpointer user_data)
{
  record (user_data, "token-refreshed: %s", channel != NULL ? channel : "");
}

static guint
kind_len (const char *event)
{
  return (guint) strcspn (event, ":") + 1;
}

static gboolean
is_of_kinds (const char *event, GPtrArray *kinds)
{
  for (guint i = 0; i < kinds->len; i++)
    if (strncmp (event, g_ptr_array_index (kinds, i), kind_len (event)) == 0)
      return TRUE;
  return FALSE;
}

guint
interop_client_count (InteropClient *self, const char *beginning)
{
  guint count = 0;

  for (guint i = 0; i < self->events->len; i++)
    count += g_str_has_prefix (g_ptr_array_index (self->events, i), beginning);
  return count;
}

static guint
count_events (InteropClient *self, GPtrArray *kinds)
{
  guint count = 0;

  for (guint i = 0; i < self->events->len; i++)
    count += is_of_kinds (g_ptr_array_index (self->events, i), kinds);
  return count;
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *done = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = rt_client_rpc_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
  *done = TRUE;
}

void
interop_client_settle (InteropClient *self)
{
  gboolean done = FALSE;

  if (!rt_client_is_connected (self->client))
    return;
  rt_client_rpc_async (self->client, "echo", NULL, NULL, called_cb, &done);
  rt_test_wait_until (done);
}

void
interop_client_expect (InteropClient *self, ...)
{
  g_autoptr (GPtrArray) kinds = g_ptr_array_new ();
  g_autoptr (GPtrArray) expected = g_ptr_array_new ();
  g_autoptr (GPtrArray) happened = g_ptr_array_new ();
  g_autofree char *expected_text = NULL;
  g_autofree char *happened_text = NULL;
  const char *event;
  va_list events;

  va_start (events, self);
  while ((event = va_arg (events, const char *)) != NULL)
    {
      if (*event != '!')
        g_ptr_array_add (expected, (gpointer) event);
      g_ptr_array_add (kinds, (gpointer) (*event == '!' ? event + 1 : event));
    }
  va_end (events);

  rt_test_wait_until (count_events (self, kinds) >= expected->len);
  interop_client_settle (self);
  for (guint i = 0; i < self->events->len; i++)
    if (is_of_kinds (g_ptr_array_index (self->events, i), kinds))
      g_ptr_array_add (happened, g_ptr_array_index (self->events, i));
  g_ptr_array_add (expected, NULL);
  g_ptr_array_add (happened, NULL);
  expected_text = g_strjoinv ("; ", (GStrv) expected->pdata);
  happened_text = g_strjoinv ("; ", (GStrv) happened->pdata);
  g_assert_cmpstr (happened_text, ==, expected_text);
  g_ptr_array_set_size (self->events, 0);
}

/* --- The client --- */

static RtConfig *
new_config (const InteropClientOptions *options)
{
  const char *const strategies[] = { options->transport, NULL };
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;
  RtConfig *config;

  rt_config_builder_with_endpoint (builder, options->url);
  if (options->token != NULL)
    rt_config_builder_with_api_key (builder, options->token);
  if (options->transport != NULL)
    rt_config_builder_with_strategies (builder, strategies);
  if (options->request_timeout > 0)
    rt_config_builder_with_request_timeout (builder, options->request_timeout);
  config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return config;
}

InteropClient *
interop_client_new (const InteropClientOptions *options)
{
  InteropClient *self = g_new0 (InteropClient, 1);
  g_autoptr (RtConfig) config = new_config (options);

  self->events = g_ptr_array_new_with_free_func (g_free);
  self->client = g_object_new (RT_TYPE_CLIENT, "config", config, "token-provider", options->provider, NULL);
  g_signal_connect (self->client, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (self->client, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (self->client, "token-refreshed", G_CALLBACK (token_refreshed_cb), self);
  return self;
}

void
interop_client_free (InteropClient *self)
{
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (self->client, self);
  rt_client_close_sync (self->client, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (self->client);
  g_ptr_array_unref (self->events);
  g_free (self);
}

RtChannel *
interop_client_join (InteropClient *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  RtChannel *channel;

  rt_channel_options_set_join_leave (options, TRUE);
  channel = rt_client_join_channel_sync (self->client, name, options, NULL, &error);
  g_assert_no_error (error);
  interop_client_watch (self, channel);
  return channel;
}

void
interop_client_watch (InteropClient *self, RtChannel *channel)
{
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (channel, "joined", G_CALLBACK (joined_cb), self);
  g_signal_connect (channel, "left", G_CALLBACK (left_cb), self);
  g_signal_connect (channel, "recovered", G_CALLBACK (recovered_cb), self);
  g_signal_connect (channel, "gap", G_CALLBACK (gap_cb), self);
  g_signal_connect (channel, "member-joined", G_CALLBACK (member_joined_cb), self);
  g_signal_connect (channel, "member-left", G_CALLBACK (member_left_cb), self);
}

void
interop_client_send (InteropClient *self, const char *channel, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_sync (self->client, channel, text, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_content (message), ==, text);
}
