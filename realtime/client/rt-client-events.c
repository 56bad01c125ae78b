/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-subscription-private.h"

/* Everything that a client has to tell goes through here: first to the handlers of its signal "event", then onto the
 * bus, whose subscribers get it in contexts of their own. */

static guint event_signal;

/* The nicks of the types as quarks, made once: they are the library's own words. */
static GQuark
get_detail (RtEventType type)
{
  static GQuark details[RT_EVENT_TYPE_CUSTOM + 1]; /* atomic */

  if (details[type] == 0)
    g_atomic_int_set (&details[type], g_quark_from_static_string (rt_event_type_to_nick (type)));
  return details[type];
}

void
rt_client_install_event_signal (GType type)
{
  /**
   * RtClient::event:
   * @self: the client
   * @event: what happened
   *
   * Emitted in the client's context for everything that the client puts on its [property@Client:event-bus]. The detail is
   * the nick of the event's type: `event::message-received`. It comes directly after the signal of its own that
   * what happened may have.
   */
  event_signal = g_signal_new ("event", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                               g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, RT_TYPE_EVENT);
  g_signal_set_va_marshaller (event_signal, type, g_cclosure_marshal_VOID__OBJECTv);
}

/* --- The bus --- */

void
rt_client_events_init (RtClientEvents *self, RtEventBus *bus)
{
  self->is_own = bus == NULL;
  self->bus = bus != NULL ? g_object_ref (bus) : rt_event_bus_new ();
}

static GPtrArray *
take_subscriptions (RtClientEvents *self)
{
  g_mutex_lock (&self->lock);
  GPtrArray *taken = g_steal_pointer (&self->subscriptions);
  g_mutex_unlock (&self->lock);
  return taken;
}

void
rt_client_events_end (RtClientEvents *self)
{
  g_autoptr (GPtrArray) subscriptions = take_subscriptions (self);

  if (self->is_own)
    rt_event_bus_end (self->bus);
  for (guint i = 0; subscriptions != NULL && i < subscriptions->len; i++)
    rt_subscription_end (g_ptr_array_index (subscriptions, i));
}

void
rt_client_events_dispose (RtClientEvents *self)
{
  g_autoptr (GPtrArray) subscriptions = take_subscriptions (self);

  if (self->is_own)
    rt_event_bus_close (self->bus);
  for (guint i = 0; subscriptions != NULL && i < subscriptions->len; i++)
    rt_subscription_cancel (g_ptr_array_index (subscriptions, i));
}

void
rt_client_events_clear (RtClientEvents *self)
{
  g_clear_object (&self->bus);
  g_clear_pointer (&self->subscriptions, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
}

/* --- Telling --- */

/* Of handlers with a detail the function of GObject sees only those with the same one, and without, only the others. */
static gboolean
has_handler (RtClient *self, RtEventType type)
{
  return g_signal_has_handler_pending (self, event_signal, get_detail (type), FALSE)
         || g_signal_has_handler_pending (self, event_signal, 0, FALSE);
}

gboolean
rt_client_wants_event (RtClient *self, RtEventType type)
{
  return rt_event_bus_wants (rt_client_get_events (self)->bus, type) || has_handler (self, type);
}

void
rt_client_tell (RtClient *self, const RtEventParts *parts)
{
  g_autoptr (GVariant) variant = parts->variant != NULL ? g_variant_ref_sink (parts->variant) : NULL;

  if (!rt_client_wants_event (self, parts->type))
    return;
  g_autoptr (RtEvent) event = rt_event_new_from_parts (parts);
  rt_event_bus_dispatch (rt_client_get_events (self)->bus, event);
  g_signal_emit (self, event_signal, get_detail (parts->type), event);
}

static void
tell_sent (RtClient *self, gpointer message)
{
  rt_client_tell (self, &(RtEventParts) { .type = RT_EVENT_TYPE_MESSAGE_SENT, .message = message });
}

void
rt_client_tell_sent (RtClient *self, RtMessage *message)
{
  if (rt_client_wants_event (self, RT_EVENT_TYPE_MESSAGE_SENT))
    rt_client_run_later (self, tell_sent, g_object_ref (message), g_object_unref);
}

/* --- For the program --- */

/**
 * rt_client_get_event_bus: (get-property event-bus)
 * @self: a client
 *
 * The bus on which the client puts everything that happens.
 *
 * Returns: (transfer none): the bus
 */
RtEventBus *
rt_client_get_event_bus (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_get_events (self)->bus;
}

/* Those that are over are let go of when the list has doubled. */
static void
keep_subscription (RtClientEvents *self, RtSubscription *subscription)
{
  g_autoptr (GPtrArray) over = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&self->lock);
  if (self->subscriptions == NULL)
    self->subscriptions = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *all = self->subscriptions;
  if ((all->len & (all->len - 1)) == 0)
    for (guint i = all->len; i > 0; i--)
      if (!rt_subscription_is_active (g_ptr_array_index (all, i - 1)))
        g_ptr_array_add (over, g_ptr_array_steal_index_fast (all, i - 1));
  g_ptr_array_add (all, g_object_ref (subscription));
  g_mutex_unlock (&self->lock);
}

/**
 * rt_client_on:
 * @self: a client
 * @event_type: the type of the events
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each event of the type
 * @user_data: data for @callback
 * @destroy: (nullable): frees @user_data
 *
 * Subscribes to what happens: [method@EventBus.subscribe] on the client's [property@Client:event-bus].
 *
 * @callback runs in the main context that is the thread-default one of the thread that calls this, some time after what
 * happened, in order. The subscription ends by [method@Subscription.cancel], with an owner given to
 * [method@Subscription.bind], or when the client is closed: then what happened before is still delivered. Dropping the
 * returned object changes nothing. On a client that was closed nothing is called.
 *
 * Returns: (transfer full): the subscription
 */
RtSubscription *
rt_client_on (RtClient *self, RtEventType event_type, RtEventFunc callback, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  RtClientEvents *events = rt_client_get_events (self);
  RtSubscription *subscription = rt_event_bus_subscribe (events->bus, event_type, callback, user_data, destroy);

  if (subscription == NULL)
    return NULL;
  if (rt_client_is_over (self))
    rt_subscription_cancel (subscription);
  else if (!events->is_own)
    keep_subscription (events, subscription);
  return subscription;
}
