/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static gint64
read_clock (clockid_t clock)
{
  struct timespec now;

  if (clock_gettime (clock, &now) != 0)
    g_error ("no such clock");
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

void
bench_run_init (BenchRun *self, const char *name, int argc, char **argv)
{
  memset (self, 0, sizeof *self);
  if (argc == 4)
    {
      self->phases[0] = g_ascii_strtoull (argv[2], NULL, 10);
      self->phases[1] = g_ascii_strtoull (argv[3], NULL, 10);
    }
  if (argc != 4 || self->phases[0] % BENCH_BURST != 0 || self->phases[1] % BENCH_BURST != 0)
    {
      g_printerr ("Usage: %s URL WARM-UP COUNT (multiples of %d)\n", name, BENCH_BURST);
      exit (2);
    }
  self->name = name;
  self->url = argv[1];
}

gboolean
bench_run_next (BenchRun *self)
{
  self->wall = read_clock (CLOCK_MONOTONIC) - self->wall_start;
  self->cpu = read_clock (CLOCK_PROCESS_CPUTIME_ID) - self->cpu_start;
  while (self->phase < G_N_ELEMENTS (self->phases) && self->phases[self->phase] == 0)
    self->phase++;
  if (self->phase == G_N_ELEMENTS (self->phases))
    return FALSE;
  self->awaited = self->phases[self->phase++];
  self->done = 0;
  self->checksum = 0;
  self->cpu_start = read_clock (CLOCK_PROCESS_CPUTIME_ID);
  self->wall_start = read_clock (CLOCK_MONOTONIC);
  return TRUE;
}

int
bench_run_finish (BenchRun *self)
{
  printf ("{\"name\":\"%s\",\"messages\":%" G_GUINT64_FORMAT ",\"wall_ns\":%" G_GINT64_FORMAT ",\"cpu_ns\":%"
          G_GINT64_FORMAT ",\"checksum\":\"%016" G_GINT64_MODIFIER "x\"}\n",
          self->name, self->done, self->wall, self->cpu, self->checksum);
  return self->done == self->phases[1] ? 0 : 1;
}
