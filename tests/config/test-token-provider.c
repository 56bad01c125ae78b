/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-test.h"
#include "rt-token-provider-private.h"

/* A provider such as a program would write it, with every way to get it wrong. */

typedef enum
{
  BEHAVIOUR_COMPLETE,
  BEHAVIOUR_LATER, /* in an idle source of the thread-default context */
  BEHAVIOUR_REFUSE,
  BEHAVIOUR_DROP,
  BEHAVIOUR_KEEP,
  BEHAVIOUR_NUMBER,
  BEHAVIOUR_BUSY, /* keeps its task, and the context ready for ever */
} Behaviour;

#define TEST_TYPE_PROVIDER (test_provider_get_type ())
G_DECLARE_FINAL_TYPE (TestProvider, test_provider, TEST, PROVIDER, GObject)

struct _TestProvider
{
  GObject parent_instance;

  Behaviour behaviour;
  const char *token;
  guint timeout;
  GTask *kept;
  GSource *busy;
  char *channel;
  GThread *thread;
};

static void test_provider_iface_init (RtTokenProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestProvider, test_provider, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_TOKEN_PROVIDER, test_provider_iface_init))

static gboolean
complete_later_cb (gpointer user_data)
{
  GTask *task = user_data;
  TestProvider *self = g_task_get_source_object (task);

  rt_token_provider_return_token (RT_TOKEN_PROVIDER (self), task, self->token);
  return G_SOURCE_REMOVE;
}

static gboolean
stay_busy_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSource *
attach_idle (GSourceFunc func, GTask *task)
{
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, func, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
test_provider_begin_token (RtTokenProvider *provider, const char *channel, GTask *task)
{
  TestProvider *self = TEST_PROVIDER (provider);
  g_auto (GValue) number = G_VALUE_INIT;

  g_free (self->channel);
  self->channel = g_strdup (channel);
  self->thread = g_thread_self ();
  switch (self->behaviour)
    {
    case BEHAVIOUR_COMPLETE:
      rt_token_provider_return_token (provider, task, self->token);
      break;
    case BEHAVIOUR_LATER:
      g_source_unref (attach_idle (complete_later_cb, task));
      break;
    case BEHAVIOUR_REFUSE:
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_UNAUTHORIZED, "logged out");
      break;
    case BEHAVIOUR_KEEP:
      g_set_object (&self->kept, task);
      break;
    case BEHAVIOUR_NUMBER:
      g_value_init (&number, G_TYPE_INT);
      g_task_return_value (task, &number);
      break;
    case BEHAVIOUR_BUSY:
      g_set_object (&self->kept, task);
      self->busy = attach_idle (stay_busy_cb, task);
      break;
    case BEHAVIOUR_DROP:
    default:
      break;
    }
}

static guint
test_provider_get_timeout (RtTokenProvider *provider)
{
  return TEST_PROVIDER (provider)->timeout;
}

static void
test_provider_iface_init (RtTokenProviderInterface *iface)
{
  iface->get_timeout = test_provider_get_timeout;
  iface->begin_token = test_provider_begin_token;
}

static void
test_provider_finalize (GObject *object)
{
  TestProvider *self = TEST_PROVIDER (object);

  g_free (self->channel);
  G_OBJECT_CLASS (test_provider_parent_class)->finalize (object);
}

static void
test_provider_class_init (TestProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_provider_finalize;
}

static void
test_provider_init (TestProvider *self)
{
  self->token = "secret";
}

/* One that implements nothing at all. */
#define TEST_TYPE_EMPTY (test_empty_get_type ())
G_DECLARE_FINAL_TYPE (TestEmpty, test_empty, TEST, EMPTY, GObject)

struct _TestEmpty
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestEmpty, test_empty, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_TOKEN_PROVIDER, NULL))

static void
test_empty_class_init (TestEmptyClass *klass)
{
}

static void
test_empty_init (TestEmpty *self)
{
}

static TestProvider *
provider_new (Behaviour behaviour)
{
  TestProvider *self = g_object_new (TEST_TYPE_PROVIDER, NULL);

  self->behaviour = behaviour;
  return self;
}

/* --- Requests --- */

typedef struct
{
  guint calls;
  char *token;
  GError *error;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->token);
  g_clear_error (&answer->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->calls++;
  answer->token = rt_token_provider_get_token_finish (RT_TOKEN_PROVIDER (source), result, &answer->error);
  g_assert_true ((answer->token == NULL) == (answer->error != NULL));
}

static void
ask (gpointer provider, const char *channel, Answer *answer)
{
  rt_token_provider_get_token_async (provider, channel, NULL, answered_cb, answer);
  g_assert_cmpuint (answer->calls, ==, 0);
  rt_test_wait_until (answer->calls == 1);
}

/* Fails with this code, and with a text that names the provider and has these words. */
static void
assert_answer_fails (gpointer provider, int code, const char *words)
{
  g_auto (Answer) answer = { 0 };

  ask (provider, NULL, &answer);
  g_assert_error (answer.error, RT_ERROR, code);
  g_assert_nonnull (strstr (answer.error->message, G_OBJECT_TYPE_NAME (provider)));
  if (strstr (answer.error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, answer.error->message);
}

static void
test_answers (void)
{
  static const Behaviour behaviours[] = { BEHAVIOUR_COMPLETE, BEHAVIOUR_LATER };

  for (guint i = 0; i < G_N_ELEMENTS (behaviours); i++)
    {
      TestProvider *provider = provider_new (behaviours[i]);
      g_auto (Answer) first = { 0 };
      g_auto (Answer) second = { 0 };
      g_auto (Answer) third = { 0 };

      ask (provider, NULL, &first);
      g_assert_cmpstr (first.token, ==, "secret");
      g_assert_null (provider->channel);
      ask (provider, "private:1", &second);
      g_assert_cmpstr (second.token, ==, "secret");
      g_assert_cmpstr (provider->channel, ==, "private:1");
      provider->token = NULL;
      ask (provider, NULL, &third);
      g_assert_cmpstr (third.token, ==, "");
      g_assert_finalize_object (provider);
    }
}

static void
test_failures (void)
{
  g_autoptr (TestProvider) refusing = provider_new (BEHAVIOUR_REFUSE);
  g_autoptr (TestProvider) dropping = provider_new (BEHAVIOUR_DROP);
  g_autoptr (TestProvider) counting = provider_new (BEHAVIOUR_NUMBER);
  g_autoptr (TestEmpty) empty = g_object_new (TEST_TYPE_EMPTY, NULL);

  assert_answer_fails (refusing, RT_ERROR_UNAUTHORIZED, "gave no token: logged out");
  assert_answer_fails (dropping, RT_ERROR_FAILED, "dropped its task");
  assert_answer_fails (counting, RT_ERROR_FAILED, "no text");
  assert_answer_fails (empty, RT_ERROR_NOT_SUPPORTED, "begin_token");
}

static void
test_bad_tokens (void)
{
  g_autofree char *longest = g_strnfill (16 * 1024, 't');
  g_autofree char *too_long = g_strnfill (16 * 1024 + 1, 't');
  const struct
  {
    const char *token;
    const char *words; /* NULL: it is right */
  } cases[] = {
    { "a b.c-d_e/f+g=", NULL },
    { "b\xc3\xbc" "cher", NULL },
    { longest, NULL },
    { too_long, "16384 bytes" },
    { "hunter2\r\nX: y", "control character" },
    { "hunter2\t", "control character" },
    { "hunter2\x7f", "control character" },
    { "hunter2\xc2\x85", "control character" },
    { "hunter2\xff", "UTF-8" },
  };
  g_autoptr (TestProvider) provider = provider_new (BEHAVIOUR_COMPLETE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Answer) answer = { 0 };

      provider->token = cases[i].token;
      ask (provider, NULL, &answer);
      if (cases[i].words == NULL)
        {
          g_assert_cmpstr (answer.token, ==, cases[i].token);
          continue;
        }
      g_assert_error (answer.error, RT_ERROR, RT_ERROR_FAILED);
      g_assert_nonnull (strstr (answer.error->message, cases[i].words));
      g_assert_null (strstr (answer.error->message, "hunter2"));
    }
}

/* --- Deadlines and cancellation, on virtual time --- */

static void
assert_timed_out_at (guint timeout, guint expected)
{
  TestProvider *provider = provider_new (BEHAVIOUR_KEEP);
  g_auto (Answer) answer = { 0 };
  g_autofree char *words = g_strdup_printf ("within %u ms", expected);

  provider->timeout = timeout;
  rt_token_provider_get_token_async (RT_TOKEN_PROVIDER (provider), NULL, NULL, answered_cb, &answer);
  rt_clock_virtual_advance (RT_CLOCK_MS (expected - 1));
  g_assert_cmpuint (answer.calls, ==, 0);
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  g_assert_cmpuint (answer.calls, ==, 1);
  g_assert_error (answer.error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (answer.error->message, words));
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);

  /* What comes too late comes to nobody. */
  rt_token_provider_return_token (RT_TOKEN_PROVIDER (provider), provider->kept, "late");
  g_clear_object (&provider->kept);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (answer.calls, ==, 1);
  g_assert_finalize_object (provider);
}

static void
test_timeout (void)
{
  rt_clock_virtual_begin ();
  assert_timed_out_at (0, 10000);
  assert_timed_out_at (250, 250);
  rt_clock_virtual_end ();
}

static void
test_in_time (void)
{
  rt_clock_virtual_begin ();
  TestProvider *provider = provider_new (BEHAVIOUR_KEEP);
  g_auto (Answer) answer = { 0 };

  rt_token_provider_get_token_async (RT_TOKEN_PROVIDER (provider), NULL, NULL, answered_cb, &answer);
  rt_clock_virtual_advance (RT_CLOCK_MS (9999));
  rt_token_provider_return_token (RT_TOKEN_PROVIDER (provider), provider->kept, "just");
  g_clear_object (&provider->kept);
  rt_clock_virtual_settle ();
  g_assert_cmpstr (answer.token, ==, "just");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  g_assert_finalize_object (provider);
  rt_clock_virtual_end ();
}

static void
test_cancel (void)
{
  TestProvider *provider = provider_new (BEHAVIOUR_KEEP);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Answer) answer = { 0 };

  rt_clock_virtual_begin ();
  rt_token_provider_get_token_async (RT_TOKEN_PROVIDER (provider), NULL, cancellable, answered_cb, &answer);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (answer.calls, ==, 0);
  g_cancellable_cancel (cancellable);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (answer.calls, ==, 1);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  g_clear_object (&provider->kept);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (answer.calls, ==, 1);
  g_assert_finalize_object (provider);
  rt_clock_virtual_end ();
}

/* --- In place --- */

static gboolean
note_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
assert_now (gpointer provider, const char *token)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *got = rt_token_provider_get_now (provider, "c", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (got, ==, token);
}

static void
assert_now_fails (gpointer provider, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_token_provider_get_now (provider, NULL, &error));
  g_assert_error (error, RT_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_now (void)
{
  g_autoptr (TestProvider) provider = provider_new (BEHAVIOUR_COMPLETE);
  g_autoptr (TestEmpty) empty = g_object_new (TEST_TYPE_EMPTY, NULL);
  gboolean ran = FALSE;
  guint id = g_idle_add (note_cb, &ran);

  assert_now (provider, "secret");
  g_assert_cmpstr (provider->channel, ==, "c");
  /* What the provider attaches to the context that it finds is run. */
  provider->behaviour = BEHAVIOUR_LATER;
  assert_now (provider, "secret");
  provider->behaviour = BEHAVIOUR_REFUSE;
  assert_now_fails (provider, RT_ERROR_UNAUTHORIZED, "logged out");
  provider->behaviour = BEHAVIOUR_DROP;
  assert_now_fails (provider, RT_ERROR_FAILED, "dropped its task");
  assert_now_fails (empty, RT_ERROR_NOT_SUPPORTED, "begin_token");
  g_assert_true (provider->thread == g_thread_self ());

  /* The caller's own context never ran. */
  g_assert_false (ran);
  g_source_remove (id);
}

static void
test_now_needs_time (void)
{
  g_autoptr (TestProvider) provider = provider_new (BEHAVIOUR_KEEP);

  assert_now_fails (provider, RT_ERROR_NOT_SUPPORTED, "use the “_async” call");
  rt_token_provider_return_token (RT_TOKEN_PROVIDER (provider), provider->kept, "late");
  g_clear_object (&provider->kept);
  provider->behaviour = BEHAVIOUR_COMPLETE;
  assert_now (provider, "secret");
}

static gpointer
now_busy_cb (gpointer user_data)
{
  assert_now_fails (user_data, RT_ERROR_NOT_SUPPORTED, "use the “_async” call");
  return NULL;
}

/* A source that is always ready does not hold the call. In a thread of its own, whose context goes with it. */
static void
test_now_busy (void)
{
  g_autoptr (TestProvider) provider = provider_new (BEHAVIOUR_BUSY);

  g_thread_join (g_thread_new ("busy", now_busy_cb, provider));
  g_assert_nonnull (provider->kept);
  g_source_destroy (provider->busy);
  g_source_unref (provider->busy);
  g_clear_object (&provider->kept);
}

/* --- Functions --- */

typedef struct
{
  guint calls;
  guint destroyed;
  char *channel;
  const char *token;
  int code; /* of the error; -1: none */
} Func;

static char *
token_func (const char *channel, gpointer user_data, GError **error)
{
  Func *func = user_data;

  func->calls++;
  g_free (func->channel);
  func->channel = g_strdup (channel);
  if (func->code >= 0)
    g_set_error_literal (error, RT_ERROR, func->code, "not today");
  return g_strdup (func->token);
}

static void
func_destroy_cb (gpointer user_data)
{
  ((Func *) user_data)->destroyed++;
}

static void
test_func (void)
{
  Func func = { .token = "of a function", .code = -1 };
  RtTokenProvider *provider = rt_token_provider_new_for_func (token_func, &func, func_destroy_cb);
  g_auto (Answer) answer = { 0 };

  ask (provider, "news", &answer);
  g_assert_cmpstr (answer.token, ==, "of a function");
  g_assert_cmpstr (func.channel, ==, "news");
  assert_now (provider, "of a function");
  g_assert_cmpuint (func.calls, ==, 2);

  func.token = NULL;
  assert_answer_fails (provider, RT_ERROR_FAILED, "returned nothing");
  func.code = RT_ERROR_UNAUTHORIZED;
  assert_answer_fails (provider, RT_ERROR_UNAUTHORIZED, "not today");
  func.code = RT_ERROR_NETWORK;
  func.token = "and an error";
  assert_answer_fails (provider, RT_ERROR_NETWORK, "not today");

  g_assert_cmpuint (func.destroyed, ==, 0);
  g_assert_finalize_object (provider);
  g_assert_cmpuint (func.destroyed, ==, 1);
  g_free (func.channel);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/TokenProvider/answers", test_answers);
  g_test_add_func ("/Rt/TokenProvider/failures", test_failures);
  g_test_add_func ("/Rt/TokenProvider/bad-tokens", test_bad_tokens);
  g_test_add_func ("/Rt/TokenProvider/timeout", test_timeout);
  g_test_add_func ("/Rt/TokenProvider/in-time", test_in_time);
  g_test_add_func ("/Rt/TokenProvider/cancel", test_cancel);
  g_test_add_func ("/Rt/TokenProvider/now", test_now);
  g_test_add_func ("/Rt/TokenProvider/now-needs-time", test_now_needs_time);
  g_test_add_func ("/Rt/TokenProvider/now-busy", test_now_busy);
  g_test_add_func ("/Rt/TokenProvider/func", test_func);
  return g_test_run ();
}
