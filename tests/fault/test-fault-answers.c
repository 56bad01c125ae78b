/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libsoup/soup.h>
#include <string.h>
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Rows 8 to 10 and 32 of the fault matrix: what a server, or what pretends to be one, may answer. */

#define CONNECT_MS 10000

static RtFaultWorld *
new_world (gconstpointer route)
{
  return rt_fault_world_new (rt_fault_seed (1), route, 1000);
}

static gboolean
is_decided (RtFaultActor *actor)
{
  RtConnectionState state = rt_client_get_state (actor->client);

  return state == RT_CONNECTION_STATE_CONNECTED || state == RT_CONNECTION_STATE_FAILED;
}

/* --- Row 8: no answer, or none that makes sense --- */

typedef struct
{
  const char *name;
  RtFaultRule rule;
} Answer;

#define ANSWER(...) { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_DOWN, __VA_ARGS__ }
#define REQUEST(...) { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP, __VA_ARGS__ }

static const Answer answers[] = {
  { "silent", { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_HOLD } },
  { "refused", { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_REFUSE } },
  { "drips", { .event = RT_FAULT_ON_CONNECT, .direction = RT_FAULT_DOWN, .action = RT_FAULT_RATE, .n = 1 } },
  { "lost", ANSWER (.action = RT_FAULT_BLACKHOLE) },
  { "half", ANSWER (.action = RT_FAULT_FIN, .n = 40) },
  { "redirect", REQUEST (.action = RT_FAULT_HTTP, .n = 302, .headers = "Location: /elsewhere\r\n") },
  { "html", REQUEST (.action = RT_FAULT_HTTP, .n = 200, .headers = "Content-Type: text/html\r\n",
                     .text = "<html>please log in</html>") },
  { "rubbish", ANSWER (.action = RT_FAULT_REPLACE, .text = "SSH-2.0-OpenSSH_9.2\r\n\r\n") },
};

/* Nothing of it is taken for a server, none takes longer than the deadline, and the next attempt, with which all is
 * well, succeeds. */
static void
test_answers (gconstpointer route)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (route);
      RtFaultRule rule = answers[i].rule;
      RtFaultActor *ann = rt_fault_actor_new (world, "ann", rt_fault_quick_settings ());
      gint64 begun = rt_clock_now ();

      rule.connection = 1;
      rt_fault_proxy_add_rule (world->proxy, &rule);
      rt_fault_actor_connect (ann);
      g_test_message ("%s: connected after %" G_GINT64_FORMAT " ms", answers[i].name,
                      (rt_clock_now () - begun) / 1000);
      /* The first attempt, a delay of at most a second, and the second attempt. */
      g_assert_cmpint (rt_clock_now () - begun, <=, RT_CLOCK_MS (CONNECT_MS + 2000));
      g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), >=, 1);
      g_autofree char *log = rt_fault_proxy_dup_log (world->proxy);
      g_assert_null (strstr (log, "/elsewhere"));
      rt_fault_actor_join (ann, "room");
      rt_fault_actor_send (ann, "room");
      rt_fault_world_verify (world, FALSE);
    }
}

/* A head without end is cut off, not kept. */
static void
test_endless_head (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", rt_fault_quick_settings ());
  g_autofree char *filler = g_strnfill (10 * 1024 * 1024, 'x');
  g_autofree char *head = g_strconcat ("HTTP/1.1 200 OK\r\nX-Filler: ", filler, "\r\n\r\n", NULL);
  RtFaultRule rule = ANSWER (.connection = 1, .action = RT_FAULT_REPLACE, .text = head);

  rt_fault_proxy_add_rule (world->proxy, &rule);
  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, FALSE);
}

/* --- Row 9: HTTP statuses --- */

typedef struct
{
  guint status;
  const char *headers; /* nullable */
  RtConnectionState outcome;
  guint floor; /* ms; the delay is this to 1.2 times this, or 0: as usual */
} Status;

#define CONNECTED RT_CONNECTION_STATE_CONNECTED
#define FAILED RT_CONNECTION_STATE_FAILED

static const Status statuses[] = {
  { 401, NULL, FAILED, 0 },
  { 403, NULL, FAILED, 0 },
  { 404, NULL, FAILED, 0 },
  { 426, NULL, FAILED, 0 },
  { 407, NULL, CONNECTED, 0 },
  { 408, NULL, CONNECTED, 0 },
  { 429, NULL, CONNECTED, 0 },
  { 500, NULL, CONNECTED, 0 },
  { 501, NULL, CONNECTED, 0 },
  { 502, NULL, CONNECTED, 0 },
  { 503, NULL, CONNECTED, 0 },
  { 504, NULL, CONNECTED, 0 },
  { 503, "Retry-After: 7\r\n", CONNECTED, 7000 },
  { 429, "Retry-After: 30\r\n", CONNECTED, 30000 },
  { 503, "Retry-After: soon\r\n", CONNECTED, 0 },
  { 503, "Retry-After: -5\r\n", CONNECTED, 0 },
  { 503, "Retry-After: 1000000000\r\n", CONNECTED, 300000 },
};

static void
test_status (gconstpointer route, const Status *status)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", rt_fault_quick_settings ());
  RtFaultRule rule = REQUEST (.connection = 1, .action = RT_FAULT_HTTP);

  g_test_message ("%u %s", status->status, status->headers != NULL ? status->headers : "");
  rule.n = status->status;
  rule.headers = status->headers;
  rt_fault_proxy_add_rule (world->proxy, &rule);
  rt_client_connect_async (ann->client, NULL, NULL, NULL);
  rt_fault_wait_until (world, is_decided (ann));
  g_assert_cmpint (rt_client_get_state (ann->client), ==, status->outcome);
  if (status->outcome == FAILED)
    {
      rt_fault_world_run (world, 60000);
      g_assert_cmpuint (rt_fault_proxy_count_accepted (world->proxy), ==, 1);
      return;
    }
  g_assert_cmpuint (ann->delays->len, ==, 1);
  guint delay = g_array_index (ann->delays, guint, 0);
  if (status->floor > 0)
    {
      g_assert_cmpuint (delay, >=, status->floor);
      g_assert_cmpuint (delay, <=, status->floor + status->floor / 5 + 1000);
    }
  else
    g_assert_cmpuint (delay, <=, 1000);
}

static void
test_statuses (gconstpointer route)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    test_status (route, &statuses[i]);
}

/* --- Row 9: a date in Retry-After --- */

/* What a client that was told to come @seconds from now, by the wall clock, waits, in ms. */
static guint
wait_for_date (gconstpointer route, gint64 seconds)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", rt_fault_quick_settings ());
  g_autoptr (GDateTime) when
    = g_date_time_new_from_unix_utc (rt_clock_real () / G_USEC_PER_SEC + seconds);
  g_autofree char *date = soup_date_time_to_string (when, SOUP_DATE_HTTP);
  g_autofree char *header = g_strdup_printf ("Retry-After: %s\r\n", date);
  RtFaultRule rule = REQUEST (.connection = 1, .action = RT_FAULT_HTTP, .n = 503, .headers = header);

  rt_fault_proxy_add_rule (world->proxy, &rule);
  rt_fault_actor_connect (ann);
  g_assert_cmpuint (ann->delays->len, ==, 1);
  rt_fault_actor_join (ann, "room");
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, FALSE);
  return g_array_index (ann->delays, guint, 0);
}

static void
test_dates (gconstpointer route)
{
  /* A date has whole seconds, and some time passes on the way. */
  guint delay = wait_for_date (route, 40);

  g_assert_cmpuint (delay, >=, 38000);
  g_assert_cmpuint (delay, <=, 40000 + 8000 + 1000);
  g_assert_cmpuint (wait_for_date (route, -3600), <=, 1000);
  /* Never more than five minutes, and a fifth. */
  delay = wait_for_date (route, 86400);
  g_assert_cmpuint (delay, >=, 300000);
  g_assert_cmpuint (delay, <=, 361000);
}

/* --- Row 10: close codes --- */

typedef struct
{
  guint code;
  RtConnectionState outcome;
} Close;

static const Close closes[] = {
  { 0, CONNECTED },    { 1000, CONNECTED }, { 1001, CONNECTED }, { 1011, CONNECTED }, { 1012, CONNECTED },
  { 1013, CONNECTED }, { 1014, CONNECTED }, { 3000, CONNECTED }, { 3001, CONNECTED }, { 3004, CONNECTED },
  { 3008, CONNECTED }, { 3012, CONNECTED }, { 3499, CONNECTED }, { 4000, CONNECTED }, { 4001, CONNECTED },
  { 4499, CONNECTED }, { 1002, CONNECTED }, { 1003, CONNECTED }, { 1007, CONNECTED }, { 1008, FAILED },
  { 3501, FAILED },    { 3503, FAILED },    { 3999, FAILED },    { 4500, FAILED },    { 4999, FAILED },
};

static void
test_close (gconstpointer route, const Close *end)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  g_test_message ("code %u", end->code);
  rt_fault_proxy_strike (world->proxy, 1,
                         &(RtFaultRule) { .action = RT_FAULT_CLOSE, .n = end->code, .text = "so it is" });
  rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, ann->disconnected == 1 && is_decided (ann) && rt_fault_actor_is_idle (ann));
  g_assert_cmpint (rt_client_get_state (ann->client), ==, end->outcome);
  g_assert_cmpint (ann->last_will_retry, ==, end->outcome == CONNECTED);
  if (end->code != 0)
    g_assert_cmpuint (ann->last_code, ==, end->code);
  if (end->outcome == CONNECTED)
    rt_fault_world_verify (world, FALSE);
  else
    g_assert_cmpuint (ann->ok, ==, 0);
}

static void
test_closes (gconstpointer route)
{
  for (guint i = 0; i < G_N_ELEMENTS (closes); i++)
    test_close (route, &closes[i]);
}

/* A breach of the protocol each time is not tried for ever. */
static void
test_close_again (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  for (guint i = 0; i < 10 && rt_client_get_state (ann->client) != FAILED; i++)
    {
      rt_fault_proxy_strike (world->proxy, 0,
                             &(RtFaultRule) { .action = RT_FAULT_CLOSE, .n = 1002, .text = "again" });
      rt_fault_wait_until (world, ann->disconnected > i && is_decided (ann));
    }
  g_assert_cmpint (rt_client_get_state (ann->client), ==, FAILED);
  g_assert_cmpuint (ann->disconnected, >, 1);
  g_assert_cmpuint (ann->disconnected, <=, 4);
}

/* --- Row 32: the server says that it goes --- */

/* Many clients come back over the time that the server asks for, not all at once, and nothing is lost. */
static void
test_lame_duck (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *actors[10];
  guint soonest = G_MAXUINT, latest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (actors); i++)
    {
      g_autofree char *name = g_strdup_printf ("c%u", i);
      actors[i] = rt_fault_actor_new_in_room (world, name);
    }
  rt_fault_proxy_strike (world->proxy, 0,
                         &(RtFaultRule) { .action = RT_FAULT_CLOSE, .n = 3001, .text = "shutdown" });
  for (guint i = 0; i < G_N_ELEMENTS (actors); i++)
    {
      rt_fault_actor_send (actors[i], "room");
      rt_fault_wait_until (world, actors[i]->delays->len > 0);
      guint delay = g_array_index (actors[i]->delays, guint, 0);
      g_assert_cmpuint (delay, <=, 10000);
      soonest = MIN (soonest, delay);
      latest = MAX (latest, delay);
    }
  /* Ten times ten seconds at random: that they fall closer together than this happens once in 200,000 runs. */
  g_assert_cmpuint (latest - soonest, >, 2000);
  rt_fault_world_verify (world, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (actors); i++)
    g_assert_cmpuint (actors[i]->delivered, ==, G_N_ELEMENTS (actors));
}

#define ROUNDS 30
#define CLIENTS 4
#define HINT_MS 5000
#define PARTS 5

/* In each part of the time that the server named about as many come back. With 120 draws a fifth has 24 of them; that
 * one has less than 5, or more than 52, happens once in a million runs. */
static void
assert_uniform (RtFaultActor **actors)
{
  guint parts[PARTS] = { 0 };

  for (guint i = 0; i < CLIENTS; i++)
    for (guint n = 0; n < ROUNDS; n++)
      {
        guint delay = g_array_index (actors[i]->delays, guint, n);

        g_assert_cmpuint (delay, <=, HINT_MS);
        parts[MIN (delay / (HINT_MS / PARTS), PARTS - 1)]++;
      }
  for (guint part = 0; part < PARTS; part++)
    {
      g_test_message ("part %u: %u", part, parts[part]);
      g_assert_cmpuint (parts[part], >=, 5);
      g_assert_cmpuint (parts[part], <=, 52);
    }
}

/* Told by the server itself, with a time of its choice. */
static void
test_announced (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *actors[CLIENTS];

  for (guint i = 0; i < CLIENTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%u", i);
      actors[i] = rt_fault_actor_new_in_room (world, name);
    }
  for (guint n = 0; n < ROUNDS; n++)
    {
      /* So long a connection must have held for the next loss to be a first one. */
      rt_fault_world_run (world, 31000);
      g_assert_cmpuint (rt_mock_server_announce_shutdown (world->server, HINT_MS), ==, CLIENTS);
      for (guint i = 0; i < CLIENTS; i++)
        rt_fault_actor_send (actors[i], "room");
      for (guint i = 0; i < CLIENTS; i++)
        {
          rt_fault_wait_until (world, actors[i]->connected == n + 2);
          g_assert_cmpuint (actors[i]->delays->len, ==, n + 1);
          g_assert_cmpuint (actors[i]->last_code, ==, 3001);
        }
    }
  assert_uniform (actors);
  rt_fault_world_verify (world, FALSE);
  for (guint i = 0; i < CLIENTS; i++)
    g_assert_cmpuint (actors[i]->delivered, ==, ROUNDS * CLIENTS);
}

static const RtFaultCase cases[] = {
  { "row08/answers", test_answers, RT_FAULT_EVERY_ROUTE },
  { "row08/endless-head", test_endless_head, RT_FAULT_EVERY_ROUTE },
  { "row09/statuses", test_statuses, RT_FAULT_EVERY_ROUTE },
  { "row09/dates", test_dates, RT_FAULT_EVERY_ROUTE },
  { "row10/closes", test_closes, RT_FAULT_STREAMS_ONLY },
  { "row10/again", test_close_again, RT_FAULT_STREAMS_ONLY },
  { "row32/lame-duck", test_lame_duck, RT_FAULT_STREAMS_ONLY },
  { "row32/announced", test_announced, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
