/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq.h"

/* Buses, the client's and others; subscriptions, and events that are dispatched from here or from another thread. */

static const char *const right_patterns[] = { "orders.*", "**" };

/* A pattern that is one may still stand beside others in a level, which is wrong. */
static const char *const wrong_patterns[] = { "", "news*", "a.***", "***" };

static RtEventBus *
draw_bus (Seq *seq)
{
  RtEventBus *bus = seq->client != NULL && seq_chance (seq, 2) ? rt_client_get_event_bus (seq->client) : NULL;

  return bus != NULL ? g_object_ref (bus) : seq_get (seq, SEQ_POOL_BUSES);
}

static void
event_cb (RtEvent *event, gpointer user_data)
{
  Seq *seq = seq_hook_get (user_data);

  g_assert_nonnull (rt_event_get_name (event));
  if (seq_chance (seq, 4))
    seq_put (seq, SEQ_POOL_EVENTS, g_object_ref (event));
  seq_act_in_handler (seq);
}

static void
act_new_bus (Seq *seq)
{
  seq_put (seq, SEQ_POOL_BUSES, rt_event_bus_new ());
}

/* --- Subscribing --- */

static RtSubscription *
subscribe (Seq *seq, RtEventBus *bus, gpointer hook)
{
  RtEventType type = seq_below (seq, RT_EVENT_TYPE_CUSTOM + 1);
  const char *pattern = right_patterns[seq_below (seq, 2)];

  switch (seq_below (seq, 5))
    {
    case 0:
      return rt_event_bus_subscribe (bus, type, event_cb, hook, seq_hook_destroyed);
    case 1:
      return rt_event_bus_subscribe_all (bus, event_cb, hook, seq_hook_destroyed);
    case 2:
      return rt_event_bus_subscribe_once (bus, type, event_cb, hook, seq_hook_destroyed);
    case 3:
      return rt_event_bus_subscribe_name (bus, pattern, event_cb, hook, seq_hook_destroyed);
    default:
      return rt_event_bus_subscribe_channel (bus, pattern, event_cb, hook, seq_hook_destroyed);
    }
}

static void
act_subscribe (Seq *seq)
{
  g_autoptr (RtEventBus) bus = draw_bus (seq);

  if (bus == NULL)
    return;
  RtSubscription *subscription = subscribe (seq, bus, seq_new_hook (seq));
  g_assert_nonnull (subscription);
  seq_put (seq, SEQ_POOL_SUBSCRIPTIONS, subscription);
}

static void
act_try_subscribe (Seq *seq)
{
  g_autoptr (RtEventBus) bus = draw_bus (seq);
  gboolean wrong = seq_chance (seq, 2);
  const char *pattern = wrong ? wrong_patterns[seq_below (seq, G_N_ELEMENTS (wrong_patterns))]
                              : right_patterns[seq_below (seq, 2)];
  GError *error = NULL;

  if (bus == NULL)
    return;
  gpointer hook = seq_new_hook (seq);
  RtSubscription *subscription
    = seq_chance (seq, 2)
        ? rt_event_bus_try_subscribe_name (bus, pattern, event_cb, hook, seq_hook_destroyed, &error)
        : rt_event_bus_try_subscribe_channel (bus, pattern, event_cb, hook, seq_hook_destroyed, &error);
  g_assert_true ((subscription == NULL) == wrong);
  seq_check_result (subscription != NULL, error, RT_ERROR_INVALID_ARGUMENT, -1);
  seq_put (seq, SEQ_POOL_SUBSCRIPTIONS, subscription);
}

static void
act_client_on (Seq *seq)
{
  if (seq->client == NULL)
    return;
  RtEventType type = seq_below (seq, RT_EVENT_TYPE_CUSTOM + 1);
  RtSubscription *subscription = rt_client_on (seq->client, type, event_cb, seq_new_hook (seq), seq_hook_destroyed);
  g_assert_nonnull (subscription);
  seq_put (seq, SEQ_POOL_SUBSCRIPTIONS, subscription);
}

static void
act_cancel_subscription (Seq *seq)
{
  g_autoptr (RtSubscription) subscription = seq_get (seq, SEQ_POOL_SUBSCRIPTIONS);

  if (subscription == NULL)
    return;
  rt_subscription_cancel (subscription);
  g_assert_false (rt_subscription_is_active (subscription));
}

static void
act_bind (Seq *seq)
{
  g_autoptr (RtSubscription) subscription = seq_get (seq, SEQ_POOL_SUBSCRIPTIONS);
  g_autoptr (GObject) owner = seq_get (seq, SEQ_POOL_MESSAGES);

  if (subscription == NULL || owner == NULL)
    return;
  rt_subscription_bind (subscription, owner);
  rt_subscription_is_active (subscription);
}

/* --- Dispatching --- */

typedef struct
{
  RtEventBus *bus;
  RtEvent *event;
} Dispatch;

static gpointer
dispatch_thread (gpointer user_data)
{
  Dispatch *dispatch = user_data;

  rt_event_bus_dispatch (dispatch->bus, dispatch->event);
  rt_event_bus_get_n_subscriptions (dispatch->bus);
  return NULL;
}

static void
act_dispatch (Seq *seq)
{
  g_autoptr (RtEventBus) bus = draw_bus (seq);
  g_autoptr (RtEvent) event = seq_get (seq, SEQ_POOL_EVENTS);
  Dispatch dispatch = { bus, event };

  if (bus == NULL || event == NULL)
    return;
  if (seq_chance (seq, 10))
    g_thread_join (g_thread_new ("dispatch", dispatch_thread, &dispatch));
  else
    dispatch_thread (&dispatch);
}

static void
act_new_event (Seq *seq)
{
  RtEvent *event = seq_chance (seq, 2) ? rt_event_new (seq_below (seq, RT_EVENT_TYPE_CUSTOM), NULL)
                                       : rt_event_new_custom ("orders.new", seq_variant (seq, NULL));

  seq_put (seq, SEQ_POOL_EVENTS, event);
}

const SeqAction seq_event_actions[] = {
  { "new bus", SEQ_GROUP_EVENT, 10, act_new_bus },
  { "new event", SEQ_GROUP_EVENT, 20, act_new_event },
  { "subscribe", SEQ_GROUP_EVENT, 60, act_subscribe },
  { "try to subscribe", SEQ_GROUP_EVENT, 20, act_try_subscribe },
  { "client on", SEQ_GROUP_EVENT, 30, act_client_on },
  { "cancel a subscription", SEQ_GROUP_EVENT, 40, act_cancel_subscription },
  { "bind", SEQ_GROUP_EVENT, 15, act_bind },
  { "dispatch", SEQ_GROUP_EVENT, 80, act_dispatch },
  { NULL },
};
