/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

/* Settings and builders, of which some are for the clients that are then used. */

static const guint durations[] = { 100, 101, 5000, 600000, 0, 99, 600001, G_MAXUINT };

/* A duration, of which the last four are out of range. */
static guint
draw_duration (Seq *seq, gboolean *wrong)
{
  guint drawn = seq_below (seq, seq_chance (seq, 4) ? G_N_ELEMENTS (durations) : 4);

  *wrong |= drawn >= 4;
  return durations[drawn];
}

static void
draw_setting (Seq *seq, RtConfigBuilder *builder, gboolean *wrong)
{
  switch (seq_below (seq, 10))
    {
    case 0:
      rt_config_builder_with_connect_timeout (builder, draw_duration (seq, wrong));
      break;
    case 1:
      rt_config_builder_with_request_timeout (builder, draw_duration (seq, wrong));
      break;
    case 2:
      rt_config_builder_with_shutdown_timeout (builder, draw_duration (seq, wrong));
      break;
    case 3:
      rt_config_builder_with_heartbeat_timeout (builder, draw_duration (seq, wrong));
      break;
    case 4:
      rt_config_builder_with_suspend_timeout (builder, draw_duration (seq, wrong));
      break;
    case 5:
      rt_config_builder_with_max_reconnects (builder, seq_below (seq, 3));
      break;
    case 6:
      rt_config_builder_with_send_queue_limit (builder, seq_below (seq, 20));
      break;
    case 7:
      rt_config_builder_with_api_key (builder, "key");
      break;
    case 8:
      rt_config_builder_with_user_id (builder, "user");
      break;
    default:
      rt_config_builder_with_client_name (builder, "program");
      break;
    }
}

static void
act_build_config (Seq *seq)
{
  static const char *const endpoints[] = { "wss://example.com", "https://example.com/path", "ftp://example.com", "" };
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  guint endpoint = seq_below (seq, G_N_ELEMENTS (endpoints));
  gboolean wrong = endpoint >= 2;
  GError *error = NULL;

  rt_config_builder_with_endpoint (builder, endpoints[endpoint]);
  for (guint i = seq_below (seq, 6); i > 0; i--)
    {
      gboolean again = FALSE;
      draw_setting (seq, builder, &again);
      /* A later value takes the place of a wrong one. */
      if (again)
        {
          draw_setting (seq, builder, &again);
          wrong = TRUE;
          break;
        }
    }
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  seq_check_result (config != NULL, error, RT_ERROR_INVALID_CONFIG, -1);
  if (!wrong)
    g_assert_nonnull (config);
  if (endpoint >= 2)
    g_assert_null (config);
  if (config != NULL)
    g_assert_true (rt_config_validate (config, NULL));
}

static void
act_break_client (Seq *seq)
{
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  GError *error = NULL;

  rt_client_builder_with_endpoint (builder, "nowhere");
  rt_client_builder_with_connect_timeout (builder, 1);
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);
  seq_check_result (client != NULL, error, RT_ERROR_INVALID_CONFIG, -1);
  g_assert_null (client);
}

static void
act_selectors (Seq *seq)
{
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RtConfig) config = rt_config_new (NULL, seq->url, NULL);
  g_autoptr (RtWebsocketStrategy) strategy = rt_websocket_strategy_new (config);
  const char *name = seq_chance (seq, 2) ? "main" : "other";
  GError *error = NULL;

  rt_strategy_selector_register (selector, "main", RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (RtConnectionStrategy) selected = rt_strategy_selector_select (selector, name, &error);
  seq_check_result (selected != NULL, error, RT_ERROR_INVALID_CONFIG, -1);
  g_auto (GStrv) names = rt_strategy_selector_get_names (selector);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_true (rt_strategy_selector_unregister (selector, "main"));
  g_assert_false (rt_strategy_selector_unregister (selector, "main"));
}

/* --- The client of a life --- */

static char *
token_func (const char *channel, gpointer user_data, GError **error)
{
  return g_strdup ("token");
}

void
seq_new_client (Seq *seq)
{
  static const char *const websocket[] = { "websocket", NULL };
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_client_builder_with_endpoint (builder, seq->url);
  rt_client_builder_with_strategies (builder, websocket);
  if (seq_chance (seq, 2))
    rt_client_builder_with_user_id (builder, "user");
  seq->small_queue = seq_chance (seq, 8);
  if (seq->small_queue)
    rt_client_builder_with_send_queue_limit (builder, seq_below (seq, 5));
  if (seq_chance (seq, 8))
    rt_client_builder_with_receive_queue_limit (builder, 1 + seq_below (seq, 5));
  if (seq_chance (seq, 8))
    rt_client_builder_with_max_reconnects (builder, seq_below (seq, 3));
  if (seq_chance (seq, 4))
    {
      g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (token_func, NULL, NULL);
      rt_client_builder_with_token_provider (builder, provider);
    }
  RtClient *client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  seq_take_client (seq, client);
}

const SeqAction seq_config_actions[] = {
  { "build a configuration", SEQ_GROUP_CONFIG, 40, act_build_config },
  { "break a client", SEQ_GROUP_CONFIG, 5, act_break_client },
  { "selectors", SEQ_GROUP_CONFIG, 5, act_selectors },
  { NULL },
};
