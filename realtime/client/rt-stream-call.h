/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-stream-waits.h"

G_BEGIN_DECLS

/* One call on a stream that may have to wait: in the caller's thread, which needs no main loop, or in its context. What
 * was cancelled has not happened. */

typedef struct _RtStreamCall RtStreamCall;

typedef struct
{
  /* With the lock held: 1 when it is done, 0 if not yet, -1 with an error. */
  int    (*attempt) (RtStreamCall *call, GError **error);
  /* Then, without it: the result, -1 with an error. */
  gssize (*finish)  (RtStreamCall *call, GError **error);
  /* Nullable; without the lock: it was cancelled while it waited. */
  void   (*cancelled) (RtStreamCall *call);
} RtStreamCallClass;

struct _RtStreamCall
{
  const RtStreamCallClass *klass;
  gpointer stream; /* the object */
  GMutex *lock;
  RtStreamWaits *waits;
  guint8 *bytes;
  gsize len;
  gssize result;
  const char *sum;
};

/* -1 with an error. */
gssize rt_stream_call_wait   (const RtStreamCall  *call,
                              GCancellable        *cancellable,
                              GError             **error);
/* Copies *call; the stream is kept by the task. */
void   rt_stream_call_begin  (const RtStreamCall  *call,
                              gpointer             source_tag,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data);
/* There is nothing to wait for: it ends with @result, or with @error, which is taken. */
void   rt_stream_call_return (gpointer             stream,
                              gpointer             source_tag,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data,
                              gssize               result,
                              GError              *error);
gssize rt_stream_call_finish (gpointer             stream,
                              GAsyncResult        *result,
                              gpointer             source_tag,
                              GError             **error);

G_END_DECLS
