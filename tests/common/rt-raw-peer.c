/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-raw-peer.h"

#include <string.h>
#include <sys/socket.h>

#define DEADLINE_SECONDS 20
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct _RtRawPeer
{
  GSocket *listener;
  GThread *thread;
  RtRawPeerScript script;
  gpointer user_data;
  GTlsCertificate *certificate; /* nullable */

  GMutex lock;
  GCond cond;
  guint released; /* guarded by lock */

  /* Only in the script's thread: */
  GSocket *socket;
  GIOStream *stream;
};

static void
drop_connection (RtRawPeer *self)
{
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
}

static gpointer
script_main (gpointer user_data)
{
  RtRawPeer *self = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  self->script (self, self->user_data);
  drop_connection (self);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static RtRawPeer *
peer_new (GTlsCertificate *certificate, RtRawPeerScript script, gpointer user_data)
{
  RtRawPeer *self = g_new0 (RtRawPeer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;

  self->script = script;
  self->user_data = user_data;
  self->certificate = certificate;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->listener, address, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (self->listener, DEADLINE_SECONDS);
  self->thread = g_thread_new ("raw-peer", script_main, self);
  return self;
}

RtRawPeer *
rt_raw_peer_new (RtRawPeerScript script, gpointer user_data)
{
  return peer_new (NULL, script, user_data);
}

RtRawPeer *
rt_raw_peer_new_tls (const char *pem_file, RtRawPeerScript script, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (pem_file, &error);

  g_assert_no_error (error);
  return peer_new (certificate, script, user_data);
}

guint16
rt_raw_peer_get_port (RtRawPeer *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->listener, &error);

  g_assert_no_error (error);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

char *
rt_raw_peer_get_url (RtRawPeer *self)
{
  return g_strdup_printf ("%s://127.0.0.1:%u/connection/websocket", self->certificate != NULL ? "wss" : "ws",
                          rt_raw_peer_get_port (self));
}

void
rt_raw_peer_release (RtRawPeer *self)
{
  g_mutex_lock (&self->lock);
  self->released++;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
rt_raw_peer_visit (RtRawPeer *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
    g_socket_client_connect_to_host (client, "127.0.0.1", rt_raw_peer_get_port (self), NULL, NULL);

  g_assert_nonnull (connection);
}

void
rt_raw_peer_free (RtRawPeer *self)
{
  g_thread_join (self->thread);
  g_socket_close (self->listener, NULL);
  g_object_unref (self->listener);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* --- The script's side --- */

/* Of a server GIO asks this for good certificates too. */
static gboolean
judge_client_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                 gpointer user_data)
{
  return errors == 0;
}

static gboolean
start_tls (RtRawPeer *self, GTlsCertificate *certificate, GTlsDatabase *client_database)
{
  g_autoptr (GIOStream) base = g_steal_pointer (&self->stream);
  g_autoptr (GError) error = NULL;

  self->stream = g_tls_server_connection_new (base, certificate, &error);
  g_assert_no_error (error);
  if (client_database != NULL)
    {
      g_tls_connection_set_database (G_TLS_CONNECTION (self->stream), client_database);
      g_object_set (self->stream, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, NULL);
      g_signal_connect (self->stream, "accept-certificate", G_CALLBACK (judge_client_cb), NULL);
    }
  return g_tls_connection_handshake (G_TLS_CONNECTION (self->stream), NULL, NULL);
}

gboolean
rt_raw_peer_start_tls (RtRawPeer *self, const char *pem_file, const char *client_ca)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  certificate = g_tls_certificate_new_from_file (pem_file, &error);
  g_assert_no_error (error);
  if (client_ca != NULL)
    database = g_tls_file_database_new (client_ca, &error);
  g_assert_no_error (error);
  return start_tls (self, certificate, database);
}

gboolean
rt_raw_peer_accept (RtRawPeer *self)
{
  g_autoptr (GError) error = NULL;

  drop_connection (self);
  self->socket = g_socket_accept (self->listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (self->socket, DEADLINE_SECONDS);
  self->stream = G_IO_STREAM (g_socket_connection_factory_create_connection (self->socket));
  return self->certificate == NULL || start_tls (self, self->certificate, NULL);
}

gsize
rt_raw_peer_read (RtRawPeer *self, void *buffer, gsize len)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_input_stream_read (g_io_stream_get_input_stream (self->stream), buffer, len, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("raw peer: nothing to read in time");
  return got > 0 ? (gsize) got : 0;
}

static gboolean
read_all (RtRawPeer *self, void *buffer, gsize len)
{
  guint8 *at = buffer;

  while (len > 0)
    {
      gsize got = rt_raw_peer_read (self, at, len);
      if (got == 0)
        return FALSE;
      at += got;
      len -= got;
    }
  return TRUE;
}

char *
rt_raw_peer_read_head (RtRawPeer *self)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (rt_raw_peer_read (self, &c, 1) == 0)
        return NULL;
      g_string_append_c (head, c);
    }
  return g_string_free (g_steal_pointer (&head), FALSE);
}

char *
rt_raw_peer_get_header (const char *head, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  g_autofree char *prefix = g_strconcat (name, ": ", NULL);

  for (guint i = 1; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], prefix, strlen (prefix)) == 0)
      return g_strdup (lines[i] + strlen (prefix));
  return NULL;
}

char *
rt_raw_peer_make_101 (const char *head, const char *extra)
{
  g_autofree char *key = rt_raw_peer_get_header (head, "Sec-WebSocket-Key");
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize len = sizeof digest;

  g_assert_nonnull (key);
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) GUID, -1);
  g_checksum_get_digest (checksum, digest, &len);
  g_autofree char *accept = g_base64_encode (digest, len);
  return g_strconcat ("HTTP/1.1 101 Switching Protocols\r\n"
                      "Upgrade: websocket\r\n"
                      "Connection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: ",
                      accept, "\r\n", extra != NULL ? extra : "", "\r\n", NULL);
}

void
rt_raw_peer_upgrade (RtRawPeer *self)
{
  gboolean accepted = rt_raw_peer_accept (self);
  g_autofree char *head = NULL;
  g_autofree char *answer = NULL;

  g_assert_true (accepted);
  head = rt_raw_peer_read_head (self);
  g_assert_nonnull (head);
  answer = rt_raw_peer_make_101 (head, NULL);
  g_assert_true (rt_raw_peer_send_string (self, answer));
}

gboolean
rt_raw_peer_send (RtRawPeer *self, const void *data, gsize len)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);
  g_autoptr (GError) error = NULL;
  gboolean sent = g_output_stream_write_all (output, data, len, NULL, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("raw peer: the other side did not read in time");
  return sent;
}

gboolean
rt_raw_peer_send_string (RtRawPeer *self, const char *text)
{
  return rt_raw_peer_send (self, text, strlen (text));
}

void
rt_raw_peer_put_frame (GByteArray *out, guint8 first, const void *data, gsize len)
{
  guint8 header[10] = { first, (guint8) len };
  gsize size = 2;

  if (len > 125)
    {
      guint bytes = len > 0xffff ? 8 : 2;
      header[1] = len > 0xffff ? 127 : 126;
      for (guint i = 0; i < bytes; i++)
        header[2 + i] = (guint8) ((guint64) len >> (8 * (bytes - 1 - i)));
      size += bytes;
    }
  g_byte_array_append (out, header, (guint) size);
  if (len > 0)
    g_byte_array_append (out, data, (guint) len);
}

gboolean
rt_raw_peer_send_frame (RtRawPeer *self, guint8 first, const void *data, gsize len)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  rt_raw_peer_put_frame (frame, first, data, len);
  return rt_raw_peer_send (self, frame->data, frame->len);
}

gboolean
rt_raw_peer_send_close (RtRawPeer *self, guint16 code, const char *reason)
{
  guint8 payload[125] = { (guint8) (code >> 8), (guint8) code };
  gsize len = strlen (reason);

  g_assert_cmpuint (len, <=, sizeof payload - 2);
  memcpy (payload + 2, reason, len);
  return rt_raw_peer_send_frame (self, RT_RAW_FIN | RT_RAW_CLOSE, payload, len + 2);
}

GBytes *
rt_raw_peer_read_frame (RtRawPeer *self, guint8 *first)
{
  guint8 header[2], extra[8], mask[4];

  if (!read_all (self, header, sizeof header))
    return NULL;
  g_assert_cmpuint (header[1] & 0x80, !=, 0);
  gsize len = header[1] & 0x7f;
  guint bytes = len == 126 ? 2 : len == 127 ? 8 : 0;
  if (!read_all (self, extra, bytes) || !read_all (self, mask, sizeof mask))
    return NULL;
  if (bytes > 0)
    len = 0;
  for (guint i = 0; i < bytes; i++)
    len = len << 8 | extra[i];

  g_autofree guint8 *payload = g_malloc (len + 1);
  if (!read_all (self, payload, len))
    return NULL;
  for (gsize i = 0; i < len; i++)
    payload[i] ^= mask[i % 4];
  *first = header[0];
  return g_bytes_new_take (g_steal_pointer (&payload), len);
}

guint16
rt_raw_peer_get_code (GBytes *payload)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (payload, &len);

  return len < 2 ? 1005 : (guint16) (data[0] << 8 | data[1]);
}

void
rt_raw_peer_wait_end (RtRawPeer *self)
{
  guint8 rubbish[4096];

  while (rt_raw_peer_read (self, rubbish, sizeof rubbish) > 0)
    ;
}

void
rt_raw_peer_hold (RtRawPeer *self)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC;

  g_mutex_lock (&self->lock);
  while (self->released == 0)
    if (!g_cond_wait_until (&self->cond, &self->lock, deadline))
      g_error ("raw peer: not released in time");
  self->released--;
  g_mutex_unlock (&self->lock);
}

void
rt_raw_peer_shutdown (RtRawPeer *self)
{
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
}

void
rt_raw_peer_close (RtRawPeer *self)
{
  drop_connection (self);
}

void
rt_raw_peer_reset (RtRawPeer *self)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  int fd = g_socket_get_fd (self->socket);

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==, 0);
  drop_connection (self);
}

GSocket *
rt_raw_peer_get_socket (RtRawPeer *self)
{
  return self->socket;
}
