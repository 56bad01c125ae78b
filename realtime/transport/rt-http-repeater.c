/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-repeater.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-http-status.h"
#include "rt-mask.h"

#define FIRST_DELAY_MS 200
#define MAX_DELAY_MS 2000
#define NEVER G_MAXINT64

struct _RtHttpRepeater
{
  guint refs; /* the owner's, and one of each callback that runs */
  RtSettings *settings; /* NULL once freed */
  const RtHttpRepeaterEvents *events;
  gpointer user_data;
  RtHttpLine *line; /* NULL once freed */
  RtTimer *timer;   /* until an answer is late, or until the next attempt */

  gboolean asking;
  gboolean once;
  gint64 due;     /* when an answer should have come */
  gint64 give_up; /* NEVER before the first failure */
  guint failures;
  RtHttpHead *head; /* of the answer */
  RtBuffer body;
};

static RtHttpRepeater *
repeater_ref (RtHttpRepeater *self)
{
  self->refs++;
  return self;
}

static void
repeater_unref (RtHttpRepeater *self)
{
  if (--self->refs > 0)
    return;
  g_clear_pointer (&self->head, rt_http_head_free);
  rt_buffer_clear (&self->body);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHttpRepeater, repeater_unref)

static gint64
get_patience (RtHttpRepeater *self)
{
  return RT_CLOCK_MS (self->settings->heartbeat_timeout);
}

static void
begin_attempt (RtHttpRepeater *self)
{
  g_auto (RtBuffer) request = { 0 };

  g_clear_pointer (&self->head, rt_http_head_free);
  rt_buffer_clear (&self->body);
  self->events->write (self->user_data, self->failures > 0, &request);
  if (self->once)
    rt_timer_stop (self->timer);
  else
    rt_timer_start (self->timer, MIN (self->due + get_patience (self) / 2, self->give_up));
  rt_http_line_ask (self->line, &request, !self->once);
}

static void
finish (RtHttpRepeater *self)
{
  self->asking = FALSE;
  rt_timer_stop (self->timer);
}

static void
give_up (RtHttpRepeater *self, const GError *error, gint64 retry_after, gboolean tls_refused)
{
  RtHttpRepeaterEnd end = { .error = error, .retry_after = retry_after, .tls_refused = tls_refused };

  finish (self);
  self->events->failed (self->user_data, &end);
}

gint64
rt_http_repeater_pick_delay (guint n)
{
  guint32 number;

  rt_random_fill (&number, sizeof number);
  return number % RT_CLOCK_MS (MIN (FIRST_DELAY_MS << MIN (n, 8), MAX_DELAY_MS));
}

/* An attempt has failed. A server that refuses this end's trust is not asked again. */
static void
try_again (RtHttpRepeater *self, const GError *error, gint64 retry_after, gboolean tls_refused)
{
  gint64 delay = rt_http_repeater_pick_delay (self->failures);
  gint64 now = rt_clock_now ();

  if (self->failures++ == 0)
    self->give_up = MIN (now, self->due) + get_patience (self);
  gint64 next = now + MAX (delay, retry_after);
  if (self->once || tls_refused || next >= self->give_up)
    {
      give_up (self, error, retry_after, tls_refused);
      return;
    }
  self->due = next;
  rt_timer_start (self->timer, next);
}

/* The deadline of an attempt, or the end of a delay. */
static void
timer_cb (gpointer user_data)
{
  RtHttpRepeater *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_http_line_is_asking (self->line))
    {
      begin_attempt (self);
      return;
    }
  rt_http_line_stop (self->line);
  error = g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The connection to %s was lost: there was no answer in time",
                       self->settings->host_header);
  try_again (self, error, -1, FALSE);
}

/* --- Events of the line --- */

static void
activity_cb (gpointer user_data)
{
  RtHttpRepeater *self = user_data;

  self->events->activity (self->user_data);
}

static gboolean
is_temporary (guint status)
{
  return status == SOUP_STATUS_REQUEST_TIMEOUT || status == 429 || status >= 500;
}

static void
head_cb (gpointer user_data, const RtHttpHead *head)
{
  RtHttpRepeater *self = user_data;

  self->head = g_new (RtHttpHead, 1);
  *self->head = *head;
  soup_message_headers_ref (head->headers);
  if (head->status < 300)
    return;

  /* Nobody reads such a body. */
  g_autoptr (RtHttpRepeater) guard = repeater_ref (self);
  rt_http_line_stop (self->line);
  if (!self->once && is_temporary (head->status))
    {
      g_autoptr (GError) error = rt_http_status_error_new (head, "an answer", "");
      try_again (self, error, rt_http_head_get_retry_after (head), FALSE);
      return;
    }
  finish (self);
  self->events->answered (self->user_data, self->head, &self->body);
}

static void
fail_answer (RtHttpRepeater *self, int code, const char *text)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, code, "The answer of %s cannot be used: %s",
                                          self->settings->host_header, text);

  rt_http_line_stop (self->line);
  try_again (self, error, -1, FALSE);
}

static gsize
content_cb (gpointer user_data, const guint8 *data, gsize len)
{
  RtHttpRepeater *self = user_data;

  if (self->body.len + len > RT_SETTINGS_MAX_FRAME)
    fail_answer (self, RT_ERROR_TOO_LARGE, "it is longer than 32 MiB");
  else
    rt_buffer_put (&self->body, data, len);
  return len;
}

static void
turn_end_cb (gpointer user_data)
{
}

static void
written_cb (gpointer user_data)
{
  RtHttpRepeater *self = user_data;

  self->events->written (self->user_data);
}

/* What ends with its connection may have been cut. */
static gboolean
has_length (const RtHttpHead *head)
{
  return head->status == SOUP_STATUS_NO_CONTENT || rt_http_head_get (head, "Content-Length") != NULL
         || rt_http_head_get (head, "Transfer-Encoding") != NULL;
}

static void
done_cb (gpointer user_data, const RtHttpLineEnd *end)
{
  g_autoptr (RtHttpRepeater) self = repeater_ref (user_data);

  if (end->error != NULL)
    {
      try_again (self, end->error, -1, end->tls_refused);
      return;
    }
  if (!has_length (self->head))
    {
      fail_answer (self, RT_ERROR_PROTOCOL, "it does not tell its length");
      return;
    }
  finish (self);
  if (self->events->answered (self->user_data, self->head, &self->body) || self->line == NULL)
    return;
  self->asking = TRUE;
  fail_answer (self, RT_ERROR_PROTOCOL, "it does not come from the server that was asked");
}

static const RtHttpLineEvents line_events = {
  .activity = activity_cb,
  .head = head_cb,
  .content = content_cb,
  .turn_end = turn_end_cb,
  .written = written_cb,
  .done = done_cb,
};

/* --- What the owner calls --- */

RtHttpRepeater *
rt_http_repeater_new (RtSettings *settings, GMainContext *context, const RtHttpRepeaterEvents *events,
                      gpointer user_data)
{
  RtHttpRepeater *self = g_new0 (RtHttpRepeater, 1);

  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->events = events;
  self->user_data = user_data;
  self->line = rt_http_line_new (settings, context, &line_events, self);
  self->timer = rt_timer_new (context, "[realtime] request", timer_cb, self);
  return self;
}

static void
ask (RtHttpRepeater *self, gboolean once, guint wait)
{
  g_assert (!self->asking);
  self->asking = TRUE;
  self->once = once;
  self->due = rt_clock_now () + RT_CLOCK_MS (wait);
  self->give_up = NEVER;
  self->failures = 0;
  begin_attempt (self);
}

void
rt_http_repeater_ask (RtHttpRepeater *self, guint wait)
{
  ask (self, FALSE, wait);
}

void
rt_http_repeater_ask_once (RtHttpRepeater *self)
{
  ask (self, TRUE, 0);
}

gboolean
rt_http_repeater_is_asking (RtHttpRepeater *self)
{
  return self->asking;
}

gsize
rt_http_repeater_get_unwritten (RtHttpRepeater *self)
{
  return rt_http_line_get_unwritten (self->line);
}

void
rt_http_repeater_free (RtHttpRepeater *self)
{
  if (self == NULL)
    return;
  self->asking = FALSE;
  g_clear_pointer (&self->line, rt_http_line_free);
  g_clear_pointer (&self->timer, rt_timer_free);
  g_clear_pointer (&self->settings, rt_settings_unref);
  repeater_unref (self);
}
