/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"

static void
publish (RtMockServer *server, const char *channel, const char *json)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_publish (server, channel, json, &error);
  g_assert_no_error (error);
}

static void
publish_numbers (RtMockServer *server, const char *channel, guint from, guint to)
{
  for (guint i = from; i <= to; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"n\":%u}", i);
      publish (server, channel, json);
    }
}

static guint
count_parts (const char *text, const char *part)
{
  guint count = 0;

  for (const char *p = strstr (text, part); p != NULL; p = strstr (p + 1, part))
    count++;
  return count;
}

/* --- Publishing --- */

static void
test_echo_before_ack (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_free);

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "\"recoverable\":true,\"epoch\":\"");
  g_autofree char *join = rt_raw_client_expect (client, "\"join\"");
  g_autofree char *own_id = rt_raw_get_string (join, "client");
  const char *command = "\"publish\":{\"channel\":\"c\",\"data\":{\"text\":\"hi\"}}";
  g_autofree char *ack = rt_raw_client_ask (client, command, before);
  g_autofree char *expected = g_strdup_printf ("{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":{\"text\":\"hi\"},"
                                               "\"info\":{\"client\":\"%s\"},\"offset\":1}}}", own_id);
  g_assert_cmpuint (before->len, ==, 1);
  g_assert_cmpstr (before->pdata[0], ==, expected);
  g_assert_cmpstr (ack, ==, "{\"id\":3,\"publish\":{}}");
  rt_raw_server_end (server);
}

static void
test_publish_without_join (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) publisher = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (RtRawClient) reader = rt_raw_client_open (server, RT1, "");
  const char *const expected[] = { "1", "\"two\"", NULL };
  g_auto (GStrv) messages = NULL;

  rt_raw_client_check (reader, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (reader, "\"join\""));
  rt_raw_client_check (publisher, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"publish\":{}");
  rt_raw_client_check (publisher, "\"publish\":{\"channel\":\"other\",\"data\":3}", "\"publish\":{}");
  rt_raw_client_check (publisher, "\"publish\":{\"channel\":\"\\u0063\",\"data\":\"two\"}", "\"publish\":{}");
  g_free (rt_raw_client_expect (reader, "\"data\":1,"));
  g_free (rt_raw_client_expect (reader, "\"data\":\"two\","));

  g_assert_true (rt_mock_server_wait_for_messages (server, 3, 5000));
  messages = rt_mock_server_get_messages (server, "c");
  g_assert_cmpstrv (messages, expected);
  g_auto (GStrv) all = rt_mock_server_get_messages (server, NULL);
  g_assert_cmpuint (g_strv_length (all), ==, 3);
  rt_raw_server_end (server);
  g_assert_cmpuint (publisher->n_frames, ==, 4);
}

static void
test_idempotent_publish (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, RT1, "");
  g_autoptr (RtRawClient) plain = rt_raw_client_open (server, CENTRIFUGO, "");
  g_auto (GStrv) messages = NULL;
  const char *command = "\"publish\":{\"channel\":\"c\",\"data\":1,\"idem\":\"42\"}";

  rt_raw_client_check (client, command, "\"offset\":1,\"epoch\":\"");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":2,\"idem\":\"43\"}", "\"offset\":2,");
  g_autofree char *again = rt_raw_client_ask (client, command, NULL);
  rt_raw_assert_has (again, "\"offset\":1,");
  rt_raw_assert_has (again, "\"dup\":true");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"d\",\"data\":1,\"idem\":\"42\"}", "\"offset\":1,");
  /* The other profile does not know of it. */
  rt_raw_client_check (plain, command, "\"publish\":{}");
  messages = rt_mock_server_get_messages (server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 4);
  rt_raw_server_end (server);
}

static void
test_server_publish (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (65537, '1');
  g_auto (GStrv) messages = NULL;

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (client, "\"join\""));
  publish (server, "c", " {\"a\":\n[1,\r\n2]}\n");
  g_autofree char *line = rt_raw_client_take (client);
  rt_raw_assert_has (line, "\"offset\":1");
  rt_raw_assert_has (line, "{\"data\":{\"a\":");
  rt_raw_assert_has_not (line, "info");

  g_assert_false (rt_mock_server_publish (server, "c", "{", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (rt_mock_server_publish (server, "", "1", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (rt_mock_server_publish (server, "c", large, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  g_clear_error (&error);
  messages = rt_mock_server_get_messages (server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 0);

  rt_mock_server_stop (server);
  g_assert_false (rt_mock_server_publish (server, "c", "1", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  rt_raw_server_end (server);
}

/* --- Joining and leaving --- */

static void
test_subscribe_errors (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *long_name = g_strnfill (256, 'x');
  g_autofree char *long_command = g_strdup_printf ("\"subscribe\":{\"channel\":\"%s\"}", long_name);

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}",
                       "{\"code\":105,\"message\":\"already subscribed\"}");
  rt_raw_client_check (client, "\"subscribe\":{}", "\"code\":107");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"\"}", "\"code\":107");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"a\\nb\"}", "\"code\":107");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"\\u00e4\"}", "\"code\":107");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"a\\u0000\"}", "\"code\":107");
  rt_raw_client_check (client, long_command, "\"code\":107");
  long_command[strlen (long_command) - 3] = '"';
  long_command[strlen (long_command) - 2] = '}';
  long_command[strlen (long_command) - 1] = ' ';
  rt_raw_client_check (client, long_command, "recoverable");
  rt_raw_client_check (client, "\"unsubscribe\":{\"channel\":\"never\"}", "\"unsubscribe\":{}");
  rt_raw_server_end (server);
}

static void
test_channel_limit (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  for (guint i = 0; i < 128; i++)
    {
      g_autofree char *command = g_strdup_printf ("\"subscribe\":{\"channel\":\"c%u\"}", i);
      rt_raw_client_check (client, command, "recoverable");
    }
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"more\"}",
                       "{\"code\":106,\"message\":\"limit exceeded\"}");
  rt_raw_client_check (client, "\"unsubscribe\":{\"channel\":\"c7\"}", "\"unsubscribe\":{}");
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"more\"}", "recoverable");
  rt_raw_server_end (server);
}

static void
test_join_leave (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) first = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (RtRawClient) second = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (RtRawClient) third = rt_raw_client_open (server, CENTRIFUGO, "");

  rt_raw_client_check (first, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_autofree char *own = rt_raw_client_expect (first, "{\"push\":{\"channel\":\"c\",\"join\":{\"info\":");
  rt_raw_client_check (second, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_autofree char *join = rt_raw_client_expect (first, "\"join\"");
  g_autofree char *second_own = rt_raw_client_expect (second, "\"join\"");
  g_assert_cmpstr (join, ==, second_own);
  g_assert_cmpstr (join, !=, own);

  rt_raw_client_check (second, "\"unsubscribe\":{\"channel\":\"c\"}", "unsubscribe");
  g_autofree char *leave = rt_raw_client_expect (first, "{\"push\":{\"channel\":\"c\",\"leave\":{\"info\":");
  g_autofree char *joined_id = rt_raw_get_string (join, "client");
  g_autofree char *left_id = rt_raw_get_string (leave, "client");
  g_assert_cmpstr (joined_id, ==, left_id);

  rt_raw_client_check (third, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (first, "\"join\""));
  g_free (rt_raw_client_expect (third, "\"join\""));
  soup_websocket_connection_close (third->websocket, 1000, NULL);
  g_free (rt_raw_client_expect (first, "\"leave\""));
  rt_raw_server_end (server);
  g_assert_true (g_queue_is_empty (&second->lines));
}

static void
test_join_leave_on_demand (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_join_leave (server, FALSE);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) curious = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (RtRawClient) other = rt_raw_client_open (server, CENTRIFUGO, "");
  rt_raw_client_check (curious, "\"subscribe\":{\"channel\":\"c\",\"join_leave\":true}", "recoverable");
  g_free (rt_raw_client_expect (curious, "\"join\""));
  rt_raw_client_check (other, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (curious, "\"join\""));
  rt_raw_client_check (other, "\"rpc\":{}", "rpc");
  g_assert_true (g_queue_is_empty (&other->lines));
  rt_raw_server_end (server);
}

static void
test_presence (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const protocols[] = { RT1, NULL };
  g_autoptr (RtRawClient) ann = rt_raw_client_new (server, protocols, NULL);
  g_autoptr (RtRawClient) ann_too = rt_raw_client_new (server, protocols, NULL);
  g_autoptr (RtRawClient) bob = rt_raw_client_new (server, protocols, NULL);

  rt_raw_client_check (ann, "\"connect\":{\"rt\":{\"user\":\"ann\"}}", "client");
  rt_raw_client_check (ann_too, "\"connect\":{\"rt\":{\"user\":\"ann\"}}", "client");
  rt_raw_client_check (bob, "\"connect\":{\"rt\":{\"user\":\"bob\"}}", "client");
  rt_raw_client_check (ann, "\"presence\":{\"channel\":\"c\"}", "\"presence\":{\"presence\":{}}");
  rt_raw_client_check (ann, "\"presence_stats\":{\"channel\":\"c\"}", "\"presence_stats\":{}");
  rt_raw_client_check (ann, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (ann_too, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (bob, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_autofree char *who = rt_raw_client_ask (bob, "\"presence\":{\"channel\":\"c\"}", NULL);
  g_assert_cmpuint (count_parts (who, "\"user\":\"ann\""), ==, 2);
  g_assert_cmpuint (count_parts (who, "\"user\":\"bob\""), ==, 1);
  rt_raw_client_check (bob, "\"presence_stats\":{\"channel\":\"c\"}", "{\"num_clients\":3,\"num_users\":2}");
  rt_raw_client_check (ann, "\"unsubscribe\":{\"channel\":\"c\"}", "unsubscribe");
  rt_raw_client_check (bob, "\"presence_stats\":{\"channel\":\"c\"}", "{\"num_clients\":2,\"num_users\":2}");
  rt_raw_server_end (server);
}

static void
test_presence_off (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_presence (server, FALSE);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  rt_raw_client_check (client, "\"presence\":{\"channel\":\"c\"}", "{\"code\":108,\"message\":\"not available\"}");
  rt_raw_client_check (client, "\"presence_stats\":{\"channel\":\"c\"}", "\"code\":108");
  rt_raw_server_end (server);
}

/* --- History --- */

static void
check_history (RtRawClient *client, const char *options, const char *numbers)
{
  g_autofree char *command = g_strdup_printf ("\"history\":{\"channel\":\"c\"%s}", options);
  g_autofree char *line = rt_raw_client_ask (client, command, NULL);
  g_autoptr (GString) got = g_string_new (NULL);

  for (const char *p = strstr (line, "\"n\":"); p != NULL; p = strstr (p + 1, "\"n\":"))
    g_string_append_printf (got, " %d", atoi (p + 4));
  g_assert_cmpstr (got->str, ==, numbers);
  rt_raw_assert_has (line, "\"offset\":5}}");
}

static void
test_history (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  publish_numbers (server, "c", 1, 5);
  g_autofree char *line = rt_raw_client_ask (client, "\"history\":{\"channel\":\"c\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (line, "epoch");
  g_autofree char *after_2 = g_strdup_printf (",\"limit\":10,\"since\":{\"offset\":2,\"epoch\":\"%s\"}", epoch);
  g_autofree char *before_4 =
      g_strdup_printf (",\"limit\":2,\"reverse\":true,\"since\":{\"offset\":4,\"epoch\":\"%s\"}", epoch);

  g_assert_cmpuint (strlen (epoch), ==, 4);
  check_history (client, "", "");
  check_history (client, ",\"limit\":0", "");
  check_history (client, ",\"limit\":2", " 1 2");
  check_history (client, ",\"limit\":-1", " 1 2 3 4 5");
  check_history (client, ",\"limit\":2,\"reverse\":true", " 5 4");
  check_history (client, after_2, " 3 4 5");
  check_history (client, before_4, " 3 2");
  rt_raw_client_check (client,
                       "\"history\":{\"channel\":\"c\",\"limit\":1,\"since\":{\"offset\":1,\"epoch\":\"zzzzz\"}}",
                       "{\"code\":112,\"message\":\"unrecoverable position\"}");
  rt_raw_client_check (client, "\"history\":{\"channel\":\"none\",\"limit\":1}", "\"epoch\":\"");
  rt_raw_server_end (server);
}

static void
test_history_bounds (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_history_size (server, 3);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  publish_numbers (server, "c", 1, 5);
  check_history (client, ",\"limit\":-1", " 3 4 5");
  rt_mock_server_stop (server);

  rt_mock_server_set_history_size (server, 1000);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) second = rt_raw_client_open (server, CENTRIFUGO, "");
  publish_numbers (server, "c", 1, 350);
  g_autofree char *all = rt_raw_client_ask (second, "\"history\":{\"channel\":\"c\",\"limit\":1000}", NULL);
  g_assert_cmpuint (count_parts (all, "\"n\":"), ==, 300);
  rt_mock_server_stop (server);

  rt_mock_server_set_history_size (server, 0);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) third = rt_raw_client_open (server, RT1, "");
  rt_raw_client_check (third, "\"history\":{\"channel\":\"c\",\"limit\":1}", "\"code\":108");
  rt_raw_client_check (third, "\"subscribe\":{\"channel\":\"c\",\"recover\":true}", "\"subscribe\":{}");
  rt_raw_client_check (third, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"publish\":{}");
  rt_raw_server_end (server);
}

/* --- Recovery --- */

/* Joins "c" as one who has seen @offset of @epoch. */
static char *
rejoin (RtRawClient *client, const char *epoch, guint offset)
{
  g_autofree char *command = g_strdup_printf (
      "\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"%s\",\"offset\":%u}", epoch, offset);

  return rt_raw_client_ask (client, command, NULL);
}

static void
test_recovery (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *first = rt_raw_client_ask (client, "\"subscribe\":{\"channel\":\"c\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (first, "epoch");

  publish_numbers (server, "c", 1, 1);
  rt_mock_server_drop_connections (server);
  rt_raw_client_wait_closed (client, 0);
  publish_numbers (server, "c", 2, 4);

  g_autoptr (RtRawClient) again = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *reply = rejoin (again, epoch, 1);
  g_autofree char *expected =
      g_strdup_printf ("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"%s\",\"publications\":["
                       "{\"data\":{\"n\":2},\"offset\":2},{\"data\":{\"n\":3},\"offset\":3},"
                       "{\"data\":{\"n\":4},\"offset\":4}],\"recovered\":true,\"offset\":4,"
                       "\"positioned\":true,\"was_recovering\":true}}",
                       epoch);
  g_assert_cmpstr (reply, ==, expected);
  g_free (rt_raw_client_expect (again, "\"join\""));
  publish_numbers (server, "c", 5, 5);
  g_free (rt_raw_client_expect (again, "\"offset\":5"));

  g_autoptr (RtRawClient) current = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *nothing_missed = rejoin (current, epoch, 5);
  rt_raw_assert_has (nothing_missed, "\"recovered\":true");
  rt_raw_assert_has_not (nothing_missed, "publications");
  rt_raw_server_end (server);
}

/* What was missed comes in one frame, also where that is more than may otherwise wait for a client. */
static void
test_recovery_large (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *data = g_strnfill (60000, '7');

  for (guint i = 0; i < 100; i++)
    publish (server, "c", data);
  g_autofree char *reply = rejoin (client, "", 0);
  g_assert_cmpuint (count_parts (reply, "\"data\":7777"), ==, 100);
  rt_raw_assert_has (reply, "\"recovered\":true,\"offset\":100,");
  rt_raw_client_check (client, "\"rpc\":{}", "rpc");
  rt_raw_server_end (server);
}

static void
check_unrecovered (RtMockServer *server, const char *epoch, guint offset)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *reply = rejoin (client, epoch, offset);

  rt_raw_assert_has (reply, "\"was_recovering\":true");
  rt_raw_assert_has_not (reply, "\"recovered\"");
  rt_raw_assert_has_not (reply, "publications");
}

static void
test_recovery_fails (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_history_size (server, 400);
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  publish_numbers (server, "c", 1, 500);
  g_autofree char *line = rt_raw_client_ask (client, "\"history\":{\"channel\":\"c\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (line, "epoch");

  g_autofree char *most = rejoin (client, epoch, 200);
  g_assert_cmpuint (count_parts (most, "\"n\":"), ==, 300);
  check_unrecovered (server, epoch, 199); /* more than a reply holds */
  check_unrecovered (server, epoch, 50);  /* gone from the history */
  check_unrecovered (server, epoch, 501); /* never was */
  check_unrecovered (server, "old", 500);
  rt_raw_server_end (server);
}

static void
test_new_epoch (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *first = rt_raw_client_ask (client, "\"subscribe\":{\"channel\":\"c\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (first, "epoch");

  g_free (rt_raw_client_expect (client, "\"join\""));
  publish_numbers (server, "c", 1, 3);
  for (guint i = 1; i <= 3; i++)
    g_free (rt_raw_client_take (client));
  rt_mock_server_new_epoch (server, "nobody");
  rt_mock_server_new_epoch (server, "c");
  g_free (rt_raw_client_expect (client, "\"unsubscribe\":{\"code\":2500,\"reason\":\"insufficient state\"}"));
  g_autofree char *reply = rejoin (client, epoch, 3);
  rt_raw_assert_has_not (reply, "\"recovered\"");
  rt_raw_assert_has_not (reply, epoch);
  g_free (rt_raw_client_expect (client, "\"join\""));
  publish_numbers (server, "c", 4, 4);
  g_free (rt_raw_client_expect (client, "\"offset\":1"));
  rt_raw_server_end (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MockChannels/echo-before-ack", test_echo_before_ack);
  g_test_add_func ("/Rt/MockChannels/publish-without-join", test_publish_without_join);
  g_test_add_func ("/Rt/MockChannels/idempotent-publish", test_idempotent_publish);
  g_test_add_func ("/Rt/MockChannels/server-publish", test_server_publish);
  g_test_add_func ("/Rt/MockChannels/subscribe-errors", test_subscribe_errors);
  g_test_add_func ("/Rt/MockChannels/channel-limit", test_channel_limit);
  g_test_add_func ("/Rt/MockChannels/join-leave", test_join_leave);
  g_test_add_func ("/Rt/MockChannels/join-leave-on-demand", test_join_leave_on_demand);
  g_test_add_func ("/Rt/MockChannels/presence", test_presence);
  g_test_add_func ("/Rt/MockChannels/presence-off", test_presence_off);
  g_test_add_func ("/Rt/MockChannels/history", test_history);
  g_test_add_func ("/Rt/MockChannels/history-bounds", test_history_bounds);
  g_test_add_func ("/Rt/MockChannels/recovery", test_recovery);
  g_test_add_func ("/Rt/MockChannels/recovery-large", test_recovery_large);
  g_test_add_func ("/Rt/MockChannels/recovery-fails", test_recovery_fails);
  g_test_add_func ("/Rt/MockChannels/new-epoch", test_new_epoch);
  return g_test_run ();
}
