/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include "rt-config.h"
#include "rt-error.h"

static RtConfig *
make (const char *first, ...)
{
  va_list args;
  RtConfig *config;

  va_start (args, first);
  config = RT_CONFIG (g_object_new_valist (RT_TYPE_CONFIG, first, args));
  va_end (args);
  return config;
}

static const char *const default_strategies[] = { "websocket", "http-stream", "polling", NULL };

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  RtConfig *config = rt_config_new ("key", "wss://example.org", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_config_get_api_key (config), ==, "key");
  g_assert_cmpstr (rt_config_get_endpoint (config), ==, "wss://example.org");
  g_assert_null (rt_config_get_user_id (config));
  g_assert_cmpstr (rt_config_get_client_name (config), ==, "realtime");
  g_assert_null (rt_config_get_client_version (config));
  g_assert_null (rt_config_get_headers (config));
  g_assert_cmpuint (rt_config_get_connect_timeout (config), ==, 10000);
  g_assert_cmpuint (rt_config_get_request_timeout (config), ==, 10000);
  g_assert_cmpuint (rt_config_get_shutdown_timeout (config), ==, 5000);
  g_assert_cmpuint (rt_config_get_heartbeat_timeout (config), ==, 10000);
  g_assert_cmpuint (rt_config_get_reconnect_delay (config), ==, 500);
  g_assert_cmpuint (rt_config_get_max_reconnect_delay (config), ==, 60000);
  g_assert_cmpuint (rt_config_get_max_reconnects (config), ==, G_MAXUINT);
  g_assert_cmpuint (rt_config_get_suspend_timeout (config), ==, 120000);
  g_assert_cmpuint (rt_config_get_poll_interval (config), ==, 0);
  g_assert_cmpuint (rt_config_get_max_message_size (config), ==, 0);
  g_assert_cmpuint (rt_config_get_send_queue_limit (config), ==, 1000);
  g_assert_cmpuint (rt_config_get_send_queue_bytes (config), ==, 4 * 1024 * 1024);
  g_assert_cmpuint (rt_config_get_rate_limit (config), ==, 0);
  g_assert_cmpuint (rt_config_get_rate_burst (config), ==, 0);
  g_assert_cmpint (rt_config_get_rate_policy (config), ==, RT_RATE_POLICY_WAIT);
  g_assert_cmpuint (rt_config_get_receive_queue_limit (config), ==, 16384);
  g_assert_cmpuint (rt_config_get_receive_queue_bytes (config), ==, 8 * 1024 * 1024);
  g_assert_true (g_strv_equal (rt_config_get_strategies (config), default_strategies));
  g_assert_null (rt_config_get_tls_database (config));
  g_assert_null (rt_config_get_tls_certificate (config));
  g_assert_null (rt_config_get_tls_pins (config));
  g_assert_null (rt_config_get_proxy_resolver (config));
  g_assert_false (rt_config_get_allow_insecure (config));
  g_assert_finalize_object (config);
}

/* What is set is what is read, through properties and getters alike, and it is not to be set again. */
static void
test_properties (void)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (RT_TYPE_CONFIG);
  g_autofree GParamSpec **specs = NULL;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &count);
  g_assert_cmpuint (count, ==, 29);
  for (guint i = 0; i < count; i++)
    {
      g_assert_true (specs[i]->flags & G_PARAM_CONSTRUCT_ONLY);
      g_assert_true (specs[i]->flags & G_PARAM_READABLE);
      if (G_IS_PARAM_SPEC_UINT (specs[i]))
        {
          g_assert_cmpuint (G_PARAM_SPEC_UINT (specs[i])->minimum, ==, 0);
          g_assert_cmpuint (G_PARAM_SPEC_UINT (specs[i])->maximum, ==, G_MAXUINT);
        }
      if (G_IS_PARAM_SPEC_VARIANT (specs[i]))
        g_assert_true (g_variant_type_equal (G_PARAM_SPEC_VARIANT (specs[i])->type, G_VARIANT_TYPE_ANY));
    }
}

static void
test_objects (void)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new ("http://localhost:1", NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GProxyResolver) read_resolver = NULL;
  g_autoptr (GVariant) headers = g_variant_ref_sink (g_variant_new_parsed ("{'X-One': '1'}"));
  g_autoptr (GVariant) read_headers = NULL;
  g_autoptr (GError) error = NULL;
  gboolean insecure;
  guint timeout;
  RtConfig *config = make ("endpoint", "ws://example.org", "proxy-resolver", resolver, "tls-database", NULL,
                           "headers", headers, "allow-insecure", TRUE, "connect-timeout", 100u, NULL);

  g_object_get (config, "proxy-resolver", &read_resolver, "tls-database", &database, "headers", &read_headers,
                "allow-insecure", &insecure, "connect-timeout", &timeout, NULL);
  g_assert_true (read_resolver == resolver);
  g_assert_null (database);
  g_assert_true (read_headers == headers);
  g_assert_true (insecure);
  g_assert_cmpuint (timeout, ==, 100);
  g_assert_true (rt_config_validate (config, &error));
  g_assert_no_error (error);
  g_assert_finalize_object (config);
}

/* Each setting out of range, the text that the error must have, and the next value that is right. */
typedef struct
{
  const char *name;
  guint value;
  gboolean valid;
} Number;

static const Number numbers[] = {
  { "connect-timeout", 99, FALSE },
  { "connect-timeout", 100, TRUE },
  { "connect-timeout", 600000, TRUE },
  { "connect-timeout", 600001, FALSE },
  { "connect-timeout", 0, FALSE },
  { "connect-timeout", G_MAXUINT, FALSE },
  { "request-timeout", 99, FALSE },
  { "request-timeout", 100, TRUE },
  { "request-timeout", 600001, FALSE },
  { "shutdown-timeout", 99, FALSE },
  { "shutdown-timeout", 600000, TRUE },
  { "shutdown-timeout", 600001, FALSE },
  { "heartbeat-timeout", 99, FALSE },
  { "heartbeat-timeout", 100, TRUE },
  { "heartbeat-timeout", G_MAXUINT, FALSE },
  { "reconnect-delay", 99, FALSE },
  { "reconnect-delay", 100, TRUE },
  { "reconnect-delay", 60000, TRUE },
  { "reconnect-delay", 60001, FALSE }, /* more than max-reconnect-delay */
  { "max-reconnect-delay", 499, FALSE }, /* less than reconnect-delay */
  { "max-reconnect-delay", 500, TRUE },
  { "max-reconnect-delay", 600000, TRUE },
  { "max-reconnect-delay", 600001, FALSE },
  { "max-reconnects", 0, TRUE },
  { "max-reconnects", 1, TRUE },
  { "suspend-timeout", 99, FALSE },
  { "suspend-timeout", 100, TRUE },
  { "suspend-timeout", 600001, FALSE },
  { "poll-interval", 1, FALSE },
  { "poll-interval", 99, FALSE },
  { "poll-interval", 100, TRUE },
  { "poll-interval", 600000, TRUE },
  { "poll-interval", 600001, FALSE },
  { "send-queue-limit", 0, TRUE },
  { "send-queue-limit", 1000000, TRUE },
  { "send-queue-limit", 1000001, FALSE },
  { "send-queue-bytes", 1023, FALSE },
  { "send-queue-bytes", 1024, TRUE },
  { "send-queue-bytes", G_MAXUINT, TRUE },
  { "rate-limit", 1, TRUE },
  { "rate-limit", 1000000, TRUE },
  { "rate-limit", 1000001, FALSE },
  { "rate-limit", G_MAXUINT, FALSE },
  { "rate-burst", 1, FALSE }, /* of no rate */
  { "max-message-size", 1, FALSE },
  { "max-message-size", 1023, FALSE },
  { "max-message-size", 1024, TRUE },
  { "max-message-size", 16777216, TRUE },
  { "max-message-size", 16777217, FALSE },
  { "max-message-size", 0, TRUE },
  { "max-message-size", G_MAXUINT, FALSE },
  { "receive-queue-limit", 0, FALSE },
  { "receive-queue-limit", 1, TRUE },
  { "receive-queue-limit", G_MAXUINT, TRUE },
  { "receive-queue-bytes", 0, FALSE },
  { "receive-queue-bytes", 1023, FALSE },
  { "receive-queue-bytes", 1024, TRUE },
  { "receive-queue-bytes", G_MAXUINT, TRUE },
};

static void
test_ranges (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (RtConfig) config
          = make ("endpoint", "ws://localhost", numbers[i].name, numbers[i].value, NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %u", numbers[i].name, numbers[i].value);
      g_assert_cmpint (rt_config_validate (config, &error), ==, numbers[i].valid);
      if (numbers[i].valid)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
      g_assert_nonnull (strstr (error->message, numbers[i].name));
    }
}

static void
test_texts (void)
{
  g_autofree char *long_key = g_strnfill (16385, 'k');
  g_autofree char *long_user = g_strnfill (256, 'u');
  g_autofree char *long_version = g_strnfill (65, 'v');
  const struct
  {
    const char *name;
    const char *value;
    gboolean valid;
  } texts[] = {
    { "api-key", "", TRUE }, { "api-key", "a b\xc3\xa9", TRUE }, { "api-key", "a\nb", FALSE },
    { "api-key", "a\x7f", FALSE }, { "api-key", "a\xff", FALSE }, { "api-key", long_key, FALSE },
    { "api-key", long_key + 1, TRUE },
    { "user-id", "", TRUE }, { "user-id", "a\tb", FALSE }, { "user-id", "\xc3", FALSE },
    { "user-id", long_user, FALSE }, { "user-id", long_user + 1, TRUE },
    { "client-name", "1234567890123456", TRUE }, { "client-name", "12345678901234567", FALSE },
    { "client-name", "a\r", FALSE }, { "client-name", NULL, TRUE },
    { "client-version", long_version, FALSE }, { "client-version", long_version + 1, TRUE },
    { "client-version", "\x1b[1m", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RtConfig) config = make ("endpoint", "ws://localhost", texts[i].name, texts[i].value, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (rt_config_validate (config, &error), ==, texts[i].valid);
      if (!texts[i].valid)
        {
          g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
          g_assert_nonnull (strstr (error->message, texts[i].name));
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }
}

static void
test_headers (void)
{
  static const struct
  {
    const char *headers;
    const char *says;
  } cases[] = {
    { "@a{ss} {}", NULL },
    { "{'Authorization': 'Bearer x', 'X-A': 'tab\\there'}", NULL },
    { "{'X-A': ''}", NULL },
    { "{'host': 'x'}", "host" },
    { "{'UPGRADE': 'x'}", "UPGRADE" },
    { "{'Connection': 'x'}", "Connection" },
    { "{'Sec-WebSocket-Key': 'x'}", "Sec-WebSocket-Key" },
    { "{'sec-websocket-anything': 'x'}", "sec-websocket-anything" },
    { "{'Content-Length': '1'}", "Content-Length" },
    { "{'Transfer-Encoding': 'chunked'}", "Transfer-Encoding" },
    { "{'Keep-Alive': '1'}", "Keep-Alive" },
    { "{'TE': '1'}", "TE" },
    { "{'': 'x'}", "number 1" },
    { "{'X A': 'x'}", "number 1" },
    { "{'X-A': 'x', 'X:B': 'x'}", "number 2" },
    { "{'X-\u00e9': 'x'}", "number 1" },
    { "{'X-A': 'a\\nb'}", "X-A" },
    { "{'X-A': 'a\\rb'}", "X-A" },
    { "{'X-A': 'a\\u007fb'}", "X-A" },
    { "{'X-A': <'x'>}", "a{sv}" },
    { "'X-A: x'", "type s" },
    { "[('a', 'b')]", "a(ss)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *headers = g_variant_parse (NULL, cases[i].headers, NULL, NULL, &error);
      g_autoptr (RtConfig) config = NULL;

      g_test_message ("%s", cases[i].headers);
      g_assert_no_error (error);
      config = make ("endpoint", "ws://localhost", "headers", headers, NULL);
      g_variant_unref (headers);
      g_assert_cmpint (rt_config_validate (config, &error), ==, cases[i].says == NULL);
      if (cases[i].says == NULL)
        continue;
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
      g_assert_nonnull (strstr (error->message, "headers: "));
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

/* Parts are separated by commas here; NULL is right. */
typedef struct
{
  const char *name;
  const char *list;
  const char *says;
} List;

#define PIN "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define NAME_32 "abcdefghijklmnopqrstuvwxyz-01234"

static const List lists[] = {
  { "strategies", "websocket", NULL },
  { "strategies", "my-own,polling,a", NULL },
  { "strategies", NAME_32, NULL },
  { "strategies", NAME_32 "5", "number 1" },
  { "strategies", "", "is empty" },
  { "strategies", "websocket,WebSocket", "number 2" },
  { "strategies", "web socket", "number 1" },
  { "strategies", "websocket,polling,websocket", "“websocket” is named twice" },
  { "strategies", "b\xc3\xbc" "cher", "number 1" },
  { "strategies", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,0,1,2,3,4,5,6", "are 33" },
  { "tls-pins", "", NULL },
  { "tls-pins", PIN, NULL },
  { "tls-pins", "sha256/" PIN "," PIN, NULL },
  { "tls-pins", "sha1/" PIN, "number 1" },
  { "tls-pins", PIN "," PIN "=", "number 2" },
  { "tls-pins", PIN " ", "number 1" },
  { "tls-pins", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "number 1" },
  { "tls-pins", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", "number 1" },
  { "tls-pins", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "number 1" }, /* bits behind the last byte */
  { "tls-pins", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "number 1" }, /* a SHA-1 */
};

static void
test_lists (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_auto (GStrv) parts = g_strsplit (lists[i].list, ",", -1);
      g_autoptr (RtConfig) config = make ("endpoint", "ws://localhost", lists[i].name, parts, NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %s", lists[i].name, lists[i].list);
      g_assert_cmpint (rt_config_validate (config, &error), ==, lists[i].says == NULL);
      if (lists[i].says == NULL)
        continue;
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
      g_assert_nonnull (strstr (error->message, lists[i].name));
      g_assert_nonnull (strstr (error->message, lists[i].says));
    }
}

static void
test_many_headers (void)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("a{ss}"));
  g_autoptr (RtConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000; i++)
    g_variant_builder_add (builder, "{ss}", "Host", "x");
  config = make ("endpoint", "ws://localhost", "headers", g_variant_builder_end (builder), NULL);
  g_assert_false (rt_config_validate (config, &error));
  g_assert_nonnull (strstr (error->message, "1001 faults"));
  g_assert_cmpuint (strlen (error->message), <, 4096);
}

static void
test_security (void)
{
  static const struct
  {
    const char *endpoint;
    gboolean needs_permission;
  } cases[] = {
    { "ws://localhost", FALSE }, { "http://127.0.0.1:80", FALSE }, { "ws://[::1]", FALSE },
    { "wss://example.org", FALSE }, { "https://10.0.0.1", FALSE },
    { "ws://example.org", TRUE }, { "http://10.0.0.1", TRUE }, { "ws://[2001:db8::1]", TRUE },
    { "ws://localhost.example.org", TRUE }, { "ws://0.0.0.0", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtConfig) strict = make ("endpoint", cases[i].endpoint, NULL);
      g_autoptr (RtConfig) lax = make ("endpoint", cases[i].endpoint, "allow-insecure", TRUE, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (rt_config_validate (lax, &error));
      g_assert_no_error (error);
      g_assert_cmpint (rt_config_validate (strict, &error), ==, !cases[i].needs_permission);
      if (cases[i].needs_permission)
        g_assert_nonnull (strstr (error->message, "allow-insecure"));
    }
}

static void
test_new_fails (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_config_new (NULL, "", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "endpoint: is not set"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Config/defaults", test_defaults);
  g_test_add_func ("/Rt/Config/properties", test_properties);
  g_test_add_func ("/Rt/Config/objects", test_objects);
  g_test_add_func ("/Rt/Config/ranges", test_ranges);
  g_test_add_func ("/Rt/Config/texts", test_texts);
  g_test_add_func ("/Rt/Config/headers", test_headers);
  g_test_add_func ("/Rt/Config/lists", test_lists);
  g_test_add_func ("/Rt/Config/many-headers", test_many_headers);
  g_test_add_func ("/Rt/Config/security", test_security);
  g_test_add_func ("/Rt/Config/new-fails", test_new_fails);
  return g_test_run ();
}
