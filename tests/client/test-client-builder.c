/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "client-util.h"
#include "relay-strategy.h"

#define URL "ws://127.0.0.1:1"

static const char *const names[] = { "polling", "websocket", NULL };
static const char *const pins[] = { "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", NULL };

/* Every setting with a value that is not its default. */
static void
give_all (RtClientBuilder *builder)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new ("direct://", NULL);

  rt_client_builder_with_api_key (builder, "key");
  rt_client_builder_with_endpoint (builder, URL);
  rt_client_builder_with_user_id (builder, "ann");
  rt_client_builder_with_client_name (builder, "tests");
  rt_client_builder_with_client_version (builder, "7");
  rt_client_builder_with_headers (builder, g_variant_new_parsed ("{'X-One': '1'}"));
  rt_client_builder_with_connect_timeout (builder, 101);
  rt_client_builder_with_request_timeout (builder, 102);
  rt_client_builder_with_shutdown_timeout (builder, 103);
  rt_client_builder_with_heartbeat_timeout (builder, 104);
  rt_client_builder_with_reconnect_delay (builder, 105);
  rt_client_builder_with_max_reconnect_delay (builder, 106);
  rt_client_builder_with_max_reconnects (builder, 107);
  rt_client_builder_with_suspend_timeout (builder, 108);
  rt_client_builder_with_strategies (builder, names);
  rt_client_builder_with_poll_interval (builder, 109);
  rt_client_builder_with_max_message_size (builder, 1110);
  rt_client_builder_with_send_queue_limit (builder, 111);
  rt_client_builder_with_send_queue_bytes (builder, 11200);
  rt_client_builder_with_rate_limit (builder, 115);
  rt_client_builder_with_rate_burst (builder, 116);
  rt_client_builder_with_rate_policy (builder, RT_RATE_POLICY_FAIL);
  rt_client_builder_with_receive_queue_limit (builder, 113);
  rt_client_builder_with_receive_queue_bytes (builder, 11400);
  rt_client_builder_with_tls_database (builder, NULL);
  rt_client_builder_with_tls_certificate (builder, NULL);
  rt_client_builder_with_tls_pins (builder, pins);
  rt_client_builder_with_proxy_resolver (builder, resolver);
  rt_client_builder_with_allow_insecure (builder, TRUE);
}

/* As text, for comparison; of objects it is the address. */
static char *
describe (RtConfig *config, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_object_get_property (G_OBJECT (config), property, &value);
  if (G_VALUE_HOLDS (&value, G_TYPE_STRV))
    {
      char **list = g_value_get_boxed (&value);
      return list != NULL ? g_strjoinv (" ", list) : g_strdup ("");
    }
  if (G_VALUE_HOLDS_VARIANT (&value) && g_value_get_variant (&value) != NULL)
    return g_variant_print (g_value_get_variant (&value), TRUE);
  return g_strdup_value_contents (&value);
}

/* There is no setting that the builder does not know, and none that it mixes up. */
static void
test_settings (void)
{
  static const char *const unset[] = { "tls-database", "tls-certificate", NULL };
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (RtClientBuilder) copier = rt_client_builder_new ();
  g_autoptr (RtConfig) defaults = g_object_new (RT_TYPE_CONFIG, NULL);
  g_autoptr (GError) error = NULL;
  guint count;

  give_all (builder);
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  RtConfig *config = rt_client_get_config (client);
  g_assert_true (rt_client_builder_with_config (copier, config) == copier);
  g_autoptr (RtClient) copy = rt_client_builder_build (copier, &error);
  g_assert_no_error (error);

  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (config), &count);
  g_assert_cmpuint (count, >=, 26);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *given = describe (config, specs[i]->name);
      g_autofree char *copied = describe (rt_client_get_config (copy), specs[i]->name);
      g_autofree char *by_default = describe (defaults, specs[i]->name);

      g_assert_cmpstr (given, ==, copied);
      if (!g_strv_contains (unset, specs[i]->name))
        g_assert_cmpstr (given, !=, by_default);
    }
  g_assert_cmpuint (rt_config_get_connect_timeout (config), ==, 101);
  g_assert_cmpuint (rt_config_get_receive_queue_bytes (config), ==, 11400);
  g_assert_null (rt_client_get_token_provider (client));
  g_assert_null (rt_client_get_strategy_selector (client));
}

static char *
give_token (const char *channel, gpointer user_data, GError **error)
{
  return g_strdup ("token");
}

static void
test_parts (void)
{
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (give_token, NULL, NULL);
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RelayStrategy) relay = relay_strategy_new (URL, "relay");
  g_autoptr (GError) error = NULL;

  rt_client_builder_with_endpoint (builder, URL);
  rt_client_builder_with_token_provider (builder, provider);
  rt_client_builder_with_strategy_selector (builder, selector);
  g_autoptr (RtClient) first = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  g_autoptr (RtTokenProvider) first_provider = rt_client_get_token_provider (first);
  g_autoptr (RtStrategySelector) first_selector = rt_client_get_strategy_selector (first);
  g_assert_true (first_provider == provider);
  g_assert_true (first_selector == selector);

  /* What was given is not changed by what is added to it. */
  rt_strategy_selector_register (selector, "other", RT_CONNECTION_STRATEGY (relay));
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (relay));
  g_autoptr (RtClient) second = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  g_auto (GStrv) outer = rt_strategy_selector_get_names (selector);
  g_autoptr (RtStrategySelector) second_selector = rt_client_get_strategy_selector (second);
  g_auto (GStrv) inner = rt_strategy_selector_get_names (second_selector);
  g_assert_cmpuint (g_strv_length (outer), ==, 1);
  g_assert_true (g_strv_equal ((const char *const *) inner, (const char *const[]) { "other", "relay", NULL }));

  rt_client_builder_with_token_provider (builder, NULL);
  g_autoptr (RtClient) third = rt_client_builder_build (builder, &error);
  g_assert_null (rt_client_get_token_provider (third));
}

static void
assert_order (RtClientBuilder *builder, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);

  g_assert_no_error (error);
  g_autofree char *joined = g_strjoinv (" ", (char **) rt_config_get_strategies (rt_client_get_config (client)));
  g_assert_cmpstr (joined, ==, expected);
}

/* One that is given comes first, unless the list has a place for it. */
static void
test_order (void)
{
  static const char *const placed[] = { "websocket", "two", NULL };
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (RelayStrategy) one = relay_strategy_new (URL, "one");
  g_autoptr (RelayStrategy) two = relay_strategy_new (URL, "two");
  RelayStrategy *earlier = relay_strategy_new (URL, "one");

  rt_client_builder_with_endpoint (builder, URL);
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (earlier));
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (two));
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (one));
  g_assert_finalize_object (G_OBJECT (earlier));
  assert_order (builder, "one two websocket http-stream polling");
  assert_order (builder, "one two websocket http-stream polling");
  rt_client_builder_with_strategies (builder, placed);
  assert_order (builder, "one websocket two");
  rt_client_builder_with_strategies (builder, NULL);
  assert_order (builder, "one two websocket http-stream polling");
}

static void
test_faults (void)
{
  static const char *const faulty[] = { "websocket", "radio", "one", NULL };
  static const char *const words[]
    = { "5 faults", "endpoint", "connect-timeout", "strategies: no strategy is registered under the name “radio”",
        "strategy: the name “A Relay” is not 1 to 32", "reconnect-delay" };
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (RelayStrategy) one = relay_strategy_new (URL, "one");
  g_autoptr (RelayStrategy) nameless = relay_strategy_new (URL, "A Relay");
  g_autoptr (GError) error = NULL;

  rt_client_builder_with_endpoint (builder, "gopher://host");
  rt_client_builder_with_connect_timeout (builder, 99);
  rt_client_builder_with_reconnect_delay (builder, 70000);
  rt_client_builder_with_strategies (builder, faulty);
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (one));
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (nameless));
  g_assert_null (rt_client_builder_build (builder, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (error->message, words[i]) == NULL)
      g_error ("“%s” does not contain “%s”", error->message, words[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientBuilder/settings", test_settings);
  g_test_add_func ("/Rt/ClientBuilder/parts", test_parts);
  g_test_add_func ("/Rt/ClientBuilder/order", test_order);
  g_test_add_func ("/Rt/ClientBuilder/faults", test_faults);
  return g_test_run ();
}
