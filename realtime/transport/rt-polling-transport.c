/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-transport.h"

#include "rt-error.h"
#include "rt-http-base.h"
#include "rt-http-lines.h"
#include "rt-http-queue.h"
#include "rt-http-repeater.h"
#include "rt-http-request.h"
#include "rt-ws-codec.h"

/* A chain of requests to one address, which fetch what the server says and bring what the client says, both
 * numbered, so that each may be made again: docs/protocol.md, "Polling". */

#define POLL_PATH "/connection/poll"
/* How long a server holds a poll, and how often one has to come. */
#define LONG_WAIT_MS 25000
#define SESSION_LENGTH 64
/* What is handed up in one turn. */
#define TURN_LINES 1024
#define TURN_BYTES (64 * 1024)

typedef struct
{
  RtHttpBase base;
  RtHttpRepeater *poll;
  RtHttpRepeater *post; /* of a long poll: commands while one is under way; and the farewell */
  RtTimer *next_poll;
  gboolean paused;
  gboolean backlog; /* something had to wait, and drained will be due */

  char *session; /* NULL until the first answer */
  guint64 taken; /* number of the last answer that was */

  RtHttpQueue queue;
  RtBuffer batch;      /* under way */
  guint64 batch_number;
  gboolean batch_open; /* not answered yet */
  gboolean polls_batch; /* a poll carries it */
  gboolean said_farewell;

  RtBuffer answer; /* being handed up */
  gsize answer_pos;
  RtHttpLines lines;
  gint64 asked;  /* when the poll under way was */
  guint idle;    /* answers without lines in a row that came sooner than they had to */
} PollingTransport;

static gboolean
is_long (PollingTransport *self)
{
  return self->base.settings->poll_interval == 0;
}

static void
fail_protocol (PollingTransport *self, const char *text)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_PROTOCOL, "Polling %s failed: %s",
                                          self->base.settings->host_header, text);

  rt_http_base_fail (&self->base, RT_WS_CLOSE_PROTOCOL_ERROR, error, -1, FALSE);
}

static gsize
count_queued (PollingTransport *self)
{
  return rt_http_queue_get_size (&self->queue) + rt_http_repeater_get_unwritten (self->poll)
         + rt_http_repeater_get_unwritten (self->post);
}

static gboolean
is_handing_up (PollingTransport *self)
{
  return self->answer_pos < self->answer.len;
}

/* --- Requests --- */

/* Takes the next commands out of the queue. FALSE if there are none. */
static gboolean
begin_batch (PollingTransport *self)
{
  gsize len;
  const char *commands = rt_http_queue_peek (&self->queue, FALSE, &len);

  g_assert (!self->batch_open);
  if (commands == NULL)
    return FALSE;
  self->batch.len = 0;
  rt_buffer_put (&self->batch, commands, len);
  rt_http_queue_take (&self->queue, len);
  self->batch_number++;
  self->batch_open = TRUE;
  return TRUE;
}

static void
end_batch (PollingTransport *self)
{
  self->batch_open = FALSE;
  self->polls_batch = FALSE;
  rt_buffer_clear (&self->batch);
}

static void
write_request (PollingTransport *self, GString *headers, gboolean with_batch, RtBuffer *out)
{
  if (self->session != NULL)
    g_string_append_printf (headers, "X-Rt-Session: %s\r\n", self->session);
  if (with_batch)
    g_string_append_printf (headers, "X-Rt-Command: %" G_GUINT64_FORMAT "\r\n", self->batch_number);
  rt_http_request_put (out, self->base.settings, POLL_PATH, headers->str, self->batch.data,
                       with_batch ? self->batch.len : 0);
}

static void
start_poll (PollingTransport *self)
{
  rt_timer_stop (self->next_poll);
  self->asked = rt_clock_now ();
  if (!is_long (self) && !self->batch_open)
    self->polls_batch = begin_batch (self);
  rt_http_repeater_ask (self->poll, is_long (self) ? LONG_WAIT_MS : 0);
}

/* When nothing is left of the last answer. */
static void
plan_poll (PollingTransport *self)
{
  gint64 interval = RT_CLOCK_MS (MIN (self->base.settings->poll_interval, LONG_WAIT_MS));
  gint64 delay = 0;

  if (self->base.closing || self->paused || self->session == NULL || rt_http_repeater_is_asking (self->poll))
    return;
  if (!is_long (self) && rt_http_queue_get_size (&self->queue) == 0)
    delay = interval - (rt_clock_now () - self->asked);
  else if (is_long (self) && self->idle > 0)
    delay = rt_http_repeater_pick_delay (self->idle - 1);
  if (delay <= 0)
    start_poll (self);
  else
    rt_timer_start (self->next_poll, self->asked + delay);
}

/* Commands in a request of their own, or the end. */
static void
start_post (PollingTransport *self)
{
  if (self->session == NULL || self->batch_open || self->said_farewell
      || (!is_long (self) && !self->base.closing))
    return;
  gboolean has_batch = begin_batch (self);
  self->said_farewell = self->base.closing && rt_http_queue_get_size (&self->queue) == 0;
  if (has_batch || self->said_farewell)
    rt_http_repeater_ask (self->post, 0);
}

/* The first request, with the connect command. */
static void
start_session (PollingTransport *self)
{
  if (self->batch_number > 0 || !begin_batch (self))
    return;
  self->polls_batch = TRUE;
  self->asked = rt_clock_now ();
  rt_http_repeater_ask_once (self->poll);
}

static void
next_poll_cb (gpointer user_data)
{
  PollingTransport *self = user_data;

  if (!self->paused && !self->base.closing && !rt_http_repeater_is_asking (self->poll))
    start_poll (self);
}

/* --- What is said --- */

static void
check_output (PollingTransport *self)
{
  if (!self->backlog || count_queued (self) > 0)
    return;
  self->backlog = FALSE;
  self->base.events->drained (self->base.user_data);
}

/* Hands up some lines of an answer. What is left of it keeps the next poll back. */
static void
hand_up (PollingTransport *self)
{
  RtHttpBase *base = &self->base;
  gsize end = self->answer_pos + TURN_BYTES;
  guint n = 0;

  while (is_handing_up (self) && n < TURN_LINES && self->answer_pos < end && !self->paused && !base->ended)
    {
      const guint8 *line;
      gsize len, used;
      gsize left = self->answer.len - self->answer_pos;
      RtHttpLinesStatus status = rt_http_lines_next (&self->lines, self->answer.data + self->answer_pos, left,
                                                     left, &used, &line, &len);

      self->answer_pos += used;
      if (status == RT_HTTP_LINES_MORE && !rt_http_lines_end (&self->lines, &line, &len))
        break;
      n++;
      base->events->received (base->user_data, line, len);
    }
  if (n > 0 && !base->ended)
    base->events->turn_end (base->user_data);
  if (base->ended)
    return;
  if (is_handing_up (self))
    {
      if (!self->paused)
        rt_http_base_later (base);
      return;
    }
  rt_buffer_clear (&self->answer);
  rt_http_lines_clear (&self->lines);
  self->answer_pos = 0;
  plan_poll (self);
}

/* --- Answers --- */

/* A number of the protocol, or G_MAXUINT64. */
static guint64
get_number (const RtHttpHead *head, const char *name)
{
  const char *text = rt_http_head_get (head, name);
  guint64 number;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
    return G_MAXUINT64;
  return number;
}

static gboolean
is_session (const char *text)
{
  return text != NULL && strlen (text) == SESSION_LENGTH
         && strspn (text, "0123456789abcdefABCDEF") == SESSION_LENGTH;
}

/* Whether this comes from the server and of this session, and not from something in between. */
static gboolean
is_own_answer (PollingTransport *self, const RtHttpHead *head)
{
  const char *session = rt_http_head_get (head, "X-Rt-Session");

  return g_strcmp0 (rt_http_head_get (head, "X-Rt-Protocol"), "1") == 0
         && get_number (head, "X-Rt-Seq") != G_MAXUINT64
         && (self->session != NULL ? g_strcmp0 (session, self->session) == 0 : is_session (session));
}

static void
refuse_status (PollingTransport *self, const RtHttpHead *head)
{
  g_autoptr (GError) error = NULL;

  if (self->session == NULL)
    {
      rt_http_base_refuse (&self->base, RT_WS_CLOSE_ABNORMAL, head);
      return;
    }
  switch (head->status)
    {
    case 400:
      fail_protocol (self, "the server says that this end has lost count (status 400)");
      return;
    case 404:
      error = g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                           "The connection to %s was lost: the server has forgotten it",
                           self->base.settings->host_header);
      rt_http_base_fail (&self->base, RT_WS_CLOSE_ABNORMAL, error, -1, FALSE);
      return;
    case 413:
      rt_http_base_refuse (&self->base, RT_WS_CLOSE_TOO_LARGE, head);
      return;
    default:
      rt_http_base_refuse (&self->base, RT_WS_CLOSE_ABNORMAL, head);
    }
}

/* A poll was answered with lines or without. */
static void
take_answer (PollingTransport *self, const RtHttpHead *head, RtBuffer *body)
{
  guint64 number = get_number (head, "X-Rt-Seq");
  gboolean early = rt_clock_now () - self->asked < RT_CLOCK_MS (LONG_WAIT_MS) / 2;

  if (body->len == 0)
    {
      self->idle += early ? 1 : 0;
      return;
    }
  self->idle = 0;
  if (number <= self->taken)
    return;
  if (number != self->taken + 1)
    {
      fail_protocol (self, "the server has left out an answer");
      return;
    }
  self->taken = number;
  self->answer = *body;
  *body = (RtBuffer) { 0 };
}

static gboolean
poll_answered_cb (gpointer user_data, const RtHttpHead *head, RtBuffer *body)
{
  g_autoptr (RtHttpBase) base = rt_http_base_ref (user_data);
  PollingTransport *self = user_data;

  /* The answer to the farewell is the one that counts. */
  if (self->said_farewell)
    return TRUE;
  if (head->status != SOUP_STATUS_OK)
    {
      refuse_status (self, head);
      return TRUE;
    }
  if (!is_own_answer (self, head))
    {
      if (self->session == NULL)
        rt_http_base_disown (base, head->status);
      return base->ended;
    }
  if (self->session == NULL)
    self->session = g_strdup (rt_http_head_get (head, "X-Rt-Session"));
  base->was_open = TRUE;
  if (self->polls_batch)
    end_batch (self);
  take_answer (self, head, body);
  if (base->ended)
    return TRUE;
  start_post (self);
  hand_up (self);
  if (!base->ended)
    check_output (self);
  return TRUE;
}

static gboolean
post_answered_cb (gpointer user_data, const RtHttpHead *head, RtBuffer *body)
{
  PollingTransport *self = user_data;
  gboolean taken = head->status == SOUP_STATUS_NO_CONTENT;

  if (self->said_farewell)
    {
      rt_http_base_close (&self->base, taken || head->status == SOUP_STATUS_NOT_FOUND);
      return TRUE;
    }
  if (head->status == SOUP_STATUS_OK)
    return FALSE;
  if (!taken)
    {
      refuse_status (self, head);
      return TRUE;
    }
  end_batch (self);
  start_post (self);
  check_output (self);
  return TRUE;
}

/* --- The other events of both --- */

static void
poll_write_cb (gpointer user_data, gboolean again, RtBuffer *out)
{
  PollingTransport *self = user_data;
  g_autoptr (GString) headers = g_string_new (NULL);
  /* Who asks again wants to know soon. */
  gboolean waits = is_long (self) && self->session != NULL && !again;

  g_string_append_printf (headers, "X-Rt-Ack: %" G_GUINT64_FORMAT "\r\nX-Rt-Wait: %d\r\n", self->taken,
                          waits ? LONG_WAIT_MS : 0);
  write_request (self, headers, self->polls_batch, out);
}

static void
post_write_cb (gpointer user_data, gboolean again, RtBuffer *out)
{
  PollingTransport *self = user_data;
  g_autoptr (GString) headers = g_string_new (NULL);

  if (self->said_farewell)
    g_string_append (headers, "X-Rt-Close: 1\r\n");
  write_request (self, headers, self->batch_open && !self->polls_batch, out);
}

static void
poll_activity_cb (gpointer user_data)
{
  PollingTransport *self = user_data;

  self->base.events->activity (self->base.user_data);
}

static void
post_activity_cb (gpointer user_data)
{
  /* Says nothing about the polls, which keep the session alive. */
}

static void
written_cb (gpointer user_data)
{
  check_output (user_data);
}

static void
post_failed_cb (gpointer user_data, const RtHttpRepeaterEnd *end)
{
  PollingTransport *self = user_data;

  rt_http_base_fail (&self->base, RT_WS_CLOSE_ABNORMAL, end->error, end->retry_after, end->tls_refused);
}

static void
poll_failed_cb (gpointer user_data, const RtHttpRepeaterEnd *end)
{
  PollingTransport *self = user_data;

  if (!self->said_farewell)
    post_failed_cb (user_data, end);
}

static const RtHttpRepeaterEvents poll_events = {
  .write = poll_write_cb,
  .activity = poll_activity_cb,
  .written = written_cb,
  .answered = poll_answered_cb,
  .failed = poll_failed_cb,
};

static const RtHttpRepeaterEvents post_events = {
  .write = post_write_cb,
  .activity = post_activity_cb,
  .written = written_cb,
  .answered = post_answered_cb,
  .failed = post_failed_cb,
};

/* --- What the base calls --- */

static void
polling_turn (RtHttpBase *base)
{
  PollingTransport *self = (PollingTransport *) base;

  if (base->closing && self->session == NULL)
    {
      rt_http_base_close (base, FALSE);
      return;
    }
  if (is_handing_up (self) && !self->paused)
    hand_up (self);
  if (!base->ended)
    check_output (self);
}

static void
polling_release (RtHttpBase *base)
{
  PollingTransport *self = (PollingTransport *) base;

  g_clear_pointer (&self->poll, rt_http_repeater_free);
  g_clear_pointer (&self->post, rt_http_repeater_free);
  g_clear_pointer (&self->next_poll, rt_timer_free);
  rt_http_queue_clear (&self->queue);
}

static void
polling_finalize (RtHttpBase *base)
{
  PollingTransport *self = (PollingTransport *) base;

  rt_buffer_clear (&self->batch);
  rt_buffer_clear (&self->answer);
  rt_http_lines_clear (&self->lines);
  g_free (self->session);
}

static const RtHttpBaseClass base_class = {
  .wanted = "polling",
  .path = POLL_PATH,
  .turn = polling_turn,
  .release = polling_release,
  .finalize = polling_finalize,
};

/* --- The table --- */

static RtTransport *
polling_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
              gpointer user_data)
{
  PollingTransport *self = g_new0 (PollingTransport, 1);

  self->poll = rt_http_repeater_new (settings, context, &poll_events, self);
  self->post = rt_http_repeater_new (settings, context, &post_events, self);
  self->next_poll = rt_timer_new (context, "[realtime] poll", next_poll_cb, self);
  rt_http_base_init (&self->base, rt_polling_transport (), &base_class, settings, context, events, user_data);
  return &self->base.parent;
}

static void
polling_send (RtTransport *transport, const guint8 *data, gsize len)
{
  PollingTransport *self = (PollingTransport *) transport;

  if (!self->base.ended && !self->base.closing)
    rt_http_queue_put (&self->queue, data, len);
}

static void
polling_flush (RtTransport *transport)
{
  PollingTransport *self = (PollingTransport *) transport;

  if (self->base.ended || !self->base.opened)
    return;
  if (self->session == NULL)
    start_session (self);
  else if (is_long (self))
    start_post (self);
  else if (!is_handing_up (self))
    plan_poll (self);
  self->backlog |= count_queued (self) > 0;
}

static gsize
polling_get_queued (RtTransport *transport)
{
  PollingTransport *self = (PollingTransport *) transport;

  return self->base.ended ? 0 : count_queued (self);
}

static gboolean
polling_ping (RtTransport *transport)
{
  return FALSE;
}

static void
polling_pause (RtTransport *transport, gboolean paused)
{
  PollingTransport *self = (PollingTransport *) transport;

  self->paused = paused;
  if (self->base.ended || paused)
    return;
  if (is_handing_up (self))
    rt_http_base_later (&self->base);
  else
    plan_poll (self);
}

static void
polling_close (RtTransport *transport, guint code, const char *reason)
{
  PollingTransport *self = (PollingTransport *) transport;

  if (!rt_http_base_begin_close (transport, code, reason))
    return;
  rt_timer_stop (self->next_poll);
  start_post (self);
  rt_http_base_later (&self->base);
}

const RtTransportClass *
rt_polling_transport (void)
{
  static const RtTransportClass klass = {
    .name = "polling",
    .open = polling_open,
    .send = polling_send,
    .flush = polling_flush,
    .get_queued = polling_get_queued,
    .ping = polling_ping,
    .pause = polling_pause,
    .close = polling_close,
    .abort = rt_http_base_abort,
    .free = rt_http_base_free,
  };

  return &klass;
}
