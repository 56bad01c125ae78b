/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-output.h"

#include "rt-error.h"
#include "rt-stream-private.h"

void
rt_stream_output_init (RtStreamOutput *self)
{
  *self = (RtStreamOutput) { .checksum = g_checksum_new (G_CHECKSUM_SHA256), .opening.size = -1 };
}

void
rt_stream_output_clear (RtStreamOutput *self)
{
  g_clear_pointer (&self->out, rt_stream_out_unref);
  g_checksum_free (self->checksum);
  rt_stream_opening_clear (&self->opening);
}

void
rt_stream_output_open (RtStreamOutput *self, RtStreamOut *out, const RtStreamOpening *opening)
{
  self->out = out;
  self->opening = *opening;
  self->opening.name = g_strdup (opening->name);
  self->opening.content_type = g_strdup (opening->content_type);
}

gboolean
rt_stream_output_is_usable (RtStreamOutput *self, GError **error)
{
  if (self->out != NULL)
    return TRUE;
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                       "A stream comes from a client's start_stream, not from a constructor");
  return FALSE;
}

gboolean
rt_stream_output_check_size (RtStreamOutput *self, gsize count, GError **error)
{
  if (!rt_stream_output_is_usable (self, error))
    return FALSE;
  if (self->opening.size < 0 || count <= (guint64) self->opening.size - self->written)
    return TRUE;
  g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
               "Stream \"%s\" was announced with %" G_GINT64_FORMAT " bytes; %" G_GSIZE_FORMAT
               " more after %" G_GUINT64_FORMAT " are too many",
               self->opening.name, self->opening.size, count, self->written);
  return FALSE;
}

gboolean
rt_stream_output_check_complete (RtStreamOutput *self, GError **error)
{
  if (self->opening.size < 0 || self->written == (guint64) self->opening.size)
    return TRUE;
  g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
               "Stream \"%s\" was announced with %" G_GINT64_FORMAT " bytes and closed after %" G_GUINT64_FORMAT,
               self->opening.name, self->opening.size, self->written);
  return FALSE;
}

/* --- Calls --- */

void
rt_stream_output_init_call (RtStreamOutput *self, RtStreamCall *call, const RtStreamCallClass *klass, gpointer stream)
{
  GMutex *lock = rt_streams_get_lock (rt_stream_out_get_streams (self->out));

  *call = (RtStreamCall) { .klass = klass, .stream = stream, .lock = lock };
  call->waits = rt_stream_out_get_waits (self->out);
}

static int
attempt_write (RtStreamCall *call, GError **error)
{
  RtStreamOutput *self = rt_stream_get_output (call->stream);

  call->result = rt_stream_out_write (self->out, call->bytes, call->len, error);
  return call->result > 0 ? 1 : (int) call->result;
}

static gssize
finish_write (RtStreamCall *call, GError **error)
{
  RtStreamOutput *self = rt_stream_get_output (call->stream);

  g_checksum_update (self->checksum, call->bytes, call->result);
  self->written += (guint64) call->result;
  return call->result;
}

static const RtStreamCallClass write_class = { .attempt = attempt_write, .finish = finish_write };

void
rt_stream_output_init_write (RtStreamOutput *self, RtStreamCall *call, gpointer stream, const void *buffer, gsize count)
{
  rt_stream_output_init_call (self, call, &write_class, stream);
  call->bytes = (guint8 *) buffer;
  call->len = count;
}

static int
attempt_flush (RtStreamCall *call, GError **error)
{
  call->result = 1;
  return rt_stream_out_flush (rt_stream_get_output (call->stream)->out, error);
}

static const RtStreamCallClass flush_class = { .attempt = attempt_flush };

void
rt_stream_output_init_flush (RtStreamOutput *self, RtStreamCall *call, gpointer stream)
{
  rt_stream_output_init_call (self, call, &flush_class, stream);
}
