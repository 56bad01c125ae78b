/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-provider.h"
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Row 21 of the fault matrix: tokens that expire, and programs that have none at the moment. */

#define TOKEN "a-secret-of-37"
/* From the latest refresh on, a provider that hangs once is still in time. */
#define TTL_SECONDS 120
#define PROVIDER_MS 10000
/* What is looked at after each step may be that much older, on either end. */
#define SLACK_MS (2 * RT_FAULT_STEP_MS)

typedef struct
{
  TestProvider *provider;
  RtFaultWorld *world;
  RtFaultActor *ann;
} Fixture;

/* A server that takes nobody but those with the token, and that only for a time, or 0. */
static void
begin (Fixture *fixture, gconstpointer route, TestProviderManner manner, guint ttl)
{
  static const char *const keys[] = { TOKEN, NULL };

  fixture->world = rt_fault_world_new (rt_fault_seed (1), route, 1000);
  /* What is set counts from the next start. */
  rt_fault_world_kill (fixture->world);
  rt_mock_server_set_api_keys (fixture->world->server, keys);
  rt_mock_server_set_token_ttl (fixture->world->server, ttl);
  rt_fault_world_restart (fixture->world);
  fixture->provider = test_provider_new (manner, TOKEN);
  fixture->ann = rt_fault_actor_new_with_tokens (fixture->world, "ann", rt_fault_quick_settings (),
                                                 RT_TOKEN_PROVIDER (fixture->provider));
}

static void
begin_in_room (Fixture *fixture, gconstpointer route)
{
  begin (fixture, route, TEST_PROVIDER_GIVES, TTL_SECONDS);
  rt_fault_actor_connect (fixture->ann);
  rt_fault_actor_join (fixture->ann, "room");
}

/* Whatever was said of errors, the token was not in it. */
static void
end (Fixture *fixture)
{
  g_assert_null (strstr (fixture->ann->texts->str, TOKEN));
  while (!g_queue_is_empty (&fixture->provider->tasks))
    test_provider_answer (fixture->provider);
  /* An answer that nobody waits for any more still has to be handed over. */
  rt_fault_world_run (fixture->world, RT_FAULT_STEP_MS);
  rt_fault_world_free (fixture->world);
  g_assert_finalize_object (fixture->provider);
}

static RtConnectionState
get_state (Fixture *fixture)
{
  return rt_client_get_state (fixture->ann->client);
}

/* Messages go on for so long, one each second. */
static void
talk (Fixture *fixture, guint seconds)
{
  for (guint i = 0; i < seconds; i++)
    {
      rt_fault_actor_send (fixture->ann, "room");
      rt_fault_world_run (fixture->world, 1000);
    }
}

static void
assert_all_well (Fixture *fixture)
{
  rt_fault_world_verify (fixture->world, FALSE);
  g_assert_cmpuint (fixture->ann->ok, ==, fixture->ann->invoked);
  g_assert_cmpuint (fixture->ann->delivered, ==, fixture->ann->invoked);
  g_assert_cmpuint (fixture->ann->disconnected, ==, 0);
}

/* --- Mid-connection --- */

/* Again and again at 72 to 88 parts of a hundred of its life, on the one connection. That the provider has the same
 * token each time does no harm. */
static void
test_refresh (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin_in_room (&fixture, route);
  gint64 since = rt_clock_now ();
  for (guint n = 0; n < 4; n++)
    {
      while (fixture.ann->refreshed == n)
        {
          rt_fault_world_run (fixture.world, RT_FAULT_STEP_MS);
          g_assert_cmpint (rt_clock_now () - since, <=, RT_CLOCK_MS (TTL_SECONDS * 880 + SLACK_MS));
          if ((rt_clock_now () - since) / RT_CLOCK_MS (1000) % 3 == 0)
            rt_fault_actor_send (fixture.ann, "room");
        }
      /* The first life began before the channel was joined. */
      gint64 age = rt_clock_now () - since;
      g_test_message ("refreshed after %" G_GINT64_FORMAT " ms", age / 1000);
      g_assert_cmpint (age, >=, RT_CLOCK_MS (TTL_SECONDS * 720 - (n == 0 ? 1000 : SLACK_MS)));
      since = rt_clock_now ();
    }
  g_assert_cmpuint (fixture.provider->asked, ==, 5);
  g_assert_cmpuint (fixture.ann->errors, ==, 0);
  assert_all_well (&fixture);
  end (&fixture);
}

/* The provider does not answer: one question at a time, each for no longer than ten seconds, and meanwhile the old
 * token is good. */
static void
test_hangs (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin_in_room (&fixture, route);
  fixture.provider->manner = TEST_PROVIDER_WAITS;
  rt_fault_wait_until (fixture.world, fixture.provider->asked >= 2);
  gint64 since = rt_clock_now ();
  while (fixture.ann->errors == 0)
    {
      g_assert_cmpuint (fixture.provider->asked, ==, 2);
      g_assert_cmpint (rt_clock_now () - since, <=, RT_CLOCK_MS (PROVIDER_MS + SLACK_MS));
      rt_fault_actor_send (fixture.ann, "room");
      rt_fault_world_run (fixture.world, RT_FAULT_STEP_MS);
    }
  g_assert_cmpint (rt_clock_now () - since, >=, RT_CLOCK_MS (PROVIDER_MS - SLACK_MS));
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  /* The question may have been put again already, to one that hangs. */
  while (!g_queue_is_empty (&fixture.provider->tasks))
    test_provider_answer (fixture.provider);
  rt_fault_wait_until (fixture.world, fixture.ann->refreshed == 1);
  talk (&fixture, 5);
  assert_all_well (&fixture);
  end (&fixture);
}

/* It has none for now: it is asked again, and messages go on. */
static void
test_errors (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin_in_room (&fixture, route);
  fixture.provider->manner = TEST_PROVIDER_FAILS;
  rt_fault_wait_until (fixture.world, fixture.ann->errors >= 3);
  talk (&fixture, 2);
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  rt_fault_wait_until (fixture.world, fixture.ann->refreshed == 1);
  talk (&fixture, TTL_SECONDS);
  assert_all_well (&fixture);
  end (&fixture);
}

/* It will never have one again. */
static void
test_refuses (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin_in_room (&fixture, route);
  fixture.provider->manner = TEST_PROVIDER_REFUSES;
  rt_fault_wait_until (fixture.world, get_state (&fixture) == RT_CONNECTION_STATE_FAILED);
  g_assert_cmpuint (fixture.ann->disconnected, ==, 1);
  g_assert_false (fixture.ann->last_will_retry);
  g_assert_cmpuint (fixture.provider->asked, ==, 2);
  end (&fixture);
}

/* --- At connect --- */

static void
test_expired (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin (&fixture, route, TEST_PROVIDER_GIVES, 0);
  rt_mock_server_inject_fault (fixture.world->server, RT_MOCK_FAULT_EXPIRE_TOKEN, 1);
  rt_fault_actor_connect (fixture.ann);
  g_assert_cmpuint (fixture.provider->asked, ==, 2);
  rt_fault_actor_join (fixture.ann, "room");
  talk (&fixture, 3);
  rt_fault_world_verify (fixture.world, FALSE);
  end (&fixture);
}

static void
assert_ends_after_one_more (Fixture *fixture)
{
  rt_client_connect_async (fixture->ann->client, NULL, NULL, NULL);
  rt_fault_wait_until (fixture->world, get_state (fixture) == RT_CONNECTION_STATE_FAILED);
  guint visits = rt_fault_proxy_count_accepted (fixture->world->proxy);
  rt_fault_world_run (fixture->world, 60000);
  g_assert_cmpuint (fixture->provider->asked, ==, 2);
  g_assert_cmpuint (rt_fault_proxy_count_accepted (fixture->world->proxy), ==, visits);
  g_assert_cmpint (get_state (fixture), ==, RT_CONNECTION_STATE_FAILED);
}

/* A token that is not taken is replaced once. */
static void
test_wrong (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin (&fixture, route, TEST_PROVIDER_GIVES, 0);
  fixture.provider->token = TOKEN "-of-another";
  assert_ends_after_one_more (&fixture);
  end (&fixture);
}

/* The same with an HTTP server that says so. */
static void
test_401 (gconstpointer route)
{
  Fixture fixture = { 0 };
  const RtFaultRule rule = { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP,
                             .action = RT_FAULT_HTTP, .n = 401 };

  begin (&fixture, route, TEST_PROVIDER_GIVES, 0);
  rt_fault_proxy_add_rule (fixture.world->proxy, &rule);
  assert_ends_after_one_more (&fixture);
  g_assert_cmpuint (rt_fault_proxy_count_faults (fixture.world->proxy), ==, 2);
  end (&fixture);
}

static void
test_hangs_at_connect (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin (&fixture, route, TEST_PROVIDER_WAITS, 0);
  gint64 since = rt_clock_now ();
  rt_client_connect_async (fixture.ann->client, NULL, NULL, NULL);
  rt_client_connect_async (fixture.ann->client, NULL, NULL, NULL);
  rt_fault_wait_until (fixture.world, get_state (&fixture) == RT_CONNECTION_STATE_RECONNECTING);
  g_assert_cmpint (rt_clock_now () - since, >=, RT_CLOCK_MS (PROVIDER_MS - SLACK_MS));
  g_assert_cmpint (rt_clock_now () - since, <=, RT_CLOCK_MS (PROVIDER_MS + SLACK_MS));
  g_assert_cmpuint (fixture.provider->asked, ==, 1);
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  rt_fault_wait_until (fixture.world, rt_client_is_connected (fixture.ann->client));
  g_assert_cmpuint (fixture.provider->asked, ==, 2);
  end (&fixture);
}

static void
test_errors_at_connect (gconstpointer route)
{
  Fixture fixture = { 0 };

  begin (&fixture, route, TEST_PROVIDER_FAILS, 0);
  rt_client_connect_async (fixture.ann->client, NULL, NULL, NULL);
  rt_fault_wait_until (fixture.world, fixture.provider->asked >= 4);
  g_assert_cmpint (get_state (&fixture), !=, RT_CONNECTION_STATE_FAILED);
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  rt_fault_wait_until (fixture.world, rt_client_is_connected (fixture.ann->client));
  rt_fault_actor_join (fixture.ann, "room");
  talk (&fixture, 3);
  rt_fault_world_verify (fixture.world, FALSE);
  end (&fixture);
}

/* --- Where it must not be seen --- */

static GMutex lock;
static GString *logged; /* under @lock */

static void
keep (const char *text)
{
  g_mutex_lock (&lock);
  g_string_append_printf (logged, "%s\n", text);
  g_mutex_unlock (&lock);
}

static gboolean
has_logged (const char *text)
{
  g_mutex_lock (&lock);
  gboolean found = strstr (logged->str, text) != NULL;
  g_mutex_unlock (&lock);
  return found;
}

static void
keep_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  keep (message);
}

/* All that no handler took, of all levels. */
static GLogWriterOutput
writer_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0)
      keep (fields[i].value);
  return (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0
    ? G_LOG_WRITER_HANDLED
    : g_log_writer_standard_streams (level, fields, n_fields, NULL);
}

/* It goes to the server in what is sent, never in the head of a request, where it would be in everybody's log. */
static void
test_secret (gconstpointer route)
{
  Fixture fixture = { 0 };
  const RtFaultRule rule = { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP,
                             .contains = TOKEN, .action = RT_FAULT_RST };

  begin (&fixture, route, TEST_PROVIDER_GIVES, TTL_SECONDS);
  /* The world keeps these quiet. */
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, keep_cb, NULL);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_DEBUG, keep_cb, NULL);
  rt_fault_proxy_add_rule (fixture.world->proxy, &rule);
  rt_fault_actor_connect (fixture.ann);
  rt_fault_actor_join (fixture.ann, "room");
  rt_fault_wait_until (fixture.world, fixture.ann->refreshed == 1);
  g_assert_cmpuint (rt_fault_proxy_count_faults (fixture.world->proxy), ==, 0);
  rt_fault_world_kill (fixture.world);
  guint killed = rt_fault_proxy_count_faults (fixture.world->proxy);
  rt_fault_actor_send (fixture.ann, "room");
  rt_fault_wait_until (fixture.world, fixture.ann->disconnected == 1);
  rt_fault_world_restart (fixture.world);
  rt_fault_wait_until (fixture.world, rt_fault_actor_is_idle (fixture.ann));
  rt_fault_world_verify (fixture.world, FALSE);
  g_assert_cmpuint (rt_fault_proxy_count_faults (fixture.world->proxy), ==, killed);
  end (&fixture);
  g_debug ("the log is kept");
  g_assert_true (has_logged ("the log is kept"));
  g_assert_false (has_logged (TOKEN));
}

static const RtFaultCase cases[] = {
  { "row21/refresh", test_refresh, RT_FAULT_EVERY_ROUTE },
  { "row21/hangs", test_hangs, RT_FAULT_EVERY_ROUTE },
  { "row21/errors", test_errors, RT_FAULT_EVERY_ROUTE },
  { "row21/refuses", test_refuses, RT_FAULT_EVERY_ROUTE },
  { "row21/expired", test_expired, RT_FAULT_EVERY_ROUTE },
  { "row21/wrong", test_wrong, RT_FAULT_EVERY_ROUTE },
  { "row21/401", test_401, RT_FAULT_EVERY_ROUTE },
  { "row21/hangs-at-connect", test_hangs_at_connect, RT_FAULT_EVERY_ROUTE },
  { "row21/errors-at-connect", test_errors_at_connect, RT_FAULT_EVERY_ROUTE },
  { "row21/secret", test_secret, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  logged = g_string_new (NULL);
  g_log_set_writer_func (writer_cb, NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  int status = g_test_run ();
  g_string_free (logged, TRUE);
  return status;
}
