/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-event-bus.h"

#include "rt-bus.h"
#include "rt-event-bus-private.h"
#include "rt-subscription-private.h"

/**
 * RtEventBus:
 *
 * Brings events to those who subscribed to them.
 *
 * A client puts all that happens to it on its bus. A program may put events of its own there as well, or make a bus that
 * has nothing to do with any client.
 *
 * ## Delivery
 *
 * [method@EventBus.dispatch] calls no handler. It queues the event, and handlers run later, in the main context that was
 * the thread-default one ([method@GLib.MainContext.push_thread_default]) of the thread that subscribed: each subscriber is
 * called in its own thread, and none can hold up another thread or the one who dispatched. The handlers of one
 * context see all events in the order in which these were dispatched, and one event in the order in which they subscribed.
 *
 * An event goes to the subscriptions that there are when it is dispatched. A handler may do anything, such as cancel its
 * own or another subscription, subscribe, dispatch, run a main loop, or drop the bus.
 *
 * A context whose handlers do not keep up has at most 16,384 events or 64 MiB waiting. What is dispatched beyond that is lost for
 * this context, until it has caught up; then its handlers that take events of the type %RT_EVENT_TYPE_ERROR get one with
 * %RT_ERROR_QUEUE_FULL, whose text counts what was lost. Other contexts are not affected.
 *
 * ## Patterns
 *
 * [method@EventBus.subscribe_name] and [method@EventBus.subscribe_channel] take patterns of levels, in which `*` stands for
 * one level and `**` for any number of them, also none: `news.*` is for `news.eu`, but not for `news` or `news.eu.uk`;
 * `news.**` is for all three. See [the page about events](events.html).
 *
 * ## The end
 *
 * Dropping the last reference of a bus ends all of its subscriptions. A bus may be used from any thread.
 */

struct _RtEventBus
{
  GObject parent_instance;

  RtBus *bus;
};

G_DEFINE_FINAL_TYPE (RtEventBus, rt_event_bus, G_TYPE_OBJECT)

static void
rt_event_bus_finalize (GObject *object)
{
  RtEventBus *self = RT_EVENT_BUS (object);

  rt_bus_close (self->bus);
  rt_bus_unref (self->bus);

  G_OBJECT_CLASS (rt_event_bus_parent_class)->finalize (object);
}

static void
rt_event_bus_class_init (RtEventBusClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_event_bus_finalize;
}

static void
rt_event_bus_init (RtEventBus *self)
{
  self->bus = rt_bus_new ();
}

/**
 * rt_event_bus_new:
 *
 * Makes a bus.
 *
 * Returns: (transfer full): the bus
 */
RtEventBus *
rt_event_bus_new (void)
{
  return g_object_new (RT_TYPE_EVENT_BUS, NULL);
}

/* --- Subscribing --- */

static gboolean
is_type (RtEventType type)
{
  return (guint) type < RT_BUS_N_TYPES;
}

static RtSubscription *
subscribe (RtEventBus *self, const RtBusWish *wish)
{
  RtBusWish own = *wish;

  if (own.object == NULL)
    own.object = self;
  return rt_subscription_new_for_sub (rt_bus_subscribe (self->bus, &own));
}

static RtSubscription *
subscribe_pattern (RtEventBus *self, const RtBusWish *wish, GError **error)
{
  const char *separators = wish->kind == RT_BUS_BY_NAME ? RT_PATTERN_NAME_SEPARATORS : RT_PATTERN_CHANNEL_SEPARATORS;

  if (rt_pattern_check (wish->pattern, separators, error))
    return subscribe (self, wish);
  if (wish->destroy != NULL)
    wish->destroy (wish->user_data);
  return NULL;
}

/* For a program that wrote the pattern itself. */
static RtSubscription *
subscribe_known_pattern (RtEventBus *self, const RtBusWish *wish)
{
  g_autoptr (GError) error = NULL;
  RtSubscription *subscription = subscribe_pattern (self, wish, &error);

  if (subscription == NULL)
    g_critical ("%s", error->message);
  return subscription;
}

/**
 * rt_event_bus_subscribe:
 * @self: a bus
 * @type: a type of events; %RT_EVENT_TYPE_CUSTOM for all of the program's own
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback
 *
 * Calls @callback with each event of one type.
 *
 * Returns: (transfer full): the subscription, which may be dropped
 */
RtSubscription *
rt_event_bus_subscribe (RtEventBus    *self,
                        RtEventType    type,
                        RtEventFunc    callback,
                        gpointer       user_data,
                        GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);

  return rt_event_bus_subscribe_for (self, self, type, callback, user_data, destroy);
}

/**
 * rt_event_bus_subscribe_all:
 * @self: a bus
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback
 *
 * Calls @callback with every event.
 *
 * Returns: (transfer full): the subscription, which may be dropped
 */
RtSubscription *
rt_event_bus_subscribe_all (RtEventBus *self, RtEventFunc callback, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe (self, &(RtBusWish) { .kind = RT_BUS_ALL, .func = callback, .user_data = user_data,
                                         .destroy = destroy });
}

/**
 * rt_event_bus_subscribe_once:
 * @self: a bus
 * @type: a type of events
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller, at most once
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback
 *
 * Calls @callback with the next event of one type, and then ends.
 *
 * Returns: (transfer full): the subscription, which may be dropped
 */
RtSubscription *
rt_event_bus_subscribe_once (RtEventBus    *self,
                             RtEventType    type,
                             RtEventFunc    callback,
                             gpointer       user_data,
                             GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (is_type (type), NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe (self, &(RtBusWish) { .kind = RT_BUS_BY_TYPE, .type = type, .once = TRUE, .func = callback,
                                         .user_data = user_data, .destroy = destroy });
}

/**
 * rt_event_bus_subscribe_name:
 * @self: a bus
 * @pattern: a pattern of event names, such as `orders.*`
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback
 *
 * Calls @callback with each event whose [property@Event:name] fits a pattern that is known to be right. For one that
 * comes from elsewhere there is [method@EventBus.try_subscribe_name].
 *
 * Returns: (transfer full): the subscription, which may be dropped
 */
RtSubscription *
rt_event_bus_subscribe_name (RtEventBus    *self,
                             const char    *pattern,
                             RtEventFunc    callback,
                             gpointer       user_data,
                             GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe_known_pattern (self, &(RtBusWish) { .kind = RT_BUS_BY_NAME, .pattern = pattern, .func = callback,
                                                       .user_data = user_data, .destroy = destroy });
}

/**
 * rt_event_bus_subscribe_channel:
 * @self: a bus
 * @pattern: a pattern of channel names, such as `news.*`
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback
 *
 * Calls @callback with each event about a channel whose name fits a pattern that is known to be right. For one that
 * comes from elsewhere there is [method@EventBus.try_subscribe_channel].
 *
 * Returns: (transfer full): the subscription, which may be dropped
 */
RtSubscription *
rt_event_bus_subscribe_channel (RtEventBus    *self,
                                const char    *pattern,
                                RtEventFunc    callback,
                                gpointer       user_data,
                                GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe_known_pattern (self, &(RtBusWish) { .kind = RT_BUS_BY_CHANNEL, .pattern = pattern,
                                                       .func = callback, .user_data = user_data,
                                                       .destroy = destroy });
}

/**
 * rt_event_bus_try_subscribe_name: (rename-to rt_event_bus_subscribe_name)
 * @self: a bus
 * @pattern: a pattern of event names, such as `orders.*`
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback, or at once if there is an error
 * @error: return location for an error
 *
 * Calls @callback with each event whose [property@Event:name] fits @pattern. A pattern that is empty, longer than 255
 * bytes, or has an asterisk beside other characters in one level is an error %RT_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the subscription, which may be dropped, or %NULL with @error set
 */
RtSubscription *
rt_event_bus_try_subscribe_name (RtEventBus    *self,
                                 const char    *pattern,
                                 RtEventFunc    callback,
                                 gpointer       user_data,
                                 GDestroyNotify destroy,
                                 GError       **error)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe_pattern (self, &(RtBusWish) { .kind = RT_BUS_BY_NAME, .pattern = pattern, .func = callback,
                                                 .user_data = user_data, .destroy = destroy }, error);
}

/**
 * rt_event_bus_try_subscribe_channel: (rename-to rt_event_bus_subscribe_channel)
 * @self: a bus
 * @pattern: a pattern of channel names, such as `news.*`
 * @callback: (scope notified) (closure user_data) (destroy destroy): called in the thread-default main context of the
 *   caller
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data; called in the same context as @callback, or at once if there is an error
 * @error: return location for an error
 *
 * Calls @callback with each event about a channel whose name fits @pattern, that is, with each that has a
 * [property@Event:channel] that does. A pattern that is empty, longer than 255 bytes, or has an asterisk beside other
 * characters in one level is an error %RT_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the subscription, which may be dropped, or %NULL with @error set
 */
RtSubscription *
rt_event_bus_try_subscribe_channel (RtEventBus    *self,
                                    const char    *pattern,
                                    RtEventFunc    callback,
                                    gpointer       user_data,
                                    GDestroyNotify destroy,
                                    GError       **error)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe_pattern (self, &(RtBusWish) { .kind = RT_BUS_BY_CHANNEL, .pattern = pattern, .func = callback,
                                                 .user_data = user_data, .destroy = destroy }, error);
}

/* --- Dispatching --- */

/**
 * rt_event_bus_dispatch:
 * @self: a bus
 * @event: what happened
 *
 * Queues an event for all whose subscriptions it fits at this moment. May be called from any thread; never blocks,
 * and never calls a handler itself.
 */
void
rt_event_bus_dispatch (RtEventBus *self, RtEvent *event)
{
  g_return_if_fail (RT_IS_EVENT_BUS (self));
  g_return_if_fail (RT_IS_EVENT (event));

  rt_bus_dispatch (self->bus, event);
}

/**
 * rt_event_bus_get_n_subscriptions:
 * @self: a bus
 *
 * Counts the subscriptions that have not ended.
 *
 * Returns: how many there are
 */
guint
rt_event_bus_get_n_subscriptions (RtEventBus *self)
{
  g_return_val_if_fail (RT_IS_EVENT_BUS (self), 0);

  g_mutex_lock (&self->bus->lock);
  guint n = self->bus->n_active;
  g_mutex_unlock (&self->bus->lock);
  return n;
}

gboolean
rt_event_bus_wants (RtEventBus *self, RtEventType type)
{
  return (g_atomic_int_get (&self->bus->wanted) >> type & 1) != 0;
}

RtSubscription *
rt_event_bus_subscribe_for (RtEventBus    *self,
                            gpointer       object,
                            RtEventType    type,
                            RtEventFunc    callback,
                            gpointer       user_data,
                            GDestroyNotify destroy)
{
  g_return_val_if_fail (is_type (type), NULL);
  g_return_val_if_fail (callback != NULL, NULL);

  return subscribe (self, &(RtBusWish) { .kind = RT_BUS_BY_TYPE, .type = type, .func = callback,
                                         .user_data = user_data, .destroy = destroy, .object = object });
}

void
rt_event_bus_close (RtEventBus *self)
{
  rt_bus_close (self->bus);
}

void
rt_event_bus_end (RtEventBus *self)
{
  rt_bus_end (self->bus);
}
