/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "rt-ws-codec.h"

/* The frame layer alone, in memory: frames of 200 bytes are parsed and written. GLib's check of UTF-8 stands beside,
 * since that is what a frame would cost at least with it. Prints medians in nanoseconds a frame as one line of JSON. */

#define ROUNDS 7
#define REPEATS 1000
#define FRAMES 300 /* about what one read brings */
#define PAYLOAD 200

static const guint8 mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

typedef struct
{
  RtBuffer frames; /* of the kind to be parsed; else what is written */
  char payload[PAYLOAD];
  guint64 total; /* so that nothing is optimised away */
} Bench;

static void
write_frames (Bench *bench, RtWsOpcode opcode, const guint8 *key)
{
  bench->frames.len = 0;
  for (guint i = 0; i < FRAMES; i++)
    rt_ws_put_frame (&bench->frames, opcode, TRUE, key, bench->payload, PAYLOAD);
}

static void
parse_frames (Bench *bench, RtWsRole role)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (role, PAYLOAD);
  guint budget = FRAMES;
  gsize at = 0;
  gsize used;
  RtWsEvent event;

  while (rt_ws_parser_next (parser, bench->frames.data + at, bench->frames.len - at, &used, &budget, &event)
         == RT_WS_EVENT)
    {
      at += used;
      bench->total += event.len;
    }
  g_assert (budget == 0);
}

static void
parse_text (Bench *bench)
{
  parse_frames (bench, RT_WS_CLIENT);
}

/* Binary, since each run leaves the payload masked or not in turn. */
static void
parse_masked (Bench *bench)
{
  parse_frames (bench, RT_WS_SERVER);
}

static void
write_plain (Bench *bench)
{
  write_frames (bench, RT_WS_TEXT, NULL);
}

static void
write_masked (Bench *bench)
{
  write_frames (bench, RT_WS_TEXT, mask);
}

static void
validate_by_glib (Bench *bench)
{
  for (guint i = 0; i < FRAMES; i++)
    bench->total += g_utf8_validate ((char *) bench->frames.data + 4 + i * (PAYLOAD + 4), PAYLOAD, NULL);
}

typedef struct
{
  const char *name;
  RtWsOpcode opcode; /* of the frames prepared */
  const guint8 *key;
  void (*run) (Bench *bench);
} Kind;

static const Kind kinds[] = {
  { "parse_text", RT_WS_TEXT, NULL, parse_text },
  { "parse_binary", RT_WS_BINARY, NULL, parse_text },
  { "parse_masked_binary", RT_WS_BINARY, mask, parse_masked },
  { "write", RT_WS_TEXT, NULL, write_plain },
  { "write_masked", RT_WS_TEXT, mask, write_masked },
  { "glib_utf8", RT_WS_TEXT, NULL, validate_by_glib },
};

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e9 + (double) time.tv_nsec;
}

static double
measure (Bench *bench, const Kind *kind)
{
  write_frames (bench, kind->opcode, kind->key);
  double start = now ();
  for (guint i = 0; i < REPEATS; i++)
    kind->run (bench);
  return (now () - start) / REPEATS / FRAMES;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

int
main (void)
{
  Bench bench = { .total = 0 };
  double times[G_N_ELEMENTS (kinds)][ROUNDS];

  memset (bench.payload, 'x', PAYLOAD);
  for (guint round = 0; round < ROUNDS; round++)
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      times[i][round] = measure (&bench, &kinds[i]);

  printf ("{\"name\": \"frames\", \"bytes\": %d", PAYLOAD);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      qsort (times[i], ROUNDS, sizeof (double), compare);
      printf (", \"%s_ns\": %.1f", kinds[i].name, times[i][ROUNDS / 2]);
    }
  printf (", \"total\": %" G_GUINT64_FORMAT "}\n", bench.total);
  rt_buffer_clear (&bench.frames);
  return EXIT_SUCCESS;
}
