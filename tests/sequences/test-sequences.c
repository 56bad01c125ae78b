/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

#include "rt-clock.h"
#include "rt-test-virtual.h"

/* 100,000 random sequences, or RT_SEQUENCES of them, each profile with its share. RT_TEST_SEED repeats the life whose
 * seed a failure has printed. */

#define CALM (SEQ_GROUP_DATA | SEQ_GROUP_CONFIG | SEQ_GROUP_CLIENT | SEQ_GROUP_CHANNEL)

#define EVERYTHING (CALM | SEQ_GROUP_END | SEQ_GROUP_FAULT | SEQ_GROUP_EVENT | SEQ_GROUP_MIDDLEWARE \
                    | SEQ_GROUP_STREAM)

static const SeqProfile profiles[] = {
  { "data", SEQ_GROUP_DATA | SEQ_GROUP_CONFIG, 15, 500 },
  /* A server that does no wrong. */
  { "calm", CALM, 20, 60 },
  { "ends", CALM | SEQ_GROUP_END, 15, 20 },
  { "faults", CALM | SEQ_GROUP_END | SEQ_GROUP_FAULT, 15, 20 },
  { "events", CALM | SEQ_GROUP_END | SEQ_GROUP_EVENT, 15, 30 },
  { "middleware", CALM | SEQ_GROUP_END | SEQ_GROUP_MIDDLEWARE, 10, 30 },
  { "streams", CALM | SEQ_GROUP_END | SEQ_GROUP_STREAM, 5, 30 },
  { "everything", EVERYTHING, 5, 20 },
};

static void
test_profile (gconstpointer data)
{
  const SeqProfile *profile = data;
  const char *number = g_getenv ("RT_SEQUENCES");
  const char *given = g_getenv ("RT_TEST_SEED");
  guint n = number != NULL ? (guint) g_ascii_strtoull (number, NULL, 10) : 100000;

  if (given != NULL)
    seq_run_lives (profile, (guint32) g_ascii_strtoull (given, NULL, 10), profile->length);
  else
    seq_run_lives (profile, g_random_int (), n * profile->share / 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rt_test_virtual_begin ();
  seq_trace_init ();
  /* The other thread may rely on it that this one runs the context. */
  g_main_context_acquire (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/Sequences/", profiles[i].name, NULL);
      g_test_add_data_func (path, &profiles[i], test_profile);
    }
  return g_test_run ();
}
