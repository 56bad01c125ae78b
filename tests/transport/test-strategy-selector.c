/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <realtime/realtime.h>

static RtConnectionStrategy *
new_strategy (void)
{
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, NULL);

  return RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
}

static void
assert_names (RtStrategySelector *selector, const char *expected)
{
  g_auto (GStrv) names = rt_strategy_selector_get_names (selector);
  g_autofree char *joined = g_strjoinv (" ", names);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_register (void)
{
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  RtConnectionStrategy *first = new_strategy ();
  g_autoptr (RtConnectionStrategy) second = new_strategy ();
  g_autoptr (RtConnectionStrategy) found = NULL;
  g_autoptr (GError) error = NULL;

  assert_names (selector, "");
  rt_strategy_selector_register (selector, "radio", first);
  rt_strategy_selector_register (selector, "a-32-bytes-long-name-of-1-thing-", second);
  rt_strategy_selector_register (selector, "0", first);
  assert_names (selector, "radio a-32-bytes-long-name-of-1-thing- 0");
  found = rt_strategy_selector_select (selector, "radio", &error);
  g_assert_no_error (error);
  g_assert_true (found == first);
  g_clear_object (&found);

  /* The place stays that of the name; what was there is let go. */
  rt_strategy_selector_register (selector, "radio", second);
  assert_names (selector, "radio a-32-bytes-long-name-of-1-thing- 0");
  g_assert_true (rt_strategy_selector_unregister (selector, "0"));
  g_assert_finalize_object (G_OBJECT (first));
  found = rt_strategy_selector_select (selector, "radio", &error);
  g_assert_true (found == second);
}

static void
test_unregister (void)
{
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RtConnectionStrategy) strategy = new_strategy ();
  g_autoptr (GError) error = NULL;

  rt_strategy_selector_register (selector, "one", strategy);
  rt_strategy_selector_register (selector, "two", strategy);
  rt_strategy_selector_register (selector, "three", strategy);
  g_assert_true (rt_strategy_selector_unregister (selector, "two"));
  g_assert_false (rt_strategy_selector_unregister (selector, "two"));
  assert_names (selector, "one three");
  g_assert_null (rt_strategy_selector_select (selector, "two", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "\"two\""));
  rt_strategy_selector_register (selector, "two", strategy);
  assert_names (selector, "one three two");
}

static void
test_bad_names (void)
{
  static const char *const names[] = { "", "Radio", "a b", "a_b", "\xc3\xa4", "a-33-bytes-long-name-of-1-thing--" };
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RtConnectionStrategy) strategy = new_strategy ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_test_expect_message ("Realtime", G_LOG_LEVEL_CRITICAL, "*rt_strategy_name_is_valid*");
      rt_strategy_selector_register (selector, names[i], strategy);
      g_test_assert_expected_messages ();
    }
  assert_names (selector, "");
}

/* --- Threads --- */

#define N_ROUNDS 500

typedef struct
{
  RtStrategySelector *selector;
  RtConnectionStrategy *strategy;
  const char *name;
} Worker;

static gpointer
worker_thread (gpointer user_data)
{
  Worker *worker = user_data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;

      rt_strategy_selector_register (worker->selector, worker->name, worker->strategy);
      g_autoptr (RtConnectionStrategy) found = rt_strategy_selector_select (worker->selector, worker->name, &error);
      g_assert_true (found == worker->strategy);
      g_auto (GStrv) names = rt_strategy_selector_get_names (worker->selector);
      g_assert_true (g_strv_contains ((const char *const *) names, worker->name));
      g_assert_true (rt_strategy_selector_unregister (worker->selector, worker->name));
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RtConnectionStrategy) strategy = new_strategy ();
  Worker workers[] = { { selector, strategy, "one" }, { selector, strategy, "two" }, { selector, strategy, "three" } };
  GThread *threads[G_N_ELEMENTS (workers)];

  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    threads[i] = g_thread_new (workers[i].name, worker_thread, &workers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    g_thread_join (threads[i]);
  assert_names (selector, "");
  g_clear_object (&selector);
  g_assert_finalize_object (G_OBJECT (g_steal_pointer (&strategy)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/StrategySelector/register", test_register);
  g_test_add_func ("/Rt/StrategySelector/unregister", test_unregister);
  g_test_add_func ("/Rt/StrategySelector/bad-names", test_bad_names);
  g_test_add_func ("/Rt/StrategySelector/threads", test_threads);
  return g_test_run ();
}
