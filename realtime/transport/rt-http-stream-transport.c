/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-transport.h"

#include "rt-codec.h"
#include "rt-error.h"
#include "rt-http-base.h"
#include "rt-http-emulation.h"
#include "rt-http-line.h"
#include "rt-http-lines.h"
#include "rt-http-queue.h"
#include "rt-http-request.h"
#include "rt-ws-codec.h"

/* One response that does not end brings what the server says, a line each; what the client says goes in
 * requests to the emulation endpoint. docs/protocol.md, "HTTP stream". */

#define STREAM_PATH "/connection/http_stream"
/* What is handed up in one turn. */
#define TURN_LINES 1024
/* Of what the reply to connect names, and every later request repeats. */
#define MAX_SESSION 4096

typedef struct
{
  RtHttpBase base;
  RtHttpLine *stream;
  RtHttpEmulation *emulation;
  RtHttpQueue first; /* what the stream's request will say */
  gboolean asked;
  gboolean greeted;  /* the reply to connect has come */
  RtProfile profile;
  RtHttpLines lines;
  guint turn_lines; /* handed up in this turn */
  gboolean paused;
  gboolean backlog; /* something had to wait, and drained will be due */
} StreamTransport;

static void
fail_protocol (StreamTransport *self, const char *text)
{
  g_autoptr (GError) error
      = g_error_new (RT_ERROR, RT_ERROR_PROTOCOL, "The HTTP stream of %s cannot be used: %s",
                     self->base.settings->host_header, text);

  rt_http_base_fail (&self->base, RT_WS_CLOSE_PROTOCOL_ERROR, error, -1, FALSE);
}

static gsize
count_queued (StreamTransport *self)
{
  return rt_http_queue_get_size (&self->first) + rt_http_line_get_unwritten (self->stream)
         + rt_http_emulation_get_queued (self->emulation);
}

/* Something has gone out. */
static void
check_output (StreamTransport *self)
{
  if (self->base.closing && rt_http_emulation_is_idle (self->emulation))
    {
      rt_http_base_close (&self->base, TRUE);
      return;
    }
  if (!self->backlog || count_queued (self) > 0)
    return;
  self->backlog = FALSE;
  self->base.events->drained (self->base.user_data);
}

/* --- Lines of the stream --- */

/* Looks for the reply to connect, which says where later commands go. FALSE if that was the end. */
static gboolean
read_greeting (StreamTransport *self, const guint8 *line, gsize len)
{
  const RtCodec *codec = rt_codec_json ();
  RtDecoder decoder = { 0 };
  RtReply reply;

  rt_decoder_begin (&decoder, (const char *) line, len);
  /* What cannot be read is for the receiver to judge. */
  gboolean found = codec->next_reply (&decoder, &reply) == RT_DECODE_ITEM && reply.kind == RT_REPLY_CONNECT;
  gboolean usable = found && reply.session.data != NULL && reply.session.len + reply.node.len <= MAX_SESSION;
  if (usable)
    rt_http_emulation_set_session (self->emulation, &reply.session, &reply.node);
  rt_decoder_clear (&decoder);
  self->greeted = found;
  if (!found || usable)
    return TRUE;
  fail_protocol (self, "its reply to connect names no usable session, so nothing more can be said to it");
  return FALSE;
}

/* FALSE if that was the end. */
static gboolean
handle_line (StreamTransport *self, const guint8 *line, gsize len)
{
  RtHttpBase *base = &self->base;

  if (!base->was_open)
    {
      if (line[0] != '{')
        {
          rt_http_base_disown (base, SOUP_STATUS_OK);
          return FALSE;
        }
      base->was_open = TRUE;
      base->events->profile (base->user_data, self->profile);
    }
  if (!base->ended && !self->greeted && !read_greeting (self, line, len))
    return FALSE;
  if (!base->ended)
    base->events->received (base->user_data, line, len);
  return !base->ended;
}

static gsize
stream_content_cb (gpointer user_data, const guint8 *data, gsize len)
{
  g_autoptr (RtHttpBase) base = rt_http_base_ref (user_data);
  StreamTransport *self = user_data;
  gsize total = 0;

  while (total < len && self->turn_lines < TURN_LINES && !self->paused)
    {
      const guint8 *line;
      gsize line_len, used;
      RtHttpLinesStatus status = rt_http_lines_next (&self->lines, data + total, len - total,
                                                     RT_SETTINGS_MAX_FRAME, &used, &line, &line_len);

      total += used;
      if (status == RT_HTTP_LINES_TOO_LONG)
        fail_protocol (self, "a line is longer than 32 MiB");
      if (status == RT_HTTP_LINES_TOO_LONG
          || (status == RT_HTTP_LINES_LINE && !handle_line (self, line, line_len)))
        break;
      if (status == RT_HTTP_LINES_LINE)
        self->turn_lines++;
    }
  return total;
}

static void
stream_turn_end_cb (gpointer user_data)
{
  StreamTransport *self = user_data;
  gboolean received = self->turn_lines > 0;

  self->turn_lines = 0;
  if (received)
    self->base.events->turn_end (self->base.user_data);
}

/* --- Other events of the stream's line --- */

static void
stream_activity_cb (gpointer user_data)
{
  StreamTransport *self = user_data;

  self->base.events->activity (self->base.user_data);
}

static void
stream_head_cb (gpointer user_data, const RtHttpHead *head)
{
  StreamTransport *self = user_data;
  const char *protocol = rt_http_head_get (head, "X-Rt-Protocol");

  if (head->status != SOUP_STATUS_OK)
    {
      rt_http_base_refuse (&self->base, RT_WS_CLOSE_ABNORMAL, head);
      return;
    }
  self->profile = g_strcmp0 (protocol, "1") == 0 ? RT_PROFILE_RT1 : RT_PROFILE_CENTRIFUGO;
}

static void
stream_written_cb (gpointer user_data)
{
  check_output (user_data);
}

/* A last line may lack its end, but not where it may have been cut. */
static void
take_last_line (StreamTransport *self)
{
  const guint8 *line;
  gsize len;

  if (rt_http_lines_end (&self->lines, &line, &len) && handle_line (self, line, len))
    self->base.events->turn_end (self->base.user_data);
}

static void
stream_done_cb (gpointer user_data, const RtHttpLineEnd *end)
{
  g_autoptr (RtHttpBase) base = rt_http_base_ref (user_data);
  StreamTransport *self = user_data;
  g_autoptr (GError) error = NULL;

  if (end->error == NULL && !end->unframed)
    take_last_line (self);
  if (base->ended)
    return;
  if (end->error == NULL)
    error = g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                         "The connection to %s was lost: the server ended its stream",
                         base->settings->host_header);
  rt_http_base_fail (base, RT_WS_CLOSE_ABNORMAL, error != NULL ? error : end->error, -1,
                     end->tls_refused);
}

static const RtHttpLineEvents stream_events = {
  .activity = stream_activity_cb,
  .head = stream_head_cb,
  .content = stream_content_cb,
  .turn_end = stream_turn_end_cb,
  .written = stream_written_cb,
  .done = stream_done_cb,
};

/* --- Events of the emulation --- */

static void
emulation_progress_cb (gpointer user_data)
{
  check_output (user_data);
}

static void
emulation_refused_cb (gpointer user_data, const RtHttpHead *head)
{
  StreamTransport *self = user_data;
  g_autoptr (GError) error = NULL;

  if (head->status == SOUP_STATUS_NOT_FOUND)
    {
      error = g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                           "The connection to %s was lost: the server has forgotten it",
                           self->base.settings->host_header);
      rt_http_base_fail (&self->base, RT_WS_CLOSE_ABNORMAL, error, -1, FALSE);
      return;
    }
  rt_http_base_refuse (&self->base,
                       head->status == SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE ? RT_WS_CLOSE_TOO_LARGE
                                                                            : RT_WS_CLOSE_ABNORMAL,
                       head);
}

static void
emulation_failed_cb (gpointer user_data, const GError *error, gboolean tls_refused)
{
  StreamTransport *self = user_data;

  rt_http_base_fail (&self->base, RT_WS_CLOSE_ABNORMAL, error, -1, tls_refused);
}

static const RtHttpEmulationEvents emulation_events = {
  .progress = emulation_progress_cb,
  .refused = emulation_refused_cb,
  .failed = emulation_failed_cb,
};

/* --- What the base calls --- */

static void
stream_turn (RtHttpBase *base)
{
  StreamTransport *self = (StreamTransport *) base;

  if (!base->closing)
    return;
  /* Who has not been greeted has nobody to say more to. */
  if (!self->greeted)
    rt_http_base_close (base, FALSE);
  else
    check_output (self);
}

static void
stream_release (RtHttpBase *base)
{
  StreamTransport *self = (StreamTransport *) base;

  g_clear_pointer (&self->stream, rt_http_line_free);
  g_clear_pointer (&self->emulation, rt_http_emulation_free);
  rt_http_queue_clear (&self->first);
}

static void
stream_finalize (RtHttpBase *base)
{
  rt_http_lines_clear (&((StreamTransport *) base)->lines);
}

static const RtHttpBaseClass base_class = {
  .wanted = "an HTTP stream",
  .path = STREAM_PATH,
  .turn = stream_turn,
  .release = stream_release,
  .finalize = stream_finalize,
};

/* --- The table --- */

static RtTransport *
stream_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
             gpointer user_data)
{
  StreamTransport *self = g_new0 (StreamTransport, 1);

  self->stream = rt_http_line_new (settings, context, &stream_events, self);
  self->emulation = rt_http_emulation_new (settings, context, &emulation_events, self);
  rt_http_base_init (&self->base, rt_http_stream_transport (), &base_class, settings, context, events,
                     user_data);
  return &self->base.parent;
}

static void
stream_send (RtTransport *transport, const guint8 *data, gsize len)
{
  StreamTransport *self = (StreamTransport *) transport;

  if (self->base.ended || self->base.closing)
    return;
  if (self->asked)
    rt_http_emulation_put (self->emulation, data, len);
  else
    rt_http_queue_put (&self->first, data, len);
}

/* Asks for the stream with the connect command. */
static void
ask_stream (StreamTransport *self)
{
  g_auto (RtBuffer) request = { 0 };
  gsize len;
  const char *commands = rt_http_queue_peek (&self->first, FALSE, &len);

  if (commands == NULL)
    return;
  rt_http_request_put (&request, self->base.settings, STREAM_PATH, NULL, commands, len);
  rt_http_queue_take (&self->first, len);
  self->asked = TRUE;
  rt_http_line_ask (self->stream, &request, FALSE);
  /* What did not fit. */
  while ((commands = rt_http_queue_peek (&self->first, FALSE, &len)) != NULL)
    {
      rt_http_emulation_put (self->emulation, (const guint8 *) commands, len);
      rt_http_queue_take (&self->first, len);
    }
}

static void
stream_flush (RtTransport *transport)
{
  StreamTransport *self = (StreamTransport *) transport;

  if (self->base.ended || !self->base.opened)
    return;
  if (!self->asked)
    ask_stream (self);
  rt_http_emulation_flush (self->emulation);
  self->backlog |= count_queued (self) > 0;
}

static gsize
stream_get_queued (RtTransport *transport)
{
  StreamTransport *self = (StreamTransport *) transport;

  return self->base.ended ? 0 : count_queued (self);
}

static gboolean
stream_ping (RtTransport *transport)
{
  return FALSE;
}

static void
stream_pause (RtTransport *transport, gboolean paused)
{
  StreamTransport *self = (StreamTransport *) transport;

  self->paused = paused;
  if (!self->base.ended)
    rt_http_line_pause (self->stream, paused);
}

static void
stream_close (RtTransport *transport, guint code, const char *reason)
{
  StreamTransport *self = (StreamTransport *) transport;

  if (!rt_http_base_begin_close (transport, code, reason))
    return;
  rt_http_emulation_flush (self->emulation);
  rt_http_base_later (&self->base);
}

const RtTransportClass *
rt_http_stream_transport (void)
{
  static const RtTransportClass klass = {
    .name = "http-stream",
    .late_profile = TRUE,
    .open = stream_open,
    .send = stream_send,
    .flush = stream_flush,
    .get_queued = stream_get_queued,
    .ping = stream_ping,
    .pause = stream_pause,
    .close = stream_close,
    .abort = rt_http_base_abort,
    .free = rt_http_base_free,
  };

  return &klass;
}
