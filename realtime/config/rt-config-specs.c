/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-private.h"

#include "rt-enum-types.h"

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

/* GObject puts a number outside a param spec's range silently at its edge, where a wrong value might turn
 * into a right one that nobody asked for. So each spans its type, and rt_config_validate () judges. */
static GParamSpec *
number_spec (const char *name, guint default_value)
{
  return g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, default_value, FLAGS);
}

static void
make_text_specs (GParamSpec **specs)
{
  /**
   * RtConfig:api-key: (getter get_api_key)
   *
   * The key, or any other token, with which the client shows the server who it is. Never part of a log or of
   * an error's text. %NULL or empty: none.
   */
  specs[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:endpoint: (getter get_endpoint)
   *
   * The server's address: a `ws`, `wss`, `http` or `https` URI. An empty path, or `/`, means
   * `/connection/websocket`. Without TLS only this machine is reached, unless
   * [property@Config:allow-insecure] is set.
   */
  specs[PROP_ENDPOINT] = g_param_spec_string ("endpoint", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:user-id: (getter get_user_id)
   *
   * The name under which this client's messages are sent, at most 255 bytes. A token that names a user wins
   * over it on the server. %NULL or empty: none.
   */
  specs[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:client-name: (getter get_client_name)
   *
   * The program's name, told to the server: at most 16 bytes.
   */
  specs[PROP_CLIENT_NAME] = g_param_spec_string ("client-name", NULL, NULL, "realtime", FLAGS);

  /**
   * RtConfig:client-version: (getter get_client_version)
   *
   * The program's version, told to the server: at most 64 bytes. %NULL or empty: none.
   */
  specs[PROP_CLIENT_VERSION] = g_param_spec_string ("client-version", NULL, NULL, NULL, FLAGS);
}

static void
make_timeout_specs (GParamSpec **specs)
{
  /**
   * RtConfig:connect-timeout: (getter get_connect_timeout)
   *
   * Milliseconds for name lookup, TCP, TLS, upgrade and the server's answer together: 100 to 600,000.
   */
  specs[PROP_CONNECT_TIMEOUT] = number_spec ("connect-timeout", 10000);

  /**
   * RtConfig:request-timeout: (getter get_request_timeout)
   *
   * Milliseconds from the writing of a request to its answer: 100 to 600,000.
   */
  specs[PROP_REQUEST_TIMEOUT] = number_spec ("request-timeout", 10000);

  /**
   * RtConfig:shutdown-timeout: (getter get_shutdown_timeout)
   *
   * Milliseconds that closing and disconnecting may take: 100 to 600,000.
   */
  specs[PROP_SHUTDOWN_TIMEOUT] = number_spec ("shutdown-timeout", 5000);

  /**
   * RtConfig:heartbeat-timeout: (getter get_heartbeat_timeout)
   *
   * Milliseconds that a server's ping may be late before the connection counts as dead: 100 to 600,000.
   */
  specs[PROP_HEARTBEAT_TIMEOUT] = number_spec ("heartbeat-timeout", 10000);
}

static void
make_reconnect_specs (GParamSpec **specs)
{
  /**
   * RtConfig:reconnect-delay: (getter get_reconnect_delay)
   *
   * Milliseconds from which the time between attempts to connect grows: 100 to 600,000. Attempt number *n* waits
   * for a random time of at most this times 2 to the power of *n* - 1, but not beyond
   * [property@Config:max-reconnect-delay]. The first attempt after a loss waits for at most one second.
   */
  specs[PROP_RECONNECT_DELAY] = number_spec ("reconnect-delay", 500);

  /**
   * RtConfig:max-reconnect-delay: (getter get_max_reconnect_delay)
   *
   * The most milliseconds between two attempts to connect: 100 to 600,000, and at least
   * [property@Config:reconnect-delay].
   */
  specs[PROP_MAX_RECONNECT_DELAY] = number_spec ("max-reconnect-delay", 60000);

  /**
   * RtConfig:max-reconnects: (getter get_max_reconnects)
   *
   * The most attempts in a row, after which the client gives up. 4,294,967,295: without end; 0: a lost
   * connection is not sought again.
   */
  specs[PROP_MAX_RECONNECTS] = number_spec ("max-reconnects", G_MAXUINT);

  /**
   * RtConfig:suspend-timeout: (getter get_suspend_timeout)
   *
   * Milliseconds without a connection after which the state becomes %RT_CONNECTION_STATE_SUSPENDED, since
   * servers keep what was missed for a while only: 100 to 600,000.
   */
  specs[PROP_SUSPEND_TIMEOUT] = number_spec ("suspend-timeout", 120000);
}

static void
make_strategy_specs (GParamSpec **specs)
{
  /**
   * RtConfig:strategies: (getter get_strategies)
   *
   * The ways in which the server may be reached, best first: `websocket`, `http-stream`, `polling`, and the
   * names of a program's own. %NULL: these three. Names have 1 to 32 small letters, digits and `-`.
   */
  specs[PROP_STRATEGIES] = g_param_spec_boxed ("strategies", NULL, NULL, G_TYPE_STRV, FLAGS);

  /**
   * RtConfig:poll-interval: (getter get_poll_interval)
   *
   * Milliseconds between two requests of the strategy `polling`: 100 to 600,000, or 0 for requests that the
   * server answers as soon as it has something (long poll).
   */
  specs[PROP_POLL_INTERVAL] = number_spec ("poll-interval", 0);
}

static void
make_limit_specs (GParamSpec **specs)
{
  /**
   * RtConfig:max-message-size: (getter get_max_message_size)
   *
   * The most bytes of one message's data in either direction: 1,024 to 16,777,216. 0 means 65,536 for what is
   * sent (a usual server's limit) and 1,048,576 for what is received.
   */
  specs[PROP_MAX_MESSAGE_SIZE] = number_spec ("max-message-size", 0);

  /**
   * RtConfig:send-queue-limit: (getter get_send_queue_limit)
   *
   * The most messages that wait for a connection, or for their turn where there is a
   * [property@Config:rate-limit]: at most 1,000,000. 0: none is kept, and what cannot go out at once fails.
   */
  specs[PROP_SEND_QUEUE_LIMIT] = number_spec ("send-queue-limit", 1000);

  /**
   * RtConfig:send-queue-bytes: (getter get_send_queue_bytes)
   *
   * The most bytes of messages that wait for a connection or for their turn: at least 1,024.
   */
  specs[PROP_SEND_QUEUE_BYTES] = number_spec ("send-queue-bytes", 4 * 1024 * 1024);

  /**
   * RtConfig:receive-queue-limit: (getter get_receive_queue_limit)
   *
   * The most messages that wait for a slow program: at least 1.
   */
  specs[PROP_RECEIVE_QUEUE_LIMIT] = number_spec ("receive-queue-limit", 16384);

  /**
   * RtConfig:receive-queue-bytes: (getter get_receive_queue_bytes)
   *
   * The most bytes of messages that wait for a slow program: at least 1,024.
   */
  specs[PROP_RECEIVE_QUEUE_BYTES] = number_spec ("receive-queue-bytes", 8 * 1024 * 1024);

  /**
   * RtConfig:headers: (getter get_headers)
   *
   * Further HTTP headers of the connecting request, as `a{ss}`. Those that the upgrade itself sets, such as
   * `Host` and `Connection`, cannot be given. %NULL: none.
   */
  specs[PROP_HEADERS] = g_param_spec_variant ("headers", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);
}

static void
make_rate_specs (GParamSpec **specs)
{
  /**
   * RtConfig:rate-limit: (getter get_rate_limit)
   *
   * The most messages that are sent in a second, those that are sent again after a reconnection among them: at most
   * 1,000,000. 0: as fast as they come. Where it is set, and [property@Config:rate-policy] is
   * %RT_RATE_POLICY_WAIT, a server that finds them too many is heeded as well: its message waits and is sent again.
   */
  specs[PROP_RATE_LIMIT] = number_spec ("rate-limit", 0);

  /**
   * RtConfig:rate-burst: (getter get_rate_burst)
   *
   * The most messages that may be sent at once after a pause, where [property@Config:rate-limit] is set: at most
   * 1,000,000. 0: as many as in a second.
   */
  specs[PROP_RATE_BURST] = number_spec ("rate-burst", 0);

  /**
   * RtConfig:rate-policy: (getter get_rate_policy)
   *
   * What becomes of a message that is sent faster than [property@Config:rate-limit] allows.
   */
  specs[PROP_RATE_POLICY]
    = g_param_spec_enum ("rate-policy", NULL, NULL, RT_TYPE_RATE_POLICY, RT_RATE_POLICY_WAIT, FLAGS);
}

static void
make_network_specs (GParamSpec **specs)
{
  /**
   * RtConfig:tls-database: (getter get_tls_database)
   *
   * What servers' certificates are checked against; %NULL: the system's. It is used from another thread, so
   * it must be an implementation in C that allows that, as GLib's own do.
   */
  specs[PROP_TLS_DATABASE]
    = g_param_spec_object ("tls-database", NULL, NULL, G_TYPE_TLS_DATABASE, FLAGS);

  /**
   * RtConfig:tls-certificate: (getter get_tls_certificate)
   *
   * The certificate, with its private key, that is shown to a server that asks for one; %NULL: none. It is used
   * from another thread, so it must be an implementation in C that allows that, as GLib's own is.
   */
  specs[PROP_TLS_CERTIFICATE]
    = g_param_spec_object ("tls-certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, FLAGS);

  /**
   * RtConfig:tls-pins: (getter get_tls_pins)
   *
   * The public keys of which at least one has to occur in the server's verified chain of certificates: each
   * the SHA-256 of a SubjectPublicKeyInfo in base64 (RFC 7469, section 2.4), alone or behind `sha256/`. The
   * certificates are verified all the same. %NULL or empty: any key. Two are wise, of which one belongs to a
   * key kept in reserve: a server whose only pinned key is lost cannot be reached any more.
   */
  specs[PROP_TLS_PINS] = g_param_spec_boxed ("tls-pins", NULL, NULL, G_TYPE_STRV, FLAGS);

  /**
   * RtConfig:proxy-resolver: (getter get_proxy_resolver)
   *
   * Finds the proxy to go through; %NULL: the system's. It is used from another thread, so it must be an
   * implementation in C that allows that, as GLib's own do.
   */
  specs[PROP_PROXY_RESOLVER]
    = g_param_spec_object ("proxy-resolver", NULL, NULL, G_TYPE_PROXY_RESOLVER, FLAGS);

  /**
   * RtConfig:allow-insecure: (getter get_allow_insecure)
   *
   * Whether other machines may be reached without TLS, so that anybody on the way can read the key and the
   * messages.
   */
  specs[PROP_ALLOW_INSECURE] = g_param_spec_boolean ("allow-insecure", NULL, NULL, FALSE, FLAGS);
}

void
rt_config_make_specs (GParamSpec **specs)
{
  make_text_specs (specs);
  make_timeout_specs (specs);
  make_reconnect_specs (specs);
  make_strategy_specs (specs);
  make_limit_specs (specs);
  make_rate_specs (specs);
  make_network_specs (specs);
}
