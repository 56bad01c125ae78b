/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-server-private.h"

#include "rt-mock-call.h"
#include "rt-mock-http.h"

/**
 * RtMockServer:
 *
 * A server for development and tests, in the process of the program.
 *
 * It speaks the Centrifuge client protocol on the loopback interface, over WebSockets, HTTP streams, server-sent
 * events and polls, as real servers do, with the additions that this library knows of: channels, presence, history,
 * recovery, tokens, and calls. Everything but [signal@Server::rpc] is answered from a thread of its own, also while
 * the program's main loop is blocked.
 *
 * ```c
 * g_autoptr (RtMockServer) server = rt_mock_server_new ();
 * if (!rt_mock_server_start (server, &error))
 *   return FALSE;
 * g_autofree char *url = rt_mock_server_get_url (server);
 * ```
 *
 * ## Settings
 *
 * Properties are read when the server starts; what is set later holds from the next start on.
 *
 * ## Threads
 *
 * All methods may be called from any thread. Signals are emitted in the main context that was thread-default when
 * the server was made.
 *
 * ## Limits
 *
 * A client has ten seconds to say who it is. It may publish up to 65,536 bytes at a time and be in 128 channels. One
 * that leaves more than 1 MiB unread is disconnected with the code 3008, and one that does not answer a ping within
 * eight seconds with 3012. The body of an HTTP request has 64 KiB at most. It is not a server for untrusted networks.
 */

G_DEFINE_FINAL_TYPE (RtMockServer, rt_mock_server, G_TYPE_OBJECT)

static guint signals[RT_MOCK_N_SIGNALS];

RtMockCore *
rt_mock_server_ref_core (RtMockServer *self)
{
  g_mutex_lock (&self->lock);
  RtMockCore *core = self->core != NULL ? rt_mock_core_ref (self->core) : NULL;
  g_mutex_unlock (&self->lock);
  return core;
}

static void
rt_mock_server_dispose (GObject *object)
{
  RtMockServer *self = RT_MOCK_SERVER (object);

  rt_mock_server_stop (self);
  g_clear_pointer (&self->outlet, rt_mock_outlet_close);
  G_OBJECT_CLASS (rt_mock_server_parent_class)->dispose (object);
}

static void
rt_mock_server_finalize (GObject *object)
{
  RtMockServer *self = RT_MOCK_SERVER (object);

  rt_mock_options_clear (&self->options);
  rt_mock_journal_clear (&self->journal);
  rt_mock_faults_finish (&self->faults);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->run_lock);
  G_OBJECT_CLASS (rt_mock_server_parent_class)->finalize (object);
}

static guint
new_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, RT_MOCK_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n_params,
                       first, second);
}

static void
rt_mock_server_class_init (RtMockServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = rt_mock_server_dispose;
  object_class->finalize = rt_mock_server_finalize;
  rt_mock_server_install_properties (object_class);

  /**
   * RtMockServer::client-connected:
   * @self: the server
   * @client_id: the id that the client was given
   *
   * A client has said who it is and was let in.
   */
  signals[RT_MOCK_SIGNAL_CLIENT_CONNECTED] = new_signal ("client-connected", 1, G_TYPE_STRING, G_TYPE_NONE);
  /**
   * RtMockServer::client-disconnected:
   * @self: the server
   * @client_id: its id
   *
   * A client that was let in is gone, for whatever reason.
   */
  signals[RT_MOCK_SIGNAL_CLIENT_DISCONNECTED] = new_signal ("client-disconnected", 1, G_TYPE_STRING, G_TYPE_NONE);
  /**
   * RtMockServer::message:
   * @self: the server
   * @channel: the channel's name
   * @json: the publication's data
   *
   * A client has published something. While the program's main loop does not turn, at most 65,536 signals are
   * kept for later.
   */
  signals[RT_MOCK_SIGNAL_MESSAGE] = new_signal ("message", 2, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * RtMockServer::rpc:
   * @self: the server
   * @call: the call, to be answered now or later
   *
   * A client calls a procedure. As long as nothing is connected to this signal, a call is answered with what came
   * with it.
   */
  signals[RT_MOCK_SIGNAL_RPC] = new_signal ("rpc", 1, RT_MOCK_TYPE_CALL, G_TYPE_NONE);
}

static void
rt_mock_server_init (RtMockServer *self)
{
  g_mutex_init (&self->run_lock);
  g_mutex_init (&self->lock);
  rt_mock_options_init (&self->options);
  rt_mock_journal_init (&self->journal);
  rt_mock_faults_init (&self->faults);
  self->outlet = rt_mock_outlet_new (self, signals);
}

/**
 * rt_mock_server_new:
 *
 * Makes a server, which does not run yet.
 *
 * Returns: (transfer full): a new server
 */
RtMockServer *
rt_mock_server_new (void)
{
  return g_object_new (RT_MOCK_TYPE_SERVER, NULL);
}

/* --- Running --- */

static gboolean
check_options_locked (RtMockServer *self, GError **error)
{
  if (self->port > G_MAXUINT16)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG, "port is %u, but the highest one is %u", self->port,
                   (guint) G_MAXUINT16);
      return FALSE;
    }
  if (self->options.history_size > 0 && self->options.history_ttl == 0)
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_CONFIG,
                           "history-ttl is 0, so nothing would be kept; set history-size to 0 for no history");
      return FALSE;
    }
  return TRUE;
}

static gboolean
start_locked (RtMockServer *self, GError **error)
{
  if (self->core != NULL)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_FAILED, "The server is running already, on port %u", self->port);
      return FALSE;
    }
  if (!check_options_locked (self, error))
    return FALSE;
  self->options.port = self->port;
  self->core = rt_mock_core_start (&self->options, &self->journal, &self->faults, &rt_mock_outlet_events,
                                   self->outlet, error);
  if (self->core == NULL)
    return FALSE;
  self->port = self->options.port;
  return TRUE;
}

/**
 * rt_mock_server_start:
 * @self: a server that does not run
 * @error: return location for an error
 *
 * Starts to listen on 127.0.0.1. Clients may connect as soon as this returns.
 *
 * A server that was stopped can be started again. It comes back on the same port, with nothing of what was
 * published, as a real server does that keeps it in memory, unless [property@Server:journal] is set; the recorded
 * messages and the faults stay.
 *
 * Fails with %RT_ERROR_NETWORK if it cannot listen on the port, with %RT_ERROR_INVALID_CONFIG if a property makes
 * no sense, and with %RT_ERROR_FAILED if it runs already, or if the journal is damaged, or cannot be opened.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
rt_mock_server_start (RtMockServer *self, GError **error)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_mutex_lock (&self->run_lock);
  g_mutex_lock (&self->lock);
  guint old_port = self->port;
  gboolean started = start_locked (self, error);
  gboolean changed = self->port != old_port;
  g_mutex_unlock (&self->lock);
  g_mutex_unlock (&self->run_lock);
  if (changed)
    g_object_notify (G_OBJECT (self), "port");
  return started;
}

/**
 * rt_mock_server_stop:
 * @self: a server
 *
 * Disconnects all clients with the code 3001 and ends the server. When this returns, its thread, sockets and timers
 * are gone. Does nothing if it does not run.
 */
void
rt_mock_server_stop (RtMockServer *self)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));

  g_mutex_lock (&self->run_lock);
  g_mutex_lock (&self->lock);
  g_autoptr (RtMockCore) core = g_steal_pointer (&self->core);
  g_mutex_unlock (&self->lock);
  if (core != NULL)
    rt_mock_core_stop (core);
  g_mutex_unlock (&self->run_lock);
}

/**
 * rt_mock_server_get_url:
 * @self: a server
 *
 * Gets the address that a client connects to, that of the WebSocket.
 *
 * Returns: (transfer full) (nullable): a URL such as `ws://127.0.0.1:41234/connection/websocket`, or %NULL if the
 *   server has no port yet: it gets one when it is first started
 */
char *
rt_mock_server_get_url (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);

  return rt_mock_server_get_endpoint (self, "websocket");
}

/**
 * rt_mock_server_get_endpoint:
 * @self: a server
 * @transport: the name of a transport: `websocket`, `http-stream`, `sse`, `polling`, or `emulation` for the commands
 *   that go with `http-stream` and `sse`
 *
 * Gets the address for a transport.
 *
 * Returns: (transfer full) (nullable): a URL, or %NULL if the server does not have the transport, or no port yet
 */
char *
rt_mock_server_get_endpoint (RtMockServer *self, const char *transport)
{
  static const struct
  {
    const char *transport;
    const char *scheme;
    const char *path;
  } endpoints[] = {
    { "websocket", "ws", RT_MOCK_WEBSOCKET_PATH }, { "http-stream", "http", RT_MOCK_HTTP_STREAM_PATH },
    { "sse", "http", RT_MOCK_SSE_PATH },           { "polling", "http", RT_MOCK_POLL_PATH },
    { "emulation", "http", RT_MOCK_EMULATION_PATH },
  };

  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);
  g_return_val_if_fail (transport != NULL, NULL);

  guint port = rt_mock_server_get_port (self);
  for (guint i = 0; i < G_N_ELEMENTS (endpoints) && port != 0; i++)
    {
      if (strcmp (transport, endpoints[i].transport) == 0)
        return g_strdup_printf ("%s://127.0.0.1:%u%s", endpoints[i].scheme, port, endpoints[i].path);
    }
  return NULL;
}
