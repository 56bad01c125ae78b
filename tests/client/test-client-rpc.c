/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"

/* Calls of the server's methods, as requests and as notifications. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;    /* connected */
  GPtrArray *calls;    /* RtMockCall: not answered */
  GString *methods;    /* all that were called, with their data */
} Fixture;

/* A method named by a number fails with it, "wait" has no answer, any other is answered with its data. */
static void
rpc_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;
  const char *method = rt_mock_call_get_method (call);
  const char *data = rt_mock_call_get_data (call);

  g_string_append_printf (fixture->methods, "%s(%s) ", method, data != NULL ? data : "");
  if (g_ascii_isdigit (*method))
    rt_mock_call_fail (call, (guint) atoi (method), "as asked for");
  else if (g_str_equal (method, "wait"))
    g_ptr_array_add (fixture->calls, g_object_ref (call));
  else
    rt_mock_call_reply (call, data != NULL ? data : "null", NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  fixture->calls = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->methods = g_string_new (NULL);
  g_signal_connect (fixture->server, "rpc", G_CALLBACK (rpc_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->calls);
  g_string_free (fixture->methods, TRUE);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
}

/* With the loop running, since the server's handler runs in it. */
static GVariant *
call (Fixture *fixture, const char *method, guint timeout, GCancellable *cancellable, GError **error)
{
  g_auto (ClientReply) reply = { 0 };

  rt_client_rpc_with_timeout_async (fixture->client, method, g_variant_new_int64 (7), timeout, cancellable,
                                    client_reply_cb, &reply);
  client_reply_wait (&reply);
  return rt_client_rpc_with_timeout_finish (fixture->client, reply.result, error);
}

/* --- Requests --- */

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint code;
    int error; /* RtError; -1: it is the server's own */
    gboolean retryable;
  } cases[] = {
    { 100, RT_ERROR_SERVER, TRUE }, { 103, RT_ERROR_PERMISSION_DENIED, FALSE }, { 104, RT_ERROR_NOT_SUPPORTED, FALSE },
    { 107, RT_ERROR_INVALID_ARGUMENT, FALSE }, { 108, RT_ERROR_NOT_SUPPORTED, FALSE },
    { 111, RT_ERROR_RATE_LIMITED, TRUE }, { 300, RT_ERROR_FAILED, FALSE }, { 400, -1, FALSE }, { 404, -1, FALSE },
    { 1999, -1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *method = g_strdup_printf ("%u", cases[i].code);
      g_autoptr (GError) error = NULL;

      g_assert_null (call (fixture, method, 0, NULL, &error));
      if (cases[i].error < 0)
        g_assert_error (error, RT_SERVER_ERROR, (int) cases[i].code);
      else
        g_assert_error (error, RT_ERROR, cases[i].error);
      g_assert_nonnull (strstr (error->message, "as asked for"));
      g_assert_cmpint (rt_error_is_retryable (error), ==, cases[i].retryable);
    }
  g_assert_true (rt_client_is_connected (fixture->client));
}

static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  static const guint wrong[] = { 1, 99, 600001, G_MAXUINT };
  g_autoptr (GError) error = NULL;

  g_assert_null (call (fixture, "wait", 100, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "100 ms"));
  g_assert_true (rt_error_is_retryable (error));
  /* An answer that comes too late is nobody's. */
  rt_test_wait_until (fixture->calls->len == 1);
  g_assert_true (rt_mock_call_reply (g_ptr_array_index (fixture->calls, 0), "\"late\"", NULL));
  g_clear_error (&error);
  g_autoptr (GVariant) answer = call (fixture, "echo", 600000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (answer), ==, 7);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (rt_client_rpc_with_timeout_sync (fixture->client, "echo", NULL, wrong[i], NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  g_assert_cmpstr (fixture->methods->str, ==, "wait(7) echo(7) ");
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_rpc_with_timeout_async (fixture->client, "wait", NULL, 60000, cancellable, client_reply_cb, &reply);
  rt_test_wait_until (fixture->calls->len == 1);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&reply);
  g_assert_null (rt_client_rpc_with_timeout_finish (fixture->client, reply.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Before it went out: it never does. */
  g_clear_error (&error);
  g_assert_null (rt_client_rpc_with_timeout_sync (fixture->client, "never", NULL, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr (GVariant) answer = call (fixture, "echo", 0, NULL, NULL);
  g_assert_nonnull (answer);
  g_assert_null (strstr (fixture->methods->str, "never"));
}

static void
test_lost_line (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_rpc_with_timeout_async (fixture->client, "wait", NULL, 60000, NULL, client_reply_cb, &reply);
  rt_test_wait_until (fixture->calls->len == 1);
  client_util_cut (fixture->server);
  client_reply_wait (&reply);
  g_assert_null (rt_client_rpc_with_timeout_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  client_util_mend (fixture->server, fixture->client);
}

/* --- Notifications --- */

static void
test_notification (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  /* Neither an error nor silence of the server is anything to the caller. */
  g_assert_true (rt_client_send_notification_sync (fixture->client, "500", g_variant_new_string ("x"), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (rt_client_send_notification_sync (fixture->client, "wait", NULL, NULL, &error));
  g_assert_no_error (error);
  rt_client_send_notification_async (fixture->client, "log", g_variant_new_int64 (1), NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_client_send_notification_finish (fixture->client, reply.result, &error));
  g_assert_no_error (error);
  rt_client_send_notification_async (fixture->client, "log", g_variant_new_int64 (2), NULL, NULL, NULL);
  /* In the order in which they were sent, and before what came after them. */
  g_autoptr (GVariant) answer = call (fixture, "echo", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->methods->str, ==, "500(\"x\") wait() log(1) log(2) echo(7) ");
}

static void
test_notification_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (64 * 1024, 'x');
  g_autoptr (ClientLog) log = client_log_new (fixture->client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_send_notification_sync (fixture->client, "", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (rt_client_send_notification_sync (fixture->client, "log", g_variant_new_string (text), NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "65538"));
  g_assert_nonnull (strstr (error->message, "65536"));
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (rt_client_send_notification_sync (fixture->client, "log", NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  client_util_cut (fixture->server);
  rt_test_wait_until (!rt_client_is_connected (fixture->client));
  g_assert_false (rt_client_send_notification_sync (fixture->client, "log", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  rt_client_send_notification_async (fixture->client, "log", NULL, NULL, NULL, NULL);
  rt_test_wait_until (client_log_count (log, "error") == 1);
  client_util_mend (fixture->server, fixture->client);
  g_assert_cmpstr (fixture->methods->str, ==, "");
  g_clear_pointer (&log, client_log_free);
}

/* What fails without a callback is told by a signal, also where it is refused at once. */
static void
test_notification_unwatched (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ClientLog) log = client_log_new (fixture->client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  rt_client_send_notification_async (fixture->client, "log", NULL, cancellable, NULL, NULL);
  rt_test_wait_until (g_str_equal (fixture->methods->str, "log() "));
  rt_client_send_notification_async (fixture->client, "", NULL, NULL, NULL, NULL);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  rt_test_wait_until (client_log_count (log, "error rt-error-quark-7") == 1);
  g_assert_true (rt_client_disconnect_sync (fixture->client, NULL, &error));
  rt_client_send_notification_async (fixture->client, "log", NULL, cancellable, NULL, NULL);
  rt_test_wait_until (client_log_count (log, "error rt-error-quark-1") == 1);
  /* That one is the program's own doing. */
  g_cancellable_cancel (cancellable);
  rt_client_send_notification_async (fixture->client, "log", NULL, cancellable, NULL, NULL);
  rt_client_send_notification_async (fixture->client, "log", NULL, NULL, NULL, NULL);
  rt_test_wait_until (client_log_count (log, "error rt-error-quark-1") == 2);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 3);
  g_clear_pointer (&log, client_log_free);
}

#define ADD(name, func) g_test_add ("/Rt/ClientRpc/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("errors", test_errors);
  ADD ("timeout", test_timeout);
  ADD ("cancel", test_cancel);
  ADD ("lost-line", test_lost_line);
  ADD ("notification", test_notification);
  ADD ("notification-refused", test_notification_refused);
  ADD ("notification-unwatched", test_notification_unwatched);
  return g_test_run ();
}
