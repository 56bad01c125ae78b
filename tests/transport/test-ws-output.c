/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-ws-codec.h"
#include "rt-ws-output.h"

/* A connection that takes a few bytes at a time: what comes out on the wire is whole frames, data in order, and
 * what is urgent at the first boundary after it was put in. */

typedef struct
{
  RtWsOutput output;
  GByteArray *wire;
  GRand *rand;
  guint data_put;
  guint urgent_put;
  gsize data_bytes;
  gsize urgent_bytes;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer unused)
{
  memset (&fixture->output, 0, sizeof fixture->output);
  fixture->wire = g_byte_array_new ();
  fixture->rand = g_rand_new_with_seed (g_test_rand_int ());
  fixture->data_put = 0;
  fixture->urgent_put = 0;
  fixture->data_bytes = 0;
  fixture->urgent_bytes = 0;
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer unused)
{
  rt_ws_output_clear (&fixture->output);
  g_byte_array_unref (fixture->wire);
  g_rand_free (fixture->rand);
}

/* Each frame begins with its number, so that order and loss are seen. */
static void
put (Fixture *fixture, RtBuffer *out, RtWsOpcode opcode, guint number, gsize size)
{
  static const guint8 mask[4] = { 0xa1, 0xb2, 0xc3, 0xd4 };
  g_autofree char *text = g_strdup_printf ("%08u%*s", number, (int) size, "");

  rt_ws_put_frame (out, opcode, TRUE, mask, text, strlen (text));
}

static void
put_data (Fixture *fixture)
{
  /* All three forms of the length. */
  static const gsize sizes[] = { 0, 10, 117, 118, 1000, 65527, 65528, 70000 };
  gsize size = sizes[g_rand_int_range (fixture->rand, 0, G_N_ELEMENTS (sizes))];
  gsize before = rt_ws_output_get_size (&fixture->output);

  put (fixture, rt_ws_output_get_data (&fixture->output), RT_WS_TEXT, fixture->data_put++, size);
  fixture->data_bytes += rt_ws_output_get_size (&fixture->output) - before;
}

static void
put_urgent (Fixture *fixture)
{
  gsize before = rt_ws_output_get_size (&fixture->output);

  put (fixture, rt_ws_output_get_urgent (&fixture->output), RT_WS_PONG, fixture->urgent_put++,
       (gsize) g_rand_int_range (fixture->rand, 0, 100));
  fixture->urgent_bytes += rt_ws_output_get_size (&fixture->output) - before;
}

/* Takes at most @max bytes across all vectors, as a socket does. */
static gsize
take (Fixture *fixture, gsize max)
{
  GOutputVector vectors[RT_WS_OUTPUT_VECTORS];
  guint n = rt_ws_output_peek (&fixture->output, vectors);
  gsize taken = 0;

  for (guint i = 0; i < n && taken < max; i++)
    {
      gsize part = MIN (vectors[i].size, max - taken);
      g_assert_cmpuint (vectors[i].size, >, 0);
      g_byte_array_append (fixture->wire, vectors[i].buffer, (guint) part);
      taken += part;
    }
  rt_ws_output_advance (&fixture->output, taken);
  return taken;
}

/* An attempt that fails after TLS has made its record: the same bytes have to come first at the next. */
static void
pin (Fixture *fixture)
{
  GOutputVector vectors[RT_WS_OUTPUT_VECTORS];
  g_autofree guint8 *record = NULL;

  if (rt_ws_output_peek (&fixture->output, vectors) == 0)
    return;
  gsize size = MIN (vectors[0].size, 16384);
  record = g_memdup2 (vectors[0].buffer, size);
  rt_ws_output_pin (&fixture->output, size);
  put_urgent (fixture);
  put_data (fixture);
  g_assert_cmpuint (rt_ws_output_peek (&fixture->output, vectors), >, 0);
  g_assert_cmpuint (vectors[0].size, >=, size);
  g_assert_cmpmem (vectors[0].buffer, size, record, size);
}

static void
check_wire (Fixture *fixture)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_SERVER, 1024 * 1024);
  gsize pos = 0;
  guint data = 0;
  guint urgent = 0;

  for (;;)
    {
      RtWsEvent event;
      gsize used = 0;
      guint budget = 1000;
      RtWsStatus status = rt_ws_parser_next (parser, fixture->wire->data + pos, fixture->wire->len - pos, &used,
                                             &budget, &event);
      pos += used;
      if (status != RT_WS_EVENT)
        {
          g_assert_cmpint (status, ==, RT_WS_MORE);
          break;
        }
      g_assert_cmpuint (event.len, >=, 8);
      g_autofree char *text = g_strndup ((const char *) event.data, 8);
      guint number = (guint) g_ascii_strtoull (text, NULL, 10);
      g_assert_cmpuint (number, ==, event.opcode == RT_WS_TEXT ? data++ : urgent++);
      g_free (event.owned);
    }
  g_assert_cmpuint (pos, ==, fixture->wire->len);
  g_assert_cmpuint (data, ==, fixture->data_put);
  g_assert_cmpuint (urgent, ==, fixture->urgent_put);
}

static void
test_slices (Fixture *fixture, gconstpointer unused)
{
  for (guint i = 0; i < 2000; i++)
    {
      switch (g_rand_int_range (fixture->rand, 0, 8))
        {
        case 0:
          put_data (fixture);
          break;
        case 1:
          put_urgent (fixture);
          break;
        case 2:
          pin (fixture);
          break;
        case 3:
          take (fixture, 1);
          break;
        default:
          take (fixture, (gsize) g_rand_int_range (fixture->rand, 1, 40000));
          break;
        }
      g_assert_cmpuint (fixture->wire->len + rt_ws_output_get_size (&fixture->output), ==,
                        fixture->data_bytes + fixture->urgent_bytes);
    }
  while (take (fixture, G_MAXSIZE) > 0)
    ;
  g_assert_cmpuint (rt_ws_output_get_size (&fixture->output), ==, 0);
  check_wire (fixture);
}

/* At every position within three frames. */
static void
test_urgent_first (Fixture *fixture, gconstpointer unused)
{
  static const char expected[] = "\x8a\x88";
  const gsize frame = 2 + 4 + 8;

  for (gsize written = 0; written < 3 * frame; written++)
    {
      for (guint i = 0; i < 3; i++)
        put (fixture, rt_ws_output_get_data (&fixture->output), RT_WS_TEXT, i, 0);
      g_byte_array_set_size (fixture->wire, 0);
      take (fixture, written);
      put (fixture, rt_ws_output_get_urgent (&fixture->output), RT_WS_PONG, 0, 0);
      take (fixture, G_MAXSIZE);
      gsize boundary = (written + frame - 1) / frame * frame;
      g_assert_cmpuint (fixture->wire->len, ==, 4 * frame);
      g_assert_cmpmem (fixture->wire->data + boundary, 2, expected, 2);
    }
}

/* A close that has to be the last: what has been begun is finished, the rest forgotten. */
static void
test_drop_data (Fixture *fixture, gconstpointer unused)
{
  const gsize frame = 2 + 4 + 8;

  for (gsize written = 0; written < 3 * frame; written++)
    {
      for (guint i = 0; i < 3; i++)
        put (fixture, rt_ws_output_get_data (&fixture->output), RT_WS_TEXT, i, 0);
      g_byte_array_set_size (fixture->wire, 0);
      take (fixture, written);
      rt_ws_output_drop_data (&fixture->output);
      put (fixture, rt_ws_output_get_urgent (&fixture->output), RT_WS_CLOSE, 0, 0);
      take (fixture, G_MAXSIZE);
      gsize boundary = (written + frame - 1) / frame * frame;
      g_assert_cmpuint (fixture->wire->len, ==, boundary + frame);
      g_assert_cmphex (fixture->wire->data[boundary], ==, 0x88);
      g_assert_cmpuint (rt_ws_output_get_size (&fixture->output), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/Rt/WsOutput/slices", Fixture, NULL, fixture_set_up, test_slices, fixture_tear_down);
  g_test_add ("/Rt/WsOutput/urgent-first", Fixture, NULL, fixture_set_up, test_urgent_first, fixture_tear_down);
  g_test_add ("/Rt/WsOutput/drop-data", Fixture, NULL, fixture_set_up, test_drop_data, fixture_tear_down);
  return g_test_run ();
}
