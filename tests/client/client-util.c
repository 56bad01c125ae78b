/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

#include <gobject/gvaluecollector.h>

RtMockServer *
client_util_start_server (void)
{
  RtMockServer *server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  rt_mock_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

guint
client_util_count_clients (RtMockServer *server)
{
  g_auto (GStrv) ids = rt_mock_server_get_clients (server);

  return g_strv_length (ids);
}

/* --- Clients --- */

typedef struct
{
  const char *names[16];
  GValue values[16];
  guint n;
} Settings;

static void
add_setting (Settings *settings, const char *name, va_list *args)
{
  GObjectClass *klass = g_type_class_ref (RT_TYPE_CONFIG);
  GParamSpec *pspec = g_object_class_find_property (klass, name);
  g_autofree char *fault = NULL;

  g_assert_nonnull (pspec);
  g_assert_cmpuint (settings->n, <, G_N_ELEMENTS (settings->names));
  settings->names[settings->n] = name;
  G_VALUE_COLLECT_INIT (&settings->values[settings->n], pspec->value_type, *args, 0, &fault);
  g_assert_null (fault);
  settings->n++;
  g_type_class_unref (klass);
}

static RtClient *
new_client (const char *url, const char *name, va_list *args)
{
  static const char *const websocket[] = { "websocket", NULL };
  Settings settings = { .names = { "endpoint" }, .values = { G_VALUE_INIT }, .n = 1 };
  gboolean chosen = FALSE;

  g_value_init (&settings.values[0], G_TYPE_STRING);
  g_value_set_string (&settings.values[0], url);
  for (; name != NULL; name = va_arg (*args, const char *))
    {
      chosen |= g_str_equal (name, "strategies");
      add_setting (&settings, name, args);
    }
  if (!chosen)
    {
      settings.names[settings.n] = "strategies";
      g_value_init (&settings.values[settings.n], G_TYPE_STRV);
      g_value_set_static_boxed (&settings.values[settings.n++], websocket);
    }
  g_autoptr (RtConfig) config = RT_CONFIG (
    g_object_new_with_properties (RT_TYPE_CONFIG, settings.n, settings.names, settings.values));
  for (guint i = 0; i < settings.n; i++)
    g_value_unset (&settings.values[i]);
  return rt_client_new (config);
}

RtClient *
client_util_new_for_url (const char *url, const char *first_setting, ...)
{
  va_list args;

  va_start (args, first_setting);
  RtClient *client = new_client (url, first_setting, &args);
  va_end (args);
  return client;
}

RtClient *
client_util_new_client (RtMockServer *server, const char *first_setting, ...)
{
  g_autofree char *url = rt_mock_server_get_url (server);
  va_list args;

  va_start (args, first_setting);
  RtClient *client = new_client (url, first_setting, &args);
  va_end (args);
  return client;
}

RtClient *
client_util_connect (RtMockServer *server)
{
  RtClient *client = client_util_new_client (server, NULL);
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

RtChannel *
client_util_join (RtClient *client, const char *name)
{
  g_autoptr (GError) error = NULL;
  RtChannel *channel = rt_client_join_channel_sync (client, name, NULL, NULL, &error);

  g_assert_no_error (error);
  return channel;
}

void
client_util_finalize (RtClient *client)
{
  g_assert_finalize_object (client);
}

/* --- Lines that break --- */

void
client_util_cut (RtMockServer *server)
{
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_REFUSE, G_MAXUINT);
  rt_mock_server_drop_connections (server);
}

/* An attempt that was refused may still be under way, and then fails this call. */
static gboolean
try_to_connect (RtClient *client)
{
  return rt_client_is_connected (client) || rt_client_connect_sync (client, NULL, NULL);
}

void
client_util_mend (RtMockServer *server, RtClient *client)
{
  rt_mock_server_clear_faults (server);
  rt_test_poll_until (try_to_connect (client));
}

/* --- Numbered messages --- */

void
client_util_publish (RtMockServer *server, const char *channel, guint first, guint last)
{
  g_autoptr (GError) error = NULL;

  for (guint i = first; i <= last; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"$rt\":1,\"id\":\"%u\",\"text\":\"%u\"}", i, i);
      rt_mock_server_publish (server, channel, json, &error);
      g_assert_no_error (error);
    }
}

guint
client_util_get_number (RtMessage *message)
{
  const char *text = rt_message_get_content (message);
  guint64 number = 0;

  g_assert_nonnull (text);
  g_assert_true (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &number, NULL));
  return (guint) number;
}

/* --- Replies --- */

void
client_reply_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ClientReply *self = user_data;

  g_assert_cmpuint (self->count, ==, 0);
  self->count++;
  self->thread = g_thread_self ();
  self->source = source != NULL ? g_object_ref (source) : NULL;
  self->result = g_object_ref (result);
}

void
client_reply_wait (ClientReply *self)
{
  rt_test_wait_until (self->count > 0);
}

void
client_reply_clear (ClientReply *self)
{
  g_clear_object (&self->source);
  g_clear_object (&self->result);
  self->thread = NULL;
  self->count = 0;
}
