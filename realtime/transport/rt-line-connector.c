/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-line-connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "rt-error.h"
#include "rt-line-error.h"
#include "rt-tls-pins.h"

/* Beyond heartbeat-timeout: the longest interval at which a server is expected to ping. */
#define PING_INTERVAL_MS 25000

struct _RtLineConnector
{
  guint refs; /* the owner's, and one of each asynchronous call under way */
  RtSettings *settings; /* NULL once the owner has let go */
  RtLineFunc func;
  gpointer user_data;
  GCancellable *cancellable;

  GSocketConnection *connection;
  GIOStream *stream; /* the connection, or TLS over it */
  GTlsCertificateFlags tls_errors;
  gboolean reported; /* the stream is the owner's affair */
};

static RtLineConnector *
connector_ref (RtLineConnector *self)
{
  self->refs++;
  return self;
}

static void
connector_unref (RtLineConnector *self)
{
  if (--self->refs > 0)
    return;
  /* The socket first: a TLS stream that goes would otherwise try to say so, and might wait. */
  if (self->connection != NULL && !self->reported)
    g_socket_close (g_socket_connection_get_socket (self->connection), NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->connection);
  g_object_unref (self->cancellable);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtLineConnector, connector_unref)

static gboolean
is_abandoned (RtLineConnector *self)
{
  return self->settings == NULL;
}

static void
fail_at (RtLineConnector *self, RtLineStep step, const GError *cause)
{
  g_autoptr (GError) error = rt_line_error_new (self->settings, step, self->tls_errors, cause);
  /* GIO's code for a certificate that it could not even read. */
  gboolean unreadable = g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  RtLine line = { .error = error, .tls_refused = self->tls_errors != 0 || unreadable };

  self->func (&line, self->user_data);
}

static void
refuse_key (RtLineConnector *self)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                                          "The certificate of %s is valid, but no key in its chain is one of "
                                          "tls-pins, so nothing was sent; check that this is the server that was "
                                          "meant, and whether its keys were changed",
                                          self->settings->host_header);
  RtLine line = { .error = error, .tls_refused = TRUE };

  self->func (&line, self->user_data);
}

static void
succeed (RtLineConnector *self)
{
  gboolean is_tls = G_IO_STREAM (self->connection) != self->stream;
  RtLine line = {
    .stream = self->stream,
    .socket = g_socket_connection_get_socket (self->connection),
    /* A wrapper stands for a proxy that is itself spoken to over TLS. */
    .direct = !is_tls && !G_IS_TCP_WRAPPER_CONNECTION (self->connection),
  };

  self->reported = TRUE;
  self->func (&line, self->user_data);
}

/* --- TLS --- */

/* Only called for a certificate that has failed; remembers how, for the error's text. */
static gboolean
refuse_certificate_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                       gpointer user_data)
{
  RtLineConnector *self = user_data;

  self->tls_errors = errors;
  return FALSE;
}

/* "accept-certificate" does not tell of certificates that are valid. */
static gboolean
has_pinned_key (RtLineConnector *self, GTlsConnection *tls)
{
  const RtSettings *settings = self->settings;
  GTlsCertificate *leaf = g_tls_connection_get_peer_certificate (tls);

  if (settings->n_tls_pins == 0)
    return TRUE;
  return leaf != NULL && rt_tls_pins_match (leaf, g_tls_connection_get_database (tls), settings->tls_pins,
                                            settings->n_tls_pins);
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtLineConnector) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean secure = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  g_signal_handlers_disconnect_by_data (source, self);
  if (is_abandoned (self))
    return;
  if (!secure)
    fail_at (self, RT_LINE_STEP_TLS, error);
  else if (!has_pinned_key (self, G_TLS_CONNECTION (source)))
    refuse_key (self);
  else
    succeed (self);
}

/* What the certificate has to be for, and what the server is told (RFC 6066, section 3): without the dot that makes a
 * name absolute. */
static GSocketConnectable *
make_identity (const RtSettings *settings)
{
  g_autofree char *host = g_strdup (settings->host);

  if (g_str_has_suffix (host, "."))
    host[strlen (host) - 1] = '\0';
  return g_network_address_new (host, settings->port);
}

static void
start_tls (RtLineConnector *self)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  g_autoptr (GSocketConnectable) identity = make_identity (self->settings);
  g_autoptr (GError) error = NULL;

  self->stream = g_tls_client_connection_new (G_IO_STREAM (self->connection), identity, &error);
  if (self->stream == NULL)
    {
      fail_at (self, RT_LINE_STEP_TLS, error);
      return;
    }
  GTlsConnection *tls = G_TLS_CONNECTION (self->stream);
  if (self->settings->tls_database != NULL)
    g_tls_connection_set_database (tls, self->settings->tls_database);
  if (self->settings->tls_certificate != NULL)
    g_tls_connection_set_certificate (tls, self->settings->tls_certificate);
  g_tls_connection_set_advertised_protocols (tls, protocols);
  /* What is spoken over it tells its own end. */
  g_tls_connection_set_require_close_notify (tls, FALSE);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (refuse_certificate_cb), self);
  g_tls_connection_handshake_async (tls, G_PRIORITY_DEFAULT, self->cancellable, handshake_cb,
                                    connector_ref (self));
}

/* --- TCP, or a proxy --- */

/* What is sent in one turn is corked already; and a peer that is gone is noticed by data not acknowledged. */
static void
tune_socket (RtLineConnector *self)
{
  GSocket *socket = g_socket_connection_get_socket (self->connection);
  int timeout = (int) self->settings->heartbeat_timeout + PING_INTERVAL_MS;

  /* The connection works without any of these, so failures are not its end. The kernel's own probes find a dead peer that
   * owes nothing, such as a stream of a server that announces no pings. */
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, PING_INTERVAL_MS / 1000, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, MAX (1, (int) self->settings->heartbeat_timeout / 3000), NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, 3, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout, NULL);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RtLineConnector) self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (is_abandoned (self))
    return;
  if (self->connection == NULL)
    {
      fail_at (self, RT_LINE_STEP_CONNECT, error);
      return;
    }
  tune_socket (self);
  if (self->settings->secure)
    {
      start_tls (self);
      return;
    }
  self->stream = G_IO_STREAM (g_object_ref (self->connection));
  succeed (self);
}

RtLineConnector *
rt_line_connector_start (RtSettings *settings, const char *scheme, GMainContext *context, RtLineFunc func,
                         gpointer user_data)
{
  RtLineConnector *self = g_new0 (RtLineConnector, 1);
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  /* The scheme is for the proxy resolver: rules may differ for each. */
  g_autoptr (GSocketConnectable) address = g_object_new (G_TYPE_NETWORK_ADDRESS,
                                                         "scheme", scheme,
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
rt_line_connector_cancel (RtLineConnector *self)
{
  g_cancellable_cancel (self->cancellable);
}

void
rt_line_connector_free (RtLineConnector *self)
{
  if (self == NULL)
    return;
  /* Calls still under way find that there is nobody to tell. */
  g_clear_pointer (&self->settings, rt_settings_unref);
  g_cancellable_cancel (self->cancellable);
  connector_unref (self);
}
