/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-exchange-private.h"

#include "rt-chain-private.h"
#include "rt-clock.h"
#include "rt-enum-types.h"

/**
 * RtExchange:
 *
 * One message on its way through the middlewares of a client.
 *
 * A middleware that is given an exchange resolves it with exactly one of [method@Exchange.proceed],
 * [method@Exchange.replace], [method@Exchange.drop] and [method@Exchange.fail], inside
 * [vfunc@Middleware.process] or at any time later. Only the first of them counts; what comes after it is ignored.
 * Until then the exchange holds back later messages of its channel and direction, so that their order stays;
 * messages of other channels go on. An exchange has a deadline, after which it fails with %RT_ERROR_TIMED_OUT.
 *
 * What happens on the way back is told by [signal@Exchange::completed], to which a middleware connects in `process`
 * if it wants to know.
 *
 * ## Threads
 *
 * An exchange belongs to the thread that runs the client's main context. The four methods may also be called from
 * another thread, as from one that does work for a middleware: what they do is then carried over.
 */

enum
{
  PROP_0,
  PROP_MESSAGE,
  PROP_DIRECTION,
  PROP_CANCELLABLE,
  PROP_REASON,
  N_PROPS,
};

enum
{
  COMPLETED,
  N_SIGNALS,
};

#define FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)
#define DATALIST_BITS 7 /* of a pointer: a lock and two flags */

G_DEFINE_FINAL_TYPE (RtExchange, rt_exchange, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
rt_exchange_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtExchange *self = RT_EXCHANGE (object);

  switch (id)
    {
    case PROP_MESSAGE:
      g_value_set_object (value, self->message);
      break;
    case PROP_DIRECTION:
      g_value_set_enum (value, self->direction);
      break;
    case PROP_CANCELLABLE:
      g_value_set_object (value, rt_exchange_get_cancellable (self));
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_exchange_finalize (GObject *object)
{
  RtExchange *self = RT_EXCHANGE (object);

  rt_exchange_clear_guards (self, 0);
  g_clear_object (&self->waker);
  g_clear_pointer (&self->guards, g_array_unref);
  g_clear_pointer (&self->limits, g_array_unref);
  g_clear_pointer (&self->stages, rt_stages_unref);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->caller);
  g_clear_error (&self->error);
  g_clear_error (&self->early);
  g_free (self->reason);
  g_clear_pointer (&self->chain, rt_chain_unref);

  G_OBJECT_CLASS (rt_exchange_parent_class)->finalize (object);
}

static void
rt_exchange_class_init (RtExchangeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_exchange_get_property;
  object_class->finalize = rt_exchange_finalize;

  /**
   * RtExchange:message: (getter get_message)
   *
   * The message, as the middlewares further out have left it.
   */
  properties[PROP_MESSAGE] = g_param_spec_object ("message", NULL, NULL, RT_TYPE_MESSAGE, FLAGS);

  /**
   * RtExchange:direction: (getter get_direction)
   *
   * Which way the message goes.
   */
  properties[PROP_DIRECTION]
    = g_param_spec_enum ("direction", NULL, NULL, RT_TYPE_DIRECTION, RT_DIRECTION_INCOMING, FLAGS);

  /**
   * RtExchange:cancellable: (getter get_cancellable)
   *
   * Is cancelled when the exchange ends early: by its deadline, by the caller's cancel, or with the client.
   */
  properties[PROP_CANCELLABLE] = g_param_spec_object ("cancellable", NULL, NULL, G_TYPE_CANCELLABLE, FLAGS);

  /**
   * RtExchange:reason: (getter get_reason)
   *
   * Why the message was dropped; %NULL if it was not.
   */
  properties[PROP_REASON] = g_param_spec_string ("reason", NULL, NULL, NULL, FLAGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * RtExchange::completed:
   * @self: the exchange
   * @error: (nullable): why it failed, or %NULL if it was delivered, acknowledged by the server, or dropped
   *
   * Says how the exchange ended: for an outgoing message with the outcome of the send, for an incoming one after it
   * has been delivered.
   *
   * Handlers run in the reverse order of their connection, so that the innermost middleware hears first; each runs
   * once and is then disconnected. Where a message was dropped, [property@Exchange:reason] is set. Where a Recovery middleware tries again, the middlewares inside of it hear the
   * error of each attempt, and are given the exchange anew. Emitted in the thread that runs the client's main context.
   */
  signals[COMPLETED]
    = g_signal_new ("completed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_set_va_marshaller (signals[COMPLETED], G_TYPE_FROM_CLASS (klass), g_cclosure_marshal_VOID__BOXEDv);
}

static void
rt_exchange_init (RtExchange *self)
{
  self->place.data = self;
  self->link.data = self;
}

/* --- For the chain --- */

RtExchange *
rt_exchange_new (RtChain *chain)
{
  RtExchange *self = g_object_new (RT_TYPE_EXCHANGE, NULL);

  self->chain = rt_chain_ref (chain);
  return self;
}

void
rt_exchange_cancel (RtExchange *self)
{
  GCancellable *made;
  g_autoptr (GCancellable) cancellable = NULL;

  g_atomic_int_set (&self->cancelled, TRUE);
  made = g_atomic_pointer_get (&self->cancellable);
  cancellable = made != NULL ? g_object_ref (made) : NULL;
  g_cancellable_cancel (cancellable);
}

/* One reference, ours, means that nobody else has a counted way to it; weak references, and what bindings attach, are
 * in the data list of the object, whose lowest bits are flags. */
static gboolean
is_unused (RtExchange *self)
{
  GObject *object = (GObject *) self;

  return !self->watched && g_atomic_int_get (&object->ref_count) == 1
         && ((gsize) g_atomic_pointer_get (&object->qdata) & ~(gsize) DATALIST_BITS) == 0;
}

gboolean
rt_exchange_reset (RtExchange *self)
{
  if (!is_unused (self))
    return FALSE;
  g_clear_object (&self->message);
  if (self->cancellable != NULL)
    g_clear_object (&self->cancellable);
  if (self->error != NULL)
    g_clear_error (&self->error);
  g_clear_pointer (&self->reason, g_free);
  self->state = RT_EXCHANGE_IDLE;
  self->verdict = RT_VERDICT_NONE;
  self->next = 0;
  self->loose = FALSE;
  self->expired = FALSE;
  self->told = FALSE;
  self->final = FALSE;
  self->cancelled = FALSE;
  self->deadline = 0;
  return TRUE;
}

/* Adds to @ids the handlers that were connected since it was last asked, and keeps them from being called. */
static void
block_new_handlers (RtExchange *self, GArray *ids)
{
  gulong id;

  while ((id = g_signal_handler_find (self, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED, signals[COMPLETED], 0, NULL,
                                      NULL, NULL)) != 0)
    {
      g_signal_handler_block (self, id);
      g_array_append_val (ids, id);
    }
}

/* GObject would emit in the order of connection. So each handler gets an emission of its own, all others blocked. */
void
rt_exchange_emit_completed (RtExchange *self, gulong mark, const GError *error)
{
  if (!g_signal_has_handler_pending (self, signals[COMPLETED], 0, TRUE))
    return;

  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gulong));
  g_autoptr (RtExchange) hold = g_object_ref (self);
  guint n;

  self->watched = TRUE;
  block_new_handlers (self, ids);
  n = ids->len;
  for (guint i = n; i > 0; i--)
    {
      gulong id = g_array_index (ids, gulong, i - 1);

      if (!g_signal_handler_is_connected (self, id))
        continue;
      g_signal_handler_unblock (self, id);
      if (id <= mark)
        continue;
      g_signal_emit (self, signals[COMPLETED], 0, error);
      if (g_signal_handler_is_connected (self, id))
        g_signal_handler_disconnect (self, id);
      /* What a handler connects now comes too late. */
      block_new_handlers (self, ids);
    }
}

/* --- For middlewares of this library --- */

static void
mark_cb (RtExchange *self, const GError *error, gpointer unused)
{
}

/* Whether it is with a middleware, as a program may give anything to a middleware's process (). */
static gboolean
is_open (RtExchange *self)
{
  return self->chain != NULL && self->state == RT_EXCHANGE_RUNNING && self->verdict == RT_VERDICT_NONE;
}

void
rt_exchange_guard (RtExchange *self, RtMiddleware *middleware, RtGuardFunc func)
{
  RtGuard guard = { .func = func };

  if (!is_open (self))
    return;
  guard.stage = self->next - 1;
  guard.middleware = g_object_ref (middleware);
  guard.message = g_object_ref (self->message);
  if (g_signal_has_handler_pending (self, signals[COMPLETED], 0, TRUE))
    {
      self->watched = TRUE;
      guard.mark = g_signal_connect (self, "completed", G_CALLBACK (mark_cb), NULL);
    }
  if (self->guards == NULL)
    self->guards = g_array_new (FALSE, FALSE, sizeof (RtGuard));
  g_array_append_val (self->guards, guard);
}

void
rt_exchange_clear_guards (RtExchange *self, guint n_left)
{
  if (self->guards == NULL)
    return;
  for (guint i = n_left; i < self->guards->len; i++)
    {
      g_object_unref (g_array_index (self->guards, RtGuard, i).middleware);
      g_object_unref (g_array_index (self->guards, RtGuard, i).message);
    }
  if (n_left < self->guards->len)
    g_array_set_size (self->guards, n_left);
}

void
rt_exchange_limit (RtExchange *self, guint ms)
{
  RtLimit limit = { .ms = ms };

  if (!is_open (self))
    return;
  limit.stage = self->next - 1;
  limit.deadline = rt_clock_now () + RT_CLOCK_MS (ms);
  if (self->limits == NULL)
    self->limits = g_array_new (FALSE, FALSE, sizeof (RtLimit));
  g_array_append_val (self->limits, limit);
}

void
rt_exchange_wake_at (RtExchange *self, RtMiddleware *middleware, gint64 when, RtWakeFunc func, gpointer data)
{
  if (!is_open (self))
    return;
  self->wake = when;
  self->woken = func;
  self->wake_data = data;
  g_set_object (&self->waker, middleware);
}

RtMessage *
rt_exchange_get_guarded (RtExchange *self)
{
  return g_array_index (self->guards, RtGuard, self->guards->len - 1).message;
}

/* It may have waited before. */
gint64
rt_exchange_get_patience (RtExchange *self, gint64 now)
{
  return self->deadline != 0 ? self->deadline - now : RT_CLOCK_MS (self->deadline_ms);
}

int
rt_exchange_get_serial (RtExchange *self)
{
  return self->serial;
}

gboolean
rt_exchange_is_kept (RtExchange *self, int serial)
{
  return self->state == RT_EXCHANGE_PARKED && self->serial == serial;
}

gboolean
rt_exchange_is_newer (RtExchange *self, RtExchange *other)
{
  return self->chain == other->chain && self->number > other->number;
}

void
rt_exchange_let_by (RtExchange *self)
{
  if (!is_open (self))
    return;
  self->loose = TRUE;
  rt_chain_leave_lane (self->chain, self);
}

/* --- Public --- */

/**
 * rt_exchange_get_message: (get-property message)
 * @self: an exchange
 *
 * Gets [property@Exchange:message].
 *
 * Returns: (transfer none) (nullable): the message; %NULL for an exchange that no client made
 */
RtMessage *
rt_exchange_get_message (RtExchange *self)
{
  g_return_val_if_fail (RT_IS_EXCHANGE (self), NULL);

  return self->message;
}

/**
 * rt_exchange_get_direction: (get-property direction)
 * @self: an exchange
 *
 * Gets [property@Exchange:direction].
 *
 * Returns: which way the message goes
 */
RtDirection
rt_exchange_get_direction (RtExchange *self)
{
  g_return_val_if_fail (RT_IS_EXCHANGE (self), RT_DIRECTION_INCOMING);

  return self->direction;
}

/**
 * rt_exchange_get_cancellable: (get-property cancellable)
 * @self: an exchange
 *
 * Gets [property@Exchange:cancellable], to be given to what a middleware waits for.
 *
 * Returns: (transfer none): what is cancelled when the exchange ends early
 */
GCancellable *
rt_exchange_get_cancellable (RtExchange *self)
{
  g_return_val_if_fail (RT_IS_EXCHANGE (self), NULL);

  GCancellable *cancellable = g_atomic_pointer_get (&self->cancellable);

  if (cancellable != NULL)
    return cancellable;
  cancellable = g_cancellable_new ();
  if (!g_atomic_pointer_compare_and_exchange (&self->cancellable, NULL, cancellable))
    {
      g_object_unref (cancellable);
      cancellable = g_atomic_pointer_get (&self->cancellable);
    }
  if (g_atomic_int_get (&self->cancelled))
    g_cancellable_cancel (cancellable);
  return cancellable;
}

/**
 * rt_exchange_get_reason: (get-property reason)
 * @self: an exchange
 *
 * Gets [property@Exchange:reason].
 *
 * Returns: (nullable): why the message was dropped; %NULL if it was not
 */
const char *
rt_exchange_get_reason (RtExchange *self)
{
  g_return_val_if_fail (RT_IS_EXCHANGE (self), NULL);

  return self->reason;
}

/**
 * rt_exchange_proceed:
 * @self: an exchange
 *
 * Resolves the exchange: the message goes on as it is.
 */
void
rt_exchange_proceed (RtExchange *self)
{
  g_return_if_fail (RT_IS_EXCHANGE (self));

  /* Nearly always it is called from inside process (). */
  if (G_LIKELY (is_open (self) && self->chain->thread == rt_chain_thread ()))
    self->verdict = RT_VERDICT_PROCEED;
  else
    rt_chain_resolve (self, RT_VERDICT_PROCEED, NULL, NULL, NULL);
}

/**
 * rt_exchange_replace:
 * @self: an exchange
 * @message: what goes on in place of the message
 *
 * Resolves the exchange: another message goes on in place of this one.
 *
 * It takes the place of the first one in the order of that one's channel. Nothing is taken over: give a builder the id,
 * the sender, metadata and tags where they are to stay. What the server has said of a message that was received
 * ([property@Message:offset], [property@Message:user-id] and [property@Message:client-id]) one of the program's own does
 * not have, so handlers that decide by these see none.
 */
void
rt_exchange_replace (RtExchange *self, RtMessage *message)
{
  g_return_if_fail (RT_IS_EXCHANGE (self));
  g_return_if_fail (RT_IS_MESSAGE (message));

  rt_chain_resolve (self, RT_VERDICT_PROCEED, message, NULL, NULL);
}

/**
 * rt_exchange_drop:
 * @self: an exchange
 * @reason: (nullable): why, for logs and events
 *
 * Resolves the exchange: the message goes no further, on purpose.
 */
void
rt_exchange_drop (RtExchange *self, const char *reason)
{
  g_return_if_fail (RT_IS_EXCHANGE (self));

  rt_chain_resolve (self, RT_VERDICT_DROP, NULL, reason, NULL);
}

/**
 * rt_exchange_fail:
 * @self: an exchange
 * @error: what went wrong
 *
 * Resolves the exchange: the message goes no further, since something went wrong. A send fails with @error.
 */
void
rt_exchange_fail (RtExchange *self, const GError *error)
{
  g_return_if_fail (RT_IS_EXCHANGE (self));
  g_return_if_fail (error != NULL);

  rt_chain_resolve (self, RT_VERDICT_FAIL, NULL, NULL, error);
}
