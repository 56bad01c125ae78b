/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What led to the end of the program: the seed, and the last that was done. */

#define LINES 150
#define LENGTH 200
/* Seconds that one life may take, however slow the machine. */
#define PATIENCE 120

static char lines[LINES][LENGTH];
static volatile guint n_lines;
static char headline[LENGTH];

void
seq_trace (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vsnprintf (lines[n_lines % LINES], LENGTH, format, args);
  va_end (args);
  n_lines++;
}

static void
say (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

static void
dying (int number)
{
  guint first = n_lines > LINES ? n_lines - LINES : 0;

  if (number == SIGALRM)
    say ("\nThis hangs.");
  say ("\n");
  for (guint i = first; i < n_lines; i++)
    {
      say ("# ");
      say (lines[i % LINES]);
      say ("\n");
    }
  say (headline);
  signal (SIGABRT, SIG_DFL);
  signal (number, SIG_DFL);
  if (number == SIGALRM)
    abort ();
  raise (number);
}

void
seq_trace_init (void)
{
  static const int numbers[] = { SIGABRT, SIGTRAP, SIGSEGV, SIGBUS, SIGALRM };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    signal (numbers[i], dying);
}

void
seq_trace_begin (const char *profile, guint32 seed)
{
  n_lines = 0;
  snprintf (headline, LENGTH, "This life again: RT_TEST_SEED=%u test-sequences -p /Rt/Sequences/%s\n", seed, profile);
  alarm (PATIENCE);
}
