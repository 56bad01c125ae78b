/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-message-private.h"

/* What the I/O half hands up becomes objects, signals and results here, in the client's context. */

/* Messages per dispatch, before GTK may draw. */
#define BUDGET 256

typedef struct
{
  GWeakRef client;
} Inbox;

/* Something of the app half's own, to be done in its turn. */
typedef struct
{
  RtHandoverItem item;
  RtClientLaterFunc func;
  gpointer data;
  GDestroyNotify destroy;
} LaterItem;

static void
later_free (LaterItem *later)
{
  if (later->destroy != NULL)
    later->destroy (later->data);
  g_free (later);
}

/* --- Publications --- */

gboolean
rt_client_is_abandoned (RtClient *self)
{
  return rt_client_is_stopped (self) || g_atomic_int_get ((gint *) &G_OBJECT (self)->ref_count) == 1;
}

void
rt_client_deliver (RtClient *self, RtChannel *channel, RtMessage *message, guint64 offset)
{
  if (offset > 0)
    rt_channel_set_offset (channel, offset);
  if (rt_channel_is_muted (channel))
    return;
  if (rt_client_take_stream (self, channel, message))
    return;
  rt_channel_emit_message (channel, message);
  if (!rt_channel_is_muted (channel))
    rt_client_emit_message (self, channel, message);
}

/* No more than what is left of what @batch was counted as, of which a loop that a middleware runs may take the rest
 * meanwhile: what is given back later must have been counted. */
static gboolean
filter_publication (RtClient *self, RtChannel *channel, RtMessage *message, RtBatch *batch, gsize size)
{
  size = MIN (size, batch->bytes - batch->bytes_taken);
  batch->bytes_taken += size;
  if (!rt_client_filter_incoming (self, channel, message, size))
    return FALSE;
  batch->bytes_taken -= size;
  return TRUE;
}

/* *message is the one before, used again if nobody kept it. FALSE: a middleware keeps it for now. */
static gboolean
take_publication (RtClient *self,
                  RtChannel *channel,
                  RtBatch *batch,
                  const RtPublication *publication,
                  RtMessage **message)
{
  *message = rt_message_renew (*message, rt_channel_get_ref_name (channel), publication);
  if (!rt_chain_is_empty (rt_client_get_chain (self)->chain))
    return filter_publication (self, channel, *message, batch, publication->data.len);
  rt_client_deliver (self, channel, *message, publication->offset);
  return TRUE;
}

/* Its time to live is over, which is no gap. */
static void
drop_late (RtClient *self, RtChannel *channel, const RtPublication *publication)
{
  if (publication->offset > 0)
    rt_channel_set_offset (channel, publication->offset);
  rt_client_emit_late (self, channel, publication);
}

/* The handle of @sub, or NULL where nothing is to be delivered. A handler may leave the channel, or run a loop in which
 * it is left: *held keeps it meanwhile, and through a run of messages. */
static RtChannel *
find_channel (RtSub *sub, RtChannel **held)
{
  RtChannel *channel = g_atomic_pointer_get (&sub->channel);

  if (channel == NULL || rt_channel_is_muted (channel))
    return NULL;
  g_set_object (held, channel);
  return channel;
}

static gboolean
take_batch (RtClient *self, RtBatch *batch, guint *budget)
{
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (RtChannel) held = NULL;
  guint taken = 0;

  while (batch->next < batch->n_entries && *budget > 0 && !rt_client_is_abandoned (self))
    {
      RtBatchEntry *entry = &batch->entries[batch->next++];
      RtChannel *channel = find_channel (entry->sub, &held);

      (*budget)--;
      if (channel != NULL && G_UNLIKELY (entry->is_late))
        drop_late (self, channel, &entry->publication);
      else if (channel != NULL && !take_publication (self, channel, batch, &entry->publication, &message))
        continue;
      taken++;
    }
  gboolean finished = batch->next >= batch->n_entries;
  gsize bytes = finished ? batch->bytes - batch->bytes_taken : 0;
  batch->bytes_taken += bytes;
  rt_connection_taken (rt_client_get_connection (self), taken, bytes);
  return finished;
}

/* --- The queue --- */

static gboolean
inbox_handle (RtHandoverItem *item, guint *budget, gpointer user_data)
{
  Inbox *inbox = user_data;
  g_autoptr (RtClient) self = g_weak_ref_get (&inbox->client);

  switch ((RtItemKind) item->kind)
    {
    case RT_ITEM_BATCH:
      if (self == NULL)
        return TRUE;
      return take_batch (self, (RtBatch *) item, budget);
    case RT_ITEM_NEWS:
      (*budget)--;
      if (self != NULL)
        rt_client_take_news (self, (RtNews *) item);
      else
        rt_news_free ((RtNews *) item);
      return TRUE;
    case RT_ITEM_OP:
      /* What the program does next, it may do from a source of its own, as scripts do after an await: it gets its
       * turn before anything newer is delivered. */
      *budget = ((RtOp *) item)->kind == RT_OP_JOIN ? 0 : *budget - 1;
      if (((RtOp *) item)->is_own)
        rt_client_own_completed (self, (RtOp *) item);
      else
        rt_client_call_completed ((RtOp *) item);
      return TRUE;
    case RT_ITEM_LATER:
      (*budget)--;
      if (self != NULL)
        ((LaterItem *) item)->func (self, ((LaterItem *) item)->data);
      later_free ((LaterItem *) item);
      return TRUE;
    case RT_ITEM_CANCEL:
    case RT_ITEM_ROOM:
    case RT_ITEM_STOP:
    case RT_ITEM_RETRY:
    case RT_ITEM_NETWORK:
    case RT_ITEM_ROUTE:
    case RT_ITEM_TOKEN:
    default:
      g_assert_not_reached ();
    }
}

static void
inbox_drop (RtHandoverItem *item, gpointer user_data)
{
  switch ((int) item->kind)
    {
    case RT_ITEM_BATCH:
      rt_batch_free ((RtBatch *) item);
      break;
    case RT_ITEM_NEWS:
      rt_news_free ((RtNews *) item);
      break;
    case RT_ITEM_LATER:
      later_free ((LaterItem *) item);
      break;
    default:
      if (((RtOp *) item)->is_own)
        rt_client_own_dropped ((RtOp *) item);
      else
        rt_client_call_dropped ((RtOp *) item);
    }
}

static const RtHandoverClass inbox_class = {
  .name = "[realtime] deliveries",
  .priority = G_PRIORITY_DEFAULT,
  .budget = BUDGET,
  .handle = inbox_handle,
  .drop = inbox_drop,
};

static void
inbox_free (gpointer user_data)
{
  Inbox *inbox = user_data;

  g_weak_ref_clear (&inbox->client);
  g_free (inbox);
}

RtHandover *
rt_client_inbox_new (RtClient *self, GMainContext *context)
{
  Inbox *inbox = g_new0 (Inbox, 1);

  g_weak_ref_init (&inbox->client, self);
  return rt_handover_new (context, &inbox_class, inbox, inbox_free);
}

static void
push_later (RtHandover *inbox, RtClientLaterFunc func, gpointer data, GDestroyNotify destroy)
{
  LaterItem *later = g_new0 (LaterItem, 1);

  later->item.kind = RT_ITEM_LATER;
  later->func = func;
  later->data = data;
  later->destroy = destroy;
  rt_handover_push (inbox, &later->item);
}

void
rt_client_run_later (RtClient *self, RtClientLaterFunc func, gpointer data, GDestroyNotify destroy)
{
  push_later (rt_client_get_inbox (self), func, data, destroy);
}

/* --- In the I/O thread --- */

struct _RtClientUp
{
  RtHandover *inbox;
  RtClientTokens *tokens;
  RtStreams *streams;
};

RtClientUp *
rt_client_up_new (RtHandover *inbox, RtClientTokens *tokens, RtStreams *streams)
{
  RtClientUp *up = g_new0 (RtClientUp, 1);

  up->inbox = rt_handover_ref (inbox);
  up->tokens = rt_client_tokens_ref (tokens);
  up->streams = rt_streams_ref (streams);
  return up;
}

void
rt_client_up_free (RtClientUp *up)
{
  rt_handover_unref (up->inbox);
  rt_client_tokens_unref (up->tokens);
  rt_streams_unref (up->streams);
  g_free (up);
}

static void
hand_news (gpointer user_data, RtNews *news)
{
  RtClientUp *up = user_data;

  rt_streams_news (up->streams, news);
  rt_handover_push (up->inbox, &news->item);
}

static void
hand_batch (gpointer user_data, RtBatch *batch)
{
  RtClientUp *up = user_data;

  rt_handover_push (up->inbox, &batch->item);
}

static void
hand_result (gpointer user_data, RtOp *op)
{
  RtClientUp *up = user_data;

  rt_handover_push (up->inbox, &op->item);
}

static void
ask_for_tokens (RtClient *self, gpointer unused)
{
  rt_client_tokens_ask (rt_client_get_tokens (self), rt_client_get_connection (self));
}

/* The request waits where a blocking call finds it, too; what goes up only says that there is one. */
static void
hand_need (gpointer user_data, RtTokenRequest *request)
{
  RtClientUp *up = user_data;

  rt_client_tokens_need (up->tokens, request);
  push_later (up->inbox, ask_for_tokens, NULL, NULL);
}

static gboolean
hand_stream (gpointer user_data, RtSub *sub, const RtPublication *publication)
{
  RtClientUp *up = user_data;

  return rt_streams_take (up->streams, sub, publication);
}

const RtConnectionEvents rt_client_connection_events = {
  .news = hand_news,
  .batch = hand_batch,
  .result = hand_result,
  .need_token = hand_need,
  .stream = hand_stream,
};
