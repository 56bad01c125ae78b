/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-codec.h"
#include "rt-message-private.h"

G_BEGIN_DECLS

/* A message as it arrives on "room" in the publication object @publication (JSON). The bytes it was read from
 * are gone when this returns. */
static inline RtMessage *
rt_test_receive (const char *publication)
{
  g_autofree char *line = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"pub\":%s}}", publication);
  char *channel = g_ref_string_new ("room");
  RtDecoder decoder = { 0 };
  RtReply reply;
  RtMessage *message;

  rt_decoder_begin (&decoder, line, strlen (line));
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_ITEM);
  g_assert_cmpint (reply.kind, ==, RT_PUSH_PUBLICATION);
  message = rt_message_new_incoming (channel, &reply.publications[0]);
  memset (line, 'x', strlen (line));
  rt_decoder_clear (&decoder);
  g_ref_string_release (channel);
  return message;
}

static inline char *
rt_test_write (RtMessage *message, gboolean *bare)
{
  RtBuffer out = { 0 };

  rt_message_write_data (message, "0123456789abcdef", &out, bare);
  rt_buffer_put_byte (&out, '\0');
  return (char *) out.data;
}

/* Sends @message to itself. */
static inline RtMessage *
rt_test_loop (RtMessage *message)
{
  g_autofree char *data = rt_test_write (message, NULL);
  /* As the codec writes it: a line ends a frame. */
  g_autofree char *publication = g_strdup_printf ("{\"data\":%s,\"offset\":7}", g_strdelimit (data, "\n", ' '));

  return rt_test_receive (publication);
}

static inline char *
rt_test_print (GVariant *variant)
{
  return variant != NULL ? g_variant_print (variant, TRUE) : g_strdup ("(none)");
}

/* All but the offset. */
static inline void
rt_test_assert_same (RtMessage *a, RtMessage *b)
{
  static const char *const names[] = {
    "id", "channel", "sender", "message-type", "type-name", "content", "data", "bytes", "priority", "ttl",
    "timestamp", "metadata", "tags",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (a), names[i]);
      g_auto (GValue) left = G_VALUE_INIT;
      g_auto (GValue) right = G_VALUE_INIT;

      g_value_init (&left, pspec->value_type);
      g_value_init (&right, pspec->value_type);
      g_object_get_property (G_OBJECT (a), names[i], &left);
      g_object_get_property (G_OBJECT (b), names[i], &right);
      if (pspec->value_type == G_TYPE_VARIANT)
        {
          g_autofree char *left_text = rt_test_print (g_value_get_variant (&left));
          g_autofree char *right_text = rt_test_print (g_value_get_variant (&right));
          g_assert_cmpstr (left_text, ==, right_text);
        }
      else if (pspec->value_type == G_TYPE_BYTES)
        {
          GBytes *left_bytes = g_value_get_boxed (&left), *right_bytes = g_value_get_boxed (&right);
          g_assert_true ((left_bytes == NULL) == (right_bytes == NULL));
          if (left_bytes != NULL)
            g_assert_true (g_bytes_equal (left_bytes, right_bytes));
        }
      else if (g_param_values_cmp (pspec, &left, &right) != 0)
        {
          g_error ("%s differs", names[i]);
        }
    }
}

G_END_DECLS
