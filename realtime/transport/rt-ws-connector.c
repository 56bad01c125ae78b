/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-connector.h"

#include "rt-error.h"
#include "rt-http-head.h"
#include "rt-line-connector.h"
#include "rt-line-error.h"
#include "rt-ws-handshake.h"

#define READ_SIZE 4096

struct _RtWsConnector
{
  guint refs; /* the owner's, and one of each asynchronous call under way */
  RtSettings *settings; /* NULL once the owner has let go */
  RtWsConnectorFunc func;
  gpointer user_data;
  GCancellable *cancellable;

  RtLineConnector *line; /* until there is a stream */
  GIOStream *stream;
  GSocket *socket;
  gboolean direct;
  gboolean reported; /* the stream is the owner's affair */
  char *key;
  RtBuffer request;
  RtBuffer head;
};

static RtWsConnector *
connector_ref (RtWsConnector *self)
{
  self->refs++;
  return self;
}

static void
connector_unref (RtWsConnector *self)
{
  if (--self->refs > 0)
    return;
  /* The socket first: a TLS stream that goes would otherwise try to say so, and might wait. */
  if (self->socket != NULL && !self->reported)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_object_unref (self->cancellable);
  g_free (self->key);
  rt_buffer_clear (&self->request);
  rt_buffer_clear (&self->head);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtWsConnector, connector_unref)

static gboolean
is_abandoned (RtWsConnector *self)
{
  return self->settings == NULL;
}

static void
fail (RtWsConnector *self, const GError *error, gboolean tls_refused)
{
  RtWsConnectorResult result = { .error = error, .retry_after = -1, .tls_refused = tls_refused };

  self->func (&result, self->user_data);
}

/* @cause is NULL where the server closed. */
static void
fail_answer (RtWsConnector *self, const GError *cause)
{
  g_autoptr (GError) error = rt_line_error_new (self->settings, RT_LINE_STEP_ANSWER, 0, cause);

  fail (self, error, FALSE);
}

static void
succeed (RtWsConnector *self, RtProfile profile, gsize head_len)
{
  RtWsConnectorResult result = {
    .retry_after = -1,
    .stream = self->stream,
    .socket = self->socket,
    .direct = self->direct,
    .profile = profile,
    .early = self->head.data + head_len,
    .early_len = self->head.len - head_len,
  };

  self->reported = TRUE;
  self->func (&result, self->user_data);
}

/* --- The response head --- */

static void read_head (RtWsConnector *self);

static void
judge_head (RtWsConnector *self, RtHttpHead *head, gsize head_len)
{
  g_autoptr (GError) error = NULL;
  RtProfile profile;

  if (rt_ws_handshake_check (head, self->settings, self->key, &profile, &error))
    {
      succeed (self, profile, head_len);
      return;
    }

  gboolean switched = head->status == SOUP_STATUS_SWITCHING_PROTOCOLS;
  RtWsConnectorResult result = {
    .error = error,
    .http_status = switched ? 0 : head->status,
    .retry_after = switched ? -1 : rt_http_head_get_retry_after (head),
  };
  self->func (&result, self->user_data);
}

static void
head_arrived (RtWsConnector *self)
{
  g_autoptr (RtHttpHead) head = NULL;
  g_autoptr (GError) error = NULL;
  gsize head_len = 0;

  switch (rt_http_head_read (self->head.data, self->head.len, &head, &head_len, &error))
    {
    case RT_HTTP_HEAD_MORE:
      read_head (self);
      break;
    case RT_HTTP_HEAD_DONE:
      judge_head (self, head, head_len);
      break;
    case RT_HTTP_HEAD_BAD:
    default:
      fail (self, error, FALSE);
      break;
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtWsConnector) self = user_data;
  g_autoptr (GError) error = NULL;
  gssize got = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (is_abandoned (self))
    return;
  if (got < 0)
    {
      fail_answer (self, error);
      return;
    }
  if (got == 0)
    {
      fail_answer (self, NULL);
      return;
    }
  self->head.len += (gsize) got;
  head_arrived (self);
}

static void
read_head (RtWsConnector *self)
{
  rt_buffer_reserve (&self->head, READ_SIZE);
  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->head.data + self->head.len,
                             READ_SIZE, G_PRIORITY_DEFAULT, self->cancellable, read_cb, connector_ref (self));
}

/* --- The request --- */

static void
request_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtWsConnector) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error);

  if (is_abandoned (self))
    return;
  /* A server may answer (429, 503) and close before it has read everything: the answer tells more. */
  if (!written && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    fail_answer (self, error);
  else
    read_head (self);
}

static void
write_request (RtWsConnector *self)
{
  self->key = rt_ws_handshake_new_key ();
  rt_ws_handshake_put_request (&self->request, self->settings, self->key);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->stream), self->request.data,
                                   self->request.len, G_PRIORITY_DEFAULT, self->cancellable, request_written_cb,
                                   connector_ref (self));
}

/* --- The line --- */

static void
line_done_cb (const RtLine *line, gpointer user_data)
{
  RtWsConnector *self = user_data;

  if (line->error != NULL)
    {
      fail (self, line->error, line->tls_refused);
      return;
    }
  self->stream = g_object_ref (line->stream);
  self->socket = g_object_ref (line->socket);
  self->direct = line->direct;
  g_clear_pointer (&self->line, rt_line_connector_free);
  write_request (self);
}

RtWsConnector *
rt_ws_connector_start (RtSettings *settings, GMainContext *context, RtWsConnectorFunc func, gpointer user_data)
{
  RtWsConnector *self = g_new0 (RtWsConnector, 1);

  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->line = rt_line_connector_start (settings, settings->secure ? "wss" : "ws", context, line_done_cb, self);
  return self;
}

void
rt_ws_connector_cancel (RtWsConnector *self)
{
  if (self->line != NULL)
    rt_line_connector_cancel (self->line);
  g_cancellable_cancel (self->cancellable);
}

void
rt_ws_connector_free (RtWsConnector *self)
{
  if (self == NULL)
    return;
  /* Calls still under way find that there is nobody to tell. */
  g_clear_pointer (&self->line, rt_line_connector_free);
  g_clear_pointer (&self->settings, rt_settings_unref);
  g_cancellable_cancel (self->cancellable);
  connector_unref (self);
}
