/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-proxy.h"

#include "rt-clock.h"
#include "rt-fault-conn.h"
#include "rt-fault-report.h"

#define BACKLOG 1024

struct _RtFaultProxy
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  RtTimer *anchor; /* virtual time comes to rest only in contexts that have a timer */
  guint port;

  /* Only in the thread: */
  GSocket *listener; /* NULL while nobody listens */
  GSource *accepting;
  RtFaultHost host;
  GPtrArray *conns;

  GMutex lock;
  GString *log;   /* guarded by lock */
  guint accepted; /* guarded by lock */
  guint faults;   /* guarded by lock */
};

guint64
rt_fault_seed (guint64 fallback)
{
  const char *text = g_getenv ("RT_TEST_SEED");
  guint64 seed = fallback;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seed, NULL))
    g_error ("RT_TEST_SEED is not a number: %s", text);
  g_test_message ("RT_TEST_SEED=%" G_GUINT64_FORMAT, seed);
  return seed;
}

/* --- Calls into the thread --- */

typedef struct
{
  RtFaultProxy *proxy;
  void (*func) (RtFaultProxy *proxy, gpointer argument);
  gpointer argument;
  GMutex lock;
  GCond cond;
  gboolean done;
} Call;

static gboolean
call_cb (gpointer user_data)
{
  Call *call = user_data;

  call->func (call->proxy, call->argument);
  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
  return G_SOURCE_REMOVE;
}

static void
run (RtFaultProxy *self, void (*func) (RtFaultProxy *, gpointer), gpointer argument)
{
  Call call = { .proxy = self, .func = func, .argument = argument };
  g_autoptr (GSource) source = g_idle_source_new ();

  g_mutex_init (&call.lock);
  g_cond_init (&call.cond);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, call_cb, &call, NULL);
  g_source_attach (source, self->context);
  g_mutex_lock (&call.lock);
  while (!call.done)
    g_cond_wait (&call.cond, &call.lock);
  g_mutex_unlock (&call.lock);
  g_mutex_clear (&call.lock);
  g_cond_clear (&call.cond);
}

/* --- Connections --- */

static void
log_cb (gpointer user_data, char *line, gboolean is_fault)
{
  RtFaultProxy *self = user_data;

  g_mutex_lock (&self->lock);
  self->faults += is_fault;
  g_string_append (self->log, line);
  g_string_append_c (self->log, '\n');
  g_mutex_unlock (&self->lock);
  g_free (line);
}

static void
ended_cb (gpointer user_data, RtFaultConn *conn)
{
  RtFaultProxy *self = user_data;

  g_ptr_array_remove_fast (self->conns, conn);
}

static gboolean
accept_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  RtFaultProxy *self = user_data;
  g_autoptr (GSocket) client = g_socket_accept (socket, NULL, NULL);

  if (client == NULL)
    return G_SOURCE_CONTINUE;
  g_mutex_lock (&self->lock);
  guint number = ++self->accepted;
  g_mutex_unlock (&self->lock);

  RtFaultConn *conn = rt_fault_conn_new (&self->host, number, client);
  if (rt_fault_conn_is_open (conn))
    g_ptr_array_add (self->conns, conn);
  else
    rt_fault_conn_unref (conn);
  return G_SOURCE_CONTINUE;
}

/* --- Listening --- */

static void
open_cb (RtFaultProxy *self, gpointer argument)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, (guint16) self->port);
  g_autoptr (GError) error = NULL;

  if (self->listener != NULL)
    return;
  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->listener, address, TRUE, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (self->listener, BACKLOG);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->listener, FALSE);

  g_autoptr (GSocketAddress) bound = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  self->accepting = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_static_name (self->accepting, "fault-accept");
  g_source_set_callback (self->accepting, G_SOURCE_FUNC (accept_cb), self, NULL);
  g_source_attach (self->accepting, self->context);
}

static void
shut_cb (RtFaultProxy *self, gpointer argument)
{
  if (self->listener == NULL)
    return;
  g_source_destroy (self->accepting);
  g_clear_pointer (&self->accepting, g_source_unref);
  g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

void
rt_fault_proxy_set_listening (RtFaultProxy *self, gboolean listening)
{
  run (self, listening ? open_cb : shut_cb, NULL);
}

/* --- The proxy --- */

static gpointer
thread_main (gpointer user_data)
{
  RtFaultProxy *self = user_data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
anchor_cb (gpointer user_data)
{
}

static char *
report_cb (gpointer user_data)
{
  return rt_fault_proxy_dup_log (user_data);
}

RtFaultProxy *
rt_fault_proxy_new (guint target_port, guint64 seed)
{
  RtFaultProxy *self = g_new0 (RtFaultProxy, 1);

  g_mutex_init (&self->lock);
  self->log = g_string_new (NULL);
  self->conns = g_ptr_array_new_with_free_func ((GDestroyNotify) rt_fault_conn_unref);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->anchor = rt_timer_new (self->context, "fault-anchor", anchor_cb, NULL);
  self->host = (RtFaultHost) {
    .context = self->context,
    .rules = rt_fault_rules_new (),
    .seed = seed,
    .target = (guint16) target_port,
    .log = log_cb,
    .ended = ended_cb,
    .user_data = self,
  };
  self->thread = g_thread_new ("fault-proxy", thread_main, self);
  run (self, open_cb, NULL);
  rt_fault_report_add ("the fault proxy's log", report_cb, self);
  return self;
}

static void
close_all_cb (RtFaultProxy *self, gpointer argument)
{
  while (self->conns->len > 0)
    rt_fault_conn_close (g_ptr_array_index (self->conns, 0));
  rt_timer_free (self->anchor);
  g_main_loop_quit (self->loop);
}

void
rt_fault_proxy_free (RtFaultProxy *self)
{
  rt_fault_report_remove (self);
  run (self, shut_cb, NULL);
  run (self, close_all_cb, NULL);
  g_thread_join (self->thread);
  rt_fault_rules_free (self->host.rules);
  g_ptr_array_unref (self->conns);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_string_free (self->log, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
rt_fault_proxy_get_port (RtFaultProxy *self)
{
  return self->port;
}

char *
rt_fault_proxy_get_url (RtFaultProxy *self, const char *scheme)
{
  return g_strdup_printf ("%s://127.0.0.1:%u/", scheme, self->port);
}

/* --- Steering --- */

static void
set_target_cb (RtFaultProxy *self, gpointer argument)
{
  self->host.target = (guint16) GPOINTER_TO_UINT (argument);
}

void
rt_fault_proxy_set_target (RtFaultProxy *self, guint port)
{
  run (self, set_target_cb, GUINT_TO_POINTER (port));
}

static void
add_rule_cb (RtFaultProxy *self, gpointer argument)
{
  rt_fault_rules_add (self->host.rules, argument);
}

void
rt_fault_proxy_add_rule (RtFaultProxy *self, const RtFaultRule *rule)
{
  run (self, add_rule_cb, (gpointer) rule);
}

static void
clear_rules_cb (RtFaultProxy *self, gpointer argument)
{
  rt_fault_rules_clear (self->host.rules);
}

void
rt_fault_proxy_clear_rules (RtFaultProxy *self)
{
  run (self, clear_rules_cb, NULL);
}

typedef struct
{
  guint connection;
  const RtFaultRule *rule; /* NULL: only counted */
  guint count;
} Strike;

static void
strike_cb (RtFaultProxy *self, gpointer argument)
{
  Strike *strike = argument;
  g_autoptr (GPtrArray) passing = g_ptr_array_new ();

  for (guint i = 0; i < self->conns->len; i++)
    {
      RtFaultConn *conn = g_ptr_array_index (self->conns, i);

      if (rt_fault_conn_passes (conn)
          && (strike->connection == 0 || strike->connection == rt_fault_conn_number (conn)))
        g_ptr_array_add (passing, conn);
    }
  strike->count = passing->len;
  for (guint i = 0; strike->rule != NULL && i < passing->len; i++)
    rt_fault_conn_strike (g_ptr_array_index (passing, i), strike->rule);
}

guint
rt_fault_proxy_strike (RtFaultProxy *self, guint connection, const RtFaultRule *rule)
{
  Strike strike = { connection, rule, 0 };

  run (self, strike_cb, &strike);
  return strike.count;
}

guint
rt_fault_proxy_count_passing (RtFaultProxy *self)
{
  return rt_fault_proxy_strike (self, 0, NULL);
}

guint
rt_fault_proxy_count_accepted (RtFaultProxy *self)
{
  g_mutex_lock (&self->lock);
  guint accepted = self->accepted;
  g_mutex_unlock (&self->lock);
  return accepted;
}

guint
rt_fault_proxy_count_faults (RtFaultProxy *self)
{
  g_mutex_lock (&self->lock);
  guint faults = self->faults;
  g_mutex_unlock (&self->lock);
  return faults;
}

char *
rt_fault_proxy_dup_log (RtFaultProxy *self)
{
  g_mutex_lock (&self->lock);
  char *log = g_strdup (self->log->str);
  g_mutex_unlock (&self->lock);
  return log;
}
