/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-test-proxy.h"

#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#define MAX_HEAD 8192
#define BLOCK 16384

struct _RtTestProxy
{
  GTlsCertificate *certificate; /* nullable */
  char *credentials;            /* nullable: what has to stand in the request */
  GSocket *listener;
  GCancellable *cancellable;
  GThread *thread;

  GMutex lock; /* guards what follows */
  GString *requests;
  guint opened;
  guint refused;
  GPtrArray *tunnels; /* of GThread */
};

typedef struct
{
  RtTestProxy *proxy;
  GIOStream *client;
  GIOStream *server;
} Tunnel;

/* --- A tunnel --- */

/* A TLS connection of GLib's (glib-networking 2.74) that one thread reads and another writes may lose an error when both
 * fail at once. A client of ours has one thread for both, so that this is the proxy's alone. */
static void
ignore_leaks (void)
{
#ifdef __SANITIZE_ADDRESS__
  __lsan_disable ();
#endif
}

/* One direction; its end is the end of both. */
static void
relay (Tunnel *tunnel, GIOStream *from, GIOStream *to)
{
  g_autofree guint8 *buffer = g_malloc (BLOCK);
  GCancellable *cancellable = tunnel->proxy->cancellable;
  gssize got;

  while ((got = g_input_stream_read (g_io_stream_get_input_stream (from), buffer, BLOCK, cancellable, NULL)) > 0)
    {
      if (!g_output_stream_write_all (g_io_stream_get_output_stream (to), buffer, (gsize) got, NULL, cancellable,
                                      NULL))
        break;
    }
}

static void
shut_down (GIOStream *stream)
{
  GIOStream *base = stream;

  if (G_IS_TLS_CONNECTION (stream))
    g_object_get (stream, "base-io-stream", &base, NULL);
  else
    g_object_ref (base);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), TRUE, TRUE, NULL);
  g_object_unref (base);
}

static gpointer
downwards_main (gpointer user_data)
{
  Tunnel *tunnel = user_data;

  ignore_leaks ();
  relay (tunnel, tunnel->server, tunnel->client);
  shut_down (tunnel->client);
  return NULL;
}

static void
run_tunnel (Tunnel *tunnel)
{
  GThread *downwards = g_thread_new ("proxy-down", downwards_main, tunnel);

  ignore_leaks ();
  relay (tunnel, tunnel->client, tunnel->server);
  shut_down (tunnel->server);
  g_thread_join (downwards);
}

/* --- The request --- */

static char *
read_head (Tunnel *tunnel)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (head->len == MAX_HEAD
          || g_input_stream_read (g_io_stream_get_input_stream (tunnel->client), &c, 1, tunnel->proxy->cancellable,
                                  NULL) != 1)
        return NULL;
      g_string_append_c (head, c);
    }
  return g_string_free (g_steal_pointer (&head), FALSE);
}

static gboolean
answer (Tunnel *tunnel, const char *text)
{
  return g_output_stream_write_all (g_io_stream_get_output_stream (tunnel->client), text, strlen (text), NULL,
                                    tunnel->proxy->cancellable, NULL);
}

/* NULL if it is to be refused. */
static GIOStream *
connect_out (RtTestProxy *self, const char *head)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  const char *colon = strchr (head, ':');

  if (!g_str_has_prefix (head, "CONNECT ") || colon == NULL)
    return NULL;
  g_socket_client_set_enable_proxy (client, FALSE);
  return G_IO_STREAM (g_socket_client_connect_to_host (client, "127.0.0.1",
                                                       (guint16) g_ascii_strtoull (colon + 1, NULL, 10),
                                                       self->cancellable, NULL));
}

static gboolean
start_tls (Tunnel *tunnel)
{
  g_autoptr (GIOStream) base = g_steal_pointer (&tunnel->client);
  g_autoptr (GError) error = NULL;

  tunnel->client = g_tls_server_connection_new (base, tunnel->proxy->certificate, &error);
  g_assert_no_error (error);
  return g_tls_connection_handshake (G_TLS_CONNECTION (tunnel->client), tunnel->proxy->cancellable, NULL);
}

static gboolean
open_tunnel (Tunnel *tunnel)
{
  RtTestProxy *self = tunnel->proxy;
  g_autofree char *head = read_head (tunnel);
  gboolean known = head != NULL && (self->credentials == NULL || strstr (head, self->credentials) != NULL);

  if (known)
    tunnel->server = connect_out (self, head);
  g_mutex_lock (&self->lock);
  g_string_append (self->requests, head != NULL ? head : "");
  if (tunnel->server != NULL)
    self->opened++;
  else
    self->refused++;
  g_mutex_unlock (&self->lock);
  if (tunnel->server == NULL)
    {
      answer (tunnel, known ? "HTTP/1.1 502 Bad Gateway\r\n\r\n"
                            : "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return FALSE;
    }
  return answer (tunnel, "HTTP/1.1 200 Connection established\r\n\r\n")
         && (self->certificate == NULL || start_tls (tunnel));
}

static gpointer
tunnel_main (gpointer user_data)
{
  Tunnel *tunnel = user_data;

  if (open_tunnel (tunnel))
    run_tunnel (tunnel);
  shut_down (tunnel->client);
  g_clear_object (&tunnel->client);
  g_clear_object (&tunnel->server);
  g_free (tunnel);
  return NULL;
}

/* --- The proxy --- */

static gpointer
accept_main (gpointer user_data)
{
  RtTestProxy *self = user_data;
  GSocket *socket;

  while ((socket = g_socket_accept (self->listener, self->cancellable, NULL)) != NULL)
    {
      Tunnel *tunnel = g_new0 (Tunnel, 1);

      tunnel->proxy = self;
      tunnel->client = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
      g_object_unref (socket);
      g_mutex_lock (&self->lock);
      g_ptr_array_add (self->tunnels, g_thread_new ("proxy-up", tunnel_main, tunnel));
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

static GSocket *
listen_somewhere (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;
  GSocket *listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_bind (listener, address, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (listener, &error);
  g_assert_no_error (error);
  return listener;
}

RtTestProxy *
rt_test_proxy_new (const char *pem_file, const char *login)
{
  RtTestProxy *self = g_new0 (RtTestProxy, 1);
  g_autoptr (GError) error = NULL;

  if (pem_file != NULL)
    self->certificate = g_tls_certificate_new_from_file (pem_file, &error);
  g_assert_no_error (error);
  if (login != NULL)
    {
      g_autofree char *base64 = g_base64_encode ((const guchar *) login, strlen (login));
      self->credentials = g_strdup_printf ("Proxy-Authorization: Basic %s\r\n", base64);
    }
  self->cancellable = g_cancellable_new ();
  self->requests = g_string_new (NULL);
  self->tunnels = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  self->listener = listen_somewhere ();
  self->thread = g_thread_new ("proxy", accept_main, self);
  return self;
}

char *
rt_test_proxy_get_uri (RtTestProxy *self, const char *login)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->listener, &error);

  g_assert_no_error (error);
  return g_strdup_printf ("http://%s%s127.0.0.1:%u", login != NULL ? login : "", login != NULL ? "@" : "",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

guint
rt_test_proxy_get_opened (RtTestProxy *self)
{
  g_mutex_lock (&self->lock);
  guint count = self->opened;
  g_mutex_unlock (&self->lock);
  return count;
}

guint
rt_test_proxy_get_refused (RtTestProxy *self)
{
  g_mutex_lock (&self->lock);
  guint count = self->refused;
  g_mutex_unlock (&self->lock);
  return count;
}

char *
rt_test_proxy_get_requests (RtTestProxy *self)
{
  g_mutex_lock (&self->lock);
  char *text = g_strdup (self->requests->str);
  g_mutex_unlock (&self->lock);
  return text;
}

void
rt_test_proxy_free (RtTestProxy *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->tunnels->len; i++)
    g_thread_join (g_ptr_array_index (self->tunnels, i));
  g_ptr_array_unref (self->tunnels);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  g_clear_object (&self->certificate);
  g_string_free (self->requests, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self->credentials);
  g_free (self);
}
