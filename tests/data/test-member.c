/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include "rt-member.h"

static void
test_new (void)
{
  RtMember *member = rt_member_new ("c1", "ann", g_variant_new_string ("hello"));
  g_autofree char *user_id = NULL;
  g_autofree char *client_id = NULL;
  g_autoptr (GVariant) info = NULL;

  g_object_get (member, "user-id", &user_id, "client-id", &client_id, "info", &info, NULL);
  g_assert_cmpstr (user_id, ==, "ann");
  g_assert_cmpstr (client_id, ==, "c1");
  g_assert_cmpstr (g_variant_get_string (info, NULL), ==, "hello");
  g_assert_finalize_object (member);
}

/* However it is made, nothing is missing but the info. */
static void
test_blank (void)
{
  g_autoptr (RtMember) member = g_object_new (RT_TYPE_MEMBER, NULL);

  g_assert_cmpstr (rt_member_get_client_id (member), ==, "");
  g_assert_cmpstr (rt_member_get_user_id (member), ==, "");
  g_assert_null (rt_member_get_info (member));
}

static void
test_list (void)
{
  g_autoptr (GListStore) store = g_list_store_new (RT_TYPE_MEMBER);
  g_autoptr (RtMember) member = rt_member_new ("c", "u", NULL);

  g_list_store_append (store, member);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Member/new", test_new);
  g_test_add_func ("/Rt/Member/blank", test_blank);
  g_test_add_func ("/Rt/Member/list", test_list);
  return g_test_run ();
}
