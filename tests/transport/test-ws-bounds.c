/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include "ws-script.h"

/* What a peer may cost: memory, and frames a call; and what comes out without a copy. */

#define LIMIT (1024 * 1024)
#define CHUNK 65536

static gsize
heap_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* Feeds one chunk, which the parser may change; returns the number of events, all of which are dropped. */
static guint
feed (RtWsParser *parser, guint8 *data, gsize len)
{
  guint events = 0;
  gsize used;
  guint budget = G_MAXUINT;
  RtWsEvent event;

  while (rt_ws_parser_next (parser, data, len, &used, &budget, &event) == RT_WS_EVENT)
    {
      g_free (event.owned);
      data += used;
      len -= used;
      events++;
    }
  return events;
}

static guint
feed_script (RtWsParser *parser, const char *sent)
{
  g_autoptr (GBytes) bytes = ws_compile (sent, RT_WS_SERVER, NULL);
  gsize len = g_bytes_get_size (bytes);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), len);

  return feed (parser, data, len);
}

/* A header claims 30 MiB: memory follows what arrives. */
static void
test_claim (void)
{
  static const gsize total = 30 * 1024 * 1024;
  static const guint8 header[] = { 0x82, 0x7f, 0, 0, 0, 0, 0x01, 0xe0, 0, 0 };
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, 32 * 1024 * 1024);
  g_autofree guint8 *chunk = g_malloc0 (CHUNK);
  gsize before = heap_in_use ();
  guint events = 0;

  memcpy (chunk, header, sizeof header);
  g_assert_cmpuint (feed (parser, chunk, sizeof header), ==, 0);
  g_assert_cmpuint (rt_ws_parser_get_held (parser), ==, 0);
  for (gsize arrived = 0; arrived < total;)
    {
      gsize part = MIN (total - arrived, CHUNK);

      events += feed (parser, chunk, part);
      arrived += part;
      g_assert_cmpuint (rt_ws_parser_get_held (parser), <=, MAX (2 * arrived, 4096));
      g_assert_cmpuint (rt_ws_parser_get_held (parser), <=, total);
      g_assert_cmpuint (heap_in_use (), <=, before + 2 * arrived + CHUNK);
    }
  g_assert_cmpuint (events, ==, 1);
  g_assert_cmpuint (rt_ws_parser_get_held (parser), ==, 0);
}

/* Fragments without an end: up to the limit, then a fault that gives all of it back. */
static void
test_fragment_flood (void)
{
  static const gsize sizes[] = { 1, 100, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
      g_autofree char *script = g_strdup_printf ("00:(a*%" G_GSIZE_FORMAT ")", sizes[i]);
      g_autoptr (GBytes) frame = ws_compile (script, RT_WS_SERVER, NULL);
      gsize len;
      const guint8 *data = g_bytes_get_data (frame, &len);
      g_autofree guint8 *copy = g_malloc (len);
      gsize before = heap_in_use ();
      gsize sum = 0;

      feed_script (parser, "01:");
      while (rt_ws_parser_get_fault (parser, NULL) == 0)
        {
          memcpy (copy, data, len);
          g_assert_cmpuint (feed (parser, copy, len), ==, 0);
          sum += sizes[i];
          g_assert_cmpuint (rt_ws_parser_get_held (parser), <=, LIMIT);
          g_assert_cmpuint (heap_in_use (), <=, before + LIMIT + CHUNK);
        }
      g_assert_cmpuint (rt_ws_parser_get_fault (parser, NULL), ==, RT_WS_CLOSE_TOO_LARGE);
      g_assert_cmpuint (sum, ==, (LIMIT / sizes[i] + 1) * sizes[i]);
      g_assert_cmpuint (rt_ws_parser_get_held (parser), ==, 0);
    }
}

static void
test_empty_fragments (void)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);

  feed_script (parser, "01:");
  gsize before = heap_in_use ();
  for (guint i = 0; i < 100000; i++)
    {
      guint8 frame[] = { 0x00, 0x00 };

      g_assert_cmpuint (feed (parser, frame, sizeof frame), ==, 0);
    }
  g_assert_cmpuint (heap_in_use (), <=, before + 1024);
  g_assert_cmpuint (rt_ws_parser_get_held (parser), ==, 0);
  g_assert_cmpuint (feed_script (parser, "80:end"), ==, 1);
}

/* Whatever ends the connection ends what is held. */
static void
test_given_back (void)
{
  static const char *const ends[] = { "88:", "83:", "80:%ff", "81:", "00=1048577:" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);

      feed_script (parser, "01:(a*60000)");
      g_assert_cmpuint (rt_ws_parser_get_held (parser), >=, 60000);
      feed_script (parser, ends[i]);
      g_assert_cmpuint (rt_ws_parser_get_held (parser), ==, 0);
    }
  /* With a message open: valgrind and the sanitizer watch. */
  RtWsParser *parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
  feed_script (parser, "01:(a*60000) 89=100:half");
  rt_ws_parser_free (parser);
}

/* Nine frames, two of them fragments and three controls, in chunks of any size: each is counted once, where it
 * begins, and not one begins without budget. */
static void
assert_budget (guint per_call, gsize chunk)
{
  g_autoptr (GArray) borders = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_autoptr (GBytes) bytes = ws_compile ("81:one 82: 01:tw 89:ping 80:o 8a:pong 82:(x*300) 81:last 88:%03%e8",
                                         RT_WS_SERVER, borders);
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
  gsize len = g_bytes_get_size (bytes);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), len);
  gsize at = 0;
  guint begun = 0;
  guint events = 0;

  while (at < len)
    {
      guint budget = per_call;
      gsize end = MIN (len, at + chunk);
      RtWsStatus status;

      do
        {
          gsize used;
          guint left = budget;
          RtWsEvent event;

          status = rt_ws_parser_next (parser, data + at, end - at, &used, &budget, &event);
          at += used;
          begun += left - budget;
          /* Exactly the frames whose first byte was read. */
          guint behind = 0;
          while (behind < borders->len && g_array_index (borders, gsize, behind) < at)
            behind++;
          g_assert_cmpuint (begun, ==, at == 0 ? 0 : behind + 1);
          if (status == RT_WS_EVENT)
            {
              g_free (event.owned);
              events++;
            }
        }
      while (status == RT_WS_EVENT);
      if (status == RT_WS_BUDGET)
        g_assert_cmpuint (budget, ==, 0);
      else
        g_assert_cmpint (status, ==, RT_WS_MORE);
      g_assert_true (status == RT_WS_BUDGET || at == end);
    }
  g_assert_cmpuint (begun, ==, 9);
  g_assert_cmpuint (events, ==, 8);
}

static void
test_budget (void)
{
  for (guint per_call = 1; per_call <= 10; per_call++)
    for (gsize chunk = 1; chunk < 400; chunk++)
      assert_budget (per_call, chunk);
}

static void
test_no_budget (void)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
  guint8 frame[] = { 0x81, 0x01, 'a', 0x81 };
  gsize used;
  guint budget = 0;
  RtWsEvent event;

  g_assert_cmpint (rt_ws_parser_next (parser, frame, 4, &used, &budget, &event), ==, RT_WS_BUDGET);
  g_assert_cmpuint (used, ==, 0);
  /* Without bytes there is nothing to have a budget for. */
  g_assert_cmpint (rt_ws_parser_next (parser, frame, 0, &used, &budget, &event), ==, RT_WS_MORE);
  budget = 1;
  g_assert_cmpint (rt_ws_parser_next (parser, frame, 1, &used, &budget, &event), ==, RT_WS_MORE);
  g_assert_cmpuint (budget, ==, 0);
  /* The rest of a frame that has begun costs nothing more. */
  g_assert_cmpint (rt_ws_parser_next (parser, frame + 1, 3, &used, &budget, &event), ==, RT_WS_EVENT);
  g_assert_cmpuint (used, ==, 2);
  g_assert_cmpint (rt_ws_parser_next (parser, frame + 3, 1, &used, &budget, &event), ==, RT_WS_BUDGET);
  g_assert_cmpuint (used, ==, 0);
}

/* Parses one event of @sent, cut at @cut; returns whether it lies in the chunk. */
static gboolean
is_in_place (RtWsRole role, const char *sent, gsize cut)
{
  g_autoptr (GBytes) bytes = ws_compile (sent, ws_peer_of (role), NULL);
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (role, LIMIT);
  gsize len = g_bytes_get_size (bytes);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), len);
  gsize used;
  guint budget = 100;
  RtWsEvent event;

  if (cut > 0)
    g_assert_cmpint (rt_ws_parser_next (parser, data, cut, &used, &budget, &event), ==, RT_WS_MORE);
  g_assert_cmpint (rt_ws_parser_next (parser, data + cut, len - cut, &used, &budget, &event), ==, RT_WS_EVENT);
  g_assert_cmpuint (cut + used, ==, len);
  if (event.owned == NULL)
    {
      g_assert_true (event.data >= data && event.data + event.len <= data + len);
      return TRUE;
    }
  g_assert_true (event.data >= event.owned);
  g_free (event.owned);
  return FALSE;
}

static void
test_in_place (void)
{
  for (guint role = RT_WS_CLIENT; role <= RT_WS_SERVER; role++)
    {
      gsize header = role == RT_WS_SERVER ? 6 : 2;

      g_assert_true (is_in_place (role, "81:hello", 0));
      g_assert_true (is_in_place (role, "81:", 0));
      g_assert_true (is_in_place (role, "82:(a*70000)", 0));
      g_assert_true (is_in_place (role, "89:hello", 0));
      g_assert_true (is_in_place (role, "88:%03%e8bye", 0));
      /* With the header in the chunk before. */
      g_assert_true (is_in_place (role, "81:hello", header));
      g_assert_true (is_in_place (role, "89:hello", header - 1));
      g_assert_true (is_in_place (role, "01: 00: 80:hello", 0));

      g_assert_false (is_in_place (role, "01:hel 80:lo", 0));
      g_assert_false (is_in_place (role, "81:hello", header + 1));
      g_assert_false (is_in_place (role, "89:hello", header + 4));
      g_assert_false (is_in_place (role, "88:%03%e8bye", header + 1));
    }
}

/* What is given out is no larger than it says, however it was put together. */
static void
test_trimmed (void)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
  guint8 frames[] = { 0x01, 0x01, 'a', 0x80, 0x01, 'b' };
  gsize used;
  guint budget = 2;
  RtWsEvent event;

  g_assert_cmpint (rt_ws_parser_next (parser, frames, sizeof frames, &used, &budget, &event), ==, RT_WS_EVENT);
  g_assert_cmpmem (event.owned, event.len, "ab", 2);
  g_assert_cmpuint (malloc_usable_size (event.owned), <=, 64);
  g_free (event.owned);
}

static void
test_fault (void)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_CLIENT, LIMIT);
  guint8 frame[] = { 0x83, 0x00, 0x81, 0x00 };
  const char *text = "";
  gsize used;
  guint budget = 10;
  RtWsEvent event;

  g_assert_cmpuint (rt_ws_parser_get_fault (parser, &text), ==, 0);
  g_assert_null (text);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (rt_ws_parser_next (parser, frame, 4, &used, &budget, &event), ==, RT_WS_FAULT);
      g_assert_cmpuint (used, ==, 4);
      g_assert_cmpuint (rt_ws_parser_get_fault (parser, &text), ==, RT_WS_CLOSE_PROTOCOL_ERROR);
      g_assert_cmpstr (text, ==, "a frame has a reserved opcode");
    }
  g_assert_cmpuint (budget, ==, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WsBounds/claim", test_claim);
  g_test_add_func ("/Rt/WsBounds/fragment-flood", test_fragment_flood);
  g_test_add_func ("/Rt/WsBounds/empty-fragments", test_empty_fragments);
  g_test_add_func ("/Rt/WsBounds/given-back", test_given_back);
  g_test_add_func ("/Rt/WsBounds/budget", test_budget);
  g_test_add_func ("/Rt/WsBounds/no-budget", test_no_budget);
  g_test_add_func ("/Rt/WsBounds/in-place", test_in_place);
  g_test_add_func ("/Rt/WsBounds/trimmed", test_trimmed);
  g_test_add_func ("/Rt/WsBounds/fault", test_fault);
  return g_test_run ();
}
