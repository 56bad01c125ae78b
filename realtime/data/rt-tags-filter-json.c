/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-tags-filter-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-payload.h"

/* Filters as the protocol has them: objects with "op" and "nodes", or with "cmp", "key" and "val" or "vals". */

#define MAX_NODES 256

static const struct
{
  const char *name;
  RtTagsFilterKind kind;
  RtTagsComparison comparison;
  gboolean negated;
} comparisons[] = {
  { "eq", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_EQUAL, FALSE },
  { "neq", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_EQUAL, TRUE },
  { "sw", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_STARTS_WITH, FALSE },
  { "ew", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_ENDS_WITH, FALSE },
  { "ct", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_CONTAINS, FALSE },
  { "lt", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_LESS, FALSE },
  { "lte", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_LESS_OR_EQUAL, FALSE },
  { "gt", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_GREATER, FALSE },
  { "gte", RT_TAGS_FILTER_COMPARE, RT_TAGS_COMPARISON_GREATER_OR_EQUAL, FALSE },
  { "in", RT_TAGS_FILTER_ONE_OF, 0, FALSE },
  { "nin", RT_TAGS_FILTER_ONE_OF, 0, TRUE },
  { "ex", RT_TAGS_FILTER_EXISTS, 0, FALSE },
  { "nex", RT_TAGS_FILTER_EXISTS, 0, TRUE },
};

static const struct
{
  const char *name;
  RtTagsFilterKind kind;
} groups[] = {
  { "and", RT_TAGS_FILTER_ALL },
  { "or", RT_TAGS_FILTER_ANY },
  { "not", RT_TAGS_FILTER_NOT },
};

/* --- Reading --- */

typedef struct
{
  guint n_nodes;
  const char *fault; /* static; NULL: none so far */
} Reading;

static RtTagsFilter *read_node (Reading *self, GVariant *object, guint depth);

static RtTagsFilter *
refuse (Reading *self, const char *fault)
{
  if (self->fault == NULL)
    self->fault = fault;
  return NULL;
}

static const char *
get_text (GVariant *object, const char *name)
{
  const char *text = "";

  g_variant_lookup (object, name, "&s", &text);
  return text;
}

/* NULL where it is not an array of at least one string. */
static char **
dup_values (GVariant *object)
{
  g_autoptr (GVariant) values = g_variant_lookup_value (object, "vals", G_VARIANT_TYPE ("av"));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gsize n = values != NULL ? g_variant_n_children (values) : 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (values, i);
      g_autoptr (GVariant) value = g_variant_get_variant (child);

      if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        return NULL;
      g_strv_builder_add (builder, g_variant_get_string (value, NULL));
    }
  return n > 0 && n <= MAX_NODES ? g_strv_builder_end (builder) : NULL;
}

static RtTagsFilter *
new_leaf (Reading *self, guint place, const char *key, GVariant *object)
{
  const char *value = get_text (object, "val");

  if (*key == '\0')
    return refuse (self, "a comparison has a \"key\"");
  switch ((int) comparisons[place].kind)
    {
    case RT_TAGS_FILTER_COMPARE:
      if (*value == '\0')
        return refuse (self, "this comparison has a \"val\"");
      return rt_tags_filter_new_compare (key, comparisons[place].comparison, value);
    case RT_TAGS_FILTER_ONE_OF:
      {
        g_auto (GStrv) values = dup_values (object);
        if (values == NULL)
          return refuse (self, "this comparison has \"vals\", an array of strings");
        return rt_tags_filter_new_one_of (key, (const char *const *) values);
      }
    default:
      return rt_tags_filter_new_exists (key);
    }
}

/* Whether there may be a node at this depth. */
static gboolean
count_node (Reading *self, guint depth)
{
  return ++self->n_nodes <= MAX_NODES && depth < RT_TAGS_FILTER_MAX_DEPTH;
}

static RtTagsFilter *
read_leaf (Reading *self, GVariant *object, guint depth)
{
  const char *name = get_text (object, "cmp");

  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    {
      if (!g_str_equal (comparisons[i].name, name))
        continue;
      /* A negated comparison is two nodes. */
      if (comparisons[i].negated && !count_node (self, depth + 1))
        return refuse (self, "it is too large");
      g_autoptr (RtTagsFilter) leaf = new_leaf (self, i, get_text (object, "key"), object);
      if (leaf == NULL || !comparisons[i].negated)
        return g_steal_pointer (&leaf);
      return rt_tags_filter_negate (leaf);
    }
  return refuse (self, "there is no such \"cmp\"");
}

static RtTagsFilter *
read_group (Reading *self, RtTagsFilterKind kind, GVariant *object, guint depth)
{
  g_autoptr (GVariant) nodes = g_variant_lookup_value (object, "nodes", G_VARIANT_TYPE ("av"));
  g_autoptr (RtTagsFilter) group = rt_tags_filter_new_group (kind);
  gsize n = nodes != NULL ? g_variant_n_children (nodes) : 0;

  if (n == 0 || (kind == RT_TAGS_FILTER_NOT && n > 1))
    return refuse (self, "\"and\" and \"or\" have \"nodes\", \"not\" has one");
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (nodes, i);
      g_autoptr (GVariant) value = g_variant_get_variant (child);
      RtTagsFilter *node = read_node (self, value, depth + 1);

      if (node == NULL)
        return NULL;
      rt_tags_filter_add (group, node);
    }
  return g_steal_pointer (&group);
}

static RtTagsFilter *
read_node (Reading *self, GVariant *object, guint depth)
{
  if (!g_variant_is_of_type (object, G_VARIANT_TYPE_VARDICT))
    return refuse (self, "a filter is an object");
  if (!count_node (self, depth))
    return refuse (self, "it is too large");
  const char *op = get_text (object, "op");
  if (*op == '\0')
    return read_leaf (self, object, depth);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (g_str_equal (groups[i].name, op))
      return read_group (self, groups[i].kind, object, depth);
  return refuse (self, "there is no such \"op\"");
}

/**
 * rt_tags_filter_new_from_json:
 * @json: JSON text
 * @error: return location for an error, or %NULL
 *
 * Makes a filter from the form that the protocol has for it, such as
 * `{"op":"and","nodes":[{"key":"town","cmp":"eq","val":"Paris"},{"key":"degrees","cmp":"lt","val":"0"}]}`.
 *
 * Fails with %RT_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the filter, or %NULL with @error set
 */
RtTagsFilter *
rt_tags_filter_new_from_json (const char *json, GError **error)
{
  Reading reading = { 0 };

  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (GVariant) object = rt_payload_to_variant (json, strlen (json), NULL);
  RtTagsFilter *self = object != NULL ? read_node (&reading, object, 0) : NULL;
  if (self == NULL)
    g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "This is no filter of tags: %s",
                 reading.fault != NULL ? reading.fault : "it is not JSON");
  return self;
}

/* --- Writing --- */

static void
put_text (RtBuffer *out, const char *name, const char *text)
{
  rt_buffer_put (out, name, strlen (name));
  rt_json_put_string (out, text, strlen (text));
}

static const char *
comparison_name (RtTagsFilter *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    if (comparisons[i].kind == self->kind && !comparisons[i].negated
        && (self->kind != RT_TAGS_FILTER_COMPARE || comparisons[i].comparison == self->comparison))
      return comparisons[i].name;
  g_assert_not_reached ();
}

static void
put_leaf (RtBuffer *out, RtTagsFilter *self)
{
  put_text (out, "{\"key\":", self->key);
  put_text (out, ",\"cmp\":", comparison_name (self));
  if (self->value != NULL)
    put_text (out, ",\"val\":", self->value);
  for (guint i = 0; self->values != NULL && self->values[i] != NULL; i++)
    put_text (out, i == 0 ? ",\"vals\":[" : ",", self->values[i]);
  if (self->values != NULL)
    rt_buffer_put_byte (out, ']');
  rt_buffer_put_byte (out, '}');
}

static void
put_node (RtBuffer *out, RtTagsFilter *self)
{
  if (self->nodes == NULL)
    {
      put_leaf (out, self);
      return;
    }
  put_text (out, "{\"op\":", groups[self->kind - RT_TAGS_FILTER_ALL].name);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const char *before = i == 0 ? ",\"nodes\":[" : ",";
      rt_buffer_put (out, before, strlen (before));
      put_node (out, g_ptr_array_index (self->nodes, i));
    }
  rt_buffer_put (out, "]}", 2);
}

/**
 * rt_tags_filter_to_json:
 * @self: a filter
 *
 * The filter as the protocol has it, see [ctor@TagsFilter.new_from_json].
 *
 * Returns: (transfer full): JSON text
 */
char *
rt_tags_filter_to_json (RtTagsFilter *self)
{
  g_auto (RtBuffer) out = { 0 };

  g_return_val_if_fail (self != NULL, NULL);
  put_node (&out, self);
  return g_strndup ((const char *) out.data, out.len);
}
