/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http-peer.h"

#include <string.h>
#include <sys/socket.h>

#include "rt-test.h"

#define DEADLINE_SECONDS 20
#define MAX_BODY (1024 * 1024)

struct _HttpPeer
{
  GSocketService *service;
  guint16 port;
  GTlsCertificate *certificate; /* nullable */
  HttpPeerFunc func;
  gpointer user_data;

  GMutex lock;
  GCond cond;
  /* Guarded by lock: */
  guint requests;
  guint connections;
  guint running;
  guint released;
};

struct _HttpConn
{
  GSocket *socket;
  GIOStream *stream;
  gboolean closed;
};

/* --- For the function --- */

static gsize
conn_read (HttpConn *self, void *buffer, gsize len)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_input_stream_read (g_io_stream_get_input_stream (self->stream), buffer, len, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("http peer: nothing to read in time");
  return got > 0 ? (gsize) got : 0;
}

gboolean
http_conn_send (HttpConn *self, const void *data, gsize len)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);
  g_autoptr (GError) error = NULL;
  gboolean sent = g_output_stream_write_all (output, data, len, NULL, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("http peer: the other side did not read in time");
  return sent;
}

gboolean
http_conn_send_string (HttpConn *self, const char *text)
{
  return http_conn_send (self, text, strlen (text));
}

gboolean
http_conn_answer (HttpConn *self, guint status, const char *extra, const char *body)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 %u Status\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", status,
                         extra != NULL ? extra : "", strlen (body), body);

  return http_conn_send_string (self, text);
}

gboolean
http_conn_send_chunk (HttpConn *self, const char *text)
{
  g_autofree char *chunk = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n%s\r\n", strlen (text), text);

  return http_conn_send_string (self, chunk);
}

void
http_conn_wait_end (HttpConn *self)
{
  guint8 rubbish[4096];

  while (conn_read (self, rubbish, sizeof rubbish) > 0)
    ;
}

void
http_conn_close (HttpConn *self)
{
  self->closed = TRUE;
  g_socket_close (self->socket, NULL);
}

void
http_conn_reset (HttpConn *self)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };
  int fd = g_socket_get_fd (self->socket);

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  http_conn_close (self);
}

void
http_peer_hold (HttpPeer *self)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC;

  g_mutex_lock (&self->lock);
  while (self->released == 0)
    if (!g_cond_wait_until (&self->cond, &self->lock, deadline))
      g_error ("http peer: not released in time");
  self->released--;
  g_mutex_unlock (&self->lock);
}

char *
http_request_get_header (const HttpRequest *self, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (self->head, "\r\n", -1);
  g_autofree char *prefix = g_strconcat (name, ": ", NULL);

  for (guint i = 1; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], prefix, strlen (prefix)) == 0)
      return g_strdup (lines[i] + strlen (prefix));
  return NULL;
}

gint64
http_request_get_number (const HttpRequest *self, const char *name)
{
  g_autofree char *value = http_request_get_header (self, name);

  return value != NULL ? g_ascii_strtoll (value, NULL, 10) : -1;
}

/* --- Connections --- */

static void
request_clear (HttpRequest *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->head, g_free);
  g_clear_pointer (&self->body, g_free);
}

/* FALSE if the other side closed before it was complete. */
static gboolean
read_request (HttpConn *conn, HttpRequest *request)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  request_clear (request);
  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (conn_read (conn, &c, 1) == 0)
        return FALSE;
      g_string_append_c (head, c);
    }
  g_auto (GStrv) words = g_strsplit (head->str, " ", 3);
  g_assert_cmpstr (words[0], ==, "POST");
  request->path = g_strdup (words[1]);
  request->head = g_strdup (head->str);

  gint64 told = http_request_get_number (request, "Content-Length");
  g_assert_true (told >= 0 && told <= MAX_BODY);
  gsize len = (gsize) CLAMP (told, 0, MAX_BODY);
  request->body = g_malloc0 (len + 1);
  for (gsize at = 0; at < len;)
    {
      gsize got = conn_read (conn, request->body + at, len - at);
      if (got == 0)
        return FALSE;
      at += got;
    }
  return TRUE;
}

static gboolean
start_tls (HttpPeer *self, HttpConn *conn)
{
  g_autoptr (GIOStream) base = g_steal_pointer (&conn->stream);
  g_autoptr (GError) error = NULL;

  conn->stream = g_tls_server_connection_new (base, self->certificate, &error);
  g_assert_no_error (error);
  return g_tls_connection_handshake (G_TLS_CONNECTION (conn->stream), NULL, NULL);
}

static void
serve (HttpPeer *self, HttpConn *conn, guint connection)
{
  HttpRequest request = { .connection = connection };

  while (!conn->closed && read_request (conn, &request))
    {
      g_mutex_lock (&self->lock);
      request.number = ++self->requests;
      g_mutex_unlock (&self->lock);
      self->func (self, conn, &request, self->user_data);
    }
  request_clear (&request);
}

static gboolean
run_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  HttpPeer *self = user_data;
  HttpConn conn = { .socket = g_socket_connection_get_socket (connection),
                    .stream = g_object_ref (G_IO_STREAM (connection)) };

  g_mutex_lock (&self->lock);
  guint number = ++self->connections;
  g_mutex_unlock (&self->lock);
  g_socket_set_timeout (conn.socket, DEADLINE_SECONDS);
  if (self->certificate == NULL || start_tls (self, &conn))
    serve (self, &conn, number);
  g_socket_close (conn.socket, NULL);
  g_object_unref (conn.stream);

  g_mutex_lock (&self->lock);
  self->running--;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* In the test's thread, before the connection gets its own. */
static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  HttpPeer *self = user_data;

  g_mutex_lock (&self->lock);
  self->running++;
  g_mutex_unlock (&self->lock);
  return FALSE;
}

/* --- For the test's own thread --- */

HttpPeer *
http_peer_new (HttpPeerFunc func, gpointer user_data)
{
  HttpPeer *self = g_new0 (HttpPeer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->service = g_threaded_socket_service_new (-1);
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  g_signal_connect (self->service, "run", G_CALLBACK (run_cb), self);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &address, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return self;
}

HttpPeer *
http_peer_new_tls (const char *pem_file, HttpPeerFunc func, gpointer user_data)
{
  HttpPeer *self = http_peer_new (func, user_data);
  g_autoptr (GError) error = NULL;

  self->certificate = g_tls_certificate_new_from_file (pem_file, &error);
  g_assert_no_error (error);
  return self;
}

char *
http_peer_get_url (HttpPeer *self)
{
  return g_strdup_printf ("http%s://127.0.0.1:%u/", self->certificate != NULL ? "s" : "", self->port);
}

static guint
read_locked (HttpPeer *self, const guint *value)
{
  g_mutex_lock (&self->lock);
  guint result = *value;
  g_mutex_unlock (&self->lock);
  return result;
}

guint
http_peer_count (HttpPeer *self)
{
  return read_locked (self, &self->requests);
}

guint
http_peer_count_connections (HttpPeer *self)
{
  return read_locked (self, &self->connections);
}

void
http_peer_release (HttpPeer *self)
{
  g_mutex_lock (&self->lock);
  self->released++;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
http_peer_free (HttpPeer *self)
{
  rt_test_poll_until (read_locked (self, &self->running) == 0);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}
