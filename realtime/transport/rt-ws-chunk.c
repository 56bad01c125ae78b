/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-chunk.h"

static GPrivate spare_key = G_PRIVATE_INIT (g_free);

void
rt_ws_chunk_prepare (RtWsChunk *self)
{
  g_assert (self->data == NULL);
  self->data = g_private_get (&spare_key);
  /* Not to be found by another connection that reads inside a callback of this one. */
  g_private_set (&spare_key, NULL);
  if (self->data == NULL)
    self->data = g_malloc (RT_WS_CHUNK_SIZE);
  self->pos = 0;
  self->len = 0;
}

void
rt_ws_chunk_release (RtWsChunk *self)
{
  guint8 *data = g_steal_pointer (&self->data);

  if (data == NULL)
    return;
  if (g_private_get (&spare_key) == NULL)
    g_private_set (&spare_key, data);
  else
    g_free (data);
}
