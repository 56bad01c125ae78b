/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-transport.h"

#include "rt-error.h"
#include "rt-mask.h"
#include "rt-ws-chunk.h"
#include "rt-ws-codec.h"
#include "rt-ws-connector.h"
#include "rt-ws-link.h"
#include "rt-ws-output.h"
#include "rt-ws-pings.h"

typedef enum
{
  PHASE_OPENING,
  PHASE_OPEN,
  PHASE_CLOSING, /* the own close frame is queued or written */
  PHASE_ENDED,   /* closed was reported, or the owner has freed it */
} Phase;

/* Everything in the thread of the context. */
typedef struct
{
  RtTransport parent;
  guint refs; /* the owner's, and one of each callback that runs */
  Phase phase;
  RtSettings *settings;
  GMainContext *context;
  const RtTransportEvents *events;
  gpointer user_data;

  RtWsConnector *connector; /* while opening */
  RtWsLink *link;           /* while open */
  RtWsParser *parser;
  RtWsChunk chunk;    /* read and not parsed yet */
  RtWsOutput output;
  RtWsPings pings;
  gboolean paused;
  gboolean was_open;
  gboolean received; /* a message, since the last turn_end */

  gboolean backlog;     /* the kernel takes no more for now */
  gboolean input_left;  /* TLS may hold more, of which the descriptor does not tell */
  gboolean input_ended; /* the end of the line was read; what came before is handled first */
  GError *input_error;  /* how the line ended, NULL for a plain end */
  GError *write_error;  /* what has arrived may still be read */

  guint16 own_code; /* of close () */
  char *own_reason;

  RtWsTransportStats stats;
} WsTransport;

static WsTransport *
transport_ref (WsTransport *self)
{
  self->refs++;
  return self;
}

static void
transport_unref (WsTransport *self)
{
  if (--self->refs > 0)
    return;
  g_clear_pointer (&self->parser, rt_ws_parser_free);
  rt_ws_chunk_release (&self->chunk);
  g_main_context_unref (self->context);
  g_clear_error (&self->input_error);
  g_clear_error (&self->write_error);
  g_free (self->own_reason);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsTransport, transport_unref)

static gboolean
is_running (WsTransport *self)
{
  return self->phase == PHASE_OPEN || self->phase == PHASE_CLOSING;
}

/* Gives up what the line needs. The parser and the chunk may be in use further up the stack and go last. */
static void
release_line (WsTransport *self, gboolean drain)
{
  self->phase = PHASE_ENDED;
  g_clear_pointer (&self->connector, rt_ws_connector_free);
  if (self->link != NULL)
    rt_ws_link_free (g_steal_pointer (&self->link), drain);
  rt_ws_output_clear (&self->output);
}

/* The one place that reports closed. */
static void
finish (WsTransport *self, const RtTransportEnd *end, gboolean drain)
{
  if (self->phase == PHASE_ENDED)
    return;
  release_line (self, drain);
  self->events->closed (self->user_data, end);
}

static void
finish_with_error (WsTransport *self, guint code, const GError *error)
{
  RtTransportEnd end = {
    .code = code, .reason = "", .error = error, .retry_after = -1, .was_open = self->was_open,
  };

  finish (self, &end, FALSE);
}

/* Ends a line on which close () was called: that is no error, however it came. */
static void
finish_own_close (WsTransport *self, gboolean clean)
{
  g_autofree char *reason = g_strdup (self->own_reason);
  RtTransportEnd end = {
    .code = self->own_code, .reason = reason, .clean = clean, .retry_after = -1, .was_open = self->was_open,
  };

  finish (self, &end, FALSE);
}

/* --- Writing --- */

static void
write_failed (WsTransport *self, GError *error)
{
  /* A server that closes and goes makes writes fail while its close frame still waits to be read. */
  self->write_error = error;
  self->backlog = FALSE;
  rt_ws_link_again (self->link);
}

/* Writes as much as can be without waiting. Never calls back. */
static void
write_output (WsTransport *self)
{
  GOutputVector vectors[RT_WS_OUTPUT_VECTORS];
  gboolean direct = rt_ws_link_is_direct (self->link);
  gsize total = 0;

  self->backlog = FALSE;
  for (gsize queued = rt_ws_output_get_size (&self->output); queued > 0 && !self->backlog;)
    {
      GError *error = NULL;
      guint n = rt_ws_output_peek (&self->output, vectors);
      gssize written = rt_ws_link_write (self->link, vectors, n, &error);

      if (written == RT_WS_LINK_FAILED)
        {
          write_failed (self, error);
          return;
        }
      if (written == RT_WS_LINK_AGAIN)
        {
          if (!direct)
            rt_ws_output_pin (&self->output, MIN (vectors[0].size, RT_WS_LINK_RECORD));
          self->backlog = TRUE;
          return;
        }
      self->stats.writes++;
      rt_ws_output_advance (&self->output, (gsize) written);
      /* At once: the answer may be read in this very turn. */
      if (rt_ws_output_get_urgent (&self->output)->len == 0)
        rt_ws_pings_written (&self->pings);
      queued -= (gsize) written;
      total += (gsize) written;
      /* A short write says that the kernel is full; TLS, which takes a record at a time, gets its budget. */
      self->backlog = queued > 0 && (direct || total >= RT_WS_DISPATCH_WRITES);
    }
}

static void
put_close (RtBuffer *out, guint16 code, const char *reason)
{
  guint8 mask[4];

  rt_mask_next (mask);
  rt_ws_put_close (out, mask, code, reason);
}

static void
flush_output (WsTransport *self)
{
  RtBuffer *urgent = rt_ws_output_get_urgent (&self->output);

  if (self->phase == PHASE_OPEN && rt_ws_pings_answer (&self->pings, urgent))
    self->stats.pongs++;
  if (!self->backlog && self->write_error == NULL)
    write_output (self);
  rt_ws_link_want (self->link, !self->paused, self->backlog);
}

/* --- Reading --- */

/* The last word to the peer: before what is queued, which it will not read any more. */
static gboolean
write_last_close (WsTransport *self, guint16 code, const char *reason)
{
  rt_ws_output_drop_data (&self->output);
  put_close (rt_ws_output_get_urgent (&self->output), code, reason);
  if (self->write_error == NULL)
    write_output (self);
  return self->write_error == NULL && !self->backlog;
}

static void
end_turn (WsTransport *self)
{
  if (!self->received || !is_running (self))
    return;
  self->received = FALSE;
  self->events->turn_end (self->user_data);
}

static void
handle_close (WsTransport *self, const RtWsEvent *event)
{
  g_autofree char *reason = g_strndup ((const char *) event->data, event->len);
  guint16 code = event->close_code;

  end_turn (self);
  if (self->phase == PHASE_CLOSING)
    {
      finish_own_close (self, TRUE);
      return;
    }
  if (self->phase == PHASE_ENDED)
    return;
  RtTransportEnd end = { .code = code, .reason = reason, .retry_after = -1, .was_open = TRUE };
  end.clean = write_last_close (self, code, NULL);
  finish (self, &end, TRUE);
}

static void
handle_fault (WsTransport *self)
{
  const char *text;
  guint16 code = rt_ws_parser_get_fault (self->parser, &text);
  g_autoptr (GError) error = NULL;

  end_turn (self);
  if (self->phase == PHASE_CLOSING)
    finish_own_close (self, FALSE);
  if (self->phase == PHASE_ENDED)
    return;
  error = g_error_new (RT_ERROR, code == RT_WS_CLOSE_TOO_LARGE ? RT_ERROR_TOO_LARGE : RT_ERROR_PROTOCOL,
                       "The server at %s broke the WebSocket protocol: %s; the connection was closed with code"
                       " %u", self->settings->host_header, text, code);
  write_last_close (self, code, text);
  RtTransportEnd end = { .code = code, .reason = text, .error = error, .retry_after = -1, .was_open = TRUE };
  finish (self, &end, TRUE);
}

static void
handle_pong (WsTransport *self, const RtWsEvent *event)
{
  gint64 round_trip = rt_ws_pings_answered (&self->pings, event);

  if (round_trip >= 0)
    self->events->pong (self->user_data, round_trip);
}

static void
handle_event (WsTransport *self, const RtWsEvent *event)
{
  switch (event->opcode)
    {
    case RT_WS_TEXT:
    case RT_WS_BINARY:
      self->received = TRUE;
      self->events->received (self->user_data, event->data, event->len);
      break;
    case RT_WS_PING:
      self->stats.pings++;
      rt_ws_pings_received (&self->pings, event);
      break;
    case RT_WS_PONG:
      handle_pong (self, event);
      break;
    case RT_WS_CLOSE:
      handle_close (self, event);
      break;
    case RT_WS_CONTINUATION:
    default:
      g_assert_not_reached ();
    }
}

/* Parses what is in the chunk within the budget. What is left stays there. */
static void
parse_chunk (WsTransport *self)
{
  guint budget = RT_WS_DISPATCH_FRAMES;
  gsize start = self->chunk.pos;
  RtWsStatus status = RT_WS_EVENT;

  while (status == RT_WS_EVENT && is_running (self) && !self->paused)
    {
      RtWsEvent event;
      gsize used = 0;

      status = rt_ws_parser_next (self->parser, self->chunk.data + self->chunk.pos,
                                  self->chunk.len - self->chunk.pos, &used, &budget, &event);
      self->chunk.pos += used;
      if (status != RT_WS_EVENT)
        break;
      handle_event (self, &event);
      if (event.owned != NULL)
        g_free (event.owned);
    }

  guint frames = RT_WS_DISPATCH_FRAMES - budget;
  self->stats.frames += frames;
  self->stats.max_frames = MAX (self->stats.max_frames, frames);
  self->stats.max_bytes = MAX (self->stats.max_bytes, self->chunk.pos - start);
  if (status == RT_WS_FAULT)
    handle_fault (self);
  if (status == RT_WS_MORE || !is_running (self))
    rt_ws_chunk_release (&self->chunk);
}

/* Fills the chunk: with one call on a descriptor; through TLS, which gives a record at a time, until there is
 * no more. An end found on the way is noted. */
static void
fill_chunk (WsTransport *self)
{
  gboolean more = TRUE;

  rt_ws_chunk_prepare (&self->chunk);
  while (more && self->chunk.len < RT_WS_CHUNK_SIZE)
    {
      gssize got = rt_ws_link_read (self->link, self->chunk.data + self->chunk.len,
                                    RT_WS_CHUNK_SIZE - self->chunk.len, &self->input_error);

      if (got == 0 || got == RT_WS_LINK_FAILED)
        self->input_ended = TRUE;
      more = got > 0 && !rt_ws_link_is_direct (self->link);
      if (got > 0)
        self->chunk.len += (gsize) got;
    }
  self->input_left = more;
  if (self->chunk.len == 0)
    rt_ws_chunk_release (&self->chunk);
  else
    self->events->activity (self->user_data);
}

static void
line_ended (WsTransport *self)
{
  const GError *cause = self->write_error != NULL ? self->write_error : self->input_error;
  g_autoptr (GError) error = NULL;

  if (self->phase == PHASE_CLOSING)
    {
      finish_own_close (self, FALSE);
      return;
    }
  error = g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The connection to %s was lost: %s",
                       self->settings->host_header,
                       cause != NULL ? cause->message : "the server closed it without saying so");
  finish_with_error (self, RT_WS_CLOSE_ABNORMAL, error);
}

/* One turn takes in one chunk at most, and leaves of it what exceeds the frame budget to the next. */
static void
read_turn (WsTransport *self)
{
  gboolean idle = TRUE;

  if (self->chunk.data == NULL && !self->input_ended)
    fill_chunk (self);
  if (is_running (self) && self->chunk.data != NULL)
    {
      idle = FALSE;
      parse_chunk (self);
    }
  end_turn (self);
  if (!is_running (self) || self->paused)
    return;
  if (self->chunk.data == NULL && (self->input_ended || (idle && self->write_error != NULL)))
    line_ended (self);
  else if (self->chunk.data != NULL || self->input_left || self->write_error != NULL)
    rt_ws_link_again (self->link);
}

static void
link_ready_cb (gpointer user_data)
{
  g_autoptr (WsTransport) self = transport_ref (user_data);
  gboolean waited = self->backlog;

  self->stats.dispatches++;
  if (self->backlog)
    write_output (self);
  if (!self->paused)
    read_turn (self);
  if (!is_running (self))
    return;
  flush_output (self);
  self->stats.max_queued = MAX (self->stats.max_queued, rt_ws_output_get_size (&self->output));
  if (waited && !self->backlog && self->write_error == NULL)
    self->events->drained (self->user_data);
}

/* --- Opening --- */

static void
keep_early (WsTransport *self, const guint8 *data, gsize len)
{
  if (len == 0)
    return;
  g_assert (len <= RT_WS_CHUNK_SIZE);
  rt_ws_chunk_prepare (&self->chunk);
  memcpy (self->chunk.data, data, len);
  self->chunk.len = len;
}

static void
open_failed (WsTransport *self, const RtWsConnectorResult *result)
{
  RtTransportEnd end = {
    .code = RT_WS_CLOSE_ABNORMAL, .reason = "", .error = result->error,
    .http_status = result->http_status,
    .retry_after = result->retry_after,
    .tls_refused = result->tls_refused,
  };

  finish (self, &end, FALSE);
}

static void
connector_done_cb (const RtWsConnectorResult *result, gpointer user_data)
{
  g_autoptr (WsTransport) self = transport_ref (user_data);

  if (self->phase == PHASE_CLOSING)
    {
      finish_own_close (self, FALSE);
      return;
    }
  if (result->error != NULL)
    {
      open_failed (self, result);
      return;
    }
  self->phase = PHASE_OPEN;
  self->was_open = TRUE;
  self->parser = rt_ws_parser_new (RT_WS_CLIENT, RT_SETTINGS_MAX_FRAME);
  self->link = rt_ws_link_new (result->stream, result->socket, result->direct, self->context, link_ready_cb,
                               self);
  keep_early (self, result->early, result->early_len);
  rt_ws_link_want (self->link, !self->paused, FALSE);
  /* For what came behind the head, and for what TLS has decrypted already. */
  rt_ws_link_again (self->link);
  g_clear_pointer (&self->connector, rt_ws_connector_free);
  self->events->opened (self->user_data, result->profile);
}

/* --- The table --- */

static RtTransport *
websocket_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
                gpointer user_data)
{
  WsTransport *self = g_new0 (WsTransport, 1);

  self->parent.klass = rt_websocket_transport ();
  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->context = g_main_context_ref (context);
  self->events = events;
  self->user_data = user_data;
  self->connector = rt_ws_connector_start (settings, context, connector_done_cb, self);
  return &self->parent;
}

static void
websocket_send (RtTransport *transport, const guint8 *data, gsize len)
{
  WsTransport *self = (WsTransport *) transport;
  guint8 mask[4];

  if (self->phase != PHASE_OPEN)
    return;
  rt_mask_next (mask);
  rt_ws_put_frame (rt_ws_output_get_data (&self->output), RT_WS_TEXT, TRUE, mask, data, len);
}

static void
websocket_flush (RtTransport *transport)
{
  WsTransport *self = (WsTransport *) transport;

  if (is_running (self) && self->link != NULL)
    flush_output (self);
}

static gsize
websocket_get_queued (RtTransport *transport)
{
  return rt_ws_output_get_size (&((WsTransport *) transport)->output);
}

static gboolean
websocket_ping (RtTransport *transport)
{
  WsTransport *self = (WsTransport *) transport;

  if (self->phase != PHASE_OPEN)
    return FALSE;
  rt_ws_pings_ask (&self->pings, rt_ws_output_get_urgent (&self->output));
  flush_output (self);
  return TRUE;
}

static void
websocket_pause (RtTransport *transport, gboolean paused)
{
  WsTransport *self = (WsTransport *) transport;

  if (self->paused == paused)
    return;
  self->paused = paused;
  if (self->link == NULL)
    return;
  rt_ws_link_want (self->link, !paused, self->backlog);
  if (!paused)
    rt_ws_link_again (self->link);
}

static void
websocket_close (RtTransport *transport, guint code, const char *reason)
{
  WsTransport *self = (WsTransport *) transport;
  Phase phase = self->phase;

  if (phase == PHASE_CLOSING || phase == PHASE_ENDED)
    return;
  self->own_code = (guint16) code;
  self->own_reason = g_strdup (reason != NULL ? reason : "");
  self->phase = PHASE_CLOSING;
  if (phase == PHASE_OPENING)
    {
      rt_ws_connector_cancel (self->connector);
      return;
    }
  put_close (rt_ws_output_get_data (&self->output), self->own_code, self->own_reason);
  flush_output (self);
}

static void
websocket_abort (RtTransport *transport, const GError *error)
{
  g_autoptr (WsTransport) self = transport_ref ((WsTransport *) transport);

  finish_with_error (self, self->phase == PHASE_CLOSING ? self->own_code : RT_WS_CLOSE_ABNORMAL, error);
}

static void
websocket_free (RtTransport *transport)
{
  WsTransport *self = (WsTransport *) transport;

  if (self->phase != PHASE_ENDED)
    release_line (self, FALSE);
  g_clear_pointer (&self->settings, rt_settings_unref);
  transport_unref (self);
}

const RtTransportClass *
rt_websocket_transport (void)
{
  static const RtTransportClass klass = {
    .name = "websocket",
    .bidirectional_ping = TRUE,
    .open = websocket_open,
    .send = websocket_send,
    .flush = websocket_flush,
    .get_queued = websocket_get_queued,
    .ping = websocket_ping,
    .pause = websocket_pause,
    .close = websocket_close,
    .abort = websocket_abort,
    .free = websocket_free,
  };

  return &klass;
}

const RtWsTransportStats *
rt_ws_transport_get_stats (RtTransport *transport)
{
  return &((WsTransport *) transport)->stats;
}
