/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-pings.h"

#include "rt-clock.h"
#include "rt-mask.h"

void
rt_ws_pings_received (RtWsPings *self, const RtWsEvent *ping)
{
  self->pong_due = TRUE;
  self->pong_len = MIN (ping->len, sizeof self->pong_payload);
  if (self->pong_len > 0)
    memcpy (self->pong_payload, ping->data, self->pong_len);
}

gboolean
rt_ws_pings_answer (RtWsPings *self, RtBuffer *urgent)
{
  guint8 mask[4];

  if (!self->pong_due || urgent->len > 0)
    return FALSE;
  self->pong_due = FALSE;
  rt_mask_next (mask);
  rt_ws_put_frame (urgent, RT_WS_PONG, TRUE, mask, self->pong_payload, self->pong_len);
  return TRUE;
}

void
rt_ws_pings_ask (RtWsPings *self, RtBuffer *urgent)
{
  guint8 mask[4];

  if (self->waiting)
    return;
  self->waiting = TRUE;
  self->written = -1;
  self->number++;
  rt_mask_next (mask);
  rt_ws_put_frame (urgent, RT_WS_PING, TRUE, mask, &self->number, sizeof self->number);
}

void
rt_ws_pings_written (RtWsPings *self)
{
  if (self->waiting && self->written < 0)
    self->written = rt_clock_now ();
}

gint64
rt_ws_pings_answered (RtWsPings *self, const RtWsEvent *pong)
{
  if (!self->waiting || self->written < 0 || pong->len != sizeof self->number
      || memcmp (pong->data, &self->number, sizeof self->number) != 0)
    return -1;
  self->waiting = FALSE;
  return rt_clock_now () - self->written;
}
