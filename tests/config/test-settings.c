/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-builder.h"
#include "rt-settings.h"
#include "rt-test-certs.h"
#include "rt-test.h"

static void
assert_copied (const RtSettings *settings)
{
  g_assert_cmpstr (settings->api_key, ==, "key");
  g_assert_cmpstr (settings->user_id, ==, "ann");
  g_assert_cmpstr (settings->client_name, ==, "realtime");
  g_assert_cmpstr (settings->client_version, ==, "1.2");
  g_assert_false (settings->secure);
  g_assert_cmpstr (settings->host, ==, "::1");
  g_assert_cmpuint (settings->port, ==, 8000);
  g_assert_cmpstr (settings->host_header, ==, "[::1]:8000");
  g_assert_cmpstr (settings->path, ==, "/x?y");
  g_assert_cmpstr (settings->headers[0].name, ==, "X-A");
  g_assert_cmpstr (settings->headers[1].value, ==, "d");
  g_assert_null (settings->headers[2].name);
  g_assert_cmpuint (settings->connect_timeout, ==, 101);
  g_assert_cmpuint (settings->request_timeout, ==, 102);
  g_assert_cmpuint (settings->shutdown_timeout, ==, 103);
  g_assert_cmpuint (settings->heartbeat_timeout, ==, 104);
  g_assert_cmpuint (settings->reconnect_delay, ==, 105);
  g_assert_cmpuint (settings->max_reconnect_delay, ==, 106);
  g_assert_cmpuint (settings->max_reconnects, ==, 7);
  g_assert_cmpuint (settings->suspend_timeout, ==, 108);
  g_assert_cmpuint (settings->poll_interval, ==, 109);
  g_assert_cmpstr (settings->strategies[0], ==, "mine");
  g_assert_null (settings->strategies[1]);
  g_assert_cmpuint (settings->n_tls_pins, ==, 2);
  g_assert_cmphex (settings->tls_pins[0][0], ==, 0xe3);
  g_assert_cmphex (settings->tls_pins[1][0], ==, 0xe3);
  g_assert_cmphex (settings->tls_pins[1][31], ==, 0x55);
  g_assert_cmpuint (settings->send_queue_limit, ==, 3);
  g_assert_cmpuint (settings->send_queue_bytes, ==, 4000);
  g_assert_cmpuint (settings->rate_limit, ==, 70);
  g_assert_cmpuint (settings->rate_burst, ==, 70); /* not given */
  g_assert_cmpint (settings->rate_policy, ==, RT_RATE_POLICY_FAIL);
  g_assert_cmpuint (settings->receive_queue_limit, ==, 5);
  g_assert_cmpuint (settings->receive_queue_bytes, ==, 6000);
}

#define PIN "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void
give_connection_settings (RtConfigBuilder *builder)
{
  static const char *const strategies[] = { "mine", NULL };
  static const char *const pins[] = { PIN, "sha256/" PIN, NULL };

  rt_config_builder_with_reconnect_delay (builder, 105);
  rt_config_builder_with_max_reconnect_delay (builder, 106);
  rt_config_builder_with_max_reconnects (builder, 7);
  rt_config_builder_with_suspend_timeout (builder, 108);
  rt_config_builder_with_poll_interval (builder, 109);
  rt_config_builder_with_strategies (builder, strategies);
  rt_config_builder_with_tls_pins (builder, pins);
  rt_config_builder_with_send_queue_limit (builder, 3);
  rt_config_builder_with_send_queue_bytes (builder, 4000);
  rt_config_builder_with_rate_limit (builder, 70);
  rt_config_builder_with_rate_policy (builder, RT_RATE_POLICY_FAIL);
}

static void
test_copy (void)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  GProxyResolver *resolver = g_simple_proxy_resolver_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  RtConfig *config;
  RtSettings *settings;

  rt_config_builder_with_api_key (builder, "key");
  rt_config_builder_with_endpoint (builder, "http://[::1]:8000/x?y");
  rt_config_builder_with_user_id (builder, "ann");
  rt_config_builder_with_client_version (builder, "1.2");
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'X-A': 'b', 'X-C': 'd'}"));
  rt_config_builder_with_connect_timeout (builder, 101);
  rt_config_builder_with_request_timeout (builder, 102);
  rt_config_builder_with_shutdown_timeout (builder, 103);
  rt_config_builder_with_heartbeat_timeout (builder, 104);
  give_connection_settings (builder);
  rt_config_builder_with_receive_queue_limit (builder, 5);
  rt_config_builder_with_receive_queue_bytes (builder, 6000);
  rt_config_builder_with_proxy_resolver (builder, resolver);
  config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  settings = rt_settings_new (config);
  g_assert_finalize_object (config); /* the copy holds no reference on it */
  g_clear_object (&builder);

  assert_copied (settings);
  g_assert_true (settings->proxy_resolver == resolver);
  g_assert_null (settings->tls_database);

  g_assert_true (rt_settings_ref (settings) == settings);
  rt_settings_unref (settings);
  rt_settings_unref (settings);
  g_object_add_weak_pointer (G_OBJECT (resolver), (gpointer *) &resolver);
  g_object_unref (resolver);
  rt_test_wait_until (resolver == NULL);
}

static RtSettings *
make_with (GProxyResolver *resolver)
{
  g_autoptr (RtConfig) config
    = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1", "proxy-resolver", resolver, NULL);

  return rt_settings_new (config);
}

static void
gone_cb (gpointer user_data, GObject *object)
{
  GThread **thread = user_data;

  *thread = g_thread_self ();
}

static gpointer
unref_cb (gpointer user_data)
{
  rt_settings_unref (user_data);
  return NULL;
}

/* The I/O thread may be the last to hold the copy; the program's objects still end where they were given. */
static void
test_release (void)
{
  GProxyResolver *resolver = g_simple_proxy_resolver_new (NULL, NULL);
  RtSettings *settings = make_with (resolver);
  GThread *gone_in = NULL;

  g_object_weak_ref (G_OBJECT (resolver), gone_cb, &gone_in);
  g_object_unref (resolver);
  g_thread_join (g_thread_new ("last", unref_cb, settings));
  g_assert_null (gone_in);
  rt_test_wait_until (gone_in != NULL);
  g_assert_true (gone_in == g_thread_self ());
}

static void
test_certificate (void)
{
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (rt_test_certs_get_path ("client"), &error);
  g_assert_no_error (error);
  RtConfig *config = g_object_new (RT_TYPE_CONFIG, "endpoint", "wss://example.org", "tls-certificate", certificate,
                                   NULL);
  RtSettings *settings = rt_settings_new (config);
  GThread *gone_in = NULL;

  g_assert_true (rt_config_validate (config, &error));
  g_assert_finalize_object (config);
  g_assert_true (settings->tls_certificate == certificate);
  g_object_weak_ref (G_OBJECT (certificate), gone_cb, &gone_in);
  g_object_unref (certificate);
  g_thread_join (g_thread_new ("last", unref_cb, settings));
  rt_test_wait_until (gone_in != NULL);
  g_assert_true (gone_in == g_thread_self ());
}

/* Also where nobody runs that context any more. */
static void
test_finished_context (void)
{
  GProxyResolver *resolver = g_simple_proxy_resolver_new (NULL, NULL);
  GMainContext *context = g_main_context_new ();
  RtSettings *settings;
  GThread *gone_in = NULL;

  g_object_weak_ref (G_OBJECT (resolver), gone_cb, &gone_in);
  g_main_context_push_thread_default (context);
  settings = make_with (resolver);
  g_main_context_pop_thread_default (context);
  g_object_unref (resolver);
  g_thread_join (g_thread_new ("last", unref_cb, settings));
  g_main_context_unref (context);
  g_assert_true (gone_in == g_thread_self ());
}

static void
test_defaults (void)
{
  g_autoptr (RtConfig) config = rt_config_new (NULL, "https://example.org", NULL);
  g_autoptr (RtSettings) settings = rt_settings_new (config);

  g_assert_cmpstr (settings->api_key, ==, "");
  g_assert_cmpstr (settings->user_id, ==, "");
  g_assert_cmpstr (settings->client_version, ==, "");
  g_assert_true (settings->secure);
  g_assert_cmpuint (settings->port, ==, 443);
  g_assert_cmpstr (settings->host_header, ==, "example.org");
  g_assert_cmpstr (settings->path, ==, "/connection/websocket");
  g_assert_null (settings->headers[0].name);
  g_assert_cmpuint (rt_settings_get_max_out (settings), ==, 65536);
  g_assert_cmpuint (rt_settings_get_max_in (settings), ==, 1048576);
}

static void
test_http_prefix (void)
{
  static const struct
  {
    const char *endpoint;
    const char *prefix;
  } cases[] = {
    { "http://localhost", "" },
    { "http://localhost/connection/websocket", "" },
    { "http://localhost/a/b/connection/websocket?x=/connection/poll", "/a/b" },
    { "http://localhost/a/connection/http_stream", "/a" },
    { "http://localhost/a/connection/poll", "/a" },
    { "http://localhost/a/connection/poll/", "" },
    { "http://localhost/a/ws", "" },
    { "http://localhost/?/connection/websocket", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtConfig) config = rt_config_new (NULL, cases[i].endpoint, NULL);
      g_autoptr (RtSettings) settings = rt_settings_new (config);

      g_assert_cmpstr (settings->http_prefix, ==, cases[i].prefix);
    }
}

static void
test_size (void)
{
  g_autoptr (RtConfig) config
      = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1", "max-message-size", 5000u, NULL);
  g_autoptr (RtSettings) settings = rt_settings_new (config);

  g_assert_cmpuint (rt_settings_get_max_out (settings), ==, 5000);
  g_assert_cmpuint (rt_settings_get_max_in (settings), ==, 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Settings/copy", test_copy);
  g_test_add_func ("/Rt/Settings/release", test_release);
  g_test_add_func ("/Rt/Settings/certificate", test_certificate);
  g_test_add_func ("/Rt/Settings/finished-context", test_finished_context);
  g_test_add_func ("/Rt/Settings/defaults", test_defaults);
  g_test_add_func ("/Rt/Settings/http-prefix", test_http_prefix);
  g_test_add_func ("/Rt/Settings/size", test_size);
  return g_test_run ();
}
