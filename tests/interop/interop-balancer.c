/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interop-balancer.h"

#define PATH "/connection/websocket"
#define CHUNK 65536
#define N_NODES 2

struct _InteropBalancer
{
  GSocket *listener;
  char *url;
  GThread *thread;
  GCancellable *cancellable; /* ends every thread */
  GPtrArray *relays;         /* GThread; the accepting thread's until that has ended */

  GMutex lock;
  char *nodes[N_NODES]; /* guarded by lock; nullable */
};

/* --- One line --- */

typedef struct
{
  InteropBalancer *balancer;
  GSocketConnection *client;
} Relay;

static GSocketConnection *
connect_node (InteropBalancer *self)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();

  for (guint i = 0; i < N_NODES; i++)
    {
      g_autofree char *url = NULL;
      g_autofree char *host = NULL;
      g_autoptr (GUri) uri = NULL;
      GSocketConnection *node;

      g_mutex_lock (&self->lock);
      url = g_strdup (self->nodes[i]);
      g_mutex_unlock (&self->lock);
      if (url == NULL)
        continue;
      uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
      host = g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));
      node = g_socket_client_connect_to_host (connector, host, 0, self->cancellable, NULL);
      if (node != NULL)
        return node;
    }
  return NULL;
}

/* What can be read goes on; FALSE at the end of the line. */
static gboolean
pass_on (GSocketConnection *from, GSocketConnection *to, GCancellable *cancellable)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (from));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (to));
  g_autofree char *chunk = g_malloc (CHUNK);
  gssize len = g_input_stream_read (input, chunk, CHUNK, cancellable, NULL);

  return len > 0 && g_output_stream_write_all (output, chunk, (gsize) len, NULL, cancellable, NULL);
}

static void
relay_until_end (GSocketConnection *client, GSocketConnection *node, GCancellable *cancellable)
{
  GPollFD fds[3] = {
    { .fd = g_socket_get_fd (g_socket_connection_get_socket (client)), .events = G_IO_IN },
    { .fd = g_socket_get_fd (g_socket_connection_get_socket (node)), .events = G_IO_IN },
  };

  g_cancellable_make_pollfd (cancellable, &fds[2]);
  while (g_poll (fds, G_N_ELEMENTS (fds), -1) > 0 && fds[2].revents == 0)
    if ((fds[0].revents != 0 && !pass_on (client, node, cancellable))
        || (fds[1].revents != 0 && !pass_on (node, client, cancellable)))
      break;
  g_cancellable_release_fd (cancellable);
}

static gpointer
relay_thread (gpointer user_data)
{
  Relay *relay = user_data;
  g_autoptr (GSocketConnection) node = connect_node (relay->balancer);

  if (node != NULL)
    relay_until_end (relay->client, node, relay->balancer->cancellable);
  /* Both lines close with their last reference. */
  g_object_unref (relay->client);
  g_free (relay);
  return NULL;
}

/* --- All lines --- */

static gpointer
accept_thread (gpointer user_data)
{
  InteropBalancer *self = user_data;
  GSocket *socket;

  while ((socket = g_socket_accept (self->listener, self->cancellable, NULL)) != NULL)
    {
      Relay *relay = g_new0 (Relay, 1);

      relay->balancer = self;
      relay->client = g_socket_connection_factory_create_connection (socket);
      g_object_unref (socket);
      g_ptr_array_add (self->relays, g_thread_new ("relay", relay_thread, relay));
    }
  return NULL;
}

InteropBalancer *
interop_balancer_new (void)
{
  InteropBalancer *self = g_new0 (InteropBalancer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
  self->relays = g_ptr_array_new ();
  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->listener, wanted, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("ws://127.0.0.1:%u" PATH,
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  self->thread = g_thread_new ("balancer", accept_thread, self);
  return self;
}

void
interop_balancer_free (InteropBalancer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->relays->len; i++)
    g_thread_join (g_ptr_array_index (self->relays, i));
  g_ptr_array_unref (self->relays);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  for (guint i = 0; i < N_NODES; i++)
    g_free (self->nodes[i]);
  g_mutex_clear (&self->lock);
  g_free (self->url);
  g_free (self);
}

const char *
interop_balancer_get_url (InteropBalancer *self)
{
  return self->url;
}

void
interop_balancer_set_nodes (InteropBalancer *self, const char *url, const char *other_url)
{
  g_mutex_lock (&self->lock);
  g_free (self->nodes[0]);
  self->nodes[0] = g_strdup (url);
  g_free (self->nodes[1]);
  self->nodes[1] = g_strdup (other_url);
  g_mutex_unlock (&self->lock);
}
