/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-connection-strategy.h"
#include "rt-error.h"
#include "rt-test.h"

/* A strategy such as a program would write it, with every way to get it wrong. */

typedef enum
{
  BEHAVIOUR_COMPLETE,
  BEHAVIOUR_FAIL,
  BEHAVIOUR_FAIL_WITHOUT_ERROR,
  BEHAVIOUR_DROP,
  BEHAVIOUR_KEEP,
} Behaviour;

#define TEST_TYPE_STRATEGY (test_strategy_get_type ())
G_DECLARE_FINAL_TYPE (TestStrategy, test_strategy, TEST, STRATEGY, GObject)

struct _TestStrategy
{
  GObject parent_instance;

  Behaviour behaviour;
  GTask *kept;
  GBytes *frame;
};

static void test_strategy_iface_init (RtConnectionStrategyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestStrategy, test_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, test_strategy_iface_init))

static void
behave (TestStrategy *self, GTask *task)
{
  switch (self->behaviour)
    {
    case BEHAVIOUR_COMPLETE:
      g_task_return_boolean (task, TRUE);
      break;
    case BEHAVIOUR_FAIL:
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_NETWORK, "no network");
      break;
    case BEHAVIOUR_FAIL_WITHOUT_ERROR:
      g_task_return_boolean (task, FALSE);
      break;
    case BEHAVIOUR_KEEP:
      g_set_object (&self->kept, task);
      break;
    case BEHAVIOUR_DROP:
    default:
      break;
    }
}

static void
test_strategy_begin (RtConnectionStrategy *strategy, GTask *task)
{
  behave (TEST_STRATEGY (strategy), task);
}

static void
test_strategy_begin_send (RtConnectionStrategy *strategy, GTask *task, GBytes *bytes)
{
  TestStrategy *self = TEST_STRATEGY (strategy);

  g_clear_pointer (&self->frame, g_bytes_unref);
  self->frame = g_bytes_ref (bytes);
  behave (self, task);
}

static void
test_strategy_iface_init (RtConnectionStrategyInterface *iface)
{
  iface->begin_connect = test_strategy_begin;
  iface->begin_disconnect = test_strategy_begin;
  iface->begin_send = test_strategy_begin_send;
}

static void
test_strategy_finalize (GObject *object)
{
  TestStrategy *self = TEST_STRATEGY (object);

  g_clear_pointer (&self->frame, g_bytes_unref);
  G_OBJECT_CLASS (test_strategy_parent_class)->finalize (object);
}

static void
test_strategy_class_init (TestStrategyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_strategy_finalize;
}

static void
test_strategy_init (TestStrategy *self)
{
}

/* One that implements nothing at all. */
#define TEST_TYPE_EMPTY (test_empty_get_type ())
G_DECLARE_FINAL_TYPE (TestEmpty, test_empty, TEST, EMPTY, GObject)

struct _TestEmpty
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestEmpty, test_empty, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, NULL))

static void
test_empty_class_init (TestEmptyClass *klass)
{
}

static void
test_empty_init (TestEmpty *self)
{
}

/* --- The three calls --- */

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  g_assert_null (*slot);
  *slot = g_object_ref (result);
}

#define N_CALLS 3

static void
start_call (RtConnectionStrategy *strategy, guint call, GAsyncResult **result)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("frame", 5);

  switch (call)
    {
    case 0:
      rt_connection_strategy_connect_async (strategy, NULL, result_cb, result);
      break;
    case 1:
      rt_connection_strategy_disconnect_async (strategy, NULL, result_cb, result);
      break;
    default:
      rt_connection_strategy_send_async (strategy, bytes, NULL, result_cb, result);
      break;
    }
}

static gboolean
finish_call (RtConnectionStrategy *strategy, guint call, GAsyncResult *result, GError **error)
{
  switch (call)
    {
    case 0:
      return rt_connection_strategy_connect_finish (strategy, result, error);
    case 1:
      return rt_connection_strategy_disconnect_finish (strategy, result, error);
    default:
      return rt_connection_strategy_send_finish (strategy, result, error);
    }
}

static void
assert_call (RtConnectionStrategy *strategy, guint call, int code, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  start_call (strategy, call, &result);
  rt_test_wait_until (result != NULL);
  gboolean done = finish_call (strategy, call, result, &error);
  if (code < 0)
    {
      g_assert_no_error (error);
      g_assert_true (done);
      return;
    }
  g_assert_false (done);
  g_assert_error (error, RT_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
finalize_strategy (gpointer strategy)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (G_OBJECT (strategy));
}

static void
test_outcomes (void)
{
  static const struct
  {
    Behaviour behaviour;
    int code;
    const char *words;
  } cases[] = {
    { BEHAVIOUR_COMPLETE, -1, NULL },
    { BEHAVIOUR_FAIL, RT_ERROR_NETWORK, "no network" },
    { BEHAVIOUR_FAIL_WITHOUT_ERROR, RT_ERROR_FAILED, "did not say why" },
    { BEHAVIOUR_DROP, RT_ERROR_FAILED, "without completing it" },
  };
  TestStrategy *strategy = g_object_new (TEST_TYPE_STRATEGY, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint call = 0; call < N_CALLS; call++)
      {
        strategy->behaviour = cases[i].behaviour;
        assert_call (RT_CONNECTION_STRATEGY (strategy), call, cases[i].code, cases[i].words);
      }
  g_assert_cmpuint (g_bytes_get_size (strategy->frame), ==, 5);
  finalize_strategy (strategy);
}

/* A task that is kept has a deadline; what becomes of it afterwards matters to nobody. */
static void
test_deadline (void)
{
  TestStrategy *strategy = g_object_new (TEST_TYPE_STRATEGY, NULL);

  rt_clock_virtual_begin ();
  strategy->behaviour = BEHAVIOUR_KEEP;
  for (guint call = 0; call < N_CALLS; call++)
    for (guint late = 0; late < 2; late++)
      {
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;

        start_call (RT_CONNECTION_STRATEGY (strategy), call, &result);
        rt_clock_virtual_advance (RT_CLOCK_MS (9999));
        g_assert_null (result);
        rt_clock_virtual_advance (RT_CLOCK_MS (1));
        g_assert_nonnull (result);
        g_assert_false (finish_call (RT_CONNECTION_STRATEGY (strategy), call, result, &error));
        g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
        g_assert_nonnull (strstr (error->message, "TestStrategy"));
        if (late)
          g_task_return_boolean (strategy->kept, TRUE);
        g_clear_object (&strategy->kept);
        rt_clock_virtual_settle ();
      }
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  finalize_strategy (strategy);
  rt_clock_virtual_end ();
}

static gpointer
drop_thread (gpointer user_data)
{
  g_object_unref (user_data);
  return NULL;
}

/* As a garbage collector may. */
static void
test_dropped_elsewhere (void)
{
  TestStrategy *strategy = g_object_new (TEST_TYPE_STRATEGY, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  strategy->behaviour = BEHAVIOUR_KEEP;
  start_call (RT_CONNECTION_STRATEGY (strategy), 0, &result);
  g_thread_join (g_thread_new ("collector", drop_thread, g_steal_pointer (&strategy->kept)));
  g_assert_null (result);
  rt_test_wait_until (result != NULL);
  g_assert_false (finish_call (RT_CONNECTION_STRATEGY (strategy), 0, result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
  g_clear_object (&result);
  finalize_strategy (strategy);
}

static void
test_defaults (void)
{
  TestEmpty *empty = g_object_new (TEST_TYPE_EMPTY, NULL);
  RtConnectionStrategy *strategy = RT_CONNECTION_STRATEGY (empty);
  g_autofree char *name = rt_connection_strategy_get_name (strategy);

  g_assert_cmpstr (name, ==, "TestEmpty");
  g_assert_false (rt_connection_strategy_is_connected (strategy));
  g_assert_cmpuint (rt_connection_strategy_get_timeout (strategy), ==, 10000);
  assert_call (strategy, 0, RT_ERROR_NOT_SUPPORTED, "begin_connect");
  assert_call (strategy, 1, RT_ERROR_NOT_SUPPORTED, "begin_disconnect");
  assert_call (strategy, 2, RT_ERROR_NOT_SUPPORTED, "begin_send");
  finalize_strategy (empty);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ConnectionStrategy/outcomes", test_outcomes);
  g_test_add_func ("/Rt/ConnectionStrategy/deadline", test_deadline);
  g_test_add_func ("/Rt/ConnectionStrategy/dropped-elsewhere", test_dropped_elsewhere);
  g_test_add_func ("/Rt/ConnectionStrategy/defaults", test_defaults);
  return g_test_run ();
}
