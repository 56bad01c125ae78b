/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-test-certs.h"

#define SECRET "s3cr3t-hunter2"

#define PIN "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const char *const strategies[] = { "polling", "mine", NULL };
static const char *const pins[] = { PIN, NULL };

/* Each method returns the builder. */
static void
give_all (RtConfigBuilder *builder, GProxyResolver *resolver, GTlsCertificate *certificate)
{
  RtConfigBuilder *chained = rt_config_builder_with_api_key (builder, "key");

  chained = rt_config_builder_with_endpoint (chained, "ws://example.org");
  chained = rt_config_builder_with_user_id (chained, "ann");
  chained = rt_config_builder_with_client_name (chained, "app");
  chained = rt_config_builder_with_client_version (chained, "1.2");
  chained = rt_config_builder_with_headers (chained, g_variant_new_parsed ("{'X-A': 'b'}"));
  chained = rt_config_builder_with_connect_timeout (chained, 101);
  chained = rt_config_builder_with_request_timeout (chained, 102);
  chained = rt_config_builder_with_shutdown_timeout (chained, 103);
  chained = rt_config_builder_with_heartbeat_timeout (chained, 104);
  chained = rt_config_builder_with_reconnect_delay (chained, 105);
  chained = rt_config_builder_with_max_reconnect_delay (chained, 106);
  chained = rt_config_builder_with_max_reconnects (chained, 7);
  chained = rt_config_builder_with_suspend_timeout (chained, 108);
  chained = rt_config_builder_with_strategies (chained, strategies);
  chained = rt_config_builder_with_poll_interval (chained, 109);
  chained = rt_config_builder_with_max_message_size (chained, 2048);
  chained = rt_config_builder_with_send_queue_limit (chained, 3);
  chained = rt_config_builder_with_send_queue_bytes (chained, 4000);
  chained = rt_config_builder_with_rate_limit (chained, 7);
  chained = rt_config_builder_with_rate_burst (chained, 8);
  chained = rt_config_builder_with_rate_policy (chained, RT_RATE_POLICY_FAIL);
  chained = rt_config_builder_with_receive_queue_limit (chained, 5);
  chained = rt_config_builder_with_receive_queue_bytes (chained, 6000);
  chained = rt_config_builder_with_tls_database (chained, NULL);
  chained = rt_config_builder_with_tls_certificate (chained, certificate);
  chained = rt_config_builder_with_tls_pins (chained, pins);
  chained = rt_config_builder_with_proxy_resolver (chained, resolver);
  chained = rt_config_builder_with_allow_insecure (chained, TRUE);
  g_assert_true (chained == builder);
}

static void
assert_numbers (RtConfig *config)
{
  g_assert_cmpuint (rt_config_get_connect_timeout (config), ==, 101);
  g_assert_cmpuint (rt_config_get_request_timeout (config), ==, 102);
  g_assert_cmpuint (rt_config_get_shutdown_timeout (config), ==, 103);
  g_assert_cmpuint (rt_config_get_heartbeat_timeout (config), ==, 104);
  g_assert_cmpuint (rt_config_get_reconnect_delay (config), ==, 105);
  g_assert_cmpuint (rt_config_get_max_reconnect_delay (config), ==, 106);
  g_assert_cmpuint (rt_config_get_max_reconnects (config), ==, 7);
  g_assert_cmpuint (rt_config_get_suspend_timeout (config), ==, 108);
  g_assert_cmpuint (rt_config_get_poll_interval (config), ==, 109);
  g_assert_cmpuint (rt_config_get_max_message_size (config), ==, 2048);
  g_assert_cmpuint (rt_config_get_send_queue_limit (config), ==, 3);
  g_assert_cmpuint (rt_config_get_send_queue_bytes (config), ==, 4000);
  g_assert_cmpuint (rt_config_get_rate_limit (config), ==, 7);
  g_assert_cmpuint (rt_config_get_rate_burst (config), ==, 8);
  g_assert_cmpint (rt_config_get_rate_policy (config), ==, RT_RATE_POLICY_FAIL);
  g_assert_cmpuint (rt_config_get_receive_queue_limit (config), ==, 5);
  g_assert_cmpuint (rt_config_get_receive_queue_bytes (config), ==, 6000);
}

static void
test_every_setting (void)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate
    = g_tls_certificate_new_from_file (rt_test_certs_get_path ("client"), &error);
  RtConfigBuilder *builder = rt_config_builder_new ();
  RtConfig *config;

  g_assert_no_error (error);
  give_all (builder, resolver, certificate);
  config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);

  assert_numbers (config);
  g_assert_cmpstr (rt_config_get_api_key (config), ==, "key");
  g_assert_cmpstr (rt_config_get_endpoint (config), ==, "ws://example.org");
  g_assert_cmpstr (rt_config_get_user_id (config), ==, "ann");
  g_assert_cmpstr (rt_config_get_client_name (config), ==, "app");
  g_assert_cmpstr (rt_config_get_client_version (config), ==, "1.2");
  g_assert_cmpuint (g_variant_n_children (rt_config_get_headers (config)), ==, 1);
  g_assert_true (g_strv_equal (rt_config_get_strategies (config), strategies));
  g_assert_true (g_strv_equal (rt_config_get_tls_pins (config), pins));
  g_assert_true (rt_config_get_tls_certificate (config) == certificate);
  g_assert_true (rt_config_get_proxy_resolver (config) == resolver);
  g_assert_true (rt_config_get_allow_insecure (config));
  g_assert_finalize_object (config);
  g_assert_finalize_object (builder);
}

static void
test_again (void)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (RtConfig) first = NULL;
  g_autoptr (RtConfig) second = NULL;
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, "ws://127.0.0.1");
  rt_config_builder_with_user_id (builder, "ann");
  first = rt_config_builder_build (builder, &error);
  rt_config_builder_with_user_id (builder, "bob");
  second = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_config_get_user_id (first), ==, "ann");
  g_assert_cmpstr (rt_config_get_user_id (second), ==, "bob");
}

static void
assert_names (const GError *error, const char *const *names)
{
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  for (; *names != NULL; names++)
    {
      g_autofree char *label = g_strconcat (*names, ": ", NULL);
      if (strstr (error->message, label) == NULL)
        g_error ("“%s” is not named in: %s", *names, error->message);
    }
  g_assert_null (strstr (error->message, SECRET));
}

/* Every setting that can be wrong is, with a secret where one might be. */
static void
test_every_fault (void)
{
  static const char *const names[] = {
    "api-key", "endpoint", "user-id", "client-name", "client-version", "headers", "connect-timeout",
    "request-timeout", "shutdown-timeout", "heartbeat-timeout", "max-message-size", "receive-queue-limit",
    "receive-queue-bytes", "reconnect-delay", "max-reconnect-delay", "suspend-timeout", "strategies",
    "poll-interval", "send-queue-limit", "send-queue-bytes", "rate-limit", "rate-burst", "tls-certificate", "tls-pins", NULL,
  };
  static const char *const no_names[] = { NULL };
  static const char *const no_pins[] = { SECRET, NULL };
  g_autoptr (GTlsCertificate) no_key = g_tls_certificate_new_from_file (rt_test_certs_get_path ("ca"), NULL);
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_api_key (builder, SECRET "\n");
  rt_config_builder_with_endpoint (builder, "wss://user:" SECRET "@example.org");
  rt_config_builder_with_user_id (builder, SECRET "\n");
  rt_config_builder_with_client_name (builder, SECRET SECRET);
  rt_config_builder_with_client_version (builder, SECRET "\x01");
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'Bearer " SECRET "': 'Authorization', "
                                                                 "'Authorization': 'Bearer " SECRET "\\n'}"));
  rt_config_builder_with_connect_timeout (builder, 1);
  rt_config_builder_with_request_timeout (builder, 2);
  rt_config_builder_with_shutdown_timeout (builder, 3);
  rt_config_builder_with_heartbeat_timeout (builder, G_MAXUINT);
  rt_config_builder_with_max_message_size (builder, 5);
  rt_config_builder_with_receive_queue_limit (builder, 0);
  rt_config_builder_with_receive_queue_bytes (builder, 0);
  rt_config_builder_with_reconnect_delay (builder, 99);
  rt_config_builder_with_max_reconnect_delay (builder, 98);
  rt_config_builder_with_suspend_timeout (builder, 1);
  rt_config_builder_with_strategies (builder, no_names);
  rt_config_builder_with_poll_interval (builder, 1);
  rt_config_builder_with_send_queue_limit (builder, G_MAXUINT);
  rt_config_builder_with_send_queue_bytes (builder, 0);
  rt_config_builder_with_rate_limit (builder, G_MAXUINT);
  rt_config_builder_with_rate_burst (builder, G_MAXUINT);
  rt_config_builder_with_tls_certificate (builder, no_key);
  rt_config_builder_with_tls_pins (builder, no_pins);
  g_assert_null (rt_config_builder_build (builder, &error));
  assert_names (error, names);
  g_assert_nonnull (strstr (error->message, "26 faults"));
}

/* Wherever in an endpoint a password may stand, no error's text repeats it. */
static void
test_endpoint_secrets (void)
{
  static const char *const endpoints[] = {
    "wss://user:" SECRET "@example.org",
    "wss://" SECRET "@example.org",
    SECRET "://example.org",
    "wss://" SECRET "_",
    "wss://example.org:" SECRET,
    "wss://example.org/?key=" SECRET "#x",
    "ws://" SECRET ".example.org/" SECRET,
    SECRET,
    "wss://u:" SECRET "/x@example.org",
    "wss:" SECRET,
    "wss://example.org/ " SECRET,
  };

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      static const char *const names[] = { "endpoint", NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (rt_config_new (SECRET, endpoints[i], &error));
      assert_names (error, names);
    }
}

static GKeyFile *
load (const char *text)
{
  GKeyFile *file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  return file;
}

static void
test_key_file (void)
{
  g_autoptr (GKeyFile) file
      = load ("[main]\nendpoint=wss://example.org\napi-key=a b\nuser-id=ann\n"
              "client-name=app\nclient-version=1\n"
              "headers=X-A: b\\;c; X-D:e:f\nconnect-timeout= 123 \nrequest-timeout=124\n"
              "shutdown-timeout=125\nheartbeat-timeout=126\nmax-message-size=4096\n"
              "receive-queue-limit=7\nreceive-queue-bytes=8000\n"
              "reconnect-delay=127\nmax-reconnect-delay=128\nmax-reconnects=4294967295\nsuspend-timeout=129\n"
              "strategies=polling; mine\npoll-interval=130\nsend-queue-limit=0\nsend-queue-bytes=1024\n"
              "rate-limit=30\nrate-policy= fail \n"
              "tls-pins=" PIN "\n"
              "proxy-resolver=http://localhost:3128\nallow-insecure=true\n[other]\nx=y\n");
  g_autoptr (RtConfig) config = NULL;
  g_autoptr (RtConfig) named = NULL;
  g_autoptr (GError) error = NULL;
  const char *value = NULL;

  config = rt_config_new_from_key_file (file, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_config_get_api_key (config), ==, "a b");
  g_assert_cmpstr (rt_config_get_endpoint (config), ==, "wss://example.org");
  g_assert_cmpuint (rt_config_get_connect_timeout (config), ==, 123);
  g_assert_cmpuint (rt_config_get_receive_queue_bytes (config), ==, 8000);
  g_assert_cmpuint (rt_config_get_poll_interval (config), ==, 130);
  g_assert_cmpuint (rt_config_get_max_reconnects (config), ==, G_MAXUINT);
  g_assert_cmpuint (rt_config_get_rate_limit (config), ==, 30);
  g_assert_cmpint (rt_config_get_rate_policy (config), ==, RT_RATE_POLICY_FAIL);
  g_assert_true (g_strv_equal (rt_config_get_strategies (config), strategies));
  g_assert_true (g_strv_equal (rt_config_get_tls_pins (config), pins));
  g_assert_true (rt_config_get_allow_insecure (config));
  g_assert_true (G_IS_SIMPLE_PROXY_RESOLVER (rt_config_get_proxy_resolver (config)));
  g_assert_cmpuint (g_variant_n_children (rt_config_get_headers (config)), ==, 2);
  g_variant_lookup (rt_config_get_headers (config), "X-A", "&s", &value);
  g_assert_cmpstr (value, ==, "b;c");
  g_variant_lookup (rt_config_get_headers (config), "X-D", "&s", &value);
  g_assert_cmpstr (value, ==, "e:f");

  named = rt_config_new_from_key_file (file, "main", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_config_get_user_id (named), ==, "ann");
}

static void
test_key_file_faults (void)
{
  static const char *const names[] = {
    "api-key", "endpoint", "connect-timeout", "request-timeout", "shutdown-timeout", "heartbeat-timeout",
    "allow-insecure", "headers", "tls-database", "proxy-resolver", "client-nam", "max-message-size", "strategies",
    "tls-certificate", "tls-pins", "rate-limit", "rate-policy", NULL,
  };
  g_autoptr (GKeyFile) file
      = load ("[main]\napi-key=" SECRET "\\q\nendpoint=" SECRET "\nconnect-timeout=" SECRET "\n"
              "request-timeout=-1\nshutdown-timeout=4294967296\nheartbeat-timeout=1.5\n"
              "allow-insecure=" SECRET "\nheaders=" SECRET "\ntls-database=" SECRET "\n"
              "proxy-resolver=" SECRET "\nclient-nam=x\nmax-message-size=12\n"
              "strategies=\ntls-certificate=" SECRET "\ntls-pins=a\\q\nrate-limit=fast\nrate-policy=" SECRET "\n");
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_config_new_from_key_file (file, "main", &error));
  assert_names (error, names);
}

static void
test_key_file_no_group (void)
{
  g_autoptr (GKeyFile) file = load ("[main]\nendpoint=wss://example.org\n");
  g_autoptr (GKeyFile) empty = load ("");
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_config_new_from_key_file (file, "other", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "other"));
  g_clear_error (&error);
  g_assert_null (rt_config_new_from_key_file (empty, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
}

static void
test_key_file_certificates (void)
{
  g_autofree char *folder = g_path_get_dirname (rt_test_certs_get_path ("ca"));
  g_autofree char *text = g_strdup_printf ("[main]\nendpoint=wss://example.org\ntls-database=%s/ca.pem\n"
                                           "tls-certificate=%s/client.pem\n[missing]\n"
                                           "endpoint=wss://example.org\ntls-database=%s/none.pem\n"
                                           "tls-certificate=%s/none.pem\n[no-key]\n"
                                           "endpoint=wss://example.org\ntls-certificate=%s/ca.pem\n",
                                           folder, folder, folder, folder, folder);
  g_autoptr (GKeyFile) file = load (text);
  g_autoptr (RtConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  config = rt_config_new_from_key_file (file, "main", &error);
  g_assert_no_error (error);
  g_assert_true (G_IS_TLS_FILE_DATABASE (rt_config_get_tls_database (config)));
  g_assert_true (G_IS_TLS_CERTIFICATE (rt_config_get_tls_certificate (config)));

  g_assert_null (rt_config_new_from_key_file (file, "missing", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "tls-database: could not be read"));
  g_assert_nonnull (strstr (error->message, "tls-certificate: could not be read"));
  g_clear_error (&error);
  g_assert_null (rt_config_new_from_key_file (file, "no-key", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "tls-certificate: has no private key"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ConfigBuilder/every-setting", test_every_setting);
  g_test_add_func ("/Rt/ConfigBuilder/again", test_again);
  g_test_add_func ("/Rt/ConfigBuilder/every-fault", test_every_fault);
  g_test_add_func ("/Rt/ConfigBuilder/endpoint-secrets", test_endpoint_secrets);
  g_test_add_func ("/Rt/ConfigBuilder/key-file", test_key_file);
  g_test_add_func ("/Rt/ConfigBuilder/key-file-faults", test_key_file_faults);
  g_test_add_func ("/Rt/ConfigBuilder/key-file-no-group", test_key_file_no_group);
  g_test_add_func ("/Rt/ConfigBuilder/key-file-certificates", test_key_file_certificates);
  return g_test_run ();
}
