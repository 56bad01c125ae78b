/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-backoff.h"

#include "rt-clock.h"

#define MS RT_CLOCK_MS (1)
#define SECOND RT_CLOCK_MS (1000)
#define MINUTE (60 * SECOND)
#define SEEDS 2000

/* The bound that the delay with number @attempt has by the documented law, in ms. */
static gint64
law (guint delay, guint max, guint attempt)
{
  double bound = attempt == 1 ? 1000 : delay;

  for (guint i = 1; attempt > 1 && i < attempt; i++)
    bound *= 2;
  return bound < max ? (gint64) bound : max;
}

/* Of each delay over many seeds: within the bound, spread over all of it, on average half of it. */
static void
check_law (guint delay, guint max)
{
  for (guint attempt = 1; attempt <= 12; attempt++)
    {
      gint64 bound = law (delay, max, attempt) * MS, least = G_MAXINT64, most = 0;
      double sum = 0;

      for (guint64 seed = 0; seed < SEEDS; seed++)
        {
          RtBackoff backoff;
          gint64 given = 0;

          rt_backoff_init (&backoff, delay, max, seed);
          for (guint i = 0; i < attempt; i++)
            given = rt_backoff_next (&backoff, -1, -1);
          least = MIN (least, given);
          most = MAX (most, given);
          sum += given;
        }
      g_assert_cmpint (least, >=, 0);
      g_assert_cmpint (least, <, bound / 100);
      g_assert_cmpint (most, <, bound);
      g_assert_cmpint (most, >, bound - bound / 100);
      g_assert_cmpfloat_with_epsilon (sum / SEEDS / bound, 0.5, 0.04);
    }
}

static void
test_law (void)
{
  check_law (500, 60000);
  check_law (100, 600000);
  check_law (5000, 7000);
}

/* A tenth of the range each, over all that one generator gives. */
static void
test_even (void)
{
  guint tenths[10] = { 0 };
  RtBackoff backoff;

  rt_backoff_init (&backoff, 500, 60000, 42);
  for (guint i = 0; i < 100000; i++)
    tenths[rt_backoff_random (&backoff, 1000) / 100]++;
  for (guint i = 0; i < 10; i++)
    g_assert_cmpfloat_with_epsilon (tenths[i] / 10000.0, 1, 0.05);
  g_assert_cmpint (rt_backoff_random (&backoff, 0), ==, 0);
  g_assert_cmpint (rt_backoff_random (&backoff, -5), ==, 0);
  g_assert_cmpint (rt_backoff_random (&backoff, 1), ==, 0);
}

static void
test_seed (void)
{
  RtBackoff first, same, other;
  guint differing = 0;

  rt_backoff_init (&first, 500, 60000, 7);
  rt_backoff_init (&same, 500, 60000, 7);
  rt_backoff_init (&other, 500, 60000, 8);
  for (guint i = 0; i < 100; i++)
    {
      gint64 delay = rt_backoff_next (&first, -1, -1);
      g_assert_cmpint (delay, ==, rt_backoff_next (&same, -1, -1));
      differing += delay != rt_backoff_next (&other, -1, -1);
    }
  g_assert_cmpuint (differing, >, 95);
}

/* Starts again at the first second, with new delays. */
static void
test_reset (void)
{
  for (guint64 seed = 0; seed < SEEDS; seed++)
    {
      RtBackoff backoff;

      rt_backoff_init (&backoff, 500, 60000, seed);
      gint64 before = rt_backoff_next (&backoff, -1, -1);
      for (guint i = 0; i < 20; i++)
        rt_backoff_next (&backoff, -1, -1);
      rt_backoff_reset (&backoff);
      gint64 after = rt_backoff_next (&backoff, -1, -1);
      g_assert_cmpint (after, <, SECOND);
      g_assert_cmpint (after, !=, before);
    }
}

/* Neither the largest settings nor any number of attempts overflow. */
static void
test_saturation (void)
{
  RtBackoff backoff;
  gint64 most = 0;

  rt_backoff_init (&backoff, G_MAXUINT, G_MAXUINT, 3);
  for (guint i = 0; i < 100000; i++)
    {
      gint64 delay = rt_backoff_next (&backoff, -1, -1);
      g_assert_cmpint (delay, >=, 0);
      g_assert_cmpint (delay, <, RT_CLOCK_MS (G_MAXUINT));
      most = MAX (most, delay);
    }
  g_assert_cmpint (most, >, RT_CLOCK_MS (G_MAXUINT) / 2);

  backoff.attempt = G_MAXUINT;
  rt_backoff_next (&backoff, -1, -1);
  g_assert_cmpuint (backoff.attempt, ==, G_MAXUINT);
}

/* An outage of a day: with a minute at most between two attempts, half a minute on average. */
static void
test_day (void)
{
  for (guint64 seed = 0; seed < 20; seed++)
    {
      RtBackoff backoff;
      guint attempts = 0;

      rt_backoff_init (&backoff, 500, 60000, seed);
      for (gint64 now = 0; now < 24 * 60 * MINUTE; attempts++)
        {
          gint64 delay = rt_backoff_next (&backoff, -1, -1);
          g_assert_cmpint (delay, <, MINUTE);
          now += delay;
        }
      g_assert_cmpfloat_with_epsilon (attempts / (24 * 60 * 2.0), 1, 0.05);
    }
}

static void
test_floor (void)
{
  for (guint64 seed = 0; seed < SEEDS; seed++)
    {
      RtBackoff backoff;
      gint64 delay;

      rt_backoff_init (&backoff, 500, 60000, seed);
      delay = rt_backoff_next (&backoff, 30 * SECOND, -1);
      g_assert_cmpint (delay, >=, 30 * SECOND);
      g_assert_cmpint (delay, <, 36 * SECOND);
      /* What a server may ask for is bounded. */
      delay = rt_backoff_next (&backoff, G_MAXINT64, -1);
      g_assert_cmpint (delay, >=, 5 * MINUTE);
      g_assert_cmpint (delay, <, 6 * MINUTE);
      /* Nothing asked for is no floor. */
      delay = rt_backoff_next (&backoff, 0, -1);
      g_assert_cmpint (delay, <, 2 * SECOND);
      delay = rt_backoff_next (&backoff, G_MININT64, -1);
      g_assert_cmpint (delay, <, 4 * SECOND);
      /* A floor below the delay does not shorten it. */
      for (guint i = 0; i < 20; i++)
        rt_backoff_next (&backoff, -1, -1);
      RtBackoff copy = backoff;
      delay = rt_backoff_next (&backoff, 5 * SECOND, -1);
      g_assert_cmpint (delay, >=, rt_backoff_next (&copy, -1, -1));
      g_assert_cmpint (delay, <, MINUTE + SECOND);
    }
}

static void
test_spread (void)
{
  gint64 most = 0, most_clamped = 0;

  for (guint64 seed = 0; seed < SEEDS; seed++)
    {
      RtBackoff backoff;
      gint64 delay;

      rt_backoff_init (&backoff, 500, 60000, seed);
      delay = rt_backoff_next (&backoff, -1, 20 * SECOND);
      g_assert_cmpint (delay, <, 20 * SECOND);
      most = MAX (most, delay);
      /* Only the first attempt is spread: what follows is an outage like any other. */
      g_assert_cmpint (rt_backoff_next (&backoff, -1, 20 * SECOND), <, SECOND);

      rt_backoff_reset (&backoff);
      delay = rt_backoff_next (&backoff, -1, G_MAXINT64);
      g_assert_cmpint (delay, <, 10 * MINUTE);
      most_clamped = MAX (most_clamped, delay);

      rt_backoff_reset (&backoff);
      delay = rt_backoff_next (&backoff, 10 * SECOND, 20 * SECOND);
      g_assert_cmpint (delay, >=, 10 * SECOND);
      g_assert_cmpint (delay, <, 22 * SECOND);
    }
  g_assert_cmpint (most, >, 19 * SECOND);
  g_assert_cmpint (most_clamped, >, 9 * MINUTE);
}

/* --- Ten thousand clients that lost one server --- */

#define CLIENTS 10000
#define CAPACITY 1000 /* clients that the server takes in a second; it refuses the others */

typedef struct
{
  RtBackoff backoff;
  gint64 at; /* of its next attempt */
} Client;

typedef struct
{
  guint peak;   /* attempts in the worst second */
  double tries; /* per client */
  gint64 most;  /* when 99 of 100 were back */
} Storm;

static gint
compare_clients (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = ((const Client *) a)->at, second = ((const Client *) b)->at;

  return (first > second) - (first < second);
}

static Storm
simulate (guint64 seed, gint64 spread)
{
  g_autoptr (GSequence) waiting = g_sequence_new (g_free);
  Storm storm = { 0 };
  guint attempts = 0, in_second = 0, back = 0;
  gint64 second = 0;

  for (guint i = 0; i < CLIENTS; i++)
    {
      Client *client = g_new0 (Client, 1);
      rt_backoff_init (&client->backoff, 500, 60000, seed * CLIENTS + i);
      client->at = rt_backoff_next (&client->backoff, -1, spread);
      g_sequence_insert_sorted (waiting, client, compare_clients, NULL);
    }
  for (; !g_sequence_is_empty (waiting); attempts++)
    {
      GSequenceIter *next = g_sequence_get_begin_iter (waiting);
      Client *client = g_sequence_get (next);

      if (client->at / SECOND != second)
        in_second = 0;
      second = client->at / SECOND;
      in_second++;
      storm.peak = MAX (storm.peak, in_second);
      if (in_second <= CAPACITY)
        {
          if (++back <= CLIENTS * 99 / 100)
            storm.most = client->at;
          g_sequence_remove (next);
          continue;
        }
      client->at += rt_backoff_next (&client->backoff, -1, spread);
      g_sequence_sort_changed (next, compare_clients, NULL);
    }
  storm.tries = (double) attempts / CLIENTS;
  return storm;
}

/* What a server that announces its going is spared: the crowd in the first second, and most of the attempts. */
static void
test_storm (void)
{
  for (guint64 seed = 1; seed <= 3; seed++)
    {
      Storm lost = simulate (seed, -1);
      Storm announced = simulate (seed, 10 * SECOND);

      g_test_message ("seed %" G_GUINT64_FORMAT ": lost: peak %u/s, %.2f tries, %.1f s; announced: peak %u/s, "
                      "%.2f tries, %.1f s", seed, lost.peak, lost.tries, lost.most / 1e6, announced.peak,
                      announced.tries, announced.most / 1e6);
      g_assert_cmpuint (announced.peak, <=, CAPACITY * 12 / 10);
      g_assert_cmpfloat (announced.tries, <=, 1.1);
      g_assert_cmpint (announced.most, <=, 12 * SECOND);
      g_assert_cmpuint (lost.peak, >=, announced.peak * 8);
      g_assert_cmpfloat (lost.tries, >=, announced.tries * 2);
      /* The doubling thins the crowd out to what the server takes, well within half a minute. */
      g_assert_cmpfloat (lost.tries, <=, 8);
      g_assert_cmpint (lost.most, <=, 30 * SECOND);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Backoff/law", test_law);
  g_test_add_func ("/Rt/Backoff/even", test_even);
  g_test_add_func ("/Rt/Backoff/seed", test_seed);
  g_test_add_func ("/Rt/Backoff/reset", test_reset);
  g_test_add_func ("/Rt/Backoff/saturation", test_saturation);
  g_test_add_func ("/Rt/Backoff/day", test_day);
  g_test_add_func ("/Rt/Backoff/floor", test_floor);
  g_test_add_func ("/Rt/Backoff/spread", test_spread);
  g_test_add_func ("/Rt/Backoff/storm", test_storm);
  return g_test_run ();
}
