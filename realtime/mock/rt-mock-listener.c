/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "rt-budget-stream.h"
#include "rt-clock.h"
#include "rt-mock-endpoints.h"
#include "rt-mock-http.h"
#include "rt-mock-link.h"
#include "rt-mock-ws.h"

#define BACKLOG 4096
/* When the process has no descriptors left. */
#define ACCEPT_RETRY RT_CLOCK_MS (100)
/* Of the loop, for what is on its way to clients when the server stops. */
#define MAX_LAST_TURNS 256

struct _RtMockListener
{
  RtMockEnv *env;
  RtMockHub *hub;
  GSocketListener *listener;
  SoupServer *server;
  RtMockPolls *polls;
  GSocket *silent; /* the other end of what libsoup listens on */
  GCancellable *cancellable;
  RtTimer *retry;
  gboolean accepting;
  gboolean ended;
  GQueue links;
  guint websockets; /* of libsoup that still live */
};

/* --- Links --- */

static void accept_next (RtMockListener *self);

static void
end_link_cb (gpointer user_data)
{
  RtMockLink *link = user_data;
  RtMockListener *self = link->owner;

  g_queue_unlink (&self->links, &link->link);
  rt_mock_link_free (link);
  accept_next (self);
}

static gboolean
is_stalled (RtMockListener *self)
{
  return rt_mock_faults_is_on (self->env->faults, RT_MOCK_FAULT_STALL);
}

static void
add_link (RtMockListener *self, GSocketConnection *connection)
{
  RtMockLink *link = rt_mock_link_new (self->env, self->hub, connection);
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

  link->owner = self;
  link->end = (RtMockTurnItem) { .run = end_link_cb, .owner = link };
  g_queue_push_tail_link (&self->links, &link->link);
  rt_budget_line_set_paused (link->line, is_stalled (self));
  if (remote != NULL)
    rt_mock_link_mark (link, remote);

  g_autoptr (GIOStream) stream = rt_budget_stream_new (link->line);
  if (local == NULL || remote == NULL ||
      !soup_server_accept_iostream (self->server, stream, local, remote, NULL))
    rt_budget_line_close (link->line, FALSE);
}

/* --- Accepting --- */

static void
accept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtMockListener *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = NULL;

  connection = g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result, NULL, &error);
  self->accepting = FALSE;
  if (self->ended)
    return;
  if (connection == NULL)
    {
      rt_timer_start (self->retry, rt_clock_now () + ACCEPT_RETRY);
      return;
    }
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  add_link (self, connection);
  accept_next (self);
}

/* Beyond the limit the rest wait in the backlog. */
static void
accept_next (RtMockListener *self)
{
  if (self->ended || self->accepting || self->links.length >= RT_MOCK_MAX_CONNECTIONS ||
      rt_timer_is_active (self->retry))
    return;
  self->accepting = TRUE;
  g_socket_listener_accept_async (self->listener, self->cancellable, accept_cb, self);
}

static void
retry_cb (gpointer user_data)
{
  accept_next (user_data);
}

/* --- Requests --- */

static void
got_headers_cb (SoupServerMessage *message, gpointer user_data)
{
  RtMockListener *self = user_data;
  RtMockLink *link = rt_mock_link_find (message);

  if (link == NULL)
    {
      rt_mock_http_respond (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "The connection is gone.\n");
      return;
    }
  rt_mock_link_begin (link);
  rt_mock_http_check (message, self->env->faults);
}

static void
request_started_cb (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  /* After libsoup's own handler, which was connected first. */
  g_signal_connect (message, "got-headers", G_CALLBACK (got_headers_cb), user_data);
}

static void
websocket_gone_cb (gpointer user_data, GObject *where_it_was)
{
  RtMockListener *self = user_data;

  self->websockets--;
}

static void
websocket_cb (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *websocket,
              gpointer user_data)
{
  RtMockListener *self = user_data;
  RtMockLink *link = rt_mock_link_find (message);

  self->websockets++;
  g_object_weak_ref (G_OBJECT (websocket), websocket_gone_cb, self);
  if (link == NULL || link->closed)
    return;
  rt_timer_stop (link->timer);
  rt_budget_line_delivered (link->line);
  link->session = rt_mock_session_new (self->env, self->hub, rt_mock_ws_new (websocket, link->line),
                                       rt_mock_ws_get_profile (websocket), link->auth_deadline);
}

/* --- Life --- */

GSocketListener *
rt_mock_listener_bind (guint16 *port, GError **error)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, *port);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) failure = NULL;

  g_socket_listener_set_backlog (listener, BACKLOG);
  if (!g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                      &bound, &failure))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_NETWORK,
                   "The server cannot listen on port %u of 127.0.0.1: %s. Choose another, or 0 for a free one.",
                   *port, failure->message);
      return NULL;
    }
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return g_steal_pointer (&listener);
}

/* libsoup uses a connection for a second request only while it listens itself: so it does, where nobody comes. */
static void
let_libsoup_listen (RtMockListener *self)
{
  int fds[2];
  g_autoptr (GSocket) end = NULL;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return;
  end = g_socket_new_from_fd (fds[0], NULL);
  self->silent = g_socket_new_from_fd (fds[1], NULL);
  soup_server_listen_socket (self->server, end, 0, NULL);
}

RtMockListener *
rt_mock_listener_new (RtMockEnv *env, RtMockHub *hub, GSocketListener *listener)
{
  static char *protocols[] = { (char *) RT_SUBPROTOCOL_RT1, (char *) RT_SUBPROTOCOL_CENTRIFUGO, NULL };
  RtMockListener *self = g_new0 (RtMockListener, 1);

  self->env = env;
  self->hub = hub;
  self->listener = g_object_ref (listener);
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->links);
  self->retry = rt_timer_new (env->context, "[realtime] mock accept", retry_cb, self);
  self->server = soup_server_new (NULL, NULL);
  /* It would inflate what a peer sends without a limit. */
  soup_server_remove_websocket_extension (self->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_websocket_handler (self->server, RT_MOCK_WEBSOCKET_PATH, NULL, protocols, websocket_cb, self,
                                     NULL);
  self->polls = rt_mock_polls_new (env, hub);
  rt_mock_endpoints_add (self->server, self->polls);
  let_libsoup_listen (self);
  g_signal_connect (self->server, "request-started", G_CALLBACK (request_started_cb), self);
  accept_next (self);
  return self;
}

void
rt_mock_listener_drop_all (RtMockListener *self)
{
  /* Closing only marks a link; none leaves the queue here. */
  for (GList *l = self->links.head; l != NULL; l = l->next)
    rt_budget_line_close (((RtMockLink *) l->data)->line, TRUE);
}

void
rt_mock_listener_update (RtMockListener *self)
{
  for (GList *l = self->links.head; l != NULL; l = l->next)
    {
      RtMockLink *link = l->data;
      if (link->session != NULL)
        rt_mock_session_update (link->session);
      else
        rt_budget_line_set_paused (link->line, is_stalled (self));
    }
  rt_mock_polls_update (self->polls);
}

/* What libsoup has begun to close asynchronously ends in sources that are ready already. */
static void
let_libsoup_finish (RtMockListener *self)
{
  while (self->accepting || self->websockets > 0 || g_main_context_pending (self->env->context))
    g_main_context_iteration (self->env->context, TRUE);
}

/* Answers to requests that were held are written when the loop turns next. No peer can keep it busy for long. */
static void
let_answers_out (RtMockListener *self)
{
  for (guint i = 0; i < MAX_LAST_TURNS && g_main_context_iteration (self->env->context, FALSE); i++)
    ;
}

void
rt_mock_listener_free (RtMockListener *self)
{
  self->ended = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_socket_listener_close (self->listener);
  rt_mock_hub_disconnect (self->hub, NULL, RT_MOCK_CLOSE_SHUTDOWN, "shutdown", 0);
  rt_mock_turn_run (self->env->turn);
  let_answers_out (self);
  rt_mock_polls_free (self->polls);

  for (GList *l = self->links.head; l != NULL; l = l->next)
    rt_budget_line_close (((RtMockLink *) l->data)->line, FALSE);
  soup_server_disconnect (self->server);
  rt_mock_turn_run (self->env->turn);
  g_assert (g_queue_is_empty (&self->links));
  let_libsoup_finish (self);
  g_object_unref (self->server);
  g_clear_object (&self->silent);
  rt_timer_free (self->retry);
  g_object_unref (self->cancellable);
  g_object_unref (self->listener);
  g_free (self);
}
