/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"

/* Channels against a real server: shared handles, refused joins, lists, and filters of tags. */

static void
leave (InteropClient *client, const char *channel)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_leave_channel_sync (client->client, channel, NULL, &error));
  g_assert_no_error (error);
}

/* The last who leaves ends it, also as the server sees it. */
static void
test_shared (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) theirs = interop_client_join (bob, "shared");
  g_autoptr (RtChannel) first = interop_client_join (ann, "shared");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) second = rt_client_join_channel_sync (ann->client, "shared", NULL, NULL, &error);
  guint n_clients = 0;

  g_assert_no_error (error);
  g_assert_true (first == second);
  leave (ann, "shared");
  g_assert_true (rt_channel_presence_stats_sync (theirs, NULL, &n_clients, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_clients, ==, 2);
  engine_suite_tell ("publish shared 1");
  rt_test_wait_until (interop_client_count (ann, "message:") == 1);
  leave (ann, "shared");
  g_assert_true (rt_channel_presence_stats_sync (theirs, NULL, &n_clients, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_clients, ==, 1);
}

static void
test_refusals (void)
{
  static const struct
  {
    guint wire;
    RtError code;
  } refusals[] = {
    { 100, RT_ERROR_SERVER },           { 101, RT_ERROR_UNAUTHORIZED },  { 102, RT_ERROR_CHANNEL_NOT_FOUND },
    { 103, RT_ERROR_PERMISSION_DENIED }, { 106, RT_ERROR_QUEUE_FULL },    { 107, RT_ERROR_INVALID_ARGUMENT },
    { 108, RT_ERROR_NOT_SUPPORTED },    { 109, RT_ERROR_EXPIRED },       { 111, RT_ERROR_RATE_LIMITED },
  };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;

      engine_suite_tell ("refuse guarded %u", refusals[i].wire);
      g_assert_null (rt_client_join_channel_sync (ann->client, "guarded", NULL, NULL, &error));
      g_assert_error (error, RT_ERROR, (int) refusals[i].code);
    }
  g_autoptr (RtChannel) guarded = interop_client_join (ann, "guarded");
}

/* The engine's own bound. */
static void
test_limit (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GPtrArray) channels = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 128; i++)
    {
      g_autofree char *name = g_strdup_printf ("limit-%u", i);
      g_ptr_array_add (channels, interop_client_join (ann, name));
    }
  g_assert_null (rt_client_join_channel_sync (ann->client, "limit-128", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
}

static void
test_members (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) room = interop_client_join (ann, "members");
  GListModel *members = rt_channel_get_members (room);

  rt_test_wait_until (rt_channel_get_members_synced (room));
  rt_test_wait_until (g_list_model_get_n_items (members) == 1);
  g_autoptr (RtChannel) theirs = interop_client_join (bob, "members");
  rt_test_wait_until (g_list_model_get_n_items (members) == 2);
  g_autoptr (RtMember) last = g_list_model_get_item (members, 1);
  g_assert_cmpstr (rt_member_get_user_id (last), ==, "bob");
  engine_suite_tell ("disconnect 3000 away");
  rt_test_wait_until (!rt_channel_get_members_synced (room));
  rt_test_wait_until (rt_channel_get_members_synced (room) && g_list_model_get_n_items (members) == 2);
  leave (bob, "members");
  rt_test_wait_until (g_list_model_get_n_items (members) == 1);
}

/* --- Tags --- */

/* The engine has the tags beside the data, the own server inside it. */
static void
publish (const char *channel, const char *town, guint number)
{
  if (engine_suite_is_own ())
    engine_suite_tell ("publish %s {\"$rt\":1,\"text\":\"%u\",\"tags\":{\"town\":\"%s\"}}", channel, number, town);
  else
    engine_suite_tell ("tagged %s {\"town\":\"%s\"} {\"$rt\":1,\"text\":\"%u\"}", channel, town, number);
}

static RtChannel *
join_filtered (InteropClient *client, const char *channel)
{
  const char *const towns[] = { "paris", "berlin", NULL };
  g_autoptr (RtTagsFilter) filter = rt_tags_filter_new_one_of ("town", towns);
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  rt_channel_options_set_tags_filter (options, filter);
  rt_channel_options_set_prefill (options, 10);
  RtChannel *room = rt_client_join_channel_sync (client->client, channel, options, NULL, &error);
  g_assert_no_error (error);
  interop_client_watch (client, room);
  return room;
}

/* Live, then missed, then live again; of a server that filters and of one that refuses to. */
static void
check_tags (const char *channel)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");

  publish (channel, "rome", 1);
  publish (channel, "paris", 2);
  g_autoptr (RtChannel) room = join_filtered (ann, channel);
  GListModel *messages = rt_channel_get_messages (room);
  publish (channel, "rome", 3);
  publish (channel, "berlin", 4);
  publish (channel, "rome", 5);
  publish (channel, "paris", 6);
  interop_client_expect (ann, "message: 4", "message: 6", "!gap:", NULL);
  rt_test_wait_until (g_list_model_get_n_items (messages) == 3);
  engine_suite_tell ("disconnect 3000 away");
  publish (channel, "rome", 7);
  publish (channel, "paris", 8);
  publish (channel, "rome", 9);
  rt_test_wait_until (interop_client_count (ann, "message:") == 1);
  publish (channel, "rome", 10);
  publish (channel, "berlin", 11);
  interop_client_expect (ann, "message: 8", "message: 11", "!gap:", NULL);
}

static void
test_tags (void)
{
  check_tags ("tagged:room");
}

static void
test_tags_refused (void)
{
  check_tags ("untagged");
}

void
engine_channels_add_tests (void)
{
  g_test_add_func ("/Rt/Server/shared", test_shared);
  g_test_add_func ("/Rt/Server/members", test_members);
  g_test_add_func ("/Rt/Server/limit", test_limit);
  g_test_add_func ("/Rt/Server/tags", test_tags);
  if (engine_suite_is_own ())
    return;
  g_test_add_func ("/Rt/Server/tags-refused", test_tags_refused);
  g_test_add_func ("/Rt/Server/refusals", test_refusals);
}
