/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test-virtual.h"

/* A program that is too slow for what it receives. The client's context turns only when a test says so, and time is
 * virtual. */

#define LIMIT 10

typedef struct
{
  RtMockServer *server;
  GMainContext *context; /* the program's */
  RtClient *client;
  RtChannel *room;
  ClientLog *log;
  guint last;
} Fixture;

typedef struct
{
  gboolean history; /* the server keeps one */
  gboolean recover; /* the client asks for it */
} Kind;

static const Kind recoverable = { TRUE, TRUE };
static const Kind unwanted = { TRUE, FALSE };
static const Kind forgetful = { FALSE, TRUE };

static void
next_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Fixture *fixture = user_data;
  guint number = client_util_get_number (message);

  g_assert_cmpuint (number, ==, fixture->last + 1);
  fixture->last = number;
}

static void
gap_cb (RtChannel *channel, guint missed, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->last += missed;
}

static void
turn (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  rt_io_thread_shutdown_for_tests ();
  rt_test_virtual_begin ();
  fixture->server = rt_mock_server_new ();
  rt_mock_server_set_ping_interval (fixture->server, 1000);
  if (!kind->history)
    rt_mock_server_set_history_size (fixture->server, 0);
  rt_mock_server_start (fixture->server, &error);
  g_assert_no_error (error);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->client = client_util_new_client (fixture->server, "receive-queue-limit", LIMIT, NULL);
  fixture->log = client_log_new (fixture->client);
  g_main_context_pop_thread_default (fixture->context);
  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  rt_channel_options_set_recover (options, kind->recover);
  fixture->room = rt_client_join_channel_sync (fixture->client, "room", options, NULL, &error);
  g_assert_no_error (error);
  client_log_add_channel (fixture->log, fixture->room);
  g_signal_connect (fixture->room, "message", G_CALLBACK (next_cb), fixture);
  g_signal_connect (fixture->room, "gap", G_CALLBACK (gap_cb), fixture);
  turn (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_true (rt_client_is_connected (fixture->client));
  client_log_free (fixture->log);
  g_clear_object (&fixture->room);
  client_util_finalize (fixture->client);
  g_main_context_unref (fixture->context);
  g_assert_finalize_object (fixture->server);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

static void
publish (Fixture *fixture, guint first, guint last)
{
  for (guint i = first; i <= last; i++)
    {
      client_util_publish (fixture->server, "room", i, i);
      rt_clock_virtual_settle ();
    }
}

/* The program gets on, until it has had @number, received or told of as missing. */
static void
catch_up (Fixture *fixture, guint number)
{
  g_main_context_push_thread_default (fixture->context);
  rt_test_wait_until (fixture->last >= number);
  g_main_context_pop_thread_default (fixture->context);
  g_assert_cmpuint (fixture->last, ==, number);
}

/* For a short time reading waits, and nothing is lost. */
static void
test_short (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 100);
  rt_clock_virtual_advance (RT_CLOCK_MS (500));
  g_assert_cmpuint (fixture->last, ==, 0);
  catch_up (fixture, 100);
  publish (fixture, 101, 105);
  catch_up (fixture, 105);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 105);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 0);
  g_assert_cmpuint (client_log_count (fixture->log, "room recovered"), ==, 0);
}

/* For longer, nothing is kept; the server's history has it. */
static void
test_recovered (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 100);
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  publish (fixture, 101, 150);
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  catch_up (fixture, 150);
  publish (fixture, 151, 160);
  catch_up (fixture, 160);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 160);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 0);
  g_assert_cmpuint (client_log_count (fixture->log, "room recovered"), >=, 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room joined"), ==, 1);
}

/* Nobody has it any more: what is missing is counted, before the next message. */
static void
test_counted (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 100);
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  publish (fixture, 101, 150);
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  catch_up (fixture, 150);
  publish (fixture, 151, 160);
  catch_up (fixture, 160);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), <, 160);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), >, 10);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room recovered"), ==, 0);
}

/* Also when the line is lost meanwhile. */
static void
test_line_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  publish (fixture, 1, 50);
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  publish (fixture, 51, 60);
  rt_mock_server_drop_connections (fixture->server);
  rt_test_poll_until (!rt_client_is_connected (fixture->client));
  catch_up (fixture, 60);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 1);
  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
}

/* The connection does not suffer, for as long as it may take: the server's pings are answered. */
static void
test_connection (Fixture *fixture, gconstpointer data)
{
  guint before;

  publish (fixture, 1, 50);
  before = rt_mock_server_get_pong_count (fixture->server);
  rt_clock_virtual_advance (RT_CLOCK_MS (60 * 1000));
  g_assert_cmpuint (rt_mock_server_get_pong_count (fixture->server), >=, before + 59);
  g_assert_true (rt_client_is_connected (fixture->client));
  /* So are calls. */
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (fixture->client, "elsewhere", "hello", NULL, &error);
  g_assert_no_error (error);
  catch_up (fixture, 50);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected"), ==, 0);
}

#define TEST(path, kind, func) g_test_add ("/Rt/ClientSlow/" path, Fixture, &kind, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("short", recoverable, test_short);
  TEST ("recovered", recoverable, test_recovered);
  TEST ("not-wanted", unwanted, test_counted);
  TEST ("not-kept", forgetful, test_counted);
  TEST ("line-lost", forgetful, test_line_lost);
  TEST ("connection", recoverable, test_connection);
  return g_test_run ();
}
