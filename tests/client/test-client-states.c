/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-calls.h"
#include "client-probe.h"
#include "rt-enum-types.h"

/* Walks the table "Each call in each state" of docs/connecting.md, cell by cell: what it says is what is expected
 * here. Each call is made asynchronously and, in a thread of its own, blocking. */

typedef enum
{
  COLUMN_DISCONNECTED,
  COLUMN_CONNECTING,
  COLUMN_CONNECTED,
  COLUMN_DISCONNECTING, /* CONNECTED, with disconnect under way */
  COLUMN_RECONNECTING,
  COLUMN_SUSPENDED,
  COLUMN_CLOSING,
  COLUMN_CLOSED,
  COLUMN_FAILED,
  N_COLUMNS,
} Column;

static const char *const column_names[N_COLUMNS] = {
  "DISCONNECTED", "CONNECTING", "CONNECTED", "disconnecting",
  "RECONNECTING", "SUSPENDED",  "CLOSING",   "CLOSED",        "FAILED",
};

/* --- The table in the docs --- */

static char **table; /* lines of the page */

static char *
get_cell (const char *row, Column column)
{
  for (guint i = 0; table[i] != NULL; i++)
    {
      g_auto (GStrv) cells = g_strsplit (table[i], "|", -1);

      if (g_strv_length (cells) == N_COLUMNS + 3 && g_strcmp0 (g_strstrip (cells[1]), row) == 0)
        return g_strdup (g_strstrip (cells[column + 2]));
    }
  g_error ("docs/connecting.md has no row \"%s\" with %d columns", row, N_COLUMNS);
}

static void
load_table (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "connecting.md", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  table = g_strsplit (text, "\n", -1);
}

static const struct
{
  const char *row;
  const char *calls[6];
} rows[] = {
  { "`connect`", { "connect" } },
  { "`disconnect`", { "disconnect" } },
  { "`close`", { "close" } },
  { "`reset_session`", { "reset_session" } },
  { "`send_message`, `send`",
    { "send_message", "send_message_with_options", "send", "channel-send_message", "channel-send" } },
  { "`rpc`", { "rpc" } },
  { "`ping`", { "ping" } },
  { "`join_channel`", { "join_channel" } },
  { "`leave_channel`, joined", { "leave_channel-joined", "leave" } },
  { "`leave_channel`, unknown", { "leave_channel-unknown" } },
  { "`history`, `presence`, `presence_stats`", { "history", "load_more", "presence", "presence_stats" } },
};

/* The error that a cell of the table names; NULL for success. */
static GError *
expected_error (const char *cell)
{
  static const char *const successes[] = {
    "connects", "shares the attempt under way", "connects when the old connection has ended", "succeeds",
    "ends the attempt, succeeds", "stops trying, succeeds", "goes on afresh, succeeds", "connects afresh, succeeds",
    "tries now", "disconnects", "closes", "sends", "waits, then sends", "calls", "measures", "joins",
    "waits, then joins", "leaves", "asks", NULL,
  };
  g_autofree char *name = g_strconcat ("RT_ERROR_", cell, NULL);
  GEnumClass *klass = g_type_class_ref (RT_TYPE_ERROR);
  GEnumValue *value = g_enum_get_value_by_name (klass, name);
  GError *error = NULL;

  if (value != NULL)
    error = g_error_new_literal (RT_ERROR, value->value, "expected");
  else if (strcmp (cell, "the server's error") == 0)
    error = g_error_new_literal (RT_ERROR, RT_ERROR_PERMISSION_DENIED, "expected");
  else if (!g_strv_contains (successes, cell))
    g_error ("docs/connecting.md: not known what \"%s\" means", cell);
  g_type_class_unref (klass);
  return error;
}

/* --- Coming into a state --- */

typedef struct
{
  ClientSetup setup;
  Column column;
  ClientReply connecting;
  ClientReply asking;
  ClientReply ending;
} Walk;

static RtClient *
new_client (Walk *walk)
{
  guint patience = walk->column == COLUMN_SUSPENDED ? 100 : 120000;

  return client_util_new_client (walk->setup.server, "suspend-timeout", patience, NULL);
}

static void
wait_for_state (Walk *walk, RtConnectionState state)
{
  rt_test_wait_until (rt_client_get_state (walk->setup.client) == state);
}

/* A request that the server does not answer for now keeps the client from ending at once. */
static void
stall_with_request (Walk *walk)
{
  rt_mock_server_inject_fault (walk->setup.server, RT_MOCK_FAULT_STALL, 1);
  rt_client_rpc_async (walk->setup.client, "echo", NULL, NULL, client_reply_cb, &walk->asking);
}

static void
enter (Walk *walk)
{
  RtClient *client = walk->setup.client;
  g_autoptr (GError) error = NULL;

  switch (walk->column)
    {
    case COLUMN_DISCONNECTED:
      rt_client_disconnect_sync (client, NULL, &error);
      break;
    case COLUMN_CONNECTING:
      rt_client_disconnect_sync (client, NULL, &error);
      rt_mock_server_inject_fault (walk->setup.server, RT_MOCK_FAULT_STALL, 1);
      rt_client_connect_async (client, NULL, client_reply_cb, &walk->connecting);
      wait_for_state (walk, RT_CONNECTION_STATE_CONNECTING);
      break;
    case COLUMN_DISCONNECTING:
      stall_with_request (walk);
      rt_client_disconnect_async (client, NULL, client_reply_cb, &walk->ending);
      break;
    case COLUMN_RECONNECTING:
      client_util_cut (walk->setup.server);
      wait_for_state (walk, RT_CONNECTION_STATE_RECONNECTING);
      break;
    case COLUMN_SUSPENDED:
      client_util_cut (walk->setup.server);
      wait_for_state (walk, RT_CONNECTION_STATE_SUSPENDED);
      break;
    case COLUMN_CLOSING:
      stall_with_request (walk);
      rt_client_close_async (client, NULL, client_reply_cb, &walk->ending);
      wait_for_state (walk, RT_CONNECTION_STATE_CLOSING);
      break;
    case COLUMN_CLOSED:
      rt_client_close_sync (client, NULL, &error);
      break;
    case COLUMN_FAILED:
      rt_mock_server_disconnect_client (walk->setup.server, NULL, 3507, "not you");
      wait_for_state (walk, RT_CONNECTION_STATE_FAILED);
      break;
    case COLUMN_CONNECTED:
    case N_COLUMNS:
    default:
      break;
    }
  g_assert_no_error (error);
}

/* Everything that was begun ends, each thing once. */
static void
leave (Walk *walk, const ClientCall *call)
{
  g_autoptr (GError) error = NULL;

  if (walk->column == COLUMN_CONNECTING)
    {
      client_reply_wait (&walk->connecting);
      rt_client_connect_finish (walk->setup.client, walk->connecting.result, &error);
      /* A reset begins the attempt again, or ends it where the next one has to wait for a moment. */
      if (g_str_equal (call->name, "disconnect") || (g_str_equal (call->name, "reset_session") && error != NULL))
        g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
      else if (g_str_equal (call->name, "close"))
        g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
      else
        g_assert_no_error (error);
    }
  if (walk->column == COLUMN_DISCONNECTING || walk->column == COLUMN_CLOSING)
    {
      client_reply_wait (&walk->ending);
      client_reply_wait (&walk->asking);
    }
  rt_client_close_sync (walk->setup.client, NULL, NULL);
  client_reply_clear (&walk->connecting);
  client_reply_clear (&walk->asking);
  client_reply_clear (&walk->ending);
}

/* --- The calls --- */

typedef struct
{
  const char *row;
  const ClientCall *call;
  Column column;
} Cell;

/* The server takes everybody again. */
static void
let_go_on (Walk *walk)
{
  rt_mock_server_clear_faults (walk->setup.server);
  rt_client_reconnect_now (walk->setup.client);
}

static void
check_verdict (Walk *walk, const Cell *cell, gboolean ok, const GError *error)
{
  g_autofree char *text = get_cell (cell->row, walk->column);
  g_autoptr (GError) expected = expected_error (text);

  /* It may have been an attempt that the server still refused. */
  if (g_str_equal (text, "tries now") && !ok)
    {
      g_assert_true (rt_error_is_retryable (error));
      rt_test_wait_until (rt_client_is_connected (walk->setup.client));
      return;
    }
  if (expected == NULL)
    g_assert_no_error (error);
  else
    g_assert_error (error, expected->domain, expected->code);
  g_assert_cmpint (ok, ==, expected == NULL);
}

static void
call_async (Walk *walk, const Cell *cell)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  cell->call->start (&walk->setup, NULL, client_reply_cb, &reply);
  g_assert_cmpuint (reply.count, ==, 0);
  let_go_on (walk);
  client_reply_wait (&reply);
  gboolean ok = cell->call->finish (reply.source, reply.result, &error);
  check_verdict (walk, cell, ok, error);
  leave (walk, cell->call);
  g_assert_cmpuint (reply.count, ==, 1);
}

typedef struct
{
  Walk *walk;
  const ClientCall *call;
  GError *error;
  gboolean ok;
  gint finished; /* atomic */
} Blocking;

static gpointer
blocking_thread (gpointer user_data)
{
  Blocking *blocking = user_data;

  blocking->ok = blocking->call->sync (&blocking->walk->setup, NULL, &blocking->error);
  g_atomic_int_set (&blocking->finished, TRUE);
  return NULL;
}

static void
call_sync (Walk *walk, const Cell *cell)
{
  Blocking blocking = { .walk = walk, .call = cell->call };
  guint before = client_probe_count (walk->setup.client);
  GThread *thread = g_thread_new ("caller", blocking_thread, &blocking);

  /* It is known to have come in before what it waits for is let go on. */
  rt_test_poll_until (g_atomic_int_get (&blocking.finished) || client_probe_count (walk->setup.client) > before);
  let_go_on (walk);
  g_thread_join (thread);
  check_verdict (walk, cell, blocking.ok, blocking.error);
  g_clear_error (&blocking.error);
  leave (walk, cell->call);
}

static void
walk_cell (const Cell *cell, void (*call) (Walk *walk, const Cell *cell))
{
  Walk walk = { .column = cell->column };

  walk.setup.server = client_util_start_server ();
  client_setup_init (&walk.setup, new_client (&walk));
  enter (&walk);
  call (&walk, cell);
  client_setup_clear (&walk.setup);
  g_assert_finalize_object (walk.setup.server);
}

static void
test_async (gconstpointer data)
{
  walk_cell (data, call_async);
}

static void
test_sync (gconstpointer data)
{
  walk_cell (data, call_sync);
}

/* --- What does not wait --- */

static void
test_get_channel (gconstpointer data)
{
  const Cell *cell = data;
  g_autofree char *text = get_cell ("`get_channel`", cell->column);
  Walk walk = { .column = cell->column };

  walk.setup.server = client_util_start_server ();
  client_setup_init (&walk.setup, new_client (&walk));
  enter (&walk);
  g_autoptr (RtChannel) room = rt_client_get_channel (walk.setup.client, "room");
  if (g_str_equal (text, "nothing"))
    g_assert_null (room);
  else
    {
      g_assert_cmpstr (text, ==, "the channel or nothing");
      g_assert_true (room == walk.setup.room);
    }
  g_assert_null (rt_client_get_channel (walk.setup.client, "nowhere"));
  g_clear_object (&room);
  rt_mock_server_clear_faults (walk.setup.server);
  leave (&walk, client_calls_find ("ping"));
  client_setup_clear (&walk.setup);
  g_assert_finalize_object (walk.setup.server);
}

/* --- main --- */

static void
add_test (const char *mode, const Cell *cell, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/Rt/ClientStates/%s/%s/%s", mode, column_names[cell->column],
                                           cell->call != NULL ? cell->call->name : "get_channel");

  g_test_add_data_func_full (path, g_memdup2 (cell, sizeof *cell), func, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  load_table ();
  for (Column column = 0; column < N_COLUMNS; column++)
    {
      Cell cell = { .column = column };

      add_test ("plain", &cell, test_get_channel);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        for (guint j = 0; rows[i].calls[j] != NULL; j++)
          {
            cell.row = rows[i].row;
            cell.call = client_calls_find (rows[i].calls[j]);
            add_test ("async", &cell, test_async);
            add_test ("sync", &cell, test_sync);
          }
    }
  int result = g_test_run ();
  g_strfreev (table);
  return result;
}
