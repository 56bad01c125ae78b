/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Rows 11, 13 and 14 of the fault matrix: frames and messages that are wrong, or in a wrong place. */

static RtFaultWorld *
new_world (gconstpointer route)
{
  return rt_fault_world_new (rt_fault_seed (1), route, 1000);
}

static void
strike (RtFaultWorld *world, RtFaultAction action)
{
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = action });
}

/* --- Row 11: no frames --- */

typedef struct
{
  const char *name;
  const char *bytes;
  gsize len;
} Bytes;

#define BYTES(name, text) { name, text, sizeof text - 1 }

static const Bytes bad_frames[] = {
  BYTES ("reserved bit", "\xc1\x01x"),
  BYTES ("opcode 3", "\x83\x00"),
  BYTES ("opcode 11", "\x8b\x00"),
  BYTES ("fragmented ping", "\x09\x00"),
  BYTES ("long ping", "\x89\x7e\x00\x7e"),
  BYTES ("masked", "\x81\x81" "abcd" "x"),
  BYTES ("length in the wrong form", "\x81\x7e\x00\x01x"),
  BYTES ("length of 63 bits", "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"),
  BYTES ("length of 40 bits", "\x81\x7f\x00\x00\x01\x00\x00\x00\x00\x00"),
  BYTES ("text that is none", "\x81\x02\xc3\x28"),
  BYTES ("continuation of nothing", "\x80\x01x"),
  BYTES ("close of one byte", "\x88\x01\x03"),
  BYTES ("close code 1005", "\x88\x02\x03\xed"),
};

static const Bytes bad_chunks[] = {
  BYTES ("no size", "zz\r\nxx\r\n"),
  BYTES ("negative size", "-5\r\nxx\r\n"),
  BYTES ("size of 64 bits", "ffffffffffffffff\r\nxx\r\n"),
  BYTES ("no end of a chunk", "1\r\nxyz\r\n"),
};

/* What comes behind it on the same line is not believed; what was missed comes on the next one. */
static void
test_bytes (const char *route, const Bytes *bytes)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");
  const RtFaultRule rule = {
    .direction = RT_FAULT_DOWN, .contains = "\"pub\":{", .times = 2,
    .action = RT_FAULT_RAW, .text = bytes->bytes, .n = (guint) bytes->len,
  };

  g_test_message ("%s", bytes->name);
  rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
  rt_fault_proxy_add_rule (world->proxy, &rule);
  for (guint i = 0; i < 5; i++)
    rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, ann->disconnected > 0 || bob->disconnected > 0);
  g_assert_true (ann->disconnected == 0 || ann->last_will_retry);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 6);
}

static void
test_frames (gconstpointer route)
{
  gboolean is_websocket = route == RT_FAULT_WEBSOCKET;
  const Bytes *bytes = is_websocket ? bad_frames : bad_chunks;
  gsize n = is_websocket ? G_N_ELEMENTS (bad_frames) : G_N_ELEMENTS (bad_chunks);

  for (gsize i = 0; i < n; i++)
    test_bytes (route, &bytes[i]);
}

/* --- Row 13: no messages --- */

typedef struct
{
  const char *text;
  gboolean is_breach; /* ends the line */
} Text;

static const Text texts[] = {
  { "{\"push\":", TRUE },
  { "nonsense", TRUE },
  { "[]", TRUE },
  { "{\"push\":5}", TRUE },
  { "{\"id\":\"one\",\"publish\":{}}", TRUE },
  { "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{},\"offset\":-1}}}", TRUE },
  { "{\"push\":{\"channel\":\"room\",\"what\":{}}}", FALSE },
  { "{\"push\":{\"channel\":\"elsewhere\",\"pub\":{\"data\":{},\"offset\":1}}}", FALSE },
  { "{\"what\":1}", FALSE },
  { "{\"push\":{\"channel\":\"room\",\"join\":{\"info\":{\"client\":\"\"}}}}", FALSE },
};

static void
test_text (const char *route, const Text *text)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  g_test_message ("%s", text->text);
  rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, rt_fault_actor_is_idle (ann) && ann->delivered == 1);
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_INJECT, .text = text->text });
  for (guint i = 0; i < 3; i++)
    rt_fault_actor_send (ann, "room");
  rt_fault_world_run (world, 3000);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->disconnected, ==, text->is_breach);
  g_assert_cmpuint (ann->ok, ==, 4);
}

static void
test_texts (gconstpointer route)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    test_text (route, &texts[i]);
}

/* Offsets that no journal has: whatever is made of them, sends are answered, and what is missing is told of. */
static void
test_offsets (gconstpointer route)
{
  const char *const wrong[] = { "1", "9007199254740991", "18446744073709551615" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (route);
      RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
      g_autofree char *text = g_strdup_printf (
        "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"n\":1},\"offset\":%s}}}", wrong[i]);

      for (guint n = 0; n < 3; n++)
        rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann) && ann->delivered == 3);
      rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_INJECT, .text = text });
      rt_fault_world_run (world, 1000);
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
      strike (world, RT_FAULT_RST);
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
      g_assert_cmpuint (ann->ok, ==, 5);
      g_assert_true (ann->delivered >= 5 || ann->gaps > 0);
      if (i == 0)
        rt_fault_world_verify (world, FALSE);
    }
}

/* --- Row 14: messages in a wrong place --- */

static void
test_places (gconstpointer route)
{
  const RtFaultAction actions[] = { RT_FAULT_DUPLICATE, RT_FAULT_SWAP, RT_FAULT_DROP };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (route);
      RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
      RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");
      const RtFaultRule rule = {
        .direction = RT_FAULT_DOWN, .contains = "\"pub\":{", .times = 10, .probability = 0.5,
        .action = actions[i],
      };

      g_test_message ("%s", rt_fault_action_get_name (actions[i]));
      rt_fault_proxy_add_rule (world->proxy, &rule);
      for (guint n = 0; n < 40; n++)
        {
          rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
          rt_fault_world_run (world, 100);
        }
      rt_fault_proxy_clear_rules (world->proxy);
      rt_fault_actor_send (ann, "room");
      rt_fault_world_verify (world, FALSE);
      g_assert_cmpuint (bob->delivered, ==, 41);
      g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), >, 0);
    }
}

static const RtFaultCase cases[] = {
  { "row11/frames", test_frames, RT_FAULT_EVERY_ROUTE },
  { "row13/texts", test_texts, RT_FAULT_STREAMS_ONLY },
  { "row13/offsets", test_offsets, RT_FAULT_STREAMS_ONLY },
  { "row14/places", test_places, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
