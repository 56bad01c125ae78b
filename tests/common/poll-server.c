/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "poll-server.h"

#include <string.h>

#define SESSION "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"

struct _PollServer
{
  HttpPeer *peer;
  PollPickFunc pick;
  gpointer user_data;

  GMutex lock;
  GCond cond; /* something to say, or the end */
  /* Guarded by lock: */
  gboolean known;   /* the session */
  gboolean ended;   /* by the client's farewell */
  gboolean stopped; /* the test is over */
  guint64 executed; /* number of the last batch */
  guint64 said;     /* number of the last answer with lines */
  GString *kept;    /* it, or empty once it was acknowledged */
  GString *outbox;
  GString *log;
  guint polls;      /* the latest one counts */
  gboolean hasty;   /* it is not held */
};

/* An answer in the making. */
typedef struct
{
  guint status;
  guint64 number;
  GString *body;
} Answer;

static void
answer_clear (Answer *self)
{
  g_string_free (self->body, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/* --- The protocol; the lock is held --- */

static void
execute (PollServer *self, const char *body)
{
  g_auto (GStrv) lines = g_strsplit (body, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_string_append_printf (self->log, "%s ", lines[i]);
      if (lines[i][0] == 'c')
        g_string_append_printf (self->outbox, "r%s\n", lines[i] + 1);
      else
        g_string_append (self->outbox, POLL_GREETING "\n");
    }
  g_cond_broadcast (&self->cond);
}

/* FALSE if the number is not possible. */
static gboolean
take_batch (PollServer *self, const HttpRequest *request)
{
  gint64 number = http_request_get_number (request, "X-Rt-Command");

  if (number < 0)
    return request->body[0] == '\0';
  if (number > (gint64) self->executed + 1)
    return FALSE;
  if (number == (gint64) self->executed + 1)
    {
      self->executed++;
      execute (self, request->body);
    }
  return TRUE;
}

static void
hold_poll (PollServer *self, guint poll, gint64 wait)
{
  gint64 deadline = g_get_monotonic_time () + wait * 1000;

  while (!self->hasty && self->outbox->len == 0 && self->polls == poll && self->known && !self->stopped)
    if (!g_cond_wait_until (&self->cond, &self->lock, deadline))
      return;
}

static void
answer_poll (PollServer *self, const HttpRequest *request, Answer *answer)
{
  gint64 ack = http_request_get_number (request, "X-Rt-Ack");
  guint poll = ++self->polls;

  answer->status = 400;
  if (ack != (gint64) self->said && (ack != (gint64) self->said - 1 || self->kept->len == 0))
    return;
  answer->status = 200;
  g_cond_broadcast (&self->cond);
  if (ack == (gint64) self->said)
    {
      g_string_truncate (self->kept, 0);
      hold_poll (self, poll, http_request_get_number (request, "X-Rt-Wait"));
      if (self->polls == poll && self->outbox->len > 0)
        {
          self->said++;
          g_string_assign (self->kept, self->outbox->str);
          g_string_truncate (self->outbox, 0);
        }
    }
  if (self->polls == poll)
    g_string_assign (answer->body, self->kept->str);
  answer->number = self->said;
}

static gboolean
is_known (PollServer *self, const HttpRequest *request)
{
  g_autofree char *session = http_request_get_header (request, "X-Rt-Session");

  if (session != NULL)
    return self->known && g_str_equal (session, SESSION);
  /* Only the first request may lack it. */
  g_assert_cmpuint (self->executed, ==, 0);
  g_assert_cmpint (http_request_get_number (request, "X-Rt-Command"), ==, 1);
  g_assert_cmpint (http_request_get_number (request, "X-Rt-Ack"), ==, 0);
  g_assert_cmpint (http_request_get_number (request, "X-Rt-Wait"), ==, 0);
  self->known = TRUE;
  return TRUE;
}

static void
process (PollServer *self, const HttpRequest *request, Answer *answer)
{
  gboolean is_poll = http_request_get_number (request, "X-Rt-Ack") >= 0;

  g_string_truncate (answer->body, 0);
  answer->status = 404;
  if (!is_known (self, request))
    return;
  answer->status = 400;
  if (!take_batch (self, request))
    return;
  answer->status = 204;
  if (http_request_get_number (request, "X-Rt-Close") == 1)
    {
      g_assert_false (is_poll);
      self->known = FALSE;
      self->ended = TRUE;
      g_cond_broadcast (&self->cond);
    }
  if (is_poll)
    answer_poll (self, request, answer);
}

/* --- The network --- */

static char *
print_answer (const Answer *answer, gboolean chunked)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (answer->status == 204)
    return g_strdup ("HTTP/1.1 204 No Content\r\n\r\n");
  g_string_append_printf (text, "HTTP/1.1 %u Status\r\nX-Rt-Protocol: 1\r\nX-Rt-Session: " SESSION "\r\n"
                          "X-Rt-Seq: %" G_GUINT64_FORMAT "\r\n", answer->status, answer->number);
  if (!chunked)
    g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", answer->body->len,
                            answer->body->str);
  else if (answer->body->len == 0)
    g_string_append (text, "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  else
    g_string_append_printf (text, "Transfer-Encoding: chunked\r\n\r\n%" G_GSIZE_MODIFIER "x\r\n%s\r\n0\r\n\r\n",
                            answer->body->len, answer->body->str);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
send_answer (HttpConn *conn, const char *text, PollFault fault)
{
  switch (fault)
    {
    case POLL_FAULT_CUT_ANSWER:
      http_conn_send (conn, text, strlen (text) - 1);
      http_conn_close (conn);
      break;
    case POLL_FAULT_CUT_HEAD:
      http_conn_send (conn, text, 20);
      http_conn_reset (conn);
      break;
    case POLL_FAULT_LOSE_ANSWER:
      http_conn_reset (conn);
      break;
    case POLL_FAULT_BUSY:
      http_conn_answer (conn, 503, "Retry-After: 0\r\n", "busy");
      break;
    case POLL_FAULT_BUSY_LONG:
      http_conn_answer (conn, 503, "Retry-After: 60\r\n", "busy");
      break;
    case POLL_FAULT_PORTAL:
      http_conn_answer (conn, 200, NULL, "<html></html>");
      break;
    case POLL_FAULT_HANG:
      http_conn_wait_end (conn);
      http_conn_close (conn);
      break;
    case POLL_FAULT_NONE:
    case POLL_FAULT_TWICE:
    case POLL_FAULT_LOSE_REQUEST:
    case POLL_FAULT_HASTY:
    case POLL_N_FAULTS:
    default:
      http_conn_send_string (conn, text);
      break;
    }
}

static void
serve_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  PollServer *self = user_data;
  PollFault fault = self->pick != NULL ? self->pick (request, self->user_data) : POLL_FAULT_NONE;
  g_auto (Answer) answer = { .body = g_string_new (NULL) };

  g_assert_cmpstr (request->path, ==, "/connection/poll");
  if (fault == POLL_FAULT_LOSE_REQUEST)
    {
      http_conn_close (conn);
      return;
    }
  g_mutex_lock (&self->lock);
  self->hasty = fault == POLL_FAULT_HASTY;
  process (self, request, &answer);
  if (fault == POLL_FAULT_TWICE)
    process (self, request, &answer);
  g_mutex_unlock (&self->lock);
  g_autofree char *text = print_answer (&answer, request->number % 2 == 0);
  send_answer (conn, text, fault);
}

/* --- For the test --- */

PollServer *
poll_server_new (PollPickFunc pick, gpointer user_data)
{
  PollServer *self = g_new0 (PollServer, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->pick = pick;
  self->user_data = user_data;
  self->kept = g_string_new (NULL);
  self->outbox = g_string_new (NULL);
  self->log = g_string_new (NULL);
  self->peer = http_peer_new (serve_func, self);
  return self;
}

char *
poll_server_get_url (PollServer *self)
{
  return http_peer_get_url (self->peer);
}

HttpPeer *
poll_server_get_peer (PollServer *self)
{
  return self->peer;
}

void
poll_server_push (PollServer *self, const char *line)
{
  g_mutex_lock (&self->lock);
  g_string_append_printf (self->outbox, "%s\n", line);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
poll_server_forget (PollServer *self)
{
  g_mutex_lock (&self->lock);
  self->known = FALSE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

char *
poll_server_get_log (PollServer *self)
{
  g_mutex_lock (&self->lock);
  char *log = g_strdup (self->log->str);
  g_mutex_unlock (&self->lock);
  return log;
}

gboolean
poll_server_has_ended (PollServer *self)
{
  g_mutex_lock (&self->lock);
  gboolean ended = self->ended;
  g_mutex_unlock (&self->lock);
  return ended;
}

void
poll_server_free (PollServer *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  http_peer_free (self->peer);
  g_string_free (self->kept, TRUE);
  g_string_free (self->outbox, TRUE);
  g_string_free (self->log, TRUE);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}
