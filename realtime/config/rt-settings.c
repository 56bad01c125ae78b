/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-settings.h"

#include <string.h>
#include "rt-config-private.h"
#include "rt-endpoint.h"

static char *
copy_text (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

static RtSettingsHeader *
copy_headers (GVariant *headers)
{
  gsize count = headers != NULL ? g_variant_n_children (headers) : 0;
  RtSettingsHeader *copies = g_new0 (RtSettingsHeader, count + 1);

  for (gsize i = 0; i < count; i++)
    g_variant_get_child (headers, i, "{ss}", &copies[i].name, &copies[i].value);
  return copies;
}

/* What stands before a path that is one of the protocol's own. */
static char *
make_http_prefix (const char *path)
{
  static const char *const known[] = { "/connection/websocket", "/connection/http_stream", "/connection/poll" };
  g_autofree char *bare = g_strndup (path, strcspn (path, "?"));

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (g_str_has_suffix (bare, known[i]))
        return g_strndup (bare, strlen (bare) - strlen (known[i]));
    }
  return g_strdup ("");
}

static void
copy_pins (RtSettings *self, const char *const *pins)
{
  guint count = pins != NULL ? g_strv_length ((char **) pins) : 0;

  self->tls_pins = g_malloc0_n (MAX (count, 1), sizeof *self->tls_pins);
  self->n_tls_pins = count;
  for (guint i = 0; i < count; i++)
    {
      gboolean valid = rt_config_parse_pin (pins[i], self->tls_pins[i]);
      g_assert (valid); /* the configuration was checked */
    }
}

static void
copy_endpoint (RtSettings *self, const char *text)
{
  g_auto (RtEndpoint) endpoint = { 0 };
  const char *fault = rt_endpoint_parse (&endpoint, text);

  g_assert (fault == NULL); /* the configuration was checked */
  self->secure = endpoint.secure;
  self->port = endpoint.port;
  self->host = g_steal_pointer (&endpoint.host);
  self->host_header = g_steal_pointer (&endpoint.host_header);
  self->path = g_steal_pointer (&endpoint.path);
  self->http_prefix = make_http_prefix (self->path);
}

static void
copy_numbers (RtSettings *self, RtConfig *config)
{
  self->connect_timeout = rt_config_get_connect_timeout (config);
  self->request_timeout = rt_config_get_request_timeout (config);
  self->shutdown_timeout = rt_config_get_shutdown_timeout (config);
  self->heartbeat_timeout = rt_config_get_heartbeat_timeout (config);
  self->reconnect_delay = rt_config_get_reconnect_delay (config);
  self->max_reconnect_delay = rt_config_get_max_reconnect_delay (config);
  self->suspend_timeout = rt_config_get_suspend_timeout (config);
  self->poll_interval = rt_config_get_poll_interval (config);
  self->max_reconnects = rt_config_get_max_reconnects (config);
  self->max_message_size = rt_config_get_max_message_size (config);
  self->receive_queue_limit = rt_config_get_receive_queue_limit (config);
  self->receive_queue_bytes = rt_config_get_receive_queue_bytes (config);
  self->send_queue_limit = rt_config_get_send_queue_limit (config);
  self->send_queue_bytes = rt_config_get_send_queue_bytes (config);
  self->rate_limit = rt_config_get_rate_limit (config);
  self->rate_burst = rt_config_get_rate_burst (config);
  if (self->rate_burst == 0)
    self->rate_burst = self->rate_limit;
  self->rate_policy = rt_config_get_rate_policy (config);
}

RtSettings *
rt_settings_new (RtConfig *config)
{
  RtSettings *self = g_new0 (RtSettings, 1);

  g_atomic_ref_count_init (&self->refs);
  self->context = g_main_context_ref_thread_default ();
  self->api_key = copy_text (rt_config_get_api_key (config));
  self->user_id = copy_text (rt_config_get_user_id (config));
  self->client_name = copy_text (rt_config_get_client_name (config));
  self->client_version = copy_text (rt_config_get_client_version (config));
  copy_endpoint (self, rt_config_get_endpoint (config));
  self->headers = copy_headers (rt_config_get_headers (config));
  copy_numbers (self, config);
  self->strategies = g_strdupv ((char **) rt_config_get_strategies (config));
  copy_pins (self, rt_config_get_tls_pins (config));
  g_set_object (&self->tls_database, rt_config_get_tls_database (config));
  g_set_object (&self->tls_certificate, rt_config_get_tls_certificate (config));
  g_set_object (&self->proxy_resolver, rt_config_get_proxy_resolver (config));
  return self;
}

RtSettings *
rt_settings_ref (RtSettings *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
settings_free (RtSettings *self)
{
  for (RtSettingsHeader *header = self->headers; header->name != NULL; header++)
    {
      g_free (header->name);
      g_free (header->value);
    }
  g_free (self->headers);
  g_free (self->api_key);
  g_free (self->user_id);
  g_free (self->client_name);
  g_free (self->client_version);
  g_free (self->host);
  g_free (self->host_header);
  g_free (self->path);
  g_free (self->http_prefix);
  g_strfreev (self->strategies);
  g_free (self->tls_pins);
  g_clear_object (&self->tls_database);
  g_clear_object (&self->tls_certificate);
  g_clear_object (&self->proxy_resolver);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

static gboolean
has_objects (const RtSettings *self)
{
  return self->tls_database != NULL || self->tls_certificate != NULL || self->proxy_resolver != NULL;
}

static gboolean
release_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* The last reference may go in the I/O thread. Objects that a binding may have wrapped are not released
 * there. */
void
rt_settings_unref (RtSettings *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (!has_objects (self) || g_main_context_is_owner (self->context))
    {
      settings_free (self);
      return;
    }
  /* From here on the context holds this, and not the other way round too: one that nobody runs any more, such
   * as a finished thread's, takes it along. */
  g_autoptr (GMainContext) context = g_steal_pointer (&self->context);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_static_name (source, "[realtime] settings");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, release_cb, self, (GDestroyNotify) settings_free);
  g_source_attach (source, context);
}

gsize
rt_settings_get_max_out (const RtSettings *self)
{
  return self->max_message_size != 0 ? self->max_message_size : RT_SETTINGS_MAX_OUT_DEFAULT;
}

gsize
rt_settings_get_max_in (const RtSettings *self)
{
  return self->max_message_size != 0 ? self->max_message_size : RT_SETTINGS_MAX_IN_DEFAULT;
}
