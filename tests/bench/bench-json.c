/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <time.h>
#include "rt-codec.h"

/* Reading a publication frame of 200 bytes, and writing a publish command with the same content, against json-glib
 * with its objects reused. Rounds alternate; the medians of CPU time are printed as one line of JSON. */

#define N_WORKS 4

static const char frame[]
  = "{\"push\":{\"channel\":\"room:1\",\"pub\":{\"data\":{\"$rt\":1,\"id\":\"7234567890123456789\","
    "\"src\":\"0123456789abcdef\",\"ts\":1700000000000123,\"from\":\"alice\",\"type\":\"text\","
    "\"text\":\"Good morning, everybody.\"},\"offset\":4711}}}";
G_STATIC_ASSERT (sizeof frame - 1 >= 195 && sizeof frame - 1 <= 205);

typedef struct
{
  RtDecoder decoder;
  RtBuffer data;
  RtBuffer out;
  JsonParser *parser;
  JsonBuilder *builder;
  JsonGenerator *generator;
} Bench;

/* Each returns a sum over what it read or wrote, which must be the same for both of a pair. */
typedef guint64 (*Work) (Bench *bench);

static guint64
own_read (Bench *bench)
{
  RtReply reply;

  rt_decoder_begin (&bench->decoder, frame, sizeof frame - 1);
  if (rt_codec_json ()->next_reply (&bench->decoder, &reply) != RT_DECODE_ITEM)
    g_error ("the frame was not taken: %s", bench->decoder.fault.text);
  const RtEnvelope *envelope = &reply.publications[0].envelope;
  return reply.channel.len + reply.publications[0].offset + envelope->id.len + envelope->source.len
         + envelope->timestamp + envelope->sender.len + envelope->type.len + envelope->body.len;
}

static gsize
string_length (JsonObject *object, const char *member)
{
  return strlen (json_object_get_string_member (object, member));
}

static guint64
json_glib_read (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  if (!json_parser_load_from_data (bench->parser, frame, sizeof frame - 1, &error))
    g_error ("the frame was not taken: %s", error->message);
  JsonObject *root = json_node_get_object (json_parser_get_root (bench->parser));
  JsonObject *push = json_object_get_object_member (root, "push");
  JsonObject *publication = json_object_get_object_member (push, "pub");
  JsonObject *data = json_object_get_object_member (publication, "data");
  return string_length (push, "channel") + json_object_get_int_member (publication, "offset")
         + string_length (data, "id") + string_length (data, "src") + json_object_get_int_member (data, "ts")
         + string_length (data, "from") + string_length (data, "type") + string_length (data, "text");
}

#define SLICE(text) { text, sizeof (text) - 1, 0 }

static guint64
own_write (Bench *bench)
{
  static const RtEnvelope envelope = {
    .id = SLICE ("7234567890123456789"),
    .source = SLICE ("0123456789abcdef"),
    .timestamp = G_GINT64_CONSTANT (1700000000000123),
    .sender = SLICE ("alice"),
    .type = SLICE ("text"),
    .body_kind = RT_BODY_TEXT,
    .body = SLICE ("Good morning, everybody."),
    .priority = 1,
  };
  RtCommand command = { .kind = RT_COMMAND_PUBLISH, .id = 4711, .channel = SLICE ("room:1") };

  bench->data.len = bench->out.len = 0;
  rt_envelope_write (&bench->data, &envelope);
  command.data.data = (const char *) bench->data.data;
  command.data.len = bench->data.len;
  rt_codec_json ()->write_command (&bench->out, &command);
  return bench->out.len;
}

static void
add_string (JsonBuilder *builder, const char *member, const char *value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *member, gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

static void
begin_object (JsonBuilder *builder, const char *member)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
}

static guint64
json_glib_write (Bench *bench)
{
  JsonBuilder *builder = bench->builder;

  json_builder_reset (builder);
  json_builder_begin_object (builder);
  add_int (builder, "id", 4711);
  begin_object (builder, "publish");
  add_string (builder, "channel", "room:1");
  begin_object (builder, "data");
  add_int (builder, "$rt", 1);
  add_string (builder, "id", "7234567890123456789");
  add_string (builder, "src", "0123456789abcdef");
  add_int (builder, "ts", G_GINT64_CONSTANT (1700000000000123));
  add_string (builder, "from", "alice");
  add_string (builder, "type", "text");
  add_string (builder, "text", "Good morning, everybody.");
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  json_generator_set_root (bench->generator, root);
  gsize len;
  g_autofree char *text = json_generator_to_data (bench->generator, &len);
  return len;
}

static const struct
{
  const char *name;
  Work work;
} works[N_WORKS] = {
  { "own_read", own_read },
  { "json_glib_read", json_glib_read },
  { "own_write", own_write },
  { "json_glib_write", json_glib_write },
};

static gint64
cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* ns for one. */
static double
run (Bench *bench, Work work, guint n, guint64 *sum)
{
  gint64 start = cpu_time ();

  for (guint i = 0; i < n; i++)
    *sum += work (bench);
  return (double) (cpu_time () - start) / n;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
report (double *times[N_WORKS], guint rounds)
{
  double median[N_WORKS];

  printf ("{\"bench\":\"json\",\"frame_bytes\":%u,\"rounds\":%u", (guint) sizeof frame - 1, rounds);
  for (guint i = 0; i < N_WORKS; i++)
    {
      qsort (times[i], rounds, sizeof (double), compare_doubles);
      median[i] = times[i][rounds / 2];
      printf (",\"%s_ns\":{\"median\":%.1f,\"min\":%.1f,\"max\":%.1f}", works[i].name, median[i], times[i][0],
              times[i][rounds - 1]);
    }
  printf (",\"read_ratio\":%.1f,\"write_ratio\":%.1f}\n", median[1] / median[0], median[3] / median[2]);
}

int
main (int argc, char **argv)
{
  int rounds = 7, messages = 200000;
  g_autofree char *only = NULL;
  const GOptionEntry entries[] = {
    { "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Rounds, alternating", "N" },
    { "messages", 'm', 0, G_OPTION_ARG_INT, &messages, "Messages in a round", "N" },
    { "only", 'o', 0, G_OPTION_ARG_STRING, &only, "Do this one alone, for an instruction counter", "NAME" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("- JSON of the protocol against json-glib");
  g_autoptr (GError) error = NULL;
  double *times[N_WORKS];
  guint64 sums[N_WORKS] = { 0 };
  Bench bench = { .parser = json_parser_new (), .builder = json_builder_new (), .generator = json_generator_new () };

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || rounds < 1 || messages < 1)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--rounds and --messages must be at least 1");
      return 2;
    }
  for (guint i = 0; i < N_WORKS; i++)
    times[i] = g_new0 (double, rounds);
  for (int round = 0; round < rounds; round++)
    for (guint i = 0; i < N_WORKS; i++)
      if (only == NULL || g_str_equal (only, works[i].name))
        times[i][round] = run (&bench, works[i].work, messages, &sums[i]);
  if (only == NULL)
    {
      g_assert_cmpuint (sums[0], ==, sums[1]);
      g_assert_cmpuint (sums[2], ==, sums[3]);
      report (times, rounds);
    }
  for (guint i = 0; i < N_WORKS; i++)
    g_free (times[i]);
  rt_decoder_clear (&bench.decoder);
  rt_buffer_clear (&bench.data);
  rt_buffer_clear (&bench.out);
  g_object_unref (bench.parser);
  g_object_unref (bench.builder);
  g_object_unref (bench.generator);
  return 0;
}
