/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-codec.h"
#include "rt-member-private.h"

/* The members of a presence reply, as the codec gives them. */
static RtMember *
receive (const char *info)
{
  g_autofree char *line = g_strdup_printf ("{\"push\":{\"channel\":\"c\",\"join\":{\"info\":%s}}}", info);
  RtDecoder decoder = { 0 };
  RtReply reply;
  RtMember *member;

  rt_decoder_begin (&decoder, line, strlen (line));
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_ITEM);
  g_assert_cmpuint (reply.n_members, ==, 1);
  member = rt_member_new_incoming (&reply.members[0]);
  memset (line, 'x', strlen (line)); /* nothing of it is kept */
  rt_decoder_clear (&decoder);
  return member;
}

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

static void
test_incoming (void)
{
  g_autoptr (RtMember) member
    = receive ("{\"user\":\"\\u0061nn\",\"client\":\"c1\",\"conn_info\":{\"age\":7},\"chan_info\":{\"x\":1}}");
  g_autoptr (RtMember) by_channel = receive ("{\"user\":\"\",\"client\":\"c2\",\"chan_info\":[true]}");
  g_autoptr (RtMember) bare = receive ("{\"client\":\"c3\"}");
  gint64 age = 0;

  g_assert_cmpstr (rt_member_get_user_id (member), ==, "ann");
  g_assert_cmpstr (rt_member_get_client_id (member), ==, "c1");
  g_assert_true (g_variant_lookup (rt_member_get_info (member), "age", "x", &age));
  g_assert_cmpint (age, ==, 7);

  g_assert_cmpstr (rt_member_get_user_id (by_channel), ==, "");
  g_assert_cmpstr (g_variant_get_type_string (rt_member_get_info (by_channel)), ==, "av");

  g_assert_cmpstr (rt_member_get_user_id (bare), ==, "");
  g_assert_null (rt_member_get_info (bare));
}

/* What a program cannot use of a member is left out; the member is there all the same. */
static void
test_hostile (void)
{
  g_autoptr (RtMember) member
    = receive ("{\"user\":\"ann\",\"client\":\"c\",\"conn_info\":{\"a\":99999999999999999999}}");

  g_assert_cmpstr (rt_member_get_client_id (member), ==, "c");
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
  g_test_add_func ("/Rt/Member/incoming", test_incoming);
  g_test_add_func ("/Rt/Member/hostile", test_hostile);
  g_test_add_func ("/Rt/Member/list", test_list);
  return g_test_run ();
}
