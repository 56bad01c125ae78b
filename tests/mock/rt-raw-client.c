/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-raw-client.h"

#include <string.h>

#include "rt-test.h"

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *message, gpointer user_data)
{
  RtRawClient *self = user_data;
  g_auto (GStrv) lines = g_strsplit (g_bytes_get_data (message, NULL), "\n", -1);

  g_assert_cmpint (type, ==, SOUP_WEBSOCKET_DATA_TEXT);
  self->n_frames++;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (strcmp (lines[i], "{}") != 0)
        g_queue_push_tail (&self->lines, g_strdup (lines[i]));
      else if (soup_websocket_connection_get_state (websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_send_text (websocket, "{}");
    }
}

static void
closed_cb (SoupWebsocketConnection *websocket, gpointer user_data)
{
  RtRawClient *self = user_data;

  self->closed = TRUE;
  self->close_code = soup_websocket_connection_get_close_code (websocket);
  self->close_reason = g_strdup (soup_websocket_connection_get_close_data (websocket));
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtRawClient *self = user_data;

  self->websocket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, NULL);
  self->done = TRUE;
  if (self->websocket == NULL)
    return;
  soup_websocket_connection_set_max_incoming_payload_size (self->websocket, 32 * 1024 * 1024);
  g_signal_connect (self->websocket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (closed_cb), self);
}

RtRawClient *
rt_raw_client_new (RtMockServer *server, const char *const *protocols, const char *origin)
{
  RtRawClient *self = g_new0 (RtRawClient, 1);
  g_autofree char *url = rt_mock_server_get_url (server);

  g_queue_init (&self->lines);
  self->session = soup_session_new ();
  self->message = soup_message_new ("GET", url);
  soup_session_websocket_connect_async (self->session, self->message, origin, (char **) protocols,
                                        G_PRIORITY_DEFAULT, NULL, connected_cb, self);
  rt_test_wait_until (self->done);
  return self;
}

RtRawClient *
rt_raw_client_open (RtMockServer *server, const char *protocol, const char *token)
{
  const char *const protocols[] = { protocol, NULL };
  RtRawClient *self = rt_raw_client_new (server, protocols, NULL);
  g_autofree char *command = g_strdup_printf ("\"connect\":{\"token\":\"%s\"}", token);

  g_assert_nonnull (self->websocket);
  g_assert_cmpstr (soup_websocket_connection_get_protocol (self->websocket), ==, protocol);
  rt_raw_client_check (self, command, "\"client\":");
  return self;
}

void
rt_raw_client_free (RtRawClient *self)
{
  if (self->websocket != NULL && soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    {
      soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
      rt_test_wait_until (self->closed);
    }
  /* It may live on until libsoup has closed it. */
  if (self->websocket != NULL)
    g_signal_handlers_disconnect_by_data (self->websocket, self);
  g_clear_object (&self->websocket);
  g_object_unref (self->message);
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_queue_clear_full (&self->lines, g_free);
  g_free (self->close_reason);
  g_free (self);
}

void
rt_raw_check_open (RtMockServer *server, const char *protocol, const char *token)
{
  rt_raw_client_free (rt_raw_client_open (server, protocol, token));
}

void
rt_raw_client_send (RtRawClient *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  soup_websocket_connection_send_text (self->websocket, text);
}

char *
rt_raw_client_take (RtRawClient *self)
{
  rt_test_wait_until (self->closed || !g_queue_is_empty (&self->lines));
  if (g_queue_is_empty (&self->lines))
    g_error ("a line was expected, but the connection was closed: %u %s", self->close_code, self->close_reason);
  return g_queue_pop_head (&self->lines);
}

char *
rt_raw_client_expect (RtRawClient *self, const char *part)
{
  char *line = rt_raw_client_take (self);

  rt_raw_assert_has (line, part);
  return line;
}

char *
rt_raw_client_ask (RtRawClient *self, const char *command, GPtrArray *before)
{
  g_autofree char *prefix = g_strdup_printf ("{\"id\":%u,", ++self->last_id);

  rt_raw_client_send (self, "%s%s}", prefix, command);
  for (;;)
    {
      char *line = rt_raw_client_take (self);
      if (g_str_has_prefix (line, prefix))
        return line;
      if (before != NULL)
        g_ptr_array_add (before, line);
      else
        g_free (line);
    }
}

void
rt_raw_client_check (RtRawClient *self, const char *command, const char *part)
{
  g_autofree char *line = rt_raw_client_ask (self, command, NULL);

  rt_raw_assert_has (line, part);
}

void
rt_raw_client_wait_closed (RtRawClient *self, guint code)
{
  rt_test_wait_until (self->closed);
  g_assert_cmpuint (self->close_code, ==, code);
}

char *
rt_raw_get_string (const char *line, const char *member)
{
  g_autofree char *key = g_strdup_printf ("\"%s\":\"", member);
  const char *begin = strstr (line, key);

  g_assert_nonnull (begin);
  begin += strlen (key);
  return g_strndup (begin, strcspn (begin, "\""));
}

RtMockServer *
rt_raw_server_start (void)
{
  RtMockServer *server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  rt_mock_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

void
rt_raw_server_end (RtMockServer *server)
{
  rt_mock_server_stop (server);
  g_assert_finalize_object (server);
}
