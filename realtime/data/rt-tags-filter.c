/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-tags-filter-private.h"

#include <string.h>
#include "rt-payload.h"

/**
 * RtTagsFilter:
 *
 * Which messages of a channel are wanted, by their tags.
 *
 * Simple ones are put together to others, and none ever changes:
 *
 * ```c
 * const char *const towns[] = { "Berlin", "Paris", NULL };
 * g_autoptr (RtTagsFilter) town = rt_tags_filter_new_one_of ("town", towns);
 * g_autoptr (RtTagsFilter) cold = rt_tags_filter_new_compare ("degrees", RT_TAGS_COMPARISON_LESS, "0");
 * g_autoptr (RtTagsFilter) filter = rt_tags_filter_both (town, cold);
 *
 * rt_channel_options_set_tags_filter (options, filter);
 * ```
 *
 * A channel's server is sent the filter, so that what is not wanted does not even come. See
 * [property@ChannelOptions:tags-filter].
 */

static RtTagsFilter *
new_node (RtTagsFilterKind kind, const char *key)
{
  RtTagsFilter *self = g_new0 (RtTagsFilter, 1);

  g_atomic_ref_count_init (&self->refs);
  self->kind = kind;
  self->key = g_strdup (key);
  self->depth = 1;
  return self;
}

/**
 * rt_tags_filter_copy:
 * @self: a filter
 *
 * Another reference, since a filter never changes.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_copy (RtTagsFilter *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * rt_tags_filter_free:
 * @self: (transfer full) (nullable): a filter
 *
 * Lets go of a filter.
 */
void
rt_tags_filter_free (RtTagsFilter *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->key);
  g_free (self->value);
  g_strfreev (self->values);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_free (self);
}

G_DEFINE_BOXED_TYPE (RtTagsFilter, rt_tags_filter, rt_tags_filter_copy, rt_tags_filter_free)

/**
 * rt_tags_filter_new_compare:
 * @key: the tag's name, not empty
 * @comparison: how to compare
 * @value: what to compare with, not empty
 *
 * Makes a filter for messages with such a tag.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_new_compare (const char *key, RtTagsComparison comparison, const char *value)
{
  g_return_val_if_fail (key != NULL && *key != '\0', NULL);
  g_return_val_if_fail (comparison <= RT_TAGS_COMPARISON_GREATER_OR_EQUAL, NULL);
  g_return_val_if_fail (value != NULL && *value != '\0', NULL);
  RtTagsFilter *self = new_node (RT_TAGS_FILTER_COMPARE, key);

  self->comparison = comparison;
  self->value = g_strdup (value);
  return self;
}

/**
 * rt_tags_filter_new_one_of:
 * @key: the tag's name, not empty
 * @values: (array zero-terminated=1): values, at least one
 *
 * Makes a filter for messages in which the tag has one of some values. A tag that is missing counts as an empty one.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_new_one_of (const char *key, const char *const *values)
{
  g_return_val_if_fail (key != NULL && *key != '\0', NULL);
  g_return_val_if_fail (values != NULL && values[0] != NULL, NULL);
  RtTagsFilter *self = new_node (RT_TAGS_FILTER_ONE_OF, key);

  self->values = g_strdupv ((char **) values);
  return self;
}

/**
 * rt_tags_filter_new_exists:
 * @key: the tag's name, not empty
 *
 * Makes a filter for messages that have the tag, whatever its value.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_new_exists (const char *key)
{
  g_return_val_if_fail (key != NULL && *key != '\0', NULL);
  return new_node (RT_TAGS_FILTER_EXISTS, key);
}

/* --- Put together --- */

static void
add_node (RtTagsFilter *self, RtTagsFilter *node)
{
  g_ptr_array_add (self->nodes, rt_tags_filter_copy (node));
  self->depth = MAX (self->depth, node->depth + 1);
}

RtTagsFilter *
rt_tags_filter_new_group (RtTagsFilterKind kind)
{
  RtTagsFilter *self = new_node (kind, NULL);

  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) rt_tags_filter_free);
  return self;
}

void
rt_tags_filter_add (RtTagsFilter *self, RtTagsFilter *taken)
{
  add_node (self, taken);
  rt_tags_filter_free (taken);
}

/* A chain of the same kind becomes one group. */
static void
add_flat (RtTagsFilter *self, RtTagsFilter *node)
{
  if (node->kind != self->kind)
    {
      add_node (self, node);
      return;
    }
  for (guint i = 0; i < node->nodes->len; i++)
    add_node (self, g_ptr_array_index (node->nodes, i));
}

static RtTagsFilter *
join (RtTagsFilterKind kind, RtTagsFilter *first, RtTagsFilter *second)
{
  RtTagsFilter *self = rt_tags_filter_new_group (kind);

  add_flat (self, first);
  add_flat (self, second);
  return self;
}

/**
 * rt_tags_filter_both:
 * @self: a filter
 * @other: another one
 *
 * Makes a filter for messages that fit both.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_both (RtTagsFilter *self, RtTagsFilter *other)
{
  g_return_val_if_fail (self != NULL && self->depth < RT_TAGS_FILTER_MAX_DEPTH, NULL);
  g_return_val_if_fail (other != NULL && other->depth < RT_TAGS_FILTER_MAX_DEPTH, NULL);
  return join (RT_TAGS_FILTER_ALL, self, other);
}

/**
 * rt_tags_filter_either:
 * @self: a filter
 * @other: another one
 *
 * Makes a filter for messages that fit at least one of both.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_either (RtTagsFilter *self, RtTagsFilter *other)
{
  g_return_val_if_fail (self != NULL && self->depth < RT_TAGS_FILTER_MAX_DEPTH, NULL);
  g_return_val_if_fail (other != NULL && other->depth < RT_TAGS_FILTER_MAX_DEPTH, NULL);
  return join (RT_TAGS_FILTER_ANY, self, other);
}

/**
 * rt_tags_filter_negate:
 * @self: a filter
 *
 * Makes a filter for messages that do not fit @self.
 *
 * Returns: (transfer full): the filter
 */
RtTagsFilter *
rt_tags_filter_negate (RtTagsFilter *self)
{
  g_return_val_if_fail (self != NULL && self->depth < RT_TAGS_FILTER_MAX_DEPTH, NULL);
  RtTagsFilter *not = rt_tags_filter_new_group (RT_TAGS_FILTER_NOT);

  add_node (not, self);
  return not;
}

/* --- Looking at tags --- */

static gboolean
compare_numbers (RtTagsComparison comparison, const char *tag, const char *value)
{
  int order;

  if (!rt_decimal_compare (tag, value, &order))
    return FALSE;
  switch ((int) comparison)
    {
    case RT_TAGS_COMPARISON_LESS:
      return order < 0;
    case RT_TAGS_COMPARISON_LESS_OR_EQUAL:
      return order <= 0;
    case RT_TAGS_COMPARISON_GREATER:
      return order > 0;
    default:
      return order >= 0;
    }
}

static gboolean
compare (RtTagsComparison comparison, const char *tag, const char *value)
{
  switch ((int) comparison)
    {
    case RT_TAGS_COMPARISON_EQUAL:
      return g_str_equal (tag, value);
    case RT_TAGS_COMPARISON_STARTS_WITH:
      return g_str_has_prefix (tag, value);
    case RT_TAGS_COMPARISON_ENDS_WITH:
      return g_str_has_suffix (tag, value);
    case RT_TAGS_COMPARISON_CONTAINS:
      return strstr (tag, value) != NULL;
    default:
      return compare_numbers (comparison, tag, value);
    }
}

static gboolean
fits_group (RtTagsFilter *self, GVariant *pairs)
{
  gboolean any = self->kind == RT_TAGS_FILTER_ANY;

  for (guint i = 0; i < self->nodes->len; i++)
    if (rt_tags_filter_fits (g_ptr_array_index (self->nodes, i), pairs) == any)
      return any;
  return !any;
}

gboolean
rt_tags_filter_fits (RtTagsFilter *self, GVariant *pairs)
{
  const char *tag = NULL;

  if (self->key != NULL)
    g_variant_lookup (pairs, self->key, "&s", &tag);
  switch (self->kind)
    {
    case RT_TAGS_FILTER_COMPARE:
      return tag != NULL && compare (self->comparison, tag, self->value);
    case RT_TAGS_FILTER_ONE_OF:
      return g_strv_contains ((const char *const *) self->values, tag != NULL ? tag : "");
    case RT_TAGS_FILTER_EXISTS:
      return tag != NULL;
    case RT_TAGS_FILTER_NOT:
      return !rt_tags_filter_fits (g_ptr_array_index (self->nodes, 0), pairs);
    case RT_TAGS_FILTER_ALL:
    case RT_TAGS_FILTER_ANY:
    default:
      return fits_group (self, pairs);
    }
}

gboolean
rt_tags_filter_fits_publication (RtTagsFilter *self, const RtPublication *publication)
{
  gboolean own = publication->envelope.marked && publication->envelope.tags.data != NULL;
  g_autoptr (GVariant) pairs = rt_payload_pairs (own ? &publication->envelope.tags : &publication->tags);

  return rt_tags_filter_fits (self, pairs);
}

/**
 * rt_tags_filter_matches:
 * @self: a filter
 * @message: a message
 *
 * Whether a message fits, by [property@Message:tags].
 *
 * Returns: %TRUE if so
 */
gboolean
rt_tags_filter_matches (RtTagsFilter *self, RtMessage *message)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (RT_IS_MESSAGE (message), FALSE);
  return rt_tags_filter_fits (self, rt_message_get_tags (message));
}

/**
 * rt_tags_filter_matches_tags:
 * @self: a filter
 * @tags: tags by name, as `a{ss}`
 *
 * Whether a message with such tags would fit.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_tags_filter_matches_tags (RtTagsFilter *self, GVariant *tags)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (tags != NULL && g_variant_is_of_type (tags, G_VARIANT_TYPE ("a{ss}")), FALSE);
  return rt_tags_filter_fits (self, tags);
}
