/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-payload.h"

#include <json-glib/json-glib.h>
#include "rt-error.h"

/* A GVariant in serialised form reads as empty what is nested deeper than this, without a word. */
#define MAX_VARIANT_DEPTH 128
/* How many containers of GVariant one of JSON becomes: array, variant; array, entry, variant. */
#define ARRAY_DEPTH 2
#define OBJECT_DEPTH 3

/* @json passed the grammar, so brackets match and quotes close. */
static gboolean
fits_variant (const char *json, gsize len)
{
  guint8 steps[RT_JSON_MAX_DEPTH];
  guint depth = 0, level = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < len; i++)
    {
      char c = json[i];
      if (in_string && c == '\\')
        i++;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && (c == '{' || c == '['))
        {
          steps[level] = c == '{' ? OBJECT_DEPTH : ARRAY_DEPTH;
          depth += steps[level++];
          if (depth > MAX_VARIANT_DEPTH - 1)
            return FALSE;
        }
      else if (!in_string && (c == '}' || c == ']'))
        depth -= steps[--level];
    }
  return TRUE;
}

gboolean
rt_payload_check (const char *json, gsize len, GError **error)
{
  RtJsonFault fault;

  if (!rt_json_check_payload (json, len, &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                   "The JSON cannot be used: %s (byte %" G_GSIZE_FORMAT ")", fault.text, fault.offset);
      return FALSE;
    }
  if (!fits_variant (json, len))
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                           "The JSON cannot be used: it is nested deeper than a GVariant can be");
      return FALSE;
    }
  return TRUE;
}

GVariant *
rt_payload_to_variant (const char *json, gsize len, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  GVariant *variant;

  if (!rt_payload_check (json, len, error))
    return NULL;
  variant = json_gvariant_deserialize_data (json, len, NULL, &local_error);
  if (variant == NULL)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The JSON cannot be used: %s",
                   local_error->message);
      return NULL;
    }
  return g_variant_take_ref (variant);
}

GVariant *
rt_payload_no_pairs (void)
{
  static GVariant *empty; /* atomic */

  if (g_once_init_enter (&empty))
    g_once_init_leave (&empty, g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{ss}"), NULL, 0)));
  return empty;
}

static void
add_pair_cb (const char *key, const char *value, gpointer user_data)
{
  g_variant_builder_add (user_data, "{ss}", key, value);
}

GVariant *
rt_payload_pairs (const RtSlice *object)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  GVariant *pairs;

  if (object->data == NULL || !rt_json_check_payload (object->data, object->len, NULL)
      || !rt_json_each_pair (object, add_pair_cb, &builder))
    return g_variant_ref (rt_payload_no_pairs ());
  pairs = g_variant_ref_sink (g_variant_builder_end (&builder));
  /* Serialised now, so that strings handed out from it stay where they are as long as it lives. */
  g_variant_get_data (pairs);
  return pairs;
}

void
rt_payload_put_pairs (RtBuffer *out, GVariant *pairs)
{
  GVariantIter iter;
  const char *key, *value;
  char before = '{';

  g_variant_iter_init (&iter, pairs);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    {
      rt_buffer_put_byte (out, before);
      rt_json_put_string (out, key, strlen (key));
      rt_buffer_put_byte (out, ':');
      rt_json_put_string (out, value, strlen (value));
      before = ',';
    }
  if (before == '{')
    rt_buffer_put_byte (out, before);
  rt_buffer_put_byte (out, '}');
}

GBytes *
rt_payload_decode_base64 (const char *text)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gsize len = strlen (text);
  gsize digits = strspn (text, alphabet);
  gsize padding = strspn (text + digits, "=");
  gsize decoded_len;
  guchar *decoded;

  /* g_base64_decode () passes over anything that is not of the alphabet. */
  if (digits + padding != len || len % 4 != 0 || padding > 2)
    return NULL;
  decoded = g_base64_decode (text, &decoded_len);
  return g_bytes_new_take (decoded, decoded_len);
}
