/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-member-list.h"

/* The list of who is in a channel, fed by hand: whatever comes in whatever order, its changes say what happens to it. */

typedef struct
{
  RtMemberList *members;
  GPtrArray *mirror; /* what somebody sees who believes the changes */
  GString *changes;
} Scene;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  Scene *scene = user_data;

  g_assert_cmpuint (position + removed, <=, scene->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (scene->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (scene->mirror, (gint) (position + i), g_list_model_get_item (model, position + i));
  g_string_append_printf (scene->changes, "%u-%u+%u ", position, removed, added);
}

static void
begin (Scene *scene, guint limit)
{
  scene->members = rt_member_list_new (limit);
  scene->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  scene->changes = g_string_new (NULL);
  g_signal_connect (scene->members, "items-changed", G_CALLBACK (changed_cb), scene);
}

static void
check_mirror (Scene *scene)
{
  GListModel *model = G_LIST_MODEL (scene->members);

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, scene->mirror->len);
  for (guint i = 0; i < scene->mirror->len; i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (model, i);
      g_assert_true (member == g_ptr_array_index (scene->mirror, i));
    }
  g_assert_null (g_list_model_get_item (model, scene->mirror->len));
}

static void
end (Scene *scene)
{
  check_mirror (scene);
  g_signal_handlers_disconnect_by_data (scene->members, scene);
  g_assert_finalize_object (scene->members);
  g_ptr_array_unref (scene->mirror);
  g_string_free (scene->changes, TRUE);
}

static void
assert_rows (Scene *scene, const char *expected, const char *changes)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  check_mirror (scene);
  for (guint i = 0; i < scene->mirror->len; i++)
    {
      RtMember *member = g_ptr_array_index (scene->mirror, i);
      g_string_append_printf (rows, "%s%s%s", rt_member_get_client_id (member), rt_member_get_user_id (member),
                              i + 1 < scene->mirror->len ? " " : "");
    }
  g_assert_cmpstr (rows->str, ==, expected);
  g_assert_cmpstr (scene->changes->str, ==, changes);
  g_string_truncate (scene->changes, 0);
}

static void
come (Scene *scene, const char *id, const char *user)
{
  g_autoptr (RtMember) member = rt_member_new (id, user, NULL);

  rt_member_list_add (scene->members, member);
}

/* Of "a b c": clients without users. */
static gboolean
answer (Scene *scene, guint number, const char *ids)
{
  g_autoptr (GListStore) snapshot = g_list_store_new (RT_TYPE_MEMBER);
  g_auto (GStrv) names = g_strsplit (ids, " ", -1);

  for (guint i = 0; names[i] != NULL && *ids != '\0'; i++)
    {
      g_autoptr (RtMember) member = rt_member_new (names[i], "", NULL);
      g_list_store_append (snapshot, member);
    }
  return rt_member_list_set_all (scene->members, number, G_LIST_MODEL (snapshot), NULL);
}

static void
test_news (void)
{
  Scene scene;

  begin (&scene, 3);
  come (&scene, "a", "1");
  come (&scene, "b", "2");
  come (&scene, "a", "1");
  assert_rows (&scene, "a1 b2", "0-0+1 1-0+1 ");
  come (&scene, "a", "3");
  assert_rows (&scene, "a3 b2", "0-1+1 ");
  come (&scene, "c", "");
  come (&scene, "d", "");
  assert_rows (&scene, "a3 b2 c", "2-0+1 ");
  rt_member_list_remove (scene.members, "b");
  rt_member_list_remove (scene.members, "b");
  rt_member_list_remove (scene.members, "nobody");
  assert_rows (&scene, "a3 c", "1-1+0 ");
  rt_member_list_clear (scene.members);
  rt_member_list_clear (scene.members);
  assert_rows (&scene, "", "0-2+0 ");
  end (&scene);
}

/* Nothing is taken away and put back: only what differs changes, neighbours together. */
static void
test_snapshot (void)
{
  Scene scene;

  begin (&scene, 100);
  guint number = rt_member_list_begin (scene.members);
  g_assert_true (answer (&scene, number, "a b c d e f"));
  assert_rows (&scene, "a b c d e f", "0-0+6 ");
  g_assert_false (answer (&scene, number, "x"));
  number = rt_member_list_begin (scene.members);
  g_assert_true (answer (&scene, number, "f e d c b a"));
  assert_rows (&scene, "a b c d e f", "");
  number = rt_member_list_begin (scene.members);
  g_assert_true (answer (&scene, number, "g f h a d"));
  assert_rows (&scene, "a d f g h", "1-2+0 2-1+0 3-0+2 ");
  /* Only the last that was asked for counts. */
  number = rt_member_list_begin (scene.members);
  guint later = rt_member_list_begin (scene.members);
  g_assert_false (answer (&scene, number, ""));
  g_assert_false (rt_member_list_abort (scene.members, number));
  g_assert_true (rt_member_list_abort (scene.members, later));
  g_assert_false (answer (&scene, later, ""));
  assert_rows (&scene, "a d f g h", "");
  end (&scene);
}

/* What is heard meanwhile is newer. */
static void
test_newness (void)
{
  Scene scene;

  begin (&scene, 100);
  come (&scene, "old", "");
  come (&scene, "stays", "");
  guint number = rt_member_list_begin (scene.members);
  come (&scene, "new", "");
  rt_member_list_remove (scene.members, "gone");
  rt_member_list_remove (scene.members, "back");
  come (&scene, "back", "");
  come (&scene, "brief", "");
  rt_member_list_remove (scene.members, "brief");
  come (&scene, "told", "9");
  g_string_truncate (scene.changes, 0);
  g_assert_true (answer (&scene, number, "gone brief stays told other"));
  assert_rows (&scene, "stays new back told9 other", "0-1+0 4-0+1 ");
  /* It was newer than that one, not than all. */
  number = rt_member_list_begin (scene.members);
  g_assert_true (answer (&scene, number, "gone told"));
  assert_rows (&scene, "told gone", "0-3+0 1-1+0 0-1+1 1-0+1 ");
  end (&scene);
}

/* However many and talkative they are. */
static void
test_bounds (void)
{
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GVariant) info = g_variant_ref_sink (g_variant_new_string (text));
  Scene scene;

  begin (&scene, 100);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 20; i++)
        {
          g_autofree char *id = g_strdup_printf ("%u", i);
          g_autoptr (RtMember) member = round < 2 ? rt_member_new (id, "", info) : rt_member_new (id, text, NULL);
          rt_member_list_add (scene.members, member);
        }
      g_assert_cmpuint (scene.mirror->len, ==, 15);
      rt_member_list_clear (scene.members);
    }
  end (&scene);
}

/* --- Whoever is told changes it --- */

static void
end_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  g_atomic_int_set ((gint *) user_data, TRUE);
}

/* Somebody wants to be told of nothing more. */
static void
test_ended (void)
{
  g_autoptr (GListStore) snapshot = g_list_store_new (RT_TYPE_MEMBER);
  g_autoptr (RtMember) other = rt_member_new ("other", "", NULL);
  gint ended = FALSE;
  Scene scene;

  begin (&scene, 100);
  come (&scene, "a", "");
  come (&scene, "b", "");
  g_list_store_append (snapshot, other);
  g_signal_connect (scene.members, "items-changed", G_CALLBACK (end_cb), &ended);
  guint number = rt_member_list_begin (scene.members);
  g_string_truncate (scene.changes, 0);
  g_assert_false (rt_member_list_set_all (scene.members, number, G_LIST_MODEL (snapshot), &ended));
  assert_rows (&scene, "", "0-2+0 ");
  g_signal_handlers_disconnect_by_data (scene.members, &ended);
  end (&scene);
}

static void
meddle_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  Scene *scene = user_data;
  const guint step = scene->changes->len;

  g_signal_handlers_block_by_func (model, meddle_cb, scene);
  if (step < 8)
    {
      rt_member_list_remove (scene->members, "d");
      come (scene, "b", "again");
      come (scene, "z", "");
    }
  g_signal_handlers_unblock_by_func (model, meddle_cb, scene);
}

static void
test_meddling (void)
{
  Scene scene;

  begin (&scene, 100);
  g_assert_true (answer (&scene, rt_member_list_begin (scene.members), "a b c d e"));
  g_string_truncate (scene.changes, 0);
  g_signal_connect (scene.members, "items-changed", G_CALLBACK (meddle_cb), &scene);
  guint number = rt_member_list_begin (scene.members);
  g_assert_true (answer (&scene, number, "b d e f"));
  g_signal_handlers_disconnect_by_func (scene.members, meddle_cb, &scene);
  check_mirror (&scene);
  g_string_truncate (scene.changes, 0);
  assert_rows (&scene, "bagain e z f", "");
  end (&scene);
}

/* --- In whatever order --- */

#define NAMES 12
#define STEPS 20000

/* A server that tells in order: a snapshot is taken somewhere between its question and its answer. */
static void
test_walk (void)
{
  const char *given = g_getenv ("RT_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10) : g_random_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gboolean inside[NAMES] = { FALSE };
  g_autofree char *taken = NULL; /* the answer on its way */
  guint number = 0;
  Scene scene;

  g_test_message ("RT_TEST_SEED=%u", seed);
  begin (&scene, 100);
  for (guint i = 0; i < STEPS; i++)
    {
      guint name = (guint) g_rand_int_range (rand, 0, NAMES);
      g_autofree char *id = g_strdup_printf ("%u", name);
      guint dice = (guint) g_rand_int_range (rand, 0, 10);

      if (dice < 4)
        {
          inside[name] = TRUE;
          come (&scene, id, "");
        }
      else if (dice < 8)
        {
          inside[name] = FALSE;
          rt_member_list_remove (scene.members, id);
        }
      else if (number == 0)
        {
          /* Nothing was heard for a while. */
          for (guint k = 0; k < 3; k++)
            inside[g_rand_int_range (rand, 0, NAMES)] ^= TRUE;
          number = rt_member_list_begin (scene.members);
        }
      else if (taken == NULL)
        {
          g_autoptr (GString) ids = g_string_new (NULL);
          for (guint k = 0; k < NAMES; k++)
            if (inside[k])
              g_string_append_printf (ids, "%s%u", ids->len > 0 ? " " : "", k);
          taken = g_string_free (g_steal_pointer (&ids), FALSE);
        }
      else
        {
          g_assert_true (answer (&scene, number, taken));
          g_clear_pointer (&taken, g_free);
          number = 0;
          check_mirror (&scene);
          guint count = 0;
          for (guint k = 0; k < NAMES; k++)
            count += inside[k];
          g_assert_cmpuint (scene.mirror->len, ==, count);
          for (guint k = 0; k < scene.mirror->len; k++)
            g_assert_true (inside[atoi (rt_member_get_client_id (g_ptr_array_index (scene.mirror, k)))]);
        }
    }
  end (&scene);
}

static void
test_many (void)
{
  const guint n = 10000;
  g_autoptr (GListStore) all = g_list_store_new (RT_TYPE_MEMBER);
  g_autoptr (GListStore) half = g_list_store_new (RT_TYPE_MEMBER);
  RtMemberList *members = rt_member_list_new (n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("c%u", i);
      g_autoptr (RtMember) member = rt_member_new (id, "", NULL);

      g_list_store_append (all, member);
      if (i % 2 == 0)
        g_list_store_append (half, member);
    }
  for (guint round = 0; round < 3; round++)
    {
      g_assert_true (rt_member_list_set_all (members, rt_member_list_begin (members), G_LIST_MODEL (all), NULL));
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (members)), ==, n);
      g_assert_true (rt_member_list_set_all (members, rt_member_list_begin (members), G_LIST_MODEL (half), NULL));
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (members)), ==, n / 2);
    }
  for (guint i = 0; i < n; i += 2)
    {
      g_autofree char *id = g_strdup_printf ("c%u", i);
      rt_member_list_remove (members, id);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (members)), ==, 0);
  g_assert_finalize_object (members);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MemberList/news", test_news);
  g_test_add_func ("/Rt/MemberList/snapshot", test_snapshot);
  g_test_add_func ("/Rt/MemberList/newness", test_newness);
  g_test_add_func ("/Rt/MemberList/bounds", test_bounds);
  g_test_add_func ("/Rt/MemberList/ended", test_ended);
  g_test_add_func ("/Rt/MemberList/meddling", test_meddling);
  g_test_add_func ("/Rt/MemberList/walk", test_walk);
  g_test_add_func ("/Rt/MemberList/many", test_many);
  return g_test_run ();
}
