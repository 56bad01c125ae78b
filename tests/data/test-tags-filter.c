/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rt-error.h"
#include "rt-tags-filter-private.h"

/* Filters of tags: what fits them, and how the protocol has them. */

static GVariant *
tags (const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, " ", -1);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  for (guint i = 0; pairs[i] != NULL && *text != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);
      g_variant_builder_add (&builder, "{ss}", pair[0], pair[1]);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static const struct
{
  const char *json;
  const char *fits;  /* sets of tags, separated by "|" */
  const char *fails;
} cases[] = {
  { "{\"key\":\"a\",\"cmp\":\"eq\",\"val\":\"1\"}", "a=1|a=1 b=2", "|a=|a=2|b=1|a=11" },
  { "{\"key\":\"a\",\"cmp\":\"neq\",\"val\":\"1\"}", "|a=|a=2|b=1", "a=1" },
  { "{\"key\":\"a\",\"cmp\":\"in\",\"vals\":[\"1\",\"2\"]}", "a=1|a=2", "|a=3|b=1" },
  { "{\"key\":\"a\",\"cmp\":\"in\",\"vals\":[\"1\",\"\"]}", "a=1|a=|b=1|", "a=3" },
  { "{\"key\":\"a\",\"cmp\":\"nin\",\"vals\":[\"1\",\"2\"]}", "|a=3|b=1", "a=1|a=2" },
  { "{\"key\":\"a\",\"cmp\":\"ex\"}", "a=|a=1", "|b=1" },
  { "{\"key\":\"a\",\"cmp\":\"nex\"}", "|b=1", "a=|a=1" },
  { "{\"key\":\"a\",\"cmp\":\"sw\",\"val\":\"ab\"}", "a=ab|a=abc", "|a=a|a=xab" },
  { "{\"key\":\"a\",\"cmp\":\"ew\",\"val\":\"ab\"}", "a=ab|a=xab", "|a=b|a=abc" },
  { "{\"key\":\"a\",\"cmp\":\"ct\",\"val\":\"b\"}", "a=b|a=abc", "|a=|a=a" },
  { "{\"key\":\"a\",\"cmp\":\"lt\",\"val\":\"10\"}", "a=9|a=-11|a=9.99|a=0", "|a=10|a=10.0|a=11|a=100|a=x|a=9x|a=" },
  { "{\"key\":\"a\",\"cmp\":\"lte\",\"val\":\"1.50\"}", "a=1.5|a=1.49999|a=-2|a=001.5", "a=1.51|a=2|a=15" },
  { "{\"key\":\"a\",\"cmp\":\"gt\",\"val\":\"-1\"}", "a=0|a=-0|a=-0.5|a=+1", "a=-1|a=-1.1|a=-2|a=--1" },
  { "{\"key\":\"a\",\"cmp\":\"gte\",\"val\":\"12345678901234567890\"}", "a=12345678901234567890|a=12345678901234567891",
    "a=12345678901234567889|a=1e99" },
  { "{\"op\":\"and\",\"nodes\":[{\"key\":\"a\",\"cmp\":\"ex\"},{\"key\":\"b\",\"cmp\":\"eq\",\"val\":\"2\"}]}",
    "a=1 b=2", "a=1|b=2|a=1 b=3|" },
  { "{\"op\":\"or\",\"nodes\":[{\"key\":\"a\",\"cmp\":\"ex\"},{\"key\":\"b\",\"cmp\":\"eq\",\"val\":\"2\"}]}",
    "a=1 b=2|a=1|b=2", "b=3|" },
  { "{\"op\":\"not\",\"nodes\":[{\"op\":\"and\",\"nodes\":[{\"key\":\"a\",\"cmp\":\"ex\"}]}]}", "|b=3", "a=1" },
};

static void
check_sets (RtTagsFilter *filter, const char *sets, gboolean expected, const char *json)
{
  g_auto (GStrv) all = g_strsplit (sets, "|", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      g_autoptr (GVariant) pairs = tags (all[i]);
      if (rt_tags_filter_matches_tags (filter, pairs) != expected)
        g_error ("%s and \"%s\": not %d", json, all[i], expected);
    }
}

/* Also after they were written and read again, and turned round. */
static void
test_fits (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RtTagsFilter) filter = rt_tags_filter_new_from_json (cases[i].json, &error);

      g_assert_no_error (error);
      g_autofree char *json = rt_tags_filter_to_json (filter);
      g_autoptr (RtTagsFilter) again = rt_tags_filter_new_from_json (json, &error);
      g_assert_no_error (error);
      g_autoptr (RtTagsFilter) not = rt_tags_filter_negate (filter);
      check_sets (filter, cases[i].fits, TRUE, cases[i].json);
      check_sets (filter, cases[i].fails, FALSE, cases[i].json);
      check_sets (again, cases[i].fits, TRUE, json);
      check_sets (again, cases[i].fails, FALSE, json);
      check_sets (not, cases[i].fails, TRUE, cases[i].json);
    }
}

static void
test_build (void)
{
  const char *const towns[] = { "Berlin", "Par\"is", NULL };
  g_autoptr (RtTagsFilter) town = rt_tags_filter_new_one_of ("town", towns);
  g_autoptr (RtTagsFilter) cold = rt_tags_filter_new_compare ("degrees", RT_TAGS_COMPARISON_LESS, "0");
  g_autoptr (RtTagsFilter) loud = rt_tags_filter_new_exists ("loud");
  g_autoptr (RtTagsFilter) both = rt_tags_filter_both (town, cold);
  g_autoptr (RtTagsFilter) all = rt_tags_filter_both (both, loud);
  g_autoptr (RtTagsFilter) not = rt_tags_filter_negate (loud);
  g_autoptr (RtTagsFilter) either = rt_tags_filter_either (all, not);
  g_autoptr (RtTagsFilter) copy = g_boxed_copy (RT_TYPE_TAGS_FILTER, either);
  g_autofree char *json = rt_tags_filter_to_json (either);

  g_assert_true (copy == either);
  g_assert_cmpstr (json, ==,
                   "{\"op\":\"or\",\"nodes\":[{\"op\":\"and\",\"nodes\":["
                   "{\"key\":\"town\",\"cmp\":\"in\",\"vals\":[\"Berlin\",\"Par\\\"is\"]},"
                   "{\"key\":\"degrees\",\"cmp\":\"lt\",\"val\":\"0\"},{\"key\":\"loud\",\"cmp\":\"ex\"}]},"
                   "{\"op\":\"not\",\"nodes\":[{\"key\":\"loud\",\"cmp\":\"ex\"}]}]}");
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "", "x", "1", "null", "[]", "{}", "{\"op\":\"\"}", "{\"op\":\"xor\",\"nodes\":[]}", "{\"op\":\"and\"}",
    "{\"op\":\"and\",\"nodes\":[]}", "{\"op\":\"and\",\"nodes\":{}}", "{\"op\":\"and\",\"nodes\":[1]}",
    "{\"op\":\"not\",\"nodes\":[{\"key\":\"a\",\"cmp\":\"ex\"},{\"key\":\"a\",\"cmp\":\"ex\"}]}",
    "{\"key\":\"a\"}", "{\"key\":\"a\",\"cmp\":\"like\",\"val\":\"1\"}", "{\"cmp\":\"ex\"}",
    "{\"key\":\"a\",\"cmp\":\"eq\"}", "{\"key\":\"a\",\"cmp\":\"eq\",\"val\":1}", "{\"key\":1,\"cmp\":\"ex\"}",
    "{\"key\":\"a\",\"cmp\":\"in\"}", "{\"key\":\"a\",\"cmp\":\"in\",\"vals\":[]}",
    "{\"key\":\"a\",\"cmp\":\"in\",\"vals\":[1]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (rt_tags_filter_new_from_json (bad[i], &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
    }
}

/* However much somebody sends. What is just not too much is written as something that is not, either. */
static void
test_bounds (void)
{
  for (guint depth = 1; depth < 100; depth++)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < depth; i++)
        g_string_append (json, "{\"op\":\"not\",\"nodes\":[");
      g_string_append (json, "{\"key\":\"a\",\"cmp\":\"nex\"}");
      for (guint i = 0; i < depth; i++)
        g_string_append (json, "]}");
      g_autoptr (RtTagsFilter) filter = rt_tags_filter_new_from_json (json->str, &error);
      g_assert_true ((filter != NULL) == (depth <= 22));
      g_assert_true ((error != NULL) == (depth > 22));
      g_autofree char *written = filter != NULL ? rt_tags_filter_to_json (filter) : NULL;
      g_autoptr (RtTagsFilter) again = filter != NULL ? rt_tags_filter_new_from_json (written, &error) : NULL;
      g_assert_true ((again != NULL) == (filter != NULL));
    }
  g_autoptr (GString) wide = g_string_new ("{\"op\":\"or\",\"nodes\":[{\"key\":\"a\",\"cmp\":\"ex\"}");
  for (guint i = 0; i < 1000; i++)
    g_string_append (wide, ",{\"key\":\"a\",\"cmp\":\"ex\"}");
  g_string_append (wide, "]}");
  g_assert_null (rt_tags_filter_new_from_json (wide->str, NULL));
}

/* Whatever bytes: what is taken is written as one that is read the same, and can be asked. */
static void
test_mutated (void)
{
  const char *given = g_getenv ("RT_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10) : g_random_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GVariant) pairs = tags ("a=1 b=2");
  static const char bytes[] = "{}[]\",:0aopndes\\\x7f\x01";
  guint taken = 0;

  g_test_message ("RT_TEST_SEED=%u", seed);
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *json = g_strdup (cases[i % G_N_ELEMENTS (cases)].json);

      for (gint n = g_rand_int_range (rand, 0, 3); n > 0; n--)
        json[g_rand_int_range (rand, 0, (gint32) strlen (json))] = bytes[g_rand_int_range (rand, 0, sizeof bytes - 1)];
      g_autoptr (RtTagsFilter) filter = rt_tags_filter_new_from_json (json, NULL);
      if (filter == NULL)
        continue;
      g_autofree char *written = rt_tags_filter_to_json (filter);
      g_autoptr (RtTagsFilter) again = rt_tags_filter_new_from_json (written, NULL);
      g_assert_nonnull (again);
      g_autofree char *rewritten = rt_tags_filter_to_json (again);
      g_assert_cmpstr (written, ==, rewritten);
      g_assert_true (rt_tags_filter_fits (filter, pairs) == rt_tags_filter_fits (again, pairs));
      taken++;
    }
  g_assert_cmpuint (taken, >, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/TagsFilter/fits", test_fits);
  g_test_add_func ("/Rt/TagsFilter/build", test_build);
  g_test_add_func ("/Rt/TagsFilter/refused", test_refused);
  g_test_add_func ("/Rt/TagsFilter/bounds", test_bounds);
  g_test_add_func ("/Rt/TagsFilter/mutated", test_mutated);
  return g_test_run ();
}
