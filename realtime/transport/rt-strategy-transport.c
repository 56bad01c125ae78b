/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-strategy-adapter-private.h"

#include "rt-error.h"
#include "rt-ws-codec.h"

#define UP_BUDGET 256

/* Everything in the I/O thread, but freed with the last reference on the queue up, wherever that is let go. */
typedef struct
{
  RtTransport parent;
  RtHandover *up; /* NULL once freed */
  RtHandover *down;
  const RtTransportEvents *events;
  gpointer user_data;

  gboolean was_open;
  gboolean ended; /* closed was reported, or the owner has freed it */
  gboolean closing;
  guint own_code; /* of close () */
  char *own_reason;

  gsize queued; /* bytes that the strategy has not finished with */

  gboolean paused;
  gboolean received; /* since the last turn_end */
  GQueue held;       /* of RtStrategyItem, RECEIVED and at last ENDED: what has come and was not reported */
  gsize held_bytes;
  gsize held_limit;
} StrategyTransport;

/* --- Items --- */

RtStrategyItem *
rt_strategy_item_new (RtStrategyItemKind kind, RtHandover *up)
{
  RtStrategyItem *item = g_new0 (RtStrategyItem, 1);

  item->kind = kind;
  item->up = up != NULL ? rt_handover_ref (up) : NULL;
  return item;
}

void
rt_strategy_item_free (RtStrategyItem *item)
{
  g_clear_pointer (&item->up, rt_handover_unref);
  g_clear_pointer (&item->bytes, g_bytes_unref);
  g_clear_error (&item->error);
  g_free (item->reason);
  g_free (item);
}

void
rt_strategy_item_drop (RtHandoverItem *base, gpointer user_data)
{
  rt_strategy_item_free ((RtStrategyItem *) base);
}

static void
push_down (StrategyTransport *self, RtStrategyItemKind kind)
{
  rt_handover_push (self->down, &rt_strategy_item_new (kind, self->up)->base);
}

/* --- The end --- */

static void
clear_held (StrategyTransport *self)
{
  RtStrategyItem *item;

  while ((item = g_queue_pop_head (&self->held)) != NULL)
    rt_strategy_item_free (item);
  self->held_bytes = 0;
}

/* The one place that reports closed. */
static void
finish (StrategyTransport *self, const RtTransportEnd *end)
{
  self->ended = TRUE;
  self->queued = 0;
  clear_held (self);
  self->events->closed (self->user_data, end);
}

/* This end has had enough of the connection. */
static void
give_up (StrategyTransport *self, guint code, const GError *error)
{
  RtTransportEnd end = {
    .code = code, .reason = "", .error = error, .retry_after = -1, .was_open = self->was_open,
  };

  push_down (self, RT_STRATEGY_ABORT);
  finish (self, &end);
}

static void
finish_item (StrategyTransport *self, const RtStrategyItem *item)
{
  g_autofree char *own_reason = g_strdup (self->own_reason);
  RtTransportEnd end = {
    .code = item->code,
    .reason = item->reason != NULL ? item->reason : "",
    .clean = item->clean,
    .error = item->error,
    .http_status = item->http_status,
    .retry_after = -1,
    .tls_refused = item->tls_refused,
    .was_open = self->was_open,
  };

  /* However it came: it was asked for. */
  if (self->closing)
    end = (RtTransportEnd) {
      .code = self->own_code,
      .reason = own_reason,
      .clean = item->clean,
      .retry_after = -1,
      .was_open = self->was_open,
    };
  finish (self, &end);
}

/* --- What comes up --- */

/* Reports what has come, in order, until reading is paused. */
static void
report_held (StrategyTransport *self, guint *budget)
{
  while (!self->ended && !self->paused && *budget > 0 && !g_queue_is_empty (&self->held))
    {
      RtStrategyItem *item = g_queue_pop_head (&self->held);
      gsize len = 0;
      const guint8 *data = item->bytes != NULL ? g_bytes_get_data (item->bytes, &len) : NULL;

      *budget -= 1;
      self->held_bytes -= len;
      if (item->kind == RT_STRATEGY_RECEIVED)
        {
          self->received = TRUE;
          self->events->received (self->user_data, data != NULL ? data : (const guint8 *) "", len);
        }
      else
        finish_item (self, item);
      rt_strategy_item_free (item);
    }
  if (!self->ended && !self->paused && !g_queue_is_empty (&self->held))
    rt_handover_push (self->up, &rt_strategy_item_new (RT_STRATEGY_RESUME, NULL)->base);
}

/* FALSE if the connection was given up for it. */
static gboolean
check_frame (StrategyTransport *self, gsize len)
{
  g_autoptr (GError) error = NULL;

  if (len > RT_SETTINGS_MAX_FRAME)
    error = g_error_new (RT_ERROR, RT_ERROR_TOO_LARGE,
                         "The strategy brought a frame of %" G_GSIZE_FORMAT " bytes, and the limit is %d", len,
                         RT_SETTINGS_MAX_FRAME);
  else if (self->paused && self->held_bytes > 0 && self->held_bytes + len > self->held_limit)
    error = g_error_new (RT_ERROR, RT_ERROR_QUEUE_FULL,
                         "The program takes messages more slowly than its strategy brings them: %" G_GSIZE_FORMAT
                         " bytes wait, and the limit is %" G_GSIZE_FORMAT "; the connection was given up",
                         self->held_bytes + len, self->held_limit);
  else
    return TRUE;
  give_up (self, len > RT_SETTINGS_MAX_FRAME ? RT_WS_CLOSE_TOO_LARGE : RT_WS_CLOSE_ABNORMAL, error);
  return FALSE;
}

/* Takes @item. */
static void
hold (StrategyTransport *self, RtStrategyItem *item)
{
  gsize len = item->bytes != NULL ? g_bytes_get_size (item->bytes) : 0;

  if (item->kind == RT_STRATEGY_RECEIVED)
    self->events->activity (self->user_data);
  if (self->ended || !check_frame (self, len))
    {
      rt_strategy_item_free (item);
      return;
    }
  self->held_bytes += len;
  g_queue_push_tail (&self->held, item);
}

static void
handle_sent (StrategyTransport *self, gsize size)
{
  self->queued -= MIN (size, self->queued);
  if (self->queued == 0)
    self->events->drained (self->user_data);
}

static gboolean
handle_up (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  StrategyTransport *self = user_data;
  g_autoptr (RtStrategyItem) item = (RtStrategyItem *) base;

  if (self->ended)
    return TRUE;
  switch (item->kind)
    {
    case RT_STRATEGY_OPENED:
      *budget -= 1;
      self->was_open = TRUE;
      self->events->opened (self->user_data, item->profile);
      break;
    case RT_STRATEGY_SENT:
      *budget -= 1;
      handle_sent (self, item->size);
      break;
    case RT_STRATEGY_RECEIVED:
    case RT_STRATEGY_ENDED:
      hold (self, g_steal_pointer (&item));
      report_held (self, budget);
      break;
    case RT_STRATEGY_RESUME:
      report_held (self, budget);
      break;
    case RT_STRATEGY_OPEN:
    case RT_STRATEGY_SEND:
    case RT_STRATEGY_CLOSE:
    case RT_STRATEGY_ABORT:
    case RT_STRATEGY_RELEASE:
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

static void
up_turn_end (gpointer user_data)
{
  StrategyTransport *self = user_data;

  if (!self->received || self->ended)
    return;
  self->received = FALSE;
  self->events->turn_end (self->user_data);
}

static const RtHandoverClass up_class = {
  .name = "[realtime] strategy adapter up",
  .priority = G_PRIORITY_DEFAULT,
  .budget = UP_BUDGET,
  .handle = handle_up,
  .turn_end = up_turn_end,
  .drop = rt_strategy_item_drop,
};

/* --- The table --- */

static RtTransport *
strategy_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
               gpointer user_data)
{
  StrategyTransport *self = g_new0 (StrategyTransport, 1);

  self->parent.klass = rt_strategy_adapter_transport ();
  self->events = events;
  self->user_data = user_data;
  self->held_limit = 2 * (gsize) settings->receive_queue_bytes;
  self->down = rt_handover_ref (rt_strategy_adapter_get_down (source));
  self->up = rt_handover_new (context, &up_class, self, g_free);
  push_down (self, RT_STRATEGY_OPEN);
  return &self->parent;
}

static void
strategy_send (RtTransport *transport, const guint8 *data, gsize len)
{
  StrategyTransport *self = (StrategyTransport *) transport;

  if (!self->was_open || self->ended || self->closing)
    return;
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_SEND, self->up);
  item->bytes = g_bytes_new (data, len);
  self->queued += len;
  rt_handover_push (self->down, &item->base);
}

/* Each message is on its way already. */
static void
strategy_flush (RtTransport *transport)
{
}

static gsize
strategy_get_queued (RtTransport *transport)
{
  return ((StrategyTransport *) transport)->queued;
}

static gboolean
strategy_ping (RtTransport *transport)
{
  return FALSE;
}

static void
strategy_pause (RtTransport *transport, gboolean paused)
{
  StrategyTransport *self = (StrategyTransport *) transport;

  self->paused = paused;
  if (!paused && !self->ended && !g_queue_is_empty (&self->held))
    rt_handover_push (self->up, &rt_strategy_item_new (RT_STRATEGY_RESUME, NULL)->base);
}

static void
strategy_close (RtTransport *transport, guint code, const char *reason)
{
  StrategyTransport *self = (StrategyTransport *) transport;

  if (self->closing || self->ended)
    return;
  self->closing = TRUE;
  self->own_code = code;
  self->own_reason = g_strdup (reason != NULL ? reason : "");
  push_down (self, RT_STRATEGY_CLOSE);
}

static void
strategy_abort (RtTransport *transport, const GError *error)
{
  StrategyTransport *self = (StrategyTransport *) transport;

  if (!self->ended)
    give_up (self, self->closing ? self->own_code : RT_WS_CLOSE_ABNORMAL, error);
}

static void
strategy_free (RtTransport *transport)
{
  StrategyTransport *self = (StrategyTransport *) transport;
  g_autoptr (RtHandover) up = self->up;

  if (!self->ended)
    push_down (self, RT_STRATEGY_ABORT);
  self->ended = TRUE;
  clear_held (self);
  g_clear_pointer (&self->down, rt_handover_unref);
  g_clear_pointer (&self->own_reason, g_free);
  rt_handover_close (up);
}

const RtTransportClass *
rt_strategy_adapter_transport (void)
{
  static const RtTransportClass klass = {
    .name = "strategy",
    .open = strategy_open,
    .send = strategy_send,
    .flush = strategy_flush,
    .get_queued = strategy_get_queued,
    .ping = strategy_ping,
    .pause = strategy_pause,
    .close = strategy_close,
    .abort = strategy_abort,
    .free = strategy_free,
  };

  return &klass;
}
