/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-subscription.h"

#include "rt-subscription-private.h"

/**
 * RtSubscription:
 *
 * A handler on an [class@EventBus], for ending it.
 *
 * Dropping a subscription changes nothing: its handler goes on. It ends
 *
 * - by [method@Subscription.cancel],
 * - when an object goes that it was bound to by [method@Subscription.bind],
 * - of itself after its one event, if it came from [method@EventBus.subscribe_once],
 * - with its bus: when that is dropped, or its client closed,
 * - with the main context in which its handler runs, when that is finalized.
 *
 * After the end the handler's data is let go in that main context, when it is next iterated; of a context that
 * is no more, in the thread that dropped it.
 *
 * A subscription may be used from any thread.
 */

struct _RtSubscription
{
  GObject parent_instance;

  RtBusSub *sub;
};

G_DEFINE_FINAL_TYPE (RtSubscription, rt_subscription, G_TYPE_OBJECT)

static void
rt_subscription_finalize (GObject *object)
{
  RtSubscription *self = RT_SUBSCRIPTION (object);

  g_clear_pointer (&self->sub, rt_bus_sub_unref);

  G_OBJECT_CLASS (rt_subscription_parent_class)->finalize (object);
}

static void
rt_subscription_class_init (RtSubscriptionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_subscription_finalize;
}

static void
rt_subscription_init (RtSubscription *self)
{
}

RtSubscription *
rt_subscription_new_for_sub (RtBusSub *sub)
{
  RtSubscription *self = g_object_new (RT_TYPE_SUBSCRIPTION, NULL);

  self->sub = sub;
  return self;
}

/**
 * rt_subscription_cancel:
 * @self: a subscription
 *
 * Ends a subscription. May be called from any thread and inside any handler, also its own, and more than once.
 *
 * Called in the main context in which the handler runs, the handler is not called any more, also not with events that
 * were dispatched before. Called in another thread, it may be running at that moment, and is not called again.
 */
void
rt_subscription_cancel (RtSubscription *self)
{
  g_return_if_fail (RT_IS_SUBSCRIPTION (self));

  if (self->sub != NULL)
    rt_bus_sub_end (self->sub);
}

void
rt_subscription_end (RtSubscription *self)
{
  rt_bus_sub_finish (self->sub);
}

/**
 * rt_subscription_is_active:
 * @self: a subscription
 *
 * Tells whether the handler may still be called. One for a single event is no longer active while it handles that.
 *
 * Returns: %FALSE after the end
 */
gboolean
rt_subscription_is_active (RtSubscription *self)
{
  g_return_val_if_fail (RT_IS_SUBSCRIPTION (self), FALSE);

  return self->sub != NULL && !rt_bus_sub_has_ended (self->sub);
}

/**
 * rt_subscription_bind:
 * @self: a subscription
 * @owner: an object
 *
 * Lets the subscription end when @owner is disposed, as by [method@Subscription.cancel]; in whichever thread that happens.
 *
 * No reference to @owner is taken, and the handler's data should hold none, or @owner would never go. A subscription
 * may be bound to several objects, and ends with the first of them that goes.
 */
void
rt_subscription_bind (RtSubscription *self, GObject *owner)
{
  g_return_if_fail (RT_IS_SUBSCRIPTION (self));
  g_return_if_fail (G_IS_OBJECT (owner));

  if (self->sub != NULL)
    rt_bus_owner_bind (self->sub, owner);
}
