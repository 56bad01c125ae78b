/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-conn.h"

#include "rt-fault-pipe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define READ_SIZE 16384
/* Beyond this much that waits to be written nothing more is read. */
#define QUEUE_HIGH (256 * 1024)

typedef struct
{
  RtFaultConn *conn;
  GSocket *socket; /* NULL once closed */
  GSource *in;
  GSource *out;
  gboolean ready; /* connected */
  gboolean ended; /* has nothing more to say */
} Side;

enum
{
  CLIENT,
  SERVER,
};

struct _RtFaultConn
{
  grefcount refs;
  RtFaultHost host;
  guint number;
  gint64 since;
  Side sides[2];
  RtFaultPipe pipes[2]; /* the one at CLIENT goes up */
  RtTimer *timer;       /* for the rules of RT_FAULT_ON_TIME */
  gboolean lost;        /* what comes in is thrown away */
  gboolean closed;
};

static void flush (RtFaultConn *self, guint from);
static void watch_input (Side *side);

static gint64
get_age (RtFaultConn *self)
{
  return (rt_clock_now () - self->since) / 1000;
}

static void G_GNUC_PRINTF (3, 4)
say (RtFaultConn *self, gboolean is_fault, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  self->host.log (self->host.user_data,
                  g_strdup_printf ("#%u %" G_GINT64_FORMAT " ms: %s", self->number, get_age (self), text),
                  is_fault);
}

/* --- The end --- */

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
close_side (Side *side)
{
  drop_source (&side->in);
  drop_source (&side->out);
  if (side->socket != NULL)
    g_socket_close (side->socket, NULL);
  g_clear_object (&side->socket);
  side->ended = TRUE;
}

void
rt_fault_conn_close (RtFaultConn *self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      close_side (&self->sides[i]);
      rt_fault_pipe_stop (&self->pipes[i]);
    }
  g_clear_pointer (&self->timer, rt_timer_free);
  say (self, FALSE, "ended");
  self->host.ended (self->host.user_data, self);
}

static void
reset (RtFaultConn *self)
{
  const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  for (guint i = 0; i < 2; i++)
    if (self->sides[i].socket != NULL)
      setsockopt (g_socket_get_fd (self->sides[i].socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  rt_fault_conn_close (self);
}

static void
close_when_over (RtFaultConn *self)
{
  if (self->sides[CLIENT].ended && self->sides[SERVER].ended && rt_fault_pipe_is_empty (&self->pipes[CLIENT])
      && rt_fault_pipe_is_empty (&self->pipes[SERVER]))
    rt_fault_conn_close (self);
}

static void
shut_output (Side *side)
{
  if (side->socket != NULL && side->ready)
    g_socket_shutdown (side->socket, FALSE, TRUE, NULL);
}

/* All that was to be written before it has been. */
static void
do_last (RtFaultConn *self, RtFaultAction action)
{
  switch ((guint) action)
    {
    case RT_FAULT_RST:
      reset (self);
      break;
    case RT_FAULT_FIN:
      shut_output (&self->sides[CLIENT]);
      shut_output (&self->sides[SERVER]);
      if (!self->sides[SERVER].ready)
        close_side (&self->sides[SERVER]);
      close_when_over (self);
      break;
    default: /* RT_FAULT_BLACKHOLE: nothing happens any more, that is what it is */
      break;
    }
}

/* --- Writing --- */

static gboolean
writable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Side *side = user_data;
  RtFaultConn *self = side->conn;

  g_ref_count_inc (&self->refs);
  drop_source (&side->out);
  if (!side->ready && !g_socket_check_connect_result (socket, NULL))
    reset (self);
  else
    {
      side->ready = TRUE;
      for (guint i = 0; i < 2 && !self->closed; i++)
        flush (self, i);
    }
  rt_fault_conn_unref (self);
  return G_SOURCE_REMOVE;
}

static GSource *
watch (Side *side, GIOCondition condition, GSocketSourceFunc func, const char *name)
{
  GSource *source = g_socket_create_source (side->socket, condition, NULL);

  g_source_set_static_name (source, name);
  g_source_set_callback (source, G_SOURCE_FUNC (func), side, NULL);
  g_source_attach (source, side->conn->host.context);
  return source;
}

static void
finish_pipe (RtFaultConn *self, guint from)
{
  RtFaultPipe *pipe = &self->pipes[from];

  if (pipe->has_last)
    {
      pipe->has_last = FALSE;
      do_last (self, pipe->last);
    }
  else if (self->sides[from].ended && !self->lost)
    {
      shut_output (&self->sides[!from]);
      close_when_over (self);
    }
}

/* Writes what may be written of what has come from that side. */
static void
flush (RtFaultConn *self, guint from)
{
  Side *to = &self->sides[!from];
  RtFaultPipe *pipe = &self->pipes[from];
  const guint8 *data;
  gsize len;

  while (!self->closed && to->ready && to->socket != NULL && rt_fault_pipe_peek (pipe, &data, &len))
    {
      g_autoptr (GError) error = NULL;
      gssize sent = g_socket_send (to->socket, (const char *) data, len, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          if (to->out == NULL)
            to->out = watch (to, G_IO_OUT, writable_cb, "fault-out");
          return;
        }
      if (sent < 0)
        {
          reset (self);
          return;
        }
      rt_fault_pipe_consume (pipe, (gsize) sent);
    }
  if (self->closed)
    return;
  if (rt_fault_pipe_is_empty (pipe) && (to->ready || to->socket == NULL))
    finish_pipe (self, from);
  if (!self->closed && pipe->queued < QUEUE_HIGH)
    watch_input (&self->sides[from]);
}

static void
pipe_due_cb (gpointer user_data)
{
  RtFaultPipe *pipe = user_data;
  RtFaultConn *self = pipe->owner;

  g_ref_count_inc (&self->refs);
  flush (self, pipe == &self->pipes[CLIENT] ? CLIENT : SERVER);
  rt_fault_conn_unref (self);
}

/* --- Faults --- */

/* Nothing of what comes later passes. What waits in @pipe is still written, and then @action happens. */
static void
end_after (RtFaultConn *self, RtFaultPipe *pipe, RtFaultAction action)
{
  self->lost = TRUE;
  pipe->has_last = TRUE;
  pipe->last = action;
  if (action != RT_FAULT_FIN)
    rt_fault_pipe_drop (&self->pipes[pipe == &self->pipes[CLIENT] ? SERVER : CLIENT]);
}

static void
answer (RtFaultConn *self, const RtFaultRule *rule)
{
  RtFaultPipe *down = &self->pipes[SERVER];
  const char *text = rule->text != NULL ? rule->text : "";

  if (rule->action == RT_FAULT_CLOSE)
    rt_fault_pipe_say_close (down, rule->n, text);
  else
    {
      g_autofree char *head = g_strdup_printf (
        "HTTP/1.1 %u Fault\r\nContent-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n%s\r\n%s", rule->n,
        strlen (text), rule->headers != NULL ? rule->headers : "", text);

      rt_fault_pipe_add (down, (const guint8 *) head, strlen (head));
    }
  end_after (self, down, RT_FAULT_FIN);
}

void
rt_fault_conn_strike (RtFaultConn *self, const RtFaultRule *rule)
{
  RtFaultPipe *pipe = &self->pipes[rule->direction == RT_FAULT_UP ? CLIENT : SERVER];

  if (self->closed || self->lost)
    return;
  say (self, TRUE, "struck: %s %u", rt_fault_action_get_name (rule->action), rule->n);
  g_ref_count_inc (&self->refs);
  switch ((guint) rule->action)
    {
    case RT_FAULT_FIN:
    case RT_FAULT_RST:
    case RT_FAULT_BLACKHOLE:
      rt_fault_pipe_drop (&self->pipes[CLIENT]);
      rt_fault_pipe_drop (&self->pipes[SERVER]);
      self->lost = TRUE;
      do_last (self, rule->action);
      break;
    case RT_FAULT_CLOSE:
    case RT_FAULT_HTTP:
      answer (self, rule);
      break;
    case RT_FAULT_DELAY:
    case RT_FAULT_SLICE:
    case RT_FAULT_RATE:
      for (guint i = 0; i < 2; i++)
        if (rule->direction == 0 || pipe == &self->pipes[i])
          rt_fault_pipe_slow (&self->pipes[i], rule);
      break;
    case RT_FAULT_INJECT:
      rt_fault_pipe_inject (pipe, rule->text);
      break;
    case RT_FAULT_RAW:
      rt_fault_pipe_add (pipe, (const guint8 *) rule->text, rule->n);
      break;
    default:
      g_error ("fault proxy: %s needs a unit", rt_fault_action_get_name (rule->action));
    }
  for (guint i = 0; i < 2 && !self->closed; i++)
    flush (self, i);
  rt_fault_conn_unref (self);
}

static void
take_unit (RtFaultConn *self, guint from, RtFaultUnit *unit)
{
  RtFaultPipe *pipe = &self->pipes[from];
  const RtFaultOccasion occasion = {
    RT_FAULT_ON_UNIT, self->number, pipe->direction, unit, get_age (self), pipe->rand,
  };
  const RtFaultRule *rule = rt_fault_rules_match (self->host.rules, &occasion);

  gboolean is_fault = rule != NULL && rule->action != RT_FAULT_PASS;

  if (is_fault || g_getenv ("RT_FAULT_TRACE") != NULL)
    say (self, is_fault, "%s, unit %d.%u at byte %" G_GUINT64_FORMAT " (%u bytes): %s %u: %.60s",
         pipe->direction == RT_FAULT_UP ? "up" : "down", (int) unit->kind, unit->number, unit->offset,
         unit->raw->len, rt_fault_action_get_name (rule != NULL ? rule->action : RT_FAULT_PASS),
         rule != NULL ? rule->n : 0, unit->text->str);
  switch (rule != NULL ? (guint) rule->action : RT_FAULT_PASS)
    {
    case RT_FAULT_FIN:
    case RT_FAULT_RST:
    case RT_FAULT_BLACKHOLE:
      rt_fault_pipe_add (pipe, unit->raw->data,
                         MIN (rule->has_offset ? rule->offset - unit->offset : rule->n, unit->raw->len));
      end_after (self, pipe, rule->action);
      break;
    case RT_FAULT_CLOSE:
    case RT_FAULT_HTTP:
      answer (self, rule);
      break;
    default:
      rt_fault_pipe_take (pipe, g_steal_pointer (&unit), rule);
      break;
    }
  g_clear_pointer (&unit, rt_fault_unit_free);
}

/* --- Reading --- */

static void
take_units (RtFaultConn *self, guint from, gboolean all)
{
  RtFaultUnit *unit;

  while (!self->closed && !self->lost && (unit = rt_fault_parser_next (self->pipes[from].parser, all)) != NULL)
    take_unit (self, from, unit);
}

static void
end_of_input (RtFaultConn *self, guint from)
{
  Side *side = &self->sides[from];

  drop_source (&side->in);
  side->ended = TRUE;
  take_units (self, from, TRUE);
  rt_fault_pipe_end_hold (&self->pipes[from]);
  if (self->lost)
    {
      close_side (side);
      close_when_over (self);
    }
}

static gboolean
readable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Side *side = user_data;
  RtFaultConn *self = side->conn;
  guint from = side == &self->sides[CLIENT] ? CLIENT : SERVER;
  guint8 buffer[READ_SIZE];
  g_autoptr (GError) error = NULL;
  gssize got = g_socket_receive (socket, (char *) buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  g_ref_count_inc (&self->refs);
  if (got < 0 && !self->lost)
    reset (self);
  else if (got <= 0)
    end_of_input (self, from);
  else if (!self->lost)
    {
      rt_fault_parser_push (self->pipes[from].parser, buffer, (gsize) got);
      take_units (self, from, FALSE);
    }
  for (guint i = 0; i < 2 && !self->closed; i++)
    flush (self, i);
  if (!self->closed && !self->lost && self->pipes[from].queued >= QUEUE_HIGH)
    drop_source (&side->in);
  rt_fault_conn_unref (self);
  return G_SOURCE_CONTINUE;
}

static void
watch_input (Side *side)
{
  if (side->in == NULL && side->socket != NULL && side->ready && !side->ended)
    side->in = watch (side, G_IO_IN, readable_cb, "fault-in");
}

/* --- The beginning --- */

static void
time_cb (gpointer user_data)
{
  RtFaultConn *self = user_data;
  const RtFaultOccasion occasion = { RT_FAULT_ON_TIME, self->number, 0, NULL, get_age (self),
                                     self->pipes[SERVER].rand };
  const RtFaultRule *rule = rt_fault_rules_match (self->host.rules, &occasion);
  gint64 next = rt_fault_rules_next (self->host.rules, self->number, occasion.age);

  if (next >= 0)
    rt_timer_start (self->timer, self->since + RT_CLOCK_MS (next));
  if (rule != NULL)
    rt_fault_conn_strike (self, rule);
}

/* A unit must not wait in the kernel for the acknowledgement of the one before it. */
static void
prepare_socket (GSocket *socket)
{
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
}

static void
connect_server (RtFaultConn *self)
{
  Side *side = &self->sides[SERVER];
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, self->host.target);
  g_autoptr (GError) error = NULL;

  side->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_nonnull (side->socket);
  prepare_socket (side->socket);
  if (g_socket_connect (side->socket, address, NULL, &error))
    side->ready = TRUE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    side->out = watch (side, G_IO_OUT, writable_cb, "fault-connect");
  else
    {
      say (self, FALSE, "no server: %s", error->message);
      reset (self);
    }
}

static void
begin (RtFaultConn *self)
{
  const RtFaultOccasion occasion = { RT_FAULT_ON_CONNECT, self->number, 0, NULL, 0, self->pipes[SERVER].rand };
  const RtFaultRule *rule = rt_fault_rules_match (self->host.rules, &occasion);
  gint64 next = rt_fault_rules_next (self->host.rules, self->number, -1);

  say (self, rule != NULL, "accepted: %s", rt_fault_action_get_name (rule != NULL ? rule->action : RT_FAULT_PASS));
  if (next >= 0)
    rt_timer_start (self->timer, self->since + RT_CLOCK_MS (next));
  if (rule != NULL && (rule->action == RT_FAULT_REFUSE || rule->action == RT_FAULT_RST))
    {
      reset (self);
      return;
    }
  if (rule != NULL && rule->action == RT_FAULT_HOLD)
    {
      self->lost = TRUE;
      self->sides[SERVER].ended = TRUE;
    }
  else
    connect_server (self);
  if (!self->closed && rule != NULL && rule->action != RT_FAULT_PASS && rule->action != RT_FAULT_HOLD)
    rt_fault_conn_strike (self, rule);
  for (guint i = 0; i < 2 && !self->closed; i++)
    watch_input (&self->sides[i]);
}

RtFaultConn *
rt_fault_conn_new (const RtFaultHost *host, guint number, GSocket *client)
{
  RtFaultConn *self = g_new0 (RtFaultConn, 1);

  g_ref_count_init (&self->refs);
  self->host = *host;
  self->number = number;
  self->since = rt_clock_now ();
  self->timer = rt_timer_new (host->context, "fault-time", time_cb, self);
  for (guint i = 0; i < 2; i++)
    {
      self->sides[i].conn = self;
      rt_fault_pipe_init (&self->pipes[i], i == CLIENT ? RT_FAULT_UP : RT_FAULT_DOWN, host->context,
                          host->seed + 2 * number + i, pipe_due_cb, self);
    }
  self->sides[CLIENT].socket = g_object_ref (client);
  self->sides[CLIENT].ready = TRUE;
  prepare_socket (client);
  g_ref_count_inc (&self->refs);
  begin (self);
  rt_fault_conn_unref (self);
  return self;
}

void
rt_fault_conn_unref (RtFaultConn *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < 2; i++)
    rt_fault_pipe_clear (&self->pipes[i]);
  g_free (self);
}

guint
rt_fault_conn_number (RtFaultConn *self)
{
  return self->number;
}

gboolean
rt_fault_conn_is_open (RtFaultConn *self)
{
  return !self->closed;
}

gboolean
rt_fault_conn_passes (RtFaultConn *self)
{
  return !self->closed && !self->lost;
}
