/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-budget-stream.h"

/* --- Input --- */

#define RT_TYPE_BUDGET_INPUT (rt_budget_input_get_type ())
G_DECLARE_FINAL_TYPE (RtBudgetInput, rt_budget_input, RT, BUDGET_INPUT, GInputStream)

struct _RtBudgetInput
{
  GInputStream parent_instance;
  RtBudgetLine *line;
};

static void rt_budget_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtBudgetInput,
                               rt_budget_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      rt_budget_input_pollable_init))

static gssize
rt_budget_input_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return rt_budget_line_read (RT_BUDGET_INPUT (stream)->line, buffer, count, TRUE, cancellable, error);
}

static gboolean
rt_budget_input_is_readable (GPollableInputStream *stream)
{
  return rt_budget_line_is_ready (RT_BUDGET_INPUT (stream)->line, G_IO_IN);
}

static GSource *
rt_budget_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  return rt_budget_line_create_source (RT_BUDGET_INPUT (stream)->line, G_OBJECT (stream), G_IO_IN, cancellable);
}

static gssize
rt_budget_input_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  return rt_budget_line_read (RT_BUDGET_INPUT (stream)->line, buffer, count, FALSE, NULL, error);
}

static void
rt_budget_input_finalize (GObject *object)
{
  rt_budget_line_unref (RT_BUDGET_INPUT (object)->line);
  G_OBJECT_CLASS (rt_budget_input_parent_class)->finalize (object);
}

static void
rt_budget_input_class_init (RtBudgetInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_budget_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = rt_budget_input_read;
}

static void
rt_budget_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = rt_budget_input_is_readable;
  iface->create_source = rt_budget_input_create_source;
  iface->read_nonblocking = rt_budget_input_read_nonblocking;
}

static void
rt_budget_input_init (RtBudgetInput *self)
{
}

/* --- Output --- */

#define RT_TYPE_BUDGET_OUTPUT (rt_budget_output_get_type ())
G_DECLARE_FINAL_TYPE (RtBudgetOutput, rt_budget_output, RT, BUDGET_OUTPUT, GOutputStream)

struct _RtBudgetOutput
{
  GOutputStream parent_instance;
  RtBudgetLine *line;
};

static void rt_budget_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtBudgetOutput,
                               rt_budget_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      rt_budget_output_pollable_init))

static gssize
rt_budget_output_write (GOutputStream *stream,
                        const void *buffer,
                        gsize count,
                        GCancellable *cancellable,
                        GError **error)
{
  return rt_budget_line_write (RT_BUDGET_OUTPUT (stream)->line, buffer, count, TRUE, cancellable, error);
}

static gboolean
rt_budget_output_is_writable (GPollableOutputStream *stream)
{
  return rt_budget_line_is_ready (RT_BUDGET_OUTPUT (stream)->line, G_IO_OUT);
}

static GSource *
rt_budget_output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return rt_budget_line_create_source (RT_BUDGET_OUTPUT (stream)->line, G_OBJECT (stream), G_IO_OUT, cancellable);
}

static gssize
rt_budget_output_write_nonblocking (GPollableOutputStream *stream,
                                    const void *buffer,
                                    gsize count,
                                    GError **error)
{
  return rt_budget_line_write (RT_BUDGET_OUTPUT (stream)->line, buffer, count, FALSE, NULL, error);
}

static void
rt_budget_output_finalize (GObject *object)
{
  rt_budget_line_unref (RT_BUDGET_OUTPUT (object)->line);
  G_OBJECT_CLASS (rt_budget_output_parent_class)->finalize (object);
}

static void
rt_budget_output_class_init (RtBudgetOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_budget_output_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = rt_budget_output_write;
}

static void
rt_budget_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = rt_budget_output_is_writable;
  iface->create_source = rt_budget_output_create_source;
  iface->write_nonblocking = rt_budget_output_write_nonblocking;
}

static void
rt_budget_output_init (RtBudgetOutput *self)
{
}

/* --- Both --- */

struct _RtBudgetStream
{
  GIOStream parent_instance;
  RtBudgetLine *line;
  GInputStream *input;
  GOutputStream *output;
};

G_DEFINE_FINAL_TYPE (RtBudgetStream, rt_budget_stream, G_TYPE_IO_STREAM)

static GInputStream *
rt_budget_stream_get_input_stream (GIOStream *stream)
{
  return RT_BUDGET_STREAM (stream)->input;
}

static GOutputStream *
rt_budget_stream_get_output_stream (GIOStream *stream)
{
  return RT_BUDGET_STREAM (stream)->output;
}

static gboolean
rt_budget_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  rt_budget_line_close (RT_BUDGET_STREAM (stream)->line, FALSE);
  return TRUE;
}

/* The class of GIOStream would do this in a thread of GIO's pool. */
static void
rt_budget_stream_close_async (GIOStream *stream,
                              int io_priority,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, NULL, callback, user_data);

  g_task_set_source_tag (task, rt_budget_stream_close_async);
  g_task_set_priority (task, io_priority);
  rt_budget_line_close (RT_BUDGET_STREAM (stream)->line, FALSE);
  g_task_return_boolean (task, TRUE);
}

static gboolean
rt_budget_stream_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
rt_budget_stream_finalize (GObject *object)
{
  RtBudgetStream *self = RT_BUDGET_STREAM (object);

  g_object_unref (self->input);
  g_object_unref (self->output);
  rt_budget_line_unref (self->line);
  G_OBJECT_CLASS (rt_budget_stream_parent_class)->finalize (object);
}

static void
rt_budget_stream_class_init (RtBudgetStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = rt_budget_stream_finalize;
  stream_class->get_input_stream = rt_budget_stream_get_input_stream;
  stream_class->get_output_stream = rt_budget_stream_get_output_stream;
  stream_class->close_fn = rt_budget_stream_close;
  stream_class->close_async = rt_budget_stream_close_async;
  stream_class->close_finish = rt_budget_stream_close_finish;
}

static void
rt_budget_stream_init (RtBudgetStream *self)
{
}

GIOStream *
rt_budget_stream_new (RtBudgetLine *line)
{
  RtBudgetStream *self = g_object_new (RT_TYPE_BUDGET_STREAM, NULL);
  RtBudgetInput *input = g_object_new (RT_TYPE_BUDGET_INPUT, NULL);
  RtBudgetOutput *output = g_object_new (RT_TYPE_BUDGET_OUTPUT, NULL);

  input->line = rt_budget_line_ref (line);
  output->line = rt_budget_line_ref (line);
  self->line = rt_budget_line_ref (line);
  self->input = G_INPUT_STREAM (input);
  self->output = G_OUTPUT_STREAM (output);
  return G_IO_STREAM (self);
}

RtBudgetLine *
rt_budget_stream_get_line (RtBudgetStream *self)
{
  return self->line;
}
