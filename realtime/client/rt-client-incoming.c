/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

/* One message in the chain, or one piece of news that waits behind such. */
typedef struct
{
  RtChannel *channel; /* held as long as it waits */
  RtNews *news;       /* NULL: a message */
  guint64 offset;
  gsize size;
  gboolean waits; /* it was not settled at once */
} Incoming;

/* One that middlewares look at in a frame on the stack. */
typedef struct _Running Running;

struct _Running
{
  Incoming *incoming; /* NULL once they have decided */
  gboolean is_held;   /* something has come behind it meanwhile */
  Running *outer;
};

static void
queue_free (gpointer data)
{
  GQueue *queue = data;
  Incoming *incoming;

  while ((incoming = g_queue_pop_head (queue)) != NULL)
    {
      g_clear_pointer (&incoming->news, rt_news_free);
      g_free (incoming);
    }
  g_queue_free (queue);
}

void
rt_client_incoming_init (RtClientIncoming *self)
{
  self->held = g_hash_table_new_full (NULL, NULL, g_object_unref, queue_free);
}

void
rt_client_incoming_clear (RtClientIncoming *self)
{
  g_hash_table_unref (self->held);
  g_free (self->spare);
}

static Incoming *
new_incoming (RtClientIncoming *self, RtChannel *channel)
{
  Incoming *incoming = g_steal_pointer (&self->spare);

  if (incoming == NULL)
    incoming = g_new (Incoming, 1);
  *incoming = (Incoming) { .channel = channel };
  return incoming;
}

static void
free_incoming (RtClientIncoming *self, Incoming *incoming)
{
  if (self->spare == NULL)
    self->spare = incoming;
  else
    g_free (incoming);
}

static void
push_held (RtClientIncoming *self, Incoming *incoming)
{
  GQueue *queue = g_hash_table_lookup (self->held, incoming->channel);

  if (queue == NULL)
    {
      queue = g_queue_new ();
      g_hash_table_insert (self->held, g_object_ref (incoming->channel), queue);
    }
  g_queue_push_tail (queue, incoming);
}

/* What has to be settled before anything that comes now on @channel. The outermost first. */
static void
hold_running (RtClientIncoming *self, Running *running, RtChannel *channel)
{
  if (running == NULL)
    return;
  hold_running (self, running->outer, channel);
  if (running->incoming == NULL || running->incoming->channel != channel || running->is_held)
    return;
  running->is_held = TRUE;
  running->incoming->waits = TRUE;
  push_held (self, running->incoming);
}

static void
hold (RtClientIncoming *self, Incoming *incoming)
{
  hold_running (self, self->running, incoming->channel);
  push_held (self, incoming);
}

/* It is decided. */
static void
stop_running (RtClientIncoming *self, Incoming *incoming)
{
  for (Running *running = self->running; running != NULL; running = running->outer)
    {
      if (running->incoming == incoming)
        running->incoming = NULL;
    }
}

gboolean
rt_client_filter_incoming (RtClient *self, RtChannel *channel, RtMessage *message, gsize size)
{
  RtClientIncoming *all = rt_client_get_incoming (self);
  Incoming *incoming = new_incoming (all, channel);
  Running running = { .incoming = incoming, .outer = all->running };

  incoming->offset = rt_message_get_offset (message);
  incoming->size = size;
  all->running = &running;
  gboolean settled = rt_client_run_chain (self, RT_DIRECTION_INCOMING, message, incoming, NULL);
  all->running = running.outer;
  if (settled)
    return !running.is_held;
  incoming->waits = TRUE;
  if (!running.is_held)
    hold (all, incoming);
  return FALSE;
}

gboolean
rt_client_defer_news (RtClient *self, RtChannel *channel, RtNews *news)
{
  RtClientIncoming *all = rt_client_get_incoming (self);

  /* To one that was left nothing is delivered any more, and so nothing is waited for. */
  if (rt_channel_is_muted (channel))
    return FALSE;
  hold_running (all, all->running, channel);
  if (G_LIKELY (!g_hash_table_contains (all->held, channel)))
    return FALSE;
  Incoming *incoming = new_incoming (all, channel);
  incoming->news = news;
  hold (all, incoming);
  return TRUE;
}

/* The first that waits on its channel is settled: what is news behind it is due. */
static void
release_news (RtClient *self, Incoming *settled)
{
  RtClientIncoming *all = rt_client_get_incoming (self);
  RtConnection *connection = rt_client_get_connection (self);
  g_autoptr (RtChannel) channel = g_object_ref (settled->channel);
  GQueue *queue = g_hash_table_lookup (all->held, channel);
  Incoming *first;

  g_queue_remove (queue, settled);
  rt_connection_taken (connection, 1, settled->size);
  while (!rt_client_is_abandoned (self) && (queue = g_hash_table_lookup (all->held, channel)) != NULL)
    {
      first = g_queue_peek_head (queue);
      if (first == NULL)
        g_hash_table_remove (all->held, channel);
      if (first == NULL || first->news == NULL)
        break;
      g_queue_pop_head (queue);
      gsize bytes = first->news->bytes;
      rt_client_take_channel_news (self, channel, g_steal_pointer (&first->news));
      rt_connection_taken (connection, 1, bytes);
      free_incoming (all, first);
    }
}

static void
settle (RtClient *self, Incoming *incoming)
{
  if (incoming->waits)
    release_news (self, incoming);
  free_incoming (rt_client_get_incoming (self), incoming);
}

void
rt_client_incoming_passed (RtClient *self, RtExchange *exchange, gpointer tag)
{
  Incoming *incoming = tag;

  stop_running (rt_client_get_incoming (self), incoming);
  rt_client_deliver (self, incoming->channel, rt_exchange_get_message (exchange), incoming->offset);
  rt_chain_complete (rt_client_get_chain (self)->chain, exchange, NULL);
  settle (self, incoming);
}

/* That a middleware wanted it so is no error. */
static void
tell_stopped (RtClient *self, RtMessage *message, const GError *error, const char *reason)
{
  g_autoptr (GError) own = error != NULL ? NULL : rt_client_stopped_error (reason);

  rt_client_emit_stopped (self, message, RT_DIRECTION_INCOMING, error != NULL ? error : own);
  if (error != NULL && !rt_client_is_stopped (self))
    rt_client_emit_error (self, error);
}

void
rt_client_incoming_ended (RtClient *self, RtExchange *exchange, gpointer tag, const GError *error, const char *reason)
{
  Incoming *incoming = tag;

  stop_running (rt_client_get_incoming (self), incoming);
  if (incoming->offset > 0)
    rt_channel_set_offset (incoming->channel, incoming->offset);
  if (!rt_channel_is_muted (incoming->channel))
    tell_stopped (self, rt_exchange_get_message (exchange), error, reason);
  rt_client_decline_stream (self, rt_exchange_get_message (exchange), "a middleware of the reader's stopped it");
  settle (self, incoming);
}
