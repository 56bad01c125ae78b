/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-line.h"

#include "rt-error.h"
#include "rt-http-body.h"
#include "rt-line-connector.h"
#include "rt-ws-chunk.h"
#include "rt-ws-link.h"

/* Answers of the class 1xx before the one that counts. */
#define MAX_INTERIM 8
#define WRITE_BUDGET (256 * 1024)

G_STATIC_ASSERT (RT_HTTP_LINE_BYTES == RT_WS_CHUNK_SIZE);

struct _RtHttpLine
{
  guint refs; /* the owner's, and one of each callback that runs */
  RtSettings *settings; /* NULL once freed */
  GMainContext *context;
  const RtHttpLineEvents *events;
  gpointer user_data;
  gboolean paused;

  RtLineConnector *connector; /* while connecting */
  RtWsLink *link;             /* while there is a connection */
  gboolean input_left;  /* TLS may hold more, of which the descriptor does not tell */
  gboolean input_ended; /* the end of the connection was read; what came before is handled first */
  GError *input_error;  /* how it ended, NULL for a plain end */
  GError *write_error;  /* an answer may still be read */
  RtWsChunk chunk;      /* read and not used yet, between two turns */

  /* The request under way, and its answer. */
  gboolean asking;
  guint64 serial; /* grows when a request ends, however that is */
  RtBuffer request;
  gsize written;
  gboolean was_told; /* that it is written */
  gboolean repeatable;
  gboolean reused;   /* its connection has served another */
  gboolean answered; /* a byte of the answer has come */
  gboolean has_head;
  gboolean keep; /* the server will keep the connection open */
  gboolean told; /* content, in this turn */
  guint interim;
  RtBuffer head;
  RtHttpBody body;
};

static RtHttpLine *
line_ref (RtHttpLine *self)
{
  self->refs++;
  return self;
}

static void
line_unref (RtHttpLine *self)
{
  if (--self->refs > 0)
    return;
  g_main_context_unref (self->context);
  g_free (self);
}

typedef RtHttpLine LineRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LineRef, line_unref)

static void
close_connection (RtHttpLine *self)
{
  g_clear_pointer (&self->connector, rt_line_connector_free);
  if (self->link != NULL)
    rt_ws_link_free (g_steal_pointer (&self->link), FALSE);
  rt_ws_chunk_release (&self->chunk);
  g_clear_error (&self->input_error);
  g_clear_error (&self->write_error);
  self->input_left = FALSE;
  self->input_ended = FALSE;
}

static void
forget_request (RtHttpLine *self)
{
  self->serial++;
  self->asking = FALSE;
  self->written = 0;
  rt_buffer_clear (&self->request);
  rt_buffer_clear (&self->head);
}

static void
finish (RtHttpLine *self, const GError *error, gboolean tls_refused)
{
  RtHttpLineEnd end = {
    .error = error,
    .unframed = self->has_head && rt_http_body_may_end (&self->body),
    .tls_refused = tls_refused,
  };

  forget_request (self);
  self->events->done (self->user_data, &end);
}

static void
fail (RtHttpLine *self, const GError *error)
{
  close_connection (self);
  finish (self, error, FALSE);
}

/* --- The request --- */

static gboolean
is_written (RtHttpLine *self)
{
  return self->written == self->request.len;
}

/* Writes as much as can be without waiting. Never calls back. */
static void
write_request (RtHttpLine *self)
{
  gsize budget = WRITE_BUDGET;

  while (self->asking && !is_written (self) && self->write_error == NULL && budget > 0)
    {
      gsize size = MIN (self->request.len - self->written, budget);
      GOutputVector vector = { self->request.data + self->written, size };
      gssize written = rt_ws_link_write (self->link, &vector, 1, &self->write_error);

      /* A server that answers early and goes makes writes fail while its answer waits to be read. */
      if (written == RT_WS_LINK_FAILED)
        rt_ws_link_again (self->link);
      if (written <= 0)
        break;
      self->written += (gsize) written;
      budget -= (gsize) written;
    }
}

static void
want (RtHttpLine *self)
{
  rt_ws_link_want (self->link, !self->paused || !self->asking,
                   self->asking && !is_written (self) && self->write_error == NULL);
}

static void link_ready_cb (gpointer user_data);

static void
connected_cb (const RtLine *line, gpointer user_data)
{
  g_autoptr (LineRef) self = line_ref (user_data);

  if (line->error != NULL)
    {
      g_autoptr (GError) error = g_error_copy (line->error);
      gboolean tls_refused = line->tls_refused;
      close_connection (self);
      finish (self, error, tls_refused);
      return;
    }
  self->link = rt_ws_link_new (line->stream, line->socket, line->direct, self->context, link_ready_cb, self);
  g_clear_pointer (&self->connector, rt_line_connector_free);
  write_request (self);
  want (self);
  /* For what TLS may have decrypted already, and for telling that the request is written. */
  rt_ws_link_again (self->link);
}

static void
start_connecting (RtHttpLine *self)
{
  self->reused = FALSE;
  self->written = 0;
  self->connector = rt_line_connector_start (self->settings, self->settings->secure ? "https" : "http",
                                             self->context, connected_cb, self);
}

/* --- The answer --- */

/* The answer is complete. */
static void
complete (RtHttpLine *self, const RtWsChunk *chunk)
{
  /* What came behind the answer was not asked for; whose it is nobody knows. */
  if (!self->keep || !is_written (self) || self->input_ended || self->input_left || self->write_error != NULL
      || chunk->pos < chunk->len)
    close_connection (self);
  finish (self, NULL, FALSE);
}

static void
fail_with (RtHttpLine *self, int code, const char *text)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, code, "The answer of %s cannot be used: %s",
                                          self->settings->host_header, text);

  fail (self, error);
}

static gboolean
will_keep (RtHttpLine *self, const RtHttpHead *head)
{
  const char *connection = rt_http_head_get (head, "Connection");

  return head->version != SOUP_HTTP_1_0 && (connection == NULL || !soup_header_contains (connection, "close"));
}

static void
head_arrived (RtHttpLine *self, const RtHttpHead *head)
{
  guint64 serial = self->serial;
  g_autoptr (GError) error = NULL;

  if (head->status < 200)
    {
      self->head.len = 0;
      if (head->status == SOUP_STATUS_SWITCHING_PROTOCOLS || ++self->interim > MAX_INTERIM)
        fail_with (self, RT_ERROR_PROTOCOL, "it switches protocols, or does not come to the point");
      return;
    }
  self->has_head = TRUE;
  rt_buffer_clear (&self->head);
  self->events->head (self->user_data, head);
  if (serial != self->serial)
    return;
  if (!rt_http_body_begin (&self->body, head, &error))
    {
      fail (self, error);
      return;
    }
  self->keep = will_keep (self, head) && !rt_http_body_may_end (&self->body);
}

static void
take_head (RtHttpLine *self, RtWsChunk *chunk)
{
  gsize before = self->head.len;
  gsize taken = MIN (chunk->len - chunk->pos, RT_HTTP_HEAD_MAX - before);
  g_autoptr (RtHttpHead) head = NULL;
  g_autoptr (GError) error = NULL;
  gsize head_len = 0;

  rt_buffer_put (&self->head, chunk->data + chunk->pos, taken);
  switch (rt_http_head_read (self->head.data, self->head.len, &head, &head_len, &error))
    {
    case RT_HTTP_HEAD_MORE:
      chunk->pos += taken;
      break;
    case RT_HTTP_HEAD_DONE:
      chunk->pos += head_len - before;
      head_arrived (self, head);
      break;
    case RT_HTTP_HEAD_BAD:
    default:
      fail (self, error);
      break;
    }
}

/* FALSE if nothing more is to be used in this turn. */
static gboolean
take_body (RtHttpLine *self, RtWsChunk *chunk)
{
  guint64 serial = self->serial;
  gsize used;
  gsize piece;
  RtHttpBodyStatus status =
    rt_http_body_next (&self->body, chunk->data + chunk->pos, chunk->len - chunk->pos, &used, &piece);

  chunk->pos += used;
  switch (status)
    {
    case RT_HTTP_BODY_MORE:
      return FALSE;
    case RT_HTTP_BODY_DONE:
      complete (self, chunk);
      return FALSE;
    case RT_HTTP_BODY_BAD:
      fail_with (self, RT_ERROR_PROTOCOL, self->body.fault);
      return FALSE;
    case RT_HTTP_BODY_PIECE:
    default:
      break;
    }
  self->told = TRUE;
  used = self->events->content (self->user_data, chunk->data + chunk->pos, piece);
  if (serial != self->serial)
    return FALSE;
  rt_http_body_take (&self->body, used);
  chunk->pos += used;
  return used == piece;
}

/* --- One turn --- */

/* One call on a descriptor; through TLS, which gives a record at a time, until there is no more. */
static void
fill_chunk (RtHttpLine *self, RtWsChunk *chunk)
{
  gboolean more = TRUE;

  rt_ws_chunk_prepare (chunk);
  while (more && chunk->len < RT_WS_CHUNK_SIZE)
    {
      gssize got = rt_ws_link_read (self->link, chunk->data + chunk->len, RT_WS_CHUNK_SIZE - chunk->len,
                                    &self->input_error);

      if (got == 0 || got == RT_WS_LINK_FAILED)
        self->input_ended = TRUE;
      more = got > 0 && !rt_ws_link_is_direct (self->link);
      if (got > 0)
        chunk->len += (gsize) got;
    }
  self->input_left = more;
}

/* Uses up what can be. */
static void
use_chunk (RtHttpLine *self, RtWsChunk *chunk)
{
  guint64 serial = self->serial;
  gboolean more = TRUE;

  while (more && serial == self->serial && !self->paused)
    {
      if (self->has_head)
        more = take_body (self, chunk);
      else if (chunk->pos < chunk->len)
        take_head (self, chunk);
      else
        more = FALSE;
    }
}

/* The connection is over, and all that came before is used. */
static void
connection_ended (RtHttpLine *self)
{
  g_autoptr (GError) error = NULL;
  const GError *cause = self->write_error != NULL ? self->write_error : self->input_error;

  if (self->has_head && rt_http_body_may_end (&self->body) && self->input_error == NULL)
    {
      close_connection (self);
      finish (self, NULL, FALSE);
      return;
    }
  if (!self->answered && self->reused && (self->repeatable || !is_written (self)))
    {
      close_connection (self);
      start_connecting (self);
      return;
    }
  error = g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The connection to %s was lost %s: %s",
                       self->settings->host_header,
                       self->answered ? "in the middle of an answer" : "before an answer came",
                       cause != NULL ? cause->message : "the server closed it");
  fail (self, error);
}

/* FALSE if the request has ended meanwhile. */
static gboolean
read_answer (RtHttpLine *self, RtWsChunk *chunk)
{
  guint64 serial = self->serial;
  gboolean fresh = chunk->data == NULL && !self->input_ended;

  if (fresh)
    fill_chunk (self, chunk);
  if (fresh && chunk->len > 0)
    {
      self->answered = TRUE;
      self->events->activity (self->user_data);
    }
  if (serial == self->serial && chunk->pos < chunk->len)
    use_chunk (self, chunk);
  if (serial == self->serial && self->told)
    {
      self->told = FALSE;
      self->events->turn_end (self->user_data);
    }
  return serial == self->serial;
}

static void
go_on (RtHttpLine *self, RtWsChunk *chunk)
{
  gboolean left = chunk->pos < chunk->len;
  gboolean idle = chunk->len == 0;

  if (left)
    {
      self->chunk = *chunk;
      *chunk = (RtWsChunk) { 0 };
    }
  if (self->paused)
    return;
  if (!left && (self->input_ended || (idle && self->write_error != NULL)))
    connection_ended (self);
  else if (left || self->input_left || self->write_error != NULL)
    rt_ws_link_again (self->link);
}

/* Nothing was asked: what comes now, the end or bytes, is the end of this connection. */
static void
watch_idle (RtHttpLine *self)
{
  RtWsChunk chunk = { 0 };

  fill_chunk (self, &chunk);
  if (chunk.len > 0 || self->input_ended)
    close_connection (self);
  rt_ws_chunk_release (&chunk);
}

static void
link_ready_cb (gpointer user_data)
{
  g_autoptr (LineRef) self = line_ref (user_data);
  guint64 serial = self->serial;

  if (!self->asking)
    {
      watch_idle (self);
      return;
    }
  write_request (self);
  if (is_written (self) && !self->was_told)
    {
      self->was_told = TRUE;
      self->events->written (self->user_data);
    }
  if (serial == self->serial && !self->paused)
    {
      RtWsChunk chunk = self->chunk;
      self->chunk = (RtWsChunk) { 0 };
      if (read_answer (self, &chunk))
        go_on (self, &chunk);
      rt_ws_chunk_release (&chunk);
    }
  if (self->link != NULL)
    want (self);
}

/* --- What the owner calls --- */

RtHttpLine *
rt_http_line_new (RtSettings *settings,
                  GMainContext *context,
                  const RtHttpLineEvents *events,
                  gpointer user_data)
{
  RtHttpLine *self = g_new0 (RtHttpLine, 1);

  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->context = g_main_context_ref (context);
  self->events = events;
  self->user_data = user_data;
  return self;
}

void
rt_http_line_ask (RtHttpLine *self, RtBuffer *request, gboolean repeatable)
{
  g_assert (!self->asking);
  self->request = *request;
  *request = (RtBuffer) { 0 };
  self->asking = TRUE;
  self->repeatable = repeatable;
  self->was_told = FALSE;
  self->answered = FALSE;
  self->has_head = FALSE;
  self->told = FALSE;
  self->interim = 0;
  if (self->link == NULL)
    {
      start_connecting (self);
      return;
    }
  self->reused = TRUE;
  write_request (self);
  self->was_told = is_written (self);
  want (self);
}

gboolean
rt_http_line_is_asking (RtHttpLine *self)
{
  return self->asking;
}

gsize
rt_http_line_get_unwritten (RtHttpLine *self)
{
  return self->request.len - self->written;
}

void
rt_http_line_pause (RtHttpLine *self, gboolean paused)
{
  if (self->paused == paused)
    return;
  self->paused = paused;
  if (self->link == NULL)
    return;
  want (self);
  if (!paused)
    rt_ws_link_again (self->link);
}

void
rt_http_line_stop (RtHttpLine *self)
{
  forget_request (self);
  close_connection (self);
}

void
rt_http_line_free (RtHttpLine *self)
{
  if (self == NULL)
    return;
  rt_http_line_stop (self);
  g_clear_pointer (&self->settings, rt_settings_unref);
  line_unref (self);
}
