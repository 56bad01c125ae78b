/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-blast.h"
#include "bench-socket.h"

#include <string.h>

#define PAYLOAD_LEN 200
#define HEADER_LEN 4
#define FRAME_LEN (HEADER_LEN + PAYLOAD_LEN)
#define DIGITS 10

/* The message id is the offset behind a constant, the text carries it too: three places to renumber. */
static const char *const template =
    "{\"push\":{\"channel\":\"bench\",\"pub\":{\"data\":{\"$rt\":1,\"id\":\"1000000000000000001\","
    "\"src\":\"0123456789abcdef\",\"ts\":1700000000000000,\"from\":\"peer\",\"type\":\"text\","
    "\"text\":\"note 1000000001\"},\"offset\":1000000001}}}";

typedef struct
{
  char *bytes;
  gsize numbers[3]; /* where the ten digits stand in a frame */
} Block;

static void
put_number (char *digits, guint64 number)
{
  for (int i = DIGITS - 1; i >= 0; i--)
    {
      digits[i] = (char) ('0' + number % 10);
      number /= 10;
    }
}

/* Most of the digits do not change from one block to the next; this adds to them in place. */
static void
add_to_number (char *digits, guint more)
{
  for (int i = DIGITS - 1; i >= 0 && more > 0; i--)
    {
      guint sum = (guint) (digits[i] - '0') + more % 10;

      more = more / 10 + sum / 10;
      digits[i] = (char) ('0' + sum % 10);
    }
}

static void
block_init (Block *block, guint64 first)
{
  const char *position = template;

  g_assert (strlen (template) == PAYLOAD_LEN);
  for (guint i = 0; i < G_N_ELEMENTS (block->numbers); i++)
    {
      position = strstr (position, i == 0 ? "0000000001\"" : "1000000001");
      block->numbers[i] = HEADER_LEN + (gsize) (position - template);
      position += DIGITS;
    }
  block->bytes = g_malloc (BENCH_BLAST_BLOCK * FRAME_LEN);
  for (guint i = 0; i < BENCH_BLAST_BLOCK; i++)
    {
      char *frame = block->bytes + i * FRAME_LEN;

      memcpy (frame, "\x81\x7e\x00\xc8", HEADER_LEN);
      memcpy (frame + HEADER_LEN, template, PAYLOAD_LEN);
      for (guint j = 0; j < G_N_ELEMENTS (block->numbers); j++)
        put_number (frame + block->numbers[j], first + i);
    }
}

static void
block_advance (Block *block)
{
  for (guint i = 0; i < BENCH_BLAST_BLOCK; i++)
    {
      char *frame = block->bytes + i * FRAME_LEN;

      add_to_number (frame + block->numbers[0], BENCH_BLAST_BLOCK);
      for (guint j = 1; j < G_N_ELEMENTS (block->numbers); j++)
        memcpy (frame + block->numbers[j], frame + block->numbers[0], DIGITS);
    }
}

gboolean
bench_blast (int fd, guint64 last, guint64 count)
{
  Block block;
  gboolean written = TRUE;

  block_init (&block, last + 1);
  while (count > 0 && written)
    {
      guint64 now = MIN (count, BENCH_BLAST_BLOCK);

      written = bench_write_all (fd, block.bytes, now * FRAME_LEN);
      count -= now;
      if (count > 0)
        block_advance (&block);
    }
  g_free (block.bytes);
  return written;
}
