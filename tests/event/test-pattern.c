/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-error.h"
#include "rt-pattern.h"

#include <string.h>

#define NAMES RT_PATTERN_NAME_SEPARATORS
#define CHANNELS RT_PATTERN_CHANNEL_SEPARATORS

static void
test_meaning (void)
{
  static const struct
  {
    const char *pattern;
    const char *fitting;
    const char *others;
  } cases[] = {
    { "news", "news", "new newss news.eu news:eu /news .news news. *" },
    { "*", "news * ns#1", "news.eu ns:news /news news." },
    { "news.*", "news.eu news. news.*", "news news.eu.uk news:eu news/eu newsx.eu ns:news.eu .news.eu" },
    { "*.eu", "news.eu .eu", "eu news:eu a.news.eu" },
    { "news.*.uk", "news.eu.uk news..uk", "news.uk news.eu news.eu.uk.x" },
    { "ns:*", "ns:news ns:", "ns ns.news ns:news.eu ns:a:b" },
    { "ns:news.*", "ns:news.eu", "ns:news news.eu ns.news.eu ns:news:eu" },
    { "/users/*", "/users/ann /users/", "users/ann /users /users/ann/x" },
    { "**", "news news.eu ns:news.eu.uk /a/b . :", "" },
    { "news.**", "news news.eu news.eu.uk news.eu:uk/x news.", "new newss.eu news:eu ns:news news/eu" },
    { "ns:**", "ns ns:news ns:news.eu ns:a:b", "ns.news nsx ns/x" },
    { "**.eu", "eu news.eu a:b.eu a.b.eu .eu", "news:eu eu.uk neweu" },
    { "**:eu", "eu news:eu a.b:eu", "news.eu eu:x" },
    { "a.**.b", "a.b a.x.b a.x:y.b a.b.b", "a b a:b a.x a:x.b a.x:b ab" },
    { "a:**.b", "a.b a:x.b a:x/y.b", "a:b a.x.b" },
    { "**.*", "a a.b a.b.c a:b.c", "a:b" },
    { "*.**", "a a.b a.b:c", "a:b a/b" },
    { "*.*", "a.b .", "a a.b.c a:b" },
    { "**.**", "a a.b a:b a:b.c", "" },
    { "a.**.**:**", "a a.b a.b.c a.b:c a:b", "a/b b" },
    { "**.b.**", "b a.b b.a a.b.a b.b a:b.b", "a a.a a:b b:b" },
    { "**.**.x", "x a.x a.b.x", "a.b x.a" },
    { "a.**.*", "a.b a.b.c a.b:c.d", "a a:b a.b:c" },
    { "é.*", "é.ü", "e.ü" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) fitting = g_strsplit (cases[i].fitting, " ", -1);
      g_auto (GStrv) others = g_strsplit (cases[i].others, " ", -1);

      for (char **name = fitting; *name != NULL; name++)
        if (!rt_pattern_matches (cases[i].pattern, CHANNELS, *name))
          g_error ("%s does not match %s", cases[i].pattern, *name);
      for (char **name = others; *name != NULL; name++)
        if (rt_pattern_matches (cases[i].pattern, CHANNELS, *name))
          g_error ("%s matches %s", cases[i].pattern, *name);
    }
}

static void
test_separators (void)
{
  g_assert_true (rt_pattern_matches ("*", NAMES, "orders:new/today"));
  g_assert_false (rt_pattern_matches ("*", NAMES, "orders.new"));
  g_assert_true (rt_pattern_matches ("orders:x.*", NAMES, "orders:x.new"));
  g_assert_false (rt_pattern_check ("orders:*", NAMES, NULL));
  g_assert_true (rt_pattern_check ("orders:*", CHANNELS, NULL));
}

static void
test_check (void)
{
  static const char *const good[] = { "*", "**", "a", "a.*", "*.a", "**.a.**", "a..b", ".", "a.", "/a/*", "ns:*", "#1,2" };
  static const char *const bad[] = { "", "a*", "*a", "a**", "***", "a.b*.c", "a.***", "* *", "a:b*", "\xff", "a.\xc3" };
  g_autofree char *longest = g_strnfill (RT_PATTERN_MAX, 'n');
  g_autofree char *longer = g_strnfill (RT_PATTERN_MAX + 1, 'n');

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (rt_pattern_check (good[i], CHANNELS, &error));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (rt_pattern_check (bad[i], CHANNELS, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  g_assert_true (rt_pattern_check (longest, NAMES, NULL));
  g_assert_false (rt_pattern_check (longer, NAMES, NULL));
}

/* --- Against a matcher that does as the words say --- */

#define PATTERNS 400

/* @name is what is left of the name, with the separator before it; at the beginning without. */
static gboolean
fits (const char *pattern, gboolean first_of_pattern, const char *name, gboolean first_of_name)
{
  gboolean at_end = !first_of_name && *name == '\0';

  if (*pattern == '\0' && !first_of_pattern)
    return at_end;
  gsize taken = first_of_pattern ? 0 : 1;
  gsize length = strcspn (pattern + taken, ".:/");
  const char *rest = pattern + taken + length;
  gsize skipped = first_of_name ? 0 : 1;

  if (length == 2 && strncmp (pattern + taken, "**", 2) == 0)
    {
      /* None. */
      if (fits (rest, FALSE, name, first_of_name))
        return TRUE;
      if (at_end || (!first_of_pattern && !first_of_name && *pattern != *name))
        return FALSE;
      /* One, and any more. */
      const char *p = name + skipped + strcspn (name + skipped, ".:/");
      while (!fits (rest, FALSE, p, FALSE))
        {
          if (*p == '\0')
            return FALSE;
          p += 1 + strcspn (p + 1, ".:/");
        }
      return TRUE;
    }
  if (at_end || (!first_of_pattern && !first_of_name && *pattern != *name))
    return FALSE;
  gsize has = strcspn (name + skipped, ".:/");
  if (!(length == 1 && pattern[taken] == '*')
      && !(length == has && strncmp (pattern + taken, name + skipped, length) == 0))
    return FALSE;
  return fits (rest, FALSE, name + skipped + has, FALSE);
}

static char *
make_random (GRand *rand, const char *const *levels, guint n_levels)
{
  GString *text = g_string_new (levels[g_rand_int_range (rand, 0, n_levels)]);
  int more = g_rand_int_range (rand, 0, 6);

  for (int i = 0; i < more; i++)
    {
      g_string_append_c (text, "...:/"[g_rand_int_range (rand, 0, 5)]);
      g_string_append (text, levels[g_rand_int_range (rand, 0, n_levels)]);
    }
  if (text->len == 0)
    g_string_append_c (text, 'a');
  return g_string_free (text, FALSE);
}

typedef struct
{
  gboolean found[PATTERNS];
} Found;

static void
found_cb (GQueue *values, gpointer user_data)
{
  for (GList *l = values->head; l != NULL; l = l->next)
    {
      gboolean *found = &((Found *) user_data)->found[GPOINTER_TO_UINT (l->data)];

      g_assert_false (*found);
      *found = TRUE;
    }
}

static void
compare (RtPatternSet *set, GPtrArray *patterns, const char *name)
{
  Found found = { 0 };

  rt_pattern_set_match (set, name, found_cb, &found);
  for (guint i = 0; i < patterns->len; i++)
    {
      const char *pattern = g_ptr_array_index (patterns, i);

      if (pattern != NULL && found.found[i] != fits (pattern, TRUE, name, TRUE))
        g_error ("%s and %s: %d", pattern, name, found.found[i]);
      g_assert_true (pattern != NULL || !found.found[i]);
    }
}

/* All patterns at once, while some come and go. */
static void
test_random (void)
{
  static const char *const pattern_levels[] = { "a", "b", "cc", "", "*", "*", "**", "**" };
  static const char *const name_levels[] = { "a", "b", "cc", "", "d", "*", "**" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);
  g_autoptr (RtPatternSet) set = rt_pattern_set_new (CHANNELS);
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func (g_free);
  RtPatternNode *nodes[PATTERNS];

  g_ptr_array_set_size (patterns, PATTERNS);
  for (guint round = 0; round < 4000; round++)
    {
      guint i = g_rand_int_range (rand, 0, PATTERNS);
      g_autofree char *name = make_random (rand, name_levels, G_N_ELEMENTS (name_levels));

      if (patterns->pdata[i] == NULL)
        {
          patterns->pdata[i] = make_random (rand, pattern_levels, G_N_ELEMENTS (pattern_levels));
          nodes[i] = rt_pattern_set_insert (set, patterns->pdata[i]);
          g_queue_push_tail (rt_pattern_node_get_values (nodes[i]), GUINT_TO_POINTER (i));
        }
      else
        {
          g_queue_remove (rt_pattern_node_get_values (nodes[i]), GUINT_TO_POINTER (i));
          rt_pattern_set_prune (set, nodes[i]);
          g_clear_pointer (&patterns->pdata[i], g_free);
        }
      compare (set, patterns, name);
    }
  for (guint i = 0; i < PATTERNS; i++)
    {
      if (patterns->pdata[i] == NULL)
        continue;
      g_queue_remove (rt_pattern_node_get_values (nodes[i]), GUINT_TO_POINTER (i));
      rt_pattern_set_prune (set, nodes[i]);
    }
  g_assert_true (rt_pattern_set_is_empty (set));
}

static void
ignore_cb (GQueue *values, gpointer user_data)
{
}

static guint64
count_steps (RtPatternSet *set, const char *name)
{
  guint64 before = rt_pattern_set_get_steps (set);

  rt_pattern_set_match (set, name, ignore_cb, NULL);
  return rt_pattern_set_get_steps (set) - before;
}

static char *
repeat (const char *text, guint n)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (all, text);
  return g_string_free (all, FALSE);
}

/* Twice the name: twice the steps, and about twice for twice the pattern. */
static void
test_hostile_names (void)
{
  guint64 steps[2][2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (RtPatternSet) set = rt_pattern_set_new (CHANNELS);
      g_autofree char *many = repeat ("**.a.", 15 * (i + 1));
      g_autofree char *pattern = g_strconcat (many, "b", NULL);

      g_queue_push_tail (rt_pattern_node_get_values (rt_pattern_set_insert (set, pattern)), set);
      for (guint j = 0; j < 2; j++)
        {
          g_autofree char *name = repeat ("a.", 500 * (j + 1));

          steps[i][j] = count_steps (set, name);
        }
      g_assert_cmpuint (steps[i][1], <, steps[i][0] * 3);
      g_queue_clear (rt_pattern_node_get_values (rt_pattern_set_insert (set, pattern)));
    }
  g_assert_cmpuint (steps[1][1], <, steps[0][1] * 3);
}

/* A thousand times as many patterns cost a name nothing. */
static void
test_many_patterns (void)
{
  g_autoptr (RtPatternSet) set = rt_pattern_set_new (CHANNELS);
  guint64 steps[2] = { 0 };

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("%s:%u.*", i % 2 == 0 ? "room" : "*", i);

      rt_pattern_set_insert (set, pattern);
      if (i == 9)
        steps[0] = count_steps (set, "room:7.x");
    }
  steps[1] = count_steps (set, "room:7.x");
  g_assert_cmpuint (steps[1], ==, steps[0]);
  g_assert_cmpuint (steps[1], <, 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Pattern/meaning", test_meaning);
  g_test_add_func ("/Rt/Pattern/separators", test_separators);
  g_test_add_func ("/Rt/Pattern/check", test_check);
  g_test_add_func ("/Rt/Pattern/random", test_random);
  g_test_add_func ("/Rt/Pattern/hostile-names", test_hostile_names);
  g_test_add_func ("/Rt/Pattern/many-patterns", test_many_patterns);
  return g_test_run ();
}
