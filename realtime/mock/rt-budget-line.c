/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-budget-line.h"

#include <sys/socket.h>

struct _RtBudgetLine
{
  guint refs;
  GSocketConnection *connection;
  GSocket *socket; /* borrowed from connection */
  RtBudgetLineClosedFunc closed_func;
  gpointer user_data;

  gsize left;        /* bytes that may still be read in this dispatch, */
  guint messages;    /* and messages that may still be delivered */
  gsize undelivered; /* bytes read since the last delivered message */
  guint64 written;
  gboolean closed;
  gboolean paused;
  gboolean clogged; /* the last write did not fit */
  GList *sources;   /* borrowed; live ones */
};

typedef struct
{
  GSource source;
  RtBudgetLine *line;
  GObject *stream;
  GIOCondition condition;
  gpointer poll_tag; /* NULL while nothing is polled */
  GList link;
} LineSource;

static gboolean
may_poll (RtBudgetLine *self, GIOCondition condition)
{
  if (self->closed)
    return FALSE;
  return condition != G_IO_IN || !(self->paused || self->clogged);
}

/* A descriptor that is not wanted is taken out of the poll wholly: a hang-up would be reported anyway, and the
 * loop would spin on it. */
static void
update_source (LineSource *source)
{
  gboolean wanted = may_poll (source->line, source->condition);

  if (wanted && source->poll_tag == NULL)
    {
      int fd = g_socket_get_fd (source->line->socket);
      source->poll_tag = g_source_add_unix_fd (&source->source, fd, source->condition);
    }
  else if (!wanted && source->poll_tag != NULL)
    {
      g_source_remove_unix_fd (&source->source, g_steal_pointer (&source->poll_tag));
    }
  if (source->line->closed)
    g_source_set_ready_time (&source->source, 0);
}

static void
update_sources (RtBudgetLine *self)
{
  for (GList *l = self->sources; l != NULL; l = l->next)
    {
      LineSource *source = l->data;
      if (!g_source_is_destroyed (&source->source))
        update_source (source);
    }
}

static void
begin_ration (RtBudgetLine *self)
{
  self->left = RT_BUDGET_LINE_PER_DISPATCH;
  self->messages = RT_BUDGET_LINE_MESSAGES_PER_DISPATCH;
}

static gboolean
line_source_dispatch (GSource *base, GSourceFunc callback, gpointer user_data)
{
  LineSource *source = (LineSource *) base;
  GPollableSourceFunc func = (GPollableSourceFunc) G_CALLBACK (callback);

  if (source->condition == G_IO_IN)
    begin_ration (source->line);
  return func (source->stream, user_data);
}

static void
line_source_finalize (GSource *base)
{
  LineSource *source = (LineSource *) base;

  source->line->sources = g_list_remove_link (source->line->sources, &source->link);
  rt_budget_line_unref (source->line);
  g_object_unref (source->stream);
}

/* Lets g_source_set_dummy_callback () and closures work, as for GIO's own pollable sources. */
static gboolean
line_source_closure_cb (GObject *stream, gpointer user_data)
{
  g_auto (GValue) result = G_VALUE_INIT;
  g_auto (GValue) param = G_VALUE_INIT;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_value_init (&param, G_TYPE_OBJECT);
  g_value_set_object (&param, stream);
  g_closure_invoke (user_data, &result, 1, &param, NULL);
  return g_value_get_boolean (&result);
}

static GSourceFuncs line_source_funcs = {
  NULL,
  NULL,
  line_source_dispatch,
  line_source_finalize,
  (GSourceFunc) (void (*) (void)) line_source_closure_cb,
  NULL,
};

GSource *
rt_budget_line_create_source (RtBudgetLine *self,
                              GObject *stream,
                              GIOCondition condition,
                              GCancellable *cancellable)
{
  GSource *base = g_source_new (&line_source_funcs, sizeof (LineSource));
  LineSource *source = (LineSource *) base;

  g_source_set_static_name (base, condition == G_IO_IN ? "[realtime] line in" : "[realtime] line out");
  source->line = rt_budget_line_ref (self);
  source->stream = g_object_ref (stream);
  source->condition = condition;
  source->link.data = source;
  self->sources = g_list_concat (&source->link, self->sources);
  update_source (source);

  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);
      g_source_set_dummy_callback (child);
      g_source_add_child_source (base, child);
    }
  return base;
}

RtBudgetLine *
rt_budget_line_new (GSocketConnection *connection, RtBudgetLineClosedFunc closed, gpointer user_data)
{
  RtBudgetLine *self = g_new0 (RtBudgetLine, 1);

  self->refs = 1;
  self->connection = g_object_ref (connection);
  self->socket = g_socket_connection_get_socket (connection);
  self->closed_func = closed;
  self->user_data = user_data;
  begin_ration (self);
  return self;
}

RtBudgetLine *
rt_budget_line_ref (RtBudgetLine *self)
{
  self->refs++;
  return self;
}

void
rt_budget_line_unref (RtBudgetLine *self)
{
  if (--self->refs > 0)
    return;
  g_object_unref (self->connection);
  g_free (self);
}

static gboolean
check_open (RtBudgetLine *self, GError **error)
{
  if (self->closed)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The connection is closed");
  return !self->closed;
}

static gboolean
check_budget (RtBudgetLine *self, GError **error)
{
  if (self->left == 0 || !may_poll (self, G_IO_IN))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "The turn of this connection is over");
      return FALSE;
    }
  if (self->undelivered >= RT_BUDGET_LINE_UNDELIVERED)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                   "The peer sent %" G_GSIZE_FORMAT " bytes that made up no message", self->undelivered);
      return FALSE;
    }
  return TRUE;
}

gssize
rt_budget_line_read (RtBudgetLine *self,
                     void *buffer,
                     gsize count,
                     gboolean blocking,
                     GCancellable *cancellable,
                     GError **error)
{
  if (!check_open (self, error) || !check_budget (self, error))
    return -1;

  gssize got = g_socket_receive_with_blocking (self->socket, buffer, MIN (count, self->left), blocking,
                                               cancellable, error);
  if (got > 0)
    {
      self->left -= got;
      self->undelivered += got;
    }
  return got;
}

static void
set_clogged (RtBudgetLine *self, gboolean clogged)
{
  if (self->clogged == clogged)
    return;
  self->clogged = clogged;
  update_sources (self);
}

gssize
rt_budget_line_write (RtBudgetLine *self,
                      const void *buffer,
                      gsize count,
                      gboolean blocking,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!check_open (self, error))
    return -1;

  gssize put = g_socket_send_with_blocking (self->socket, buffer, count, blocking, cancellable, &failure);
  if (put >= 0)
    {
      self->written += put;
      set_clogged (self, FALSE);
      return put;
    }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    set_clogged (self, TRUE);
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}

gboolean
rt_budget_line_is_ready (RtBudgetLine *self, GIOCondition condition)
{
  if (self->closed)
    return TRUE;
  return may_poll (self, condition) && g_socket_condition_check (self->socket, condition) != 0;
}

void
rt_budget_line_delivered (RtBudgetLine *self)
{
  self->undelivered = 0;
  if (self->messages > 0 && --self->messages == 0)
    self->left = 0;
}

void
rt_budget_line_set_paused (RtBudgetLine *self, gboolean paused)
{
  if (self->paused == paused)
    return;
  self->paused = paused;
  update_sources (self);
}

guint64
rt_budget_line_get_written (RtBudgetLine *self)
{
  return self->written;
}

gpointer
rt_budget_line_get_user_data (RtBudgetLine *self)
{
  return self->user_data;
}

void
rt_budget_line_close (RtBudgetLine *self, gboolean reset)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  /* Before the descriptor goes and another connection gets its number. */
  update_sources (self);
  if (reset)
    {
      struct linger none = { .l_onoff = 1, .l_linger = 0 };
      setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  self->closed_func (self->user_data);
}
