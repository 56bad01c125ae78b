/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "rt-error.h"
#include "rt-http-head.h"
#include "rt-ws-connect-error.h"
#include "rt-ws-handshake.h"

/* Beyond heartbeat-timeout: the longest interval at which a server is expected to ping. */
#define PING_INTERVAL_MS 25000
#define READ_SIZE 4096

struct _RtWsConnector
{
  guint refs; /* the owner's, and one of each asynchronous call under way */
  RtSettings *settings; /* NULL once the owner has let go */
  RtWsConnectorFunc func;
  gpointer user_data;
  GCancellable *cancellable;

  GSocketConnection *connection;
  GIOStream *stream; /* the connection, or TLS over it */
  GTlsCertificateFlags tls_errors;
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
  g_clear_object (&self->stream);
  g_clear_object (&self->connection);
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
fail (RtWsConnector *self, const GError *error)
{
  RtWsConnectorResult result = { .error = error, .retry_after = -1 };

  self->func (&result, self->user_data);
}

/* @error is a lower layer's, or already one of RT_ERROR. */
static void
fail_at (RtWsConnector *self, RtWsConnectStep step, const GError *error)
{
  g_autoptr (GError) told = rt_ws_connect_error_new (self->settings, step, self->tls_errors, error);

  fail (self, told);
}

static void
succeed (RtWsConnector *self, RtProfile profile, gsize head_len)
{
  gboolean is_tls = G_IO_STREAM (self->connection) != self->stream;
  RtWsConnectorResult result = {
    .retry_after = -1,
    .stream = self->stream,
    .socket = g_socket_connection_get_socket (self->connection),
    /* A wrapper stands for a proxy that is itself spoken to over TLS. */
    .direct = !is_tls && !G_IS_TCP_WRAPPER_CONNECTION (self->connection),
    .profile = profile,
    .early = self->head.data + head_len,
    .early_len = self->head.len - head_len,
  };

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
      fail (self, error);
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
      fail_at (self, RT_WS_CONNECT_ANSWER, error);
      return;
    }
  if (got == 0)
    {
      fail_at (self, RT_WS_CONNECT_ANSWER, NULL);
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
    fail_at (self, RT_WS_CONNECT_ANSWER, error);
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

/* --- TLS --- */

/* Only called for a certificate that has failed; remembers how, for the error's text. */
static gboolean
refuse_certificate_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                       gpointer user_data)
{
  RtWsConnector *self = user_data;

  self->tls_errors = errors;
  return FALSE;
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtWsConnector) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean secure = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  g_signal_handlers_disconnect_by_data (source, self);
  if (is_abandoned (self))
    return;
  if (!secure)
    fail_at (self, RT_WS_CONNECT_TLS, error);
  else
    write_request (self);
}

static void
start_tls (RtWsConnector *self)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  g_autoptr (GSocketConnectable) identity = g_network_address_new (self->settings->host, self->settings->port);
  g_autoptr (GError) error = NULL;

  self->stream = g_tls_client_connection_new (G_IO_STREAM (self->connection), identity, &error);
  if (self->stream == NULL)
    {
      fail_at (self, RT_WS_CONNECT_TLS, error);
      return;
    }
  GTlsConnection *tls = G_TLS_CONNECTION (self->stream);
  if (self->settings->tls_database != NULL)
    g_tls_connection_set_database (tls, self->settings->tls_database);
  g_tls_connection_set_advertised_protocols (tls, protocols);
  /* The end of a WebSocket is told by its own close frame. */
  g_tls_connection_set_require_close_notify (tls, FALSE);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (refuse_certificate_cb), self);
  g_tls_connection_handshake_async (tls, G_PRIORITY_DEFAULT, self->cancellable, handshake_cb,
                                    connector_ref (self));
}

/* --- TCP, or a proxy --- */

/* What is sent in one turn is corked already; and a peer that is gone is noticed by data not acknowledged. */
static void
tune_socket (RtWsConnector *self)
{
  GSocket *socket = g_socket_connection_get_socket (self->connection);
  int timeout = (int) self->settings->heartbeat_timeout + PING_INTERVAL_MS;

  /* The connection works without any of these, so failures are not its end. */
  g_socket_set_keepalive (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout, NULL);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtWsConnector) self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (is_abandoned (self))
    return;
  if (self->connection == NULL)
    {
      fail_at (self, RT_WS_CONNECT_LINE, error);
      return;
    }
  tune_socket (self);
  if (self->settings->secure)
    {
      start_tls (self);
      return;
    }
  self->stream = G_IO_STREAM (g_object_ref (self->connection));
  write_request (self);
}

RtWsConnector *
rt_ws_connector_start (RtSettings *settings, GMainContext *context, RtWsConnectorFunc func, gpointer user_data)
{
  RtWsConnector *self = g_new0 (RtWsConnector, 1);
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  /* The scheme is for the proxy resolver: rules may differ for ws. */
  g_autoptr (GSocketConnectable) address = g_object_new (G_TYPE_NETWORK_ADDRESS,
                                                         "scheme", settings->secure ? "wss" : "ws",
                                                         "hostname", settings->host,
                                                         "port", (guint) settings->port,
                                                         NULL);

  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();

  g_socket_client_set_enable_proxy (client, TRUE);
  if (settings->proxy_resolver != NULL)
    g_socket_client_set_proxy_resolver (client, settings->proxy_resolver);
  g_socket_client_connect_async (client, address, self->cancellable, connected_cb, connector_ref (self));
  return self;
}

void
rt_ws_connector_cancel (RtWsConnector *self)
{
  g_cancellable_cancel (self->cancellable);
}

void
rt_ws_connector_free (RtWsConnector *self)
{
  if (self == NULL)
    return;
  /* Calls still under way find that there is nobody to tell. */
  g_clear_pointer (&self->settings, rt_settings_unref);
  g_cancellable_cancel (self->cancellable);
  connector_unref (self);
}
