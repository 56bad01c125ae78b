/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-pattern.h"

#include <string.h>
#include "rt-error.h"

#define MAX_SEPARATORS 3

/* A level of a name, by the separator before it: 0 at the beginning, else its place in the set's separators + 1. */
typedef struct
{
  const char *text;
  gsize length;
  guint before;
  guint hash;
} Level;

typedef struct
{
  const char *rest; /* NULL after the last level */
  guint before;
} Cursor;

struct _RtPatternNode
{
  RtPatternNode *parent;
  Level level; /* its text is the node's own */
  gboolean deep; /* this level is "**" */

  RtPatternNode *star[MAX_SEPARATORS + 1]; /* by the separator before it */
  RtPatternNode *deeper[MAX_SEPARATORS + 1];
  guint n_literals;
  guint n_children;
  GQueue values;

  guint64 stamp; /* of the step that last reached this node */
  guint place;   /* in the list of that step */
};

/* A node that the levels so far lead to. */
typedef struct
{
  RtPatternNode *node;
  gboolean inside; /* of a "**": it has taken a level, and takes any that follow */
} Reached;

struct _RtPatternSet
{
  const char *separators;
  RtPatternNode *root;
  GHashTable *literals; /* RtPatternNode, by parent and level */

  /* Kept so that matching allocates nothing: */
  GArray *now; /* Reached */
  GArray *next;
  guint64 stamp;
  guint64 steps;
};

/* --- Levels --- */

static guint
hash_text (const char *text, gsize length)
{
  guint hash = 5381;

  for (gsize i = 0; i < length; i++)
    hash = hash * 33 + (guchar) text[i];
  return hash;
}

static gboolean
take_level (Cursor *cursor, const char *separators, Level *level)
{
  if (cursor->rest == NULL)
    return FALSE;
  level->text = cursor->rest;
  level->length = strcspn (cursor->rest, separators);
  level->before = cursor->before;

  const char *end = level->text + level->length;
  cursor->before = *end != '\0' ? (guint) (strchr (separators, *end) - separators) + 1 : 0;
  cursor->rest = *end != '\0' ? end + 1 : NULL;
  return TRUE;
}

static gboolean
level_is (const Level *level, const char *text)
{
  return level->length == strlen (text) && memcmp (level->text, text, level->length) == 0;
}

gboolean
rt_pattern_check (const char *pattern, const char *separators, GError **error)
{
  Cursor cursor = { pattern, 0 };
  Level level;

  if (*pattern == '\0')
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                           "The pattern is empty; “**” stands for every name");
      return FALSE;
    }
  if (strlen (pattern) > RT_PATTERN_MAX)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The pattern has %" G_GSIZE_FORMAT " bytes; at most %d are allowed", strlen (pattern), RT_PATTERN_MAX);
      return FALSE;
    }
  if (!g_utf8_validate (pattern, -1, NULL))
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "The pattern is not UTF-8");
      return FALSE;
    }
  while (take_level (&cursor, separators, &level))
    {
      if (memchr (level.text, '*', level.length) == NULL || level_is (&level, "*") || level_is (&level, "**"))
        continue;
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The level “%.*s” of the pattern “%s” is neither a name nor a wildcard; a level with an "
                   "asterisk has to be “*” or “**”; levels are separated by any of “%s”",
                   (int) level.length, level.text, pattern, separators);
      return FALSE;
    }
  return TRUE;
}

/* --- The trie --- */

static guint
literal_hash (gconstpointer key)
{
  const RtPatternNode *node = key;

  return node->level.hash ^ node->level.before ^ g_direct_hash (node->parent);
}

static gboolean
literal_equal (gconstpointer a, gconstpointer b)
{
  const RtPatternNode *x = a, *y = b;

  return x->parent == y->parent && x->level.before == y->level.before && x->level.length == y->level.length
    && memcmp (x->level.text, y->level.text, x->level.length) == 0;
}

RtPatternSet *
rt_pattern_set_new (const char *separators)
{
  RtPatternSet *self = g_new0 (RtPatternSet, 1);

  g_assert (strlen (separators) <= MAX_SEPARATORS);
  self->separators = separators;
  self->root = g_new0 (RtPatternNode, 1);
  self->literals = g_hash_table_new (literal_hash, literal_equal);
  self->now = g_array_new (FALSE, FALSE, sizeof (Reached));
  self->next = g_array_new (FALSE, FALSE, sizeof (Reached));
  return self;
}

static void
node_free (RtPatternNode *node)
{
  g_free ((char *) node->level.text);
  g_free (node);
}

/* The wildcards below @node, with what is below those. */
static void
free_wildcards (RtPatternNode *node)
{
  for (guint i = 0; i <= MAX_SEPARATORS; i++)
    {
      RtPatternNode *below[] = { node->star[i], node->deeper[i] };

      for (guint j = 0; j < G_N_ELEMENTS (below); j++)
        {
          if (below[j] == NULL)
            continue;
          free_wildcards (below[j]);
          node_free (below[j]);
        }
    }
}

void
rt_pattern_set_free (RtPatternSet *self)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->literals);
  while (g_hash_table_iter_next (&iter, &node, NULL))
    {
      free_wildcards (node);
      node_free (node);
    }
  free_wildcards (self->root);
  g_hash_table_unref (self->literals);
  node_free (self->root);
  g_array_unref (self->now);
  g_array_unref (self->next);
  g_free (self);
}

static RtPatternNode *
find_literal (RtPatternSet *self, RtPatternNode *parent, const Level *level, guint before)
{
  RtPatternNode key = { .parent = parent, .level = *level };

  key.level.before = before;
  return parent->n_literals > 0 ? g_hash_table_lookup (self->literals, &key) : NULL;
}

static RtPatternNode *
node_new (RtPatternNode *parent, const Level *level)
{
  RtPatternNode *node = g_new0 (RtPatternNode, 1);

  node->parent = parent;
  node->level = *level;
  node->level.text = g_strndup (level->text, level->length);
  parent->n_children++;
  return node;
}

static RtPatternNode *
ensure_child (RtPatternSet *self, RtPatternNode *parent, Level *level)
{
  RtPatternNode **place = NULL;

  /* What a second "**" takes, the first one takes alone, unless it may begin behind another separator. */
  if (level_is (level, "**") && parent->deep && (parent->level.before == 0 || parent->level.before == level->before))
    return parent;
  if (level_is (level, "*"))
    place = &parent->star[level->before];
  else if (level_is (level, "**"))
    place = &parent->deeper[level->before];
  if (place != NULL)
    {
      if (*place == NULL)
        *place = node_new (parent, level);
      (*place)->deep = place != &parent->star[level->before];
      return *place;
    }

  level->hash = hash_text (level->text, level->length);
  RtPatternNode *node = find_literal (self, parent, level, level->before);
  if (node != NULL)
    return node;
  node = node_new (parent, level);
  parent->n_literals++;
  g_hash_table_add (self->literals, node);
  return node;
}

RtPatternNode *
rt_pattern_set_insert (RtPatternSet *self, const char *pattern)
{
  RtPatternNode *node = self->root;
  Cursor cursor = { pattern, 0 };
  Level level;

  while (take_level (&cursor, self->separators, &level))
    node = ensure_child (self, node, &level);
  return node;
}

GQueue *
rt_pattern_node_get_values (RtPatternNode *node)
{
  return &node->values;
}

void
rt_pattern_set_prune (RtPatternSet *self, RtPatternNode *node)
{
  while (node != self->root && node->values.length == 0 && node->n_children == 0)
    {
      RtPatternNode *parent = node->parent;
      guint before = node->level.before;

      if (parent->star[before] == node)
        parent->star[before] = NULL;
      else if (parent->deeper[before] == node)
        parent->deeper[before] = NULL;
      else
        {
          g_hash_table_remove (self->literals, node);
          parent->n_literals--;
        }
      parent->n_children--;
      node_free (node);
      node = parent;
    }
}

gboolean
rt_pattern_set_is_empty (RtPatternSet *self)
{
  return self->root->n_children == 0;
}

/* --- Matching: all patterns at once, a level of the name at a time --- */

static void
reach (RtPatternSet *self, RtPatternNode *node, gboolean inside)
{
  self->steps++;
  if (node->stamp == self->stamp)
    {
      g_array_index (self->next, Reached, node->place).inside |= inside;
      return;
    }
  Reached reached = { node, inside };
  node->stamp = self->stamp;
  node->place = self->next->len;
  g_array_append_val (self->next, reached);

  /* A "**" that takes no level. */
  for (guint i = 0; i <= MAX_SEPARATORS; i++)
    {
      if (node->deeper[i] != NULL)
        reach (self, node->deeper[i], FALSE);
    }
}

static void
follow (RtPatternSet *self, RtPatternNode *node, const Level *level, guint before)
{
  RtPatternNode *literal = find_literal (self, node, level, before);

  self->steps++;
  if (literal != NULL)
    reach (self, literal, FALSE);
  if (node->star[before] != NULL)
    reach (self, node->star[before], FALSE);
}

static void
step (RtPatternSet *self, const Level *level)
{
  self->stamp++;
  for (guint i = 0; i < self->now->len; i++)
    {
      Reached reached = g_array_index (self->now, Reached, i);
      RtPatternNode *node = reached.node;

      if (node->deep && (reached.inside || node->level.before == level->before))
        reach (self, node, TRUE);
      /* A "**" at the beginning that has taken nothing: there is no separator yet that could differ. */
      if (node->deep && level->before == 0)
        {
          for (guint before = 1; before <= MAX_SEPARATORS; before++)
            follow (self, node, level, before);
        }
      else
        follow (self, node, level, level->before);
    }
}

static void
swap (RtPatternSet *self)
{
  GArray *past = self->now;

  self->now = self->next;
  self->next = past;
  g_array_set_size (self->next, 0);
}

void
rt_pattern_set_match (RtPatternSet *self, const char *name, RtPatternFunc func, gpointer user_data)
{
  Cursor cursor = { name, 0 };
  Level level;

  g_array_set_size (self->next, 0);
  self->stamp++;
  reach (self, self->root, FALSE);
  swap (self);
  while (self->now->len > 0 && take_level (&cursor, self->separators, &level))
    {
      level.hash = hash_text (level.text, level.length);
      step (self, &level);
      swap (self);
    }
  for (guint i = 0; i < self->now->len; i++)
    {
      RtPatternNode *node = g_array_index (self->now, Reached, i).node;

      if (node->values.length > 0)
        func (&node->values, user_data);
    }
}

guint64
rt_pattern_set_get_steps (RtPatternSet *self)
{
  return self->steps;
}

static void
note_match_cb (GQueue *values, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

gboolean
rt_pattern_matches (const char *pattern, const char *separators, const char *name)
{
  g_autoptr (RtPatternSet) set = rt_pattern_set_new (separators);
  GQueue *values = rt_pattern_node_get_values (rt_pattern_set_insert (set, pattern));
  gboolean matches = FALSE;

  g_queue_push_tail (values, NULL);
  rt_pattern_set_match (set, name, note_match_cb, &matches);
  g_queue_clear (values);
  return matches;
}
