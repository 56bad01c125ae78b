/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-strategy-line.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-handover.h"
#include "rt-io-thread.h"
#include "rt-ws-codec.h"

#define CLOSE_HANDSHAKE_MS 2000
#define HANDOVER_BUDGET 256

typedef enum
{
  /* Down. */
  ITEM_CONNECT,
  ITEM_CANCEL,
  ITEM_DISCONNECT,
  ITEM_SEND,
  ITEM_RESUME,
  ITEM_STOP,
  /* Up. */
  ITEM_OPENED,
  ITEM_PROFILE,
  ITEM_RECEIVED,
  ITEM_SENT,
  ITEM_ENDED,
} ItemKind;

typedef struct
{
  RtHandoverItem base;
  ItemKind kind;
  GBytes *bytes;        /* SEND, RECEIVED */
  guint n;              /* SENT */
  RtProfile profile;    /* OPENED, PROFILE */
  gboolean was_open;    /* ENDED */
  guint code;
  char *reason;
  GError *error;
} Item;

/* What the way up is given: it must not keep the owner alive. */
typedef struct
{
  GWeakRef owner;
  const RtStrategyLineEvents *events; /* static */
  RtStrategyLine *line;
  RtHandover *down; /* the line's own is given up before the last item is handled */
} Upward;

/* The owner and both ways hold a reference each. */
struct _RtStrategyLine
{
  gatomicrefcount refs;
  const RtTransportClass *klass;
  RtSettings *settings; /* immutable */
  RtHandover *up;       /* both immutable until the I/O thread gives them up, when nobody pushes any more */
  RtHandover *down;

  /* Atomic: what was handed over and not yet taken. */
  int held_frames;
  int held_bytes;
  int paused;

  /* Only in the I/O thread: */
  RtTransport *transport;
  RtTimer *deadline; /* of opening or of the closing handshake */
  gboolean open;
  guint unsent; /* frames given to the transport and not yet reported */
};

static Item *
item_new (ItemKind kind)
{
  Item *item = g_new0 (Item, 1);

  item->kind = kind;
  return item;
}

static RtStrategyLine *
line_ref (RtStrategyLine *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
line_unref (RtStrategyLine *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_settings_unref (self->settings);
  g_free (self);
}

static void
item_free (Item *item)
{
  g_clear_pointer (&item->bytes, g_bytes_unref);
  g_clear_error (&item->error);
  g_free (item->reason);
  g_free (item);
}

static void
drop_item (RtHandoverItem *base, gpointer user_data)
{
  item_free ((Item *) base);
}

static void
push_up (RtStrategyLine *self, Item *item)
{
  rt_handover_push (self->up, &item->base);
}

static void
push_down (RtStrategyLine *self, Item *item)
{
  rt_handover_push (self->down, &item->base);
}

/* --- Back-pressure: read by both halves --- */

static gboolean
exceeds (RtStrategyLine *self, guint part)
{
  const RtSettings *settings = self->settings;

  return (guint) g_atomic_int_get (&self->held_frames) > settings->receive_queue_limit / part
         || (guint) g_atomic_int_get (&self->held_bytes) > settings->receive_queue_bytes / part;
}

/* I/O thread. */
static void
pause_if_full (RtStrategyLine *self)
{
  if (!exceeds (self, 1) || g_atomic_int_get (&self->paused))
    return;
  self->transport->klass->pause (self->transport, TRUE);
  g_atomic_int_set (&self->paused, TRUE);
  /* The other side may have taken everything before it could see the mark. */
  if (!exceeds (self, 2) && g_atomic_int_compare_and_exchange (&self->paused, TRUE, FALSE))
    self->transport->klass->pause (self->transport, FALSE);
}

/* The object's context. The line may have been stopped already. */
static void
frame_taken (Upward *upward, gsize len)
{
  RtStrategyLine *self = upward->line;

  g_atomic_int_add (&self->held_frames, -1);
  g_atomic_int_add (&self->held_bytes, -(int) len);
  if (g_atomic_int_get (&self->paused) && !exceeds (self, 2)
      && g_atomic_int_compare_and_exchange (&self->paused, TRUE, FALSE))
    rt_handover_push (upward->down, &item_new (ITEM_RESUME)->base);
}

/* --- The transport's events: I/O thread --- */

static void
opened_cb (gpointer user_data, RtProfile profile)
{
  RtStrategyLine *self = user_data;
  Item *item = item_new (ITEM_OPENED);

  item->profile = profile;
  self->open = TRUE;
  rt_timer_stop (self->deadline);
  push_up (self, item);
}

static void
profile_cb (gpointer user_data, RtProfile profile)
{
  Item *item = item_new (ITEM_PROFILE);

  item->profile = profile;
  push_up (user_data, item);
}

static void
received_cb (gpointer user_data, const guint8 *data, gsize len)
{
  RtStrategyLine *self = user_data;
  Item *item = item_new (ITEM_RECEIVED);

  item->bytes = g_bytes_new (data, len);
  g_atomic_int_inc (&self->held_frames);
  g_atomic_int_add (&self->held_bytes, (int) len);
  push_up (self, item);
  pause_if_full (self);
}

static void
report_sent (RtStrategyLine *self)
{
  if (self->unsent == 0 || self->transport->klass->get_queued (self->transport) > 0)
    return;
  Item *item = item_new (ITEM_SENT);
  item->n = self->unsent;
  self->unsent = 0;
  push_up (self, item);
}

static void
turn_end_cb (gpointer user_data)
{
}

static void
activity_cb (gpointer user_data)
{
}

static void
pong_cb (gpointer user_data, gint64 round_trip)
{
}

static void
drained_cb (gpointer user_data)
{
  report_sent (user_data);
}

static void
closed_cb (gpointer user_data, const RtTransportEnd *end)
{
  RtStrategyLine *self = user_data;
  Item *item = item_new (ITEM_ENDED);
  RtTransport *transport = g_steal_pointer (&self->transport);

  item->was_open = end->was_open;
  item->code = end->code;
  item->reason = g_strdup (end->reason);
  item->error = end->error != NULL ? g_error_copy (end->error) : NULL;
  self->open = FALSE;
  self->unsent = 0;
  rt_timer_stop (self->deadline);
  transport->klass->free (transport);
  push_up (self, item);
}

static const RtTransportEvents line_events = {
  .opened = opened_cb,
  .profile = profile_cb,
  .received = received_cb,
  .turn_end = turn_end_cb,
  .activity = activity_cb,
  .pong = pong_cb,
  .drained = drained_cb,
  .closed = closed_cb,
};

static void
deadline_cb (gpointer user_data)
{
  RtStrategyLine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->transport == NULL)
    return;
  if (!self->open)
    error = g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT, "No connection to %s could be made within %u ms",
                         self->settings->host_header, self->settings->connect_timeout);
  self->transport->klass->abort (self->transport, error);
}

/* --- What the object asks for: I/O thread --- */

static void
handle_connect (RtStrategyLine *self)
{
  GMainContext *context = rt_io_thread_get_context ();

  if (self->deadline == NULL)
    self->deadline = rt_timer_new (context, "[realtime] strategy line", deadline_cb, self);
  g_atomic_int_set (&self->paused, FALSE);
  self->transport = self->klass->open (self->settings, NULL, context, &line_events, self);
  rt_timer_start (self->deadline, rt_clock_now () + RT_CLOCK_MS (self->settings->connect_timeout));
}

static void
handle_cancel (RtStrategyLine *self)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Connecting was cancelled");

  if (self->transport != NULL && !self->open)
    self->transport->klass->abort (self->transport, error);
}

static void
handle_disconnect (RtStrategyLine *self)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                  "The connection was given up before it was made");

  if (self->transport == NULL)
    return;
  if (!self->open)
    {
      self->transport->klass->abort (self->transport, error);
      return;
    }
  rt_timer_start (self->deadline, rt_clock_now ()
                                    + RT_CLOCK_MS (MIN (CLOSE_HANDSHAKE_MS, self->settings->shutdown_timeout)));
  /* The other side's answer stands behind what was held back. */
  g_atomic_int_set (&self->paused, FALSE);
  self->transport->klass->pause (self->transport, FALSE);
  self->transport->klass->close (self->transport, RT_WS_CLOSE_NORMAL, "");
}

static void
handle_send (RtStrategyLine *self, GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  if (!self->open)
    return; /* the end is on its way up, and answers for this frame too */
  self->unsent++;
  self->transport->klass->send (self->transport, data, len);
}

static void
handle_stop (RtStrategyLine *self)
{
  RtTransport *transport = g_steal_pointer (&self->transport);
  g_autoptr (RtHandover) up = g_steal_pointer (&self->up);
  g_autoptr (RtHandover) down = g_steal_pointer (&self->down);

  if (transport != NULL)
    transport->klass->free (transport);
  g_clear_pointer (&self->deadline, rt_timer_free);
  rt_handover_close (up);
  rt_handover_close (down);
}

static gboolean
handle_down (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  RtStrategyLine *self = user_data;
  Item *item = (Item *) base;

  *budget -= 1;
  switch (item->kind)
    {
    case ITEM_CONNECT:
      handle_connect (self);
      break;
    case ITEM_CANCEL:
      handle_cancel (self);
      break;
    case ITEM_DISCONNECT:
      handle_disconnect (self);
      break;
    case ITEM_SEND:
      handle_send (self, item->bytes);
      break;
    case ITEM_RESUME:
      if (self->transport != NULL)
        self->transport->klass->pause (self->transport, FALSE);
      break;
    case ITEM_STOP:
    default:
      handle_stop (self);
      break;
    }
  item_free (item);
  return TRUE;
}

/* What was asked for in one turn leaves in one system call. */
static void
down_turn_end (gpointer user_data)
{
  RtStrategyLine *self = user_data;

  if (self->transport == NULL || self->unsent == 0)
    return;
  self->transport->klass->flush (self->transport);
  report_sent (self);
}

static const RtHandoverClass down_class = {
  .name = "[realtime] strategy down",
  .priority = G_PRIORITY_DEFAULT,
  .budget = HANDOVER_BUDGET,
  .handle = handle_down,
  .turn_end = down_turn_end,
  .drop = drop_item,
};

/* --- The object's context --- */

static void
report (Upward *upward, GObject *owner, Item *item)
{
  switch (item->kind)
    {
    case ITEM_OPENED:
      upward->events->opened (owner, item->profile);
      break;
    case ITEM_PROFILE:
      upward->events->profile (owner, item->profile);
      break;
    case ITEM_RECEIVED:
      upward->events->received (owner, item->bytes);
      break;
    case ITEM_SENT:
      upward->events->sent (owner, item->n);
      break;
    case ITEM_ENDED:
    default:
      upward->events->ended (owner, item->was_open, item->code, item->reason, item->error);
      break;
    }
}

static gboolean
handle_up (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  Upward *upward = user_data;
  Item *item = (Item *) base;
  g_autoptr (GObject) owner = g_weak_ref_get (&upward->owner);

  *budget -= 1;
  if (item->kind == ITEM_RECEIVED)
    frame_taken (upward, g_bytes_get_size (item->bytes));
  if (owner != NULL)
    report (upward, owner, item);
  item_free (item);
  return TRUE;
}

static const RtHandoverClass up_class = {
  .name = "[realtime] strategy up",
  .priority = G_PRIORITY_DEFAULT,
  .budget = HANDOVER_BUDGET,
  .handle = handle_up,
  .drop = drop_item,
};

static void
upward_free (gpointer data)
{
  Upward *upward = data;

  g_weak_ref_clear (&upward->owner);
  rt_handover_unref (upward->down);
  line_unref (upward->line);
  g_free (upward);
}

RtStrategyLine *
rt_strategy_line_new (const RtTransportClass *klass, RtSettings *settings, GMainContext *context,
                      const RtStrategyLineEvents *events, GObject *owner)
{
  RtStrategyLine *self = g_new0 (RtStrategyLine, 1);
  Upward *upward = g_new0 (Upward, 1);

  g_atomic_ref_count_init (&self->refs);
  self->klass = klass;
  self->settings = rt_settings_ref (settings);
  g_weak_ref_init (&upward->owner, owner);
  upward->events = events;
  upward->line = line_ref (self);
  self->up = rt_handover_new (context, &up_class, upward, upward_free);
  self->down = rt_handover_new (rt_io_thread_get_context (), &down_class, line_ref (self),
                                (GDestroyNotify) line_unref);
  upward->down = rt_handover_ref (self->down);
  return self;
}

void
rt_strategy_line_connect (RtStrategyLine *self)
{
  push_down (self, item_new (ITEM_CONNECT));
}

void
rt_strategy_line_cancel (RtStrategyLine *self)
{
  push_down (self, item_new (ITEM_CANCEL));
}

void
rt_strategy_line_disconnect (RtStrategyLine *self)
{
  push_down (self, item_new (ITEM_DISCONNECT));
}

void
rt_strategy_line_send (RtStrategyLine *self, GBytes *bytes)
{
  Item *item = item_new (ITEM_SEND);

  item->bytes = g_bytes_ref (bytes);
  push_down (self, item);
}

void
rt_strategy_line_free (RtStrategyLine *self)
{
  /* The I/O thread lets go of it as soon as it sees the item. */
  g_autoptr (RtHandover) down = rt_handover_ref (self->down);

  push_down (self, item_new (ITEM_STOP));
  line_unref (self);
}
