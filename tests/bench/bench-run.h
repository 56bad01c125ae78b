/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* What all clients of the benchmark have in common: arguments, clocks, the checksum and the line of result. */

/* Publications are sent in bursts, whole ones only, with a bound on how many wait for their acknowledgement. */
#define BENCH_BURST 2000
#define BENCH_WINDOW 8000

typedef struct
{
  const char *name;
  const char *url;
  guint64 phases[2]; /* messages to warm up with, and those that are measured */
  guint phase;
  guint64 awaited; /* in this phase */
  guint64 done;    /* of them */
  guint64 checksum;
  gint64 wall_start; /* ns */
  gint64 cpu_start;  /* ns, of all threads */
  gint64 wall;
  gint64 cpu;
} BenchRun;

/* Ends the program with its usage where the arguments are not URL WARM-UP COUNT, both multiples of BENCH_BURST. */
void     bench_run_init   (BenchRun   *self,
                           const char *name,
                           int         argc,
                           char      **argv);
/* Ends a phase, which stops the clocks, and begins the next; FALSE when all are over. */
gboolean bench_run_next   (BenchRun   *self);
/* Prints the result; what it returns is for main to return. */
int      bench_run_finish (BenchRun   *self);

/* Eight bytes at a time, so that it costs little beside what is measured; order matters. */
static inline guint64
bench_hash (guint64 hash, guint64 word)
{
  hash = (hash ^ word) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return hash ^ (hash >> 29);
}

static inline guint64
bench_hash_text (guint64 hash, const char *text)
{
  gsize len = strlen (text);
  guint64 word;

  for (; len >= sizeof word; text += sizeof word, len -= sizeof word)
    {
      memcpy (&word, text, sizeof word);
      hash = bench_hash (hash, word);
    }
  word = len;
  memcpy (&word, text, len);
  return bench_hash (hash, word);
}

static inline void
bench_run_add (BenchRun *self, const char *channel, const char *id, const char *text, guint64 offset)
{
  guint64 hash = bench_hash_text (self->checksum, channel);

  hash = bench_hash_text (hash, id);
  hash = bench_hash_text (hash, text);
  self->checksum = bench_hash (hash, offset);
  self->done++;
}

G_END_DECLS
