/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-emulation.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-http-line.h"
#include "rt-http-queue.h"
#include "rt-http-request.h"
#include "rt-json-members.h"

/* Of an answer that should have none. */
#define MAX_CONTENT (64 * 1024)

struct _RtHttpEmulation
{
  RtSettings *settings;
  const RtHttpEmulationEvents *events;
  gpointer user_data;
  RtHttpLine *line;
  RtTimer *deadline; /* of the request under way */
  RtHttpQueue queue;
  char *address; /* the body up to the commands; NULL until the session is known */
  gsize content; /* bytes of the answer */
};

static void
fail (RtHttpEmulation *self, int code, const char *text)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, code, "Commands could not be given to %s: %s",
                                          self->settings->host_header, text);

  rt_http_line_stop (self->line);
  self->events->failed (self->user_data, error, FALSE);
}

static void
deadline_cb (gpointer user_data)
{
  fail (user_data, RT_ERROR_NETWORK, "there was no answer in time");
}

/* --- Events of the line --- */

static void
activity_cb (gpointer user_data)
{
  /* Says nothing about the stream, whose liveness is what counts. */
}

static void
head_cb (gpointer user_data, const RtHttpHead *head)
{
  RtHttpEmulation *self = user_data;

  if (head->status == SOUP_STATUS_OK || head->status == SOUP_STATUS_NO_CONTENT)
    return;
  rt_timer_stop (self->deadline);
  self->events->refused (self->user_data, head);
}

static gsize
content_cb (gpointer user_data, const guint8 *data, gsize len)
{
  RtHttpEmulation *self = user_data;

  self->content += len;
  if (self->content > MAX_CONTENT)
    fail (self, RT_ERROR_PROTOCOL, "the answer does not end");
  return len;
}

static void
turn_end_cb (gpointer user_data)
{
}

static void
written_cb (gpointer user_data)
{
  RtHttpEmulation *self = user_data;

  self->events->progress (self->user_data);
}

static void
done_cb (gpointer user_data, const RtHttpLineEnd *end)
{
  RtHttpEmulation *self = user_data;

  rt_timer_stop (self->deadline);
  if (end->error != NULL)
    {
      self->events->failed (self->user_data, end->error, end->tls_refused);
      return;
    }
  rt_http_emulation_flush (self);
  self->events->progress (self->user_data);
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

RtHttpEmulation *
rt_http_emulation_new (RtSettings *settings, GMainContext *context, const RtHttpEmulationEvents *events,
                       gpointer user_data)
{
  RtHttpEmulation *self = g_new0 (RtHttpEmulation, 1);

  self->settings = rt_settings_ref (settings);
  self->events = events;
  self->user_data = user_data;
  self->line = rt_http_line_new (settings, context, &line_events, self);
  self->deadline = rt_timer_new (context, "[realtime] emulation", deadline_cb, self);
  return self;
}

void
rt_http_emulation_set_session (RtHttpEmulation *self, const RtSlice *session, const RtSlice *node)
{
  g_auto (RtBuffer) address = { 0 };

  rt_buffer_put_literal (&address, "{\"session\":");
  rt_json_put_slice (&address, session);
  if (node->data != NULL)
    {
      rt_buffer_put_literal (&address, ",\"node\":");
      rt_json_put_slice (&address, node);
    }
  rt_buffer_put_literal (&address, ",\"data\":");
  g_free (self->address);
  self->address = g_strndup ((const char *) address.data, address.len);
}

void
rt_http_emulation_put (RtHttpEmulation *self, const guint8 *data, gsize len)
{
  rt_http_queue_put (&self->queue, data, len);
}

void
rt_http_emulation_flush (RtHttpEmulation *self)
{
  g_auto (RtBuffer) body = { 0 };
  g_auto (RtBuffer) request = { 0 };
  gsize len;
  const char *commands = rt_http_queue_peek (&self->queue, TRUE, &len);

  if (commands == NULL || self->address == NULL || rt_http_line_is_asking (self->line))
    return;
  rt_buffer_put (&body, self->address, strlen (self->address));
  rt_json_put_string (&body, commands, len);
  rt_buffer_put_byte (&body, '}');
  rt_http_queue_take (&self->queue, len);
  rt_http_request_put (&request, self->settings, RT_HTTP_EMULATION_PATH, NULL, body.data, body.len);
  self->content = 0;
  rt_timer_start (self->deadline, rt_clock_now () + RT_CLOCK_MS (self->settings->heartbeat_timeout));
  /* Executed twice would be worse than not at all. */
  rt_http_line_ask (self->line, &request, FALSE);
}

gsize
rt_http_emulation_get_queued (RtHttpEmulation *self)
{
  return rt_http_queue_get_size (&self->queue) + rt_http_line_get_unwritten (self->line);
}

gboolean
rt_http_emulation_is_idle (RtHttpEmulation *self)
{
  return rt_http_queue_get_size (&self->queue) == 0 && !rt_http_line_is_asking (self->line);
}

void
rt_http_emulation_free (RtHttpEmulation *self)
{
  if (self == NULL)
    return;
  rt_http_line_free (self->line);
  rt_timer_free (self->deadline);
  rt_http_queue_clear (&self->queue);
  rt_settings_unref (self->settings);
  g_free (self->address);
  g_free (self);
}
