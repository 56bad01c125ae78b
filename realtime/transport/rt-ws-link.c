/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MAX_VECTORS 3
#define DRAIN_SIZE (16 * 1024)
#define DRAIN_ROUNDS 64

/* GLib's own descriptor source writes to the context's wake-up descriptor twice in each dispatch unless it may
 * recurse; so this one may, and guards itself. */
typedef struct
{
  GSource source;
  RtWsLinkFunc func;
  gpointer user_data;
  int fd;
  gpointer tag; /* NULL while nothing is waited for: a hung-up descriptor is ready all the time */
  GIOCondition wanted;
  gboolean again;
  gboolean running;
} LinkSource;

struct _RtWsLink
{
  GIOStream *stream;
  GSocket *socket;
  gboolean direct;
  int fd;
  gsize retry_size; /* TLS: the size of the write that has to be repeated, else 0 */
  LinkSource *source;
};

static gboolean
is_ready (LinkSource *self)
{
  if (self->running)
    return FALSE;
  return self->again || (self->tag != NULL && g_source_query_unix_fd (&self->source, self->tag) != 0);
}

static gboolean
link_source_prepare (GSource *source, int *timeout)
{
  LinkSource *self = (LinkSource *) source;

  *timeout = -1;
  return self->again && !self->running;
}

static gboolean
link_source_check (GSource *source)
{
  return is_ready ((LinkSource *) source);
}

static gboolean
link_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  LinkSource *self = (LinkSource *) source;

  if (self->running)
    return G_SOURCE_CONTINUE;
  self->again = FALSE;
  self->running = TRUE;
  self->func (self->user_data); /* may free the link; the source lives on until this returns */
  self->running = FALSE;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs link_source_funcs = {
  link_source_prepare, link_source_check, link_source_dispatch, NULL, NULL, NULL,
};

RtWsLink *
rt_ws_link_new (GIOStream *stream, GSocket *socket, gboolean direct, GMainContext *context, RtWsLinkFunc func,
                gpointer user_data)
{
  RtWsLink *self = g_new0 (RtWsLink, 1);
  GSource *source = g_source_new (&link_source_funcs, sizeof (LinkSource));

  self->stream = g_object_ref (stream);
  self->socket = g_object_ref (socket);
  self->direct = direct;
  self->fd = g_socket_get_fd (socket);
  self->source = (LinkSource *) source;
  self->source->func = func;
  self->source->user_data = user_data;
  self->source->fd = self->fd;
  g_source_set_static_name (source, "[realtime] websocket");
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return self;
}

static void
drain_input (RtWsLink *self)
{
  guint8 rubbish[DRAIN_SIZE];

  shutdown (self->fd, SHUT_WR);
  for (guint i = 0; i < DRAIN_ROUNDS; i++)
    if (recv (self->fd, rubbish, sizeof rubbish, MSG_DONTWAIT) < DRAIN_SIZE)
      return;
}

void
rt_ws_link_free (RtWsLink *self, gboolean drain)
{
  if (self == NULL)
    return;
  g_source_destroy (&self->source->source);
  g_source_unref (&self->source->source);
  if (drain)
    drain_input (self);
  /* The socket first: a TLS stream that goes would otherwise try to say so, and might wait. */
  g_socket_close (self->socket, NULL);
  g_object_unref (self->stream);
  g_object_unref (self->socket);
  g_free (self);
}

gboolean
rt_ws_link_is_direct (RtWsLink *self)
{
  return self->direct;
}

static gssize
fail_errno (int code, GError **error)
{
  if (code == EAGAIN || code == EWOULDBLOCK)
    return RT_WS_LINK_AGAIN;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
  return RT_WS_LINK_FAILED;
}

static gssize
fail_stream (GError *cause, GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_error_free (cause);
      return RT_WS_LINK_AGAIN;
    }
  g_propagate_error (error, cause);
  return RT_WS_LINK_FAILED;
}

gssize
rt_ws_link_read (RtWsLink *self, guint8 *buffer, gsize len, GError **error)
{
  GError *cause = NULL;
  gssize got;

  if (self->direct)
    {
      do
        got = recv (self->fd, buffer, len, MSG_DONTWAIT);
      while (got < 0 && errno == EINTR);
      return got >= 0 ? got : fail_errno (errno, error);
    }

  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
  got = g_pollable_input_stream_read_nonblocking (input, buffer, len, NULL, &cause);
  return got >= 0 ? got : fail_stream (cause, error);
}

static gssize
write_direct (RtWsLink *self, const GOutputVector *vectors, guint n_vectors, GError **error)
{
  struct iovec parts[MAX_VECTORS];
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_vectors };
  gssize written;

  g_assert (n_vectors <= MAX_VECTORS);
  for (guint i = 0; i < n_vectors; i++)
    parts[i] = (struct iovec) { (void *) vectors[i].buffer, vectors[i].size };
  do
    written = sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (written < 0 && errno == EINTR);
  return written >= 0 ? written : fail_errno (errno, error);
}

gssize
rt_ws_link_write (RtWsLink *self, const GOutputVector *vectors, guint n_vectors, GError **error)
{
  if (self->direct)
    return write_direct (self, vectors, n_vectors, error);

  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));
  gsize size = self->retry_size != 0 ? self->retry_size : MIN (vectors[0].size, RT_WS_LINK_RECORD);
  GError *cause = NULL;
  gssize written = g_pollable_output_stream_write_nonblocking (output, vectors[0].buffer, size, NULL, &cause);

  self->retry_size = 0;
  if (written >= 0)
    return written;
  gssize result = fail_stream (cause, error);
  if (result == RT_WS_LINK_AGAIN)
    self->retry_size = size;
  return result;
}

void
rt_ws_link_want (RtWsLink *self, gboolean read, gboolean write)
{
  LinkSource *source = self->source;
  GIOCondition wanted = (read ? G_IO_IN : 0) | (write ? G_IO_OUT : 0);

  if (wanted == source->wanted)
    return;
  source->wanted = wanted;
  if (wanted == 0)
    g_source_remove_unix_fd (&source->source, g_steal_pointer (&source->tag));
  else if (source->tag == NULL)
    source->tag = g_source_add_unix_fd (&source->source, source->fd, wanted);
  else
    g_source_modify_unix_fd (&source->source, source->tag, wanted);
}

void
rt_ws_link_again (RtWsLink *self)
{
  self->source->again = TRUE;
}
