/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-payload.h"

#include <math.h>
#include <string.h>
#include "rt-error.h"

/* From a GVariant to JSON text. Where json-glib would write something, but not what was given, there is a fault
 * instead. */

/* Of GVariant's own containers, some of which leave nothing behind in JSON. One in serialised form has at most half as
 * many. */
#define MAX_NESTED 256

static gboolean put_value (RtBuffer *out, GVariant *variant, guint depth, const char **fault);

static void
put_string (RtBuffer *out, GVariant *variant)
{
  gsize len;
  const char *text = g_variant_get_string (variant, &len);

  rt_json_put_string (out, text, len);
}

/* In as few digits as give the same number back. */
static void
format_double (double number, char digits[G_ASCII_DTOSTR_BUF_SIZE])
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (digits, G_ASCII_DTOSTR_BUF_SIZE, formats[i], number);
      if (g_ascii_strtod (digits, NULL) == number)
        return;
    }
}

static gboolean
put_double (RtBuffer *out, double number, const char **fault)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      *fault = "it holds a number that is infinite, or none";
      return FALSE;
    }
  format_double (number, digits);
  rt_buffer_put (out, digits, strlen (digits));
  /* A reader would take it for an integer. */
  if (strpbrk (digits, ".e") == NULL)
    rt_buffer_put (out, ".0", 2);
  return TRUE;
}

static gboolean
put_uint64 (RtBuffer *out, guint64 number, const char **fault)
{
  if (number > G_MAXINT64)
    {
      *fault = "it holds an integer over 9223372036854775807, which JSON readers cannot take; write it as a string";
      return FALSE;
    }
  rt_json_put_uint (out, number);
  return TRUE;
}

static gint64
get_int (GVariant *variant)
{
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BYTE:
      return g_variant_get_byte (variant);
    case G_VARIANT_CLASS_INT16:
      return g_variant_get_int16 (variant);
    case G_VARIANT_CLASS_UINT16:
      return g_variant_get_uint16 (variant);
    case G_VARIANT_CLASS_INT32:
      return g_variant_get_int32 (variant);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (variant);
    case G_VARIANT_CLASS_HANDLE:
      return g_variant_get_handle (variant);
    default:
      return g_variant_get_int64 (variant);
    }
}

/* Every basic type may be a key. */
static char *
key_to_text (GVariant *key)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  switch (g_variant_classify (key))
    {
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_dup_string (key, NULL);
    case G_VARIANT_CLASS_BOOLEAN:
      return g_strdup (g_variant_get_boolean (key) ? "true" : "false");
    case G_VARIANT_CLASS_DOUBLE:
      format_double (g_variant_get_double (key), digits);
      return g_strdup (digits);
    case G_VARIANT_CLASS_UINT64:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, g_variant_get_uint64 (key));
    default:
      return g_strdup_printf ("%" G_GINT64_FORMAT, get_int (key));
    }
}

/* @names holds those of the object's earlier members. */
static gboolean
put_member (RtBuffer *out, GVariant *entry, GHashTable *names, guint depth, const char **fault)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  char *name = key_to_text (key);
  gsize len = strlen (name);

  if (g_hash_table_size (names) > 0)
    rt_buffer_put_byte (out, ',');
  rt_json_put_string (out, name, len);
  rt_buffer_put_byte (out, ':');
  if (!g_hash_table_add (names, name))
    {
      *fault = "it holds a key twice";
      return FALSE;
    }
  return put_value (out, value, depth, fault);
}

static gboolean
put_object (RtBuffer *out, GVariant *dict, guint depth, const char **fault)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  rt_buffer_put_byte (out, '{');
  if (g_variant_is_of_type (dict, G_VARIANT_TYPE_DICT_ENTRY))
    {
      if (!put_member (out, dict, names, depth, fault))
        return FALSE;
    }
  else
    {
      for (gsize i = 0; i < g_variant_n_children (dict); i++)
        {
          g_autoptr (GVariant) entry = g_variant_get_child_value (dict, i);
          if (!put_member (out, entry, names, depth, fault))
            return FALSE;
        }
    }
  rt_buffer_put_byte (out, '}');
  return TRUE;
}

static gboolean
put_array (RtBuffer *out, GVariant *variant, guint depth, const char **fault)
{
  rt_buffer_put_byte (out, '[');
  for (gsize i = 0; i < g_variant_n_children (variant); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      if (i > 0)
        rt_buffer_put_byte (out, ',');
      if (!put_value (out, child, depth, fault))
        return FALSE;
    }
  rt_buffer_put_byte (out, ']');
  return TRUE;
}

/* What a variant or a maybe holds; NULL: nothing. */
static gboolean
put_inner (RtBuffer *out, GVariant *inner, guint depth, const char **fault)
{
  g_autoptr (GVariant) owned = inner;

  if (owned != NULL)
    return put_value (out, owned, depth, fault);
  rt_buffer_put (out, "null", 4);
  return TRUE;
}

static gboolean
put_container (RtBuffer *out, GVariant *variant, guint depth, const char **fault)
{
  if (depth == 0)
    {
      *fault = "it is nested too deep";
      return FALSE;
    }
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_VARIANT:
      return put_inner (out, g_variant_get_variant (variant), depth - 1, fault);
    case G_VARIANT_CLASS_MAYBE:
      return put_inner (out, g_variant_get_maybe (variant), depth - 1, fault);
    case G_VARIANT_CLASS_DICT_ENTRY:
      return put_object (out, variant, depth - 1, fault);
    case G_VARIANT_CLASS_ARRAY:
      if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
        return put_object (out, variant, depth - 1, fault);
      return put_array (out, variant, depth - 1, fault);
    default:
      return put_array (out, variant, depth - 1, fault);
    }
}

static gboolean
put_value (RtBuffer *out, GVariant *variant, guint depth, const char **fault)
{
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      if (g_variant_get_boolean (variant))
        rt_buffer_put (out, "true", 4);
      else
        rt_buffer_put (out, "false", 5);
      return TRUE;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      put_string (out, variant);
      return TRUE;
    case G_VARIANT_CLASS_DOUBLE:
      return put_double (out, g_variant_get_double (variant), fault);
    case G_VARIANT_CLASS_UINT64:
      return put_uint64 (out, g_variant_get_uint64 (variant), fault);
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
      return put_container (out, variant, depth, fault);
    default:
      rt_json_put_int (out, get_int (variant));
      return TRUE;
    }
}

char *
rt_payload_from_variant (GVariant *variant, GError **error)
{
  g_auto (RtBuffer) out = { 0 };
  const char *fault = NULL;

  if (!put_value (&out, variant, MAX_NESTED, &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The GVariant of the type %s has no JSON form: %s",
                   g_variant_get_type_string (variant), fault);
      return NULL;
    }
  if (!rt_payload_check ((const char *) out.data, out.len, error))
    {
      g_prefix_error (error, "The GVariant of the type %s has no JSON form: ", g_variant_get_type_string (variant));
      return NULL;
    }
  rt_buffer_put_byte (&out, '\0');
  return (char *) g_steal_pointer (&out.data);
}
