/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-outbound.h"

typedef struct
{
  guint64 end; /* on the scale of sent */
  gsize size;
} LargeFrame;

void
rt_mock_outbound_init (RtMockOutbound *self)
{
  *self = (RtMockOutbound) { 0 };
  g_queue_init (&self->large);
}

void
rt_mock_outbound_clear (RtMockOutbound *self)
{
  g_queue_clear_full (&self->large, g_free);
}

/* RFC 6455 section 5.2, from a server: without a mask. */
static gsize
get_frame_size (gsize payload)
{
  return payload + (payload < 126 ? 2 : payload < 65536 ? 4 : 10);
}

void
rt_mock_outbound_add_frame (RtMockOutbound *self, gsize payload)
{
  rt_mock_outbound_add (self, payload, get_frame_size (payload));
}

void
rt_mock_outbound_add (RtMockOutbound *self, gsize payload, gsize size)
{
  self->sent += size;
  if (payload <= RT_MOCK_OUTBOUND_LARGE_FRAME)
    return;
  LargeFrame *frame = g_new (LargeFrame, 1);
  *frame = (LargeFrame) { self->sent, size };
  g_queue_push_tail (&self->large, frame);
  self->large_bytes += size;
}

gboolean
rt_mock_outbound_is_over (RtMockOutbound *self, guint64 written)
{
  LargeFrame *oldest;

  /* Control frames, which libsoup sends of itself, are in what was written alone. */
  self->sent = MAX (self->sent, written);
  while ((oldest = g_queue_peek_head (&self->large)) != NULL && oldest->end <= written)
    {
      self->large_bytes -= oldest->size;
      g_free (g_queue_pop_head (&self->large));
    }
  /* One that is partly written counts as if it were not. */
  return self->sent - written > RT_MOCK_OUTBOUND_MAX + self->large_bytes ||
         self->large_bytes > RT_MOCK_OUTBOUND_MAX_LARGE;
}
