/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-rate-limit-middleware.h"

#include "rt-clock.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-exchange-private.h"
#include "rt-rate-limit-keys.h"

/**
 * RtRateLimitMiddleware:
 *
 * Lets no more than so many messages a second go on.
 *
 * The limit holds for each key and direction on its own. The key of a message is the name of its channel, or what a
 * function says ([method@RateLimitMiddleware.set_key_func]). What comes too early waits, fails or is coalesced, by
 * [property@RateLimitMiddleware:mode]. The last is for values of which only the newest counts, such as a position or
 * a price: of the messages with one key that wait, only the newest goes on, and the others are dropped with the
 * reason `superseded`.
 *
 * Order: in the mode %RT_RATE_LIMIT_MODE_COALESCE messages of a channel that have different keys may overtake each
 * other. Messages of one key never do, unless a middleware further in does not resolve them in order.
 *
 * Bounds: a message that would have to wait longer than its deadline, or behind more than
 * [property@RateLimitMiddleware:max-waiting] others, fails at once with %RT_ERROR_RATE_LIMITED; so does one with a new
 * key while 4,096 others are in use. In the mode %RT_RATE_LIMIT_MODE_WAIT that goes for messages of different channels
 * under one key: of one channel only the first is here, and the others wait behind it outside, where the deadline and
 * the queue limits of the client bound them.
 *
 * It is to be added to clients of one main context.
 */

enum
{
  PROP_0,
  PROP_RATE,
  PROP_BURST,
  PROP_MODE,
  PROP_DIRECTIONS,
  PROP_MAX_WAITING,
  N_PROPS,
};

#define DEFAULT_MAX_WAITING 1000
#define SETTABLE (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)
#define CONSTRUCT (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

struct _RtRateLimitMiddleware
{
  GObject parent_instance;

  double rate;
  guint burst;
  RtRateLimitMode mode;
  RtDirections directions;
  guint max_waiting;
  RtRateLimitKeyFunc func;
  gpointer user_data;
  GDestroyNotify destroy;

  RtRateKeys keys[2]; /* by direction */
};

static void rt_rate_limit_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtRateLimitMiddleware, rt_rate_limit_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_rate_limit_middleware_iface_init))

static GParamSpec *properties[N_PROPS];

/* --- Messages --- */

static char *
dup_key (RtRateLimitMiddleware *self, RtMessage *message)
{
  char *key = self->func != NULL ? self->func (message, self->user_data) : NULL;

  return key != NULL ? key : g_strdup (rt_message_get_channel (message));
}

static void
fail (RtExchange *exchange, const char *why)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_RATE_LIMITED,
                                          "The message is over the limit of messages a second: %s", why);

  rt_exchange_fail (exchange, error);
}

static void
turn_cb (RtMiddleware *middleware, RtExchange *exchange, gpointer unused)
{
  rt_exchange_proceed (exchange);
}

static void
coalesced_turn_cb (RtMiddleware *middleware, RtExchange *exchange, gpointer data)
{
  RtRateKey *key = data;

  if (key->waiting == exchange)
    g_clear_object (&key->waiting);
  rt_exchange_proceed (exchange);
}

/* Whether it cannot be expected to wait so long. */
static gboolean
is_too_long (RtRateLimitMiddleware *self, RtExchange *exchange, gint64 now, gint64 turn, gint64 interval)
{
  gint64 wait = turn - now;

  return wait > rt_exchange_get_patience (exchange, now) || (wait - 1) / interval >= self->max_waiting;
}

/* It comes in place of the one that waits. */
static void
supersede (RtRateLimitMiddleware *self, RtRateKey *key, RtExchange *exchange, gint64 now)
{
  g_autoptr (RtExchange) old = NULL;

  /* A recovery middleware may have had it tried again. */
  if (key->waiting != NULL && rt_exchange_is_newer (key->waiting, exchange))
    {
      rt_exchange_drop (exchange, "superseded");
      return;
    }
  old = g_steal_pointer (&key->waiting);
  if (old != NULL)
    rt_exchange_drop (old, "superseded");
  if (key->turn <= now)
    {
      rt_exchange_proceed (exchange);
      return;
    }
  key->waiting = g_object_ref (exchange);
  key->serial = rt_exchange_get_serial (exchange);
  rt_exchange_let_by (exchange);
  rt_exchange_wake_at (exchange, RT_MIDDLEWARE (self), key->turn, coalesced_turn_cb, key);
}

static void
limit (RtRateLimitMiddleware *self, RtRateKeys *keys, RtRateKey *key, RtExchange *exchange, gint64 now)
{
  rt_rate_keys_take_back (keys, key);
  gint64 turn = rt_rate_keys_turn (keys, key, now);

  if (key->waiting != NULL)
    {
      supersede (self, key, exchange, now);
      return;
    }
  if (turn > now && self->mode == RT_RATE_LIMIT_MODE_FAIL)
    {
      g_autofree char *why
        = g_strdup_printf ("send it again after %" G_GINT64_FORMAT " ms", (turn - now + 999) / 1000);
      fail (exchange, why);
      return;
    }
  if (turn > now && is_too_long (self, exchange, now, turn, keys->interval))
    {
      fail (exchange, "too many wait already");
      return;
    }
  rt_rate_keys_take (keys, key, now);
  key->turn = turn;
  if (self->mode == RT_RATE_LIMIT_MODE_COALESCE)
    supersede (self, key, exchange, now);
  else if (turn > now)
    rt_exchange_wake_at (exchange, RT_MIDDLEWARE (self), turn, turn_cb, NULL);
  else
    rt_exchange_proceed (exchange);
}

static gboolean
rt_rate_limit_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  RtRateLimitMiddleware *self = RT_RATE_LIMIT_MIDDLEWARE (middleware);
  RtDirection direction = rt_exchange_get_direction (exchange);
  RtMessage *message = rt_exchange_get_message (exchange);
  gint64 now = rt_clock_now ();

  if (message == NULL || (self->directions & 1u << direction) == 0)
    {
      rt_exchange_proceed (exchange);
      return TRUE;
    }
  g_autofree char *name = dup_key (self, message);
  RtRateKey *key = rt_rate_keys_get (&self->keys[direction], name, now);

  if (key != NULL)
    limit (self, &self->keys[direction], key, exchange, now);
  else
    fail (exchange, "too many keys are in use");
  return TRUE;
}

/* --- The object --- */

static void
rt_rate_limit_middleware_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtRateLimitMiddleware *self = RT_RATE_LIMIT_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PROP_BURST:
      g_value_set_uint (value, self->burst);
      break;
    case PROP_MODE:
      g_value_set_enum (value, self->mode);
      break;
    case PROP_DIRECTIONS:
      g_value_set_flags (value, self->directions);
      break;
    case PROP_MAX_WAITING:
      g_value_set_uint (value, self->max_waiting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_rate_limit_middleware_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtRateLimitMiddleware *self = RT_RATE_LIMIT_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_RATE:
      self->rate = g_value_get_double (value);
      break;
    case PROP_BURST:
      self->burst = g_value_get_uint (value);
      break;
    case PROP_MODE:
      self->mode = g_value_get_enum (value);
      break;
    case PROP_DIRECTIONS:
      rt_rate_limit_middleware_set_directions (self, g_value_get_flags (value));
      break;
    case PROP_MAX_WAITING:
      rt_rate_limit_middleware_set_max_waiting (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_rate_limit_middleware_constructed (GObject *object)
{
  RtRateLimitMiddleware *self = RT_RATE_LIMIT_MIDDLEWARE (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->keys); i++)
    rt_rate_keys_init (&self->keys[i], self->rate, self->burst);

  G_OBJECT_CLASS (rt_rate_limit_middleware_parent_class)->constructed (object);
}

static void
rt_rate_limit_middleware_finalize (GObject *object)
{
  RtRateLimitMiddleware *self = RT_RATE_LIMIT_MIDDLEWARE (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->keys); i++)
    rt_rate_keys_clear (&self->keys[i]);
  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (rt_rate_limit_middleware_parent_class)->finalize (object);
}

static void
make_specs (void)
{
  /**
   * RtRateLimitMiddleware:rate: (getter get_rate)
   *
   * How many messages a second may go on under one key; not over zero: one a day.
   */
  properties[PROP_RATE]
    = g_param_spec_double ("rate", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 10.0, CONSTRUCT);

  /**
   * RtRateLimitMiddleware:burst: (getter get_burst)
   *
   * How many may go on at once after a pause; 0 counts as 1.
   */
  properties[PROP_BURST] = g_param_spec_uint ("burst", NULL, NULL, 0, G_MAXUINT, 1, CONSTRUCT);

  /**
   * RtRateLimitMiddleware:mode: (getter get_mode)
   *
   * What happens to a message that comes too early.
   */
  properties[PROP_MODE] = g_param_spec_enum ("mode", NULL, NULL, RT_TYPE_RATE_LIMIT_MODE, RT_RATE_LIMIT_MODE_WAIT,
                                             CONSTRUCT);

  /**
   * RtRateLimitMiddleware:directions: (getter get_directions) (setter set_directions)
   *
   * Which messages count; others go on.
   */
  properties[PROP_DIRECTIONS]
    = g_param_spec_flags ("directions", NULL, NULL, RT_TYPE_DIRECTIONS, RT_DIRECTIONS_BOTH, SETTABLE);

  /**
   * RtRateLimitMiddleware:max-waiting: (getter get_max_waiting) (setter set_max_waiting)
   *
   * How many messages of one key may wait for their turn.
   */
  properties[PROP_MAX_WAITING]
    = g_param_spec_uint ("max-waiting", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_WAITING, SETTABLE);
}

static void
rt_rate_limit_middleware_class_init (RtRateLimitMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_rate_limit_middleware_get_property;
  object_class->set_property = rt_rate_limit_middleware_set_property;
  object_class->constructed = rt_rate_limit_middleware_constructed;
  object_class->finalize = rt_rate_limit_middleware_finalize;

  make_specs ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_rate_limit_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_rate_limit_middleware_process;
}

static void
rt_rate_limit_middleware_init (RtRateLimitMiddleware *self)
{
  self->directions = RT_DIRECTIONS_BOTH;
  self->max_waiting = DEFAULT_MAX_WAITING;
}

/**
 * rt_rate_limit_middleware_new:
 * @rate: how many messages a second may go on under one key
 * @burst: how many may go on at once after a pause; 0 counts as 1
 * @mode: what happens to a message that comes too early
 *
 * Makes a middleware that limits how many messages go on.
 *
 * Returns: (transfer full) (type RtRateLimitMiddleware): the middleware
 */
RtMiddleware *
rt_rate_limit_middleware_new (double rate, guint burst, RtRateLimitMode mode)
{
  return g_object_new (RT_TYPE_RATE_LIMIT_MIDDLEWARE, "rate", rate, "burst", burst, "mode", mode, NULL);
}

/**
 * rt_rate_limit_middleware_set_key_func:
 * @self: the middleware
 * @func: (scope notified) (closure user_data) (destroy destroy) (nullable): tells under which key a message counts,
 *   or %NULL for the name of its channel
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the thread that lets go of the middleware
 *
 * Sets what messages are told apart by. To be called before the middleware is used.
 *
 * A function that returns %NULL, as one of a script that raises an exception, leaves the message under the name of
 * its channel.
 */
void
rt_rate_limit_middleware_set_key_func (RtRateLimitMiddleware *self,
                                       RtRateLimitKeyFunc     func,
                                       gpointer               user_data,
                                       GDestroyNotify         destroy)
{
  g_return_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self));

  gpointer old = self->user_data;
  GDestroyNotify old_destroy = self->destroy;

  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

/**
 * rt_rate_limit_middleware_get_rate: (get-property rate)
 * @self: the middleware
 *
 * Gets [property@RateLimitMiddleware:rate].
 *
 * Returns: messages a second
 */
double
rt_rate_limit_middleware_get_rate (RtRateLimitMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self), 0);

  return self->rate;
}

/**
 * rt_rate_limit_middleware_get_burst: (get-property burst)
 * @self: the middleware
 *
 * Gets [property@RateLimitMiddleware:burst].
 *
 * Returns: a count
 */
guint
rt_rate_limit_middleware_get_burst (RtRateLimitMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self), 0);

  return self->burst;
}

/**
 * rt_rate_limit_middleware_get_mode: (get-property mode)
 * @self: the middleware
 *
 * Gets [property@RateLimitMiddleware:mode].
 *
 * Returns: the mode
 */
RtRateLimitMode
rt_rate_limit_middleware_get_mode (RtRateLimitMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self), RT_RATE_LIMIT_MODE_WAIT);

  return self->mode;
}

/**
 * rt_rate_limit_middleware_get_directions: (get-property directions)
 * @self: the middleware
 *
 * Gets [property@RateLimitMiddleware:directions].
 *
 * Returns: which messages count
 */
RtDirections
rt_rate_limit_middleware_get_directions (RtRateLimitMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self), RT_DIRECTIONS_BOTH);

  return self->directions;
}

/**
 * rt_rate_limit_middleware_get_max_waiting: (get-property max-waiting)
 * @self: the middleware
 *
 * Gets [property@RateLimitMiddleware:max-waiting].
 *
 * Returns: a count
 */
guint
rt_rate_limit_middleware_get_max_waiting (RtRateLimitMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self), 0);

  return self->max_waiting;
}

/**
 * rt_rate_limit_middleware_set_directions: (set-property directions)
 * @self: the middleware
 * @directions: the new value
 *
 * Sets [property@RateLimitMiddleware:directions].
 */
void
rt_rate_limit_middleware_set_directions (RtRateLimitMiddleware *self, RtDirections directions)
{
  g_return_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self));

  if (self->directions == directions)
    return;
  self->directions = directions;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRECTIONS]);
}

/**
 * rt_rate_limit_middleware_set_max_waiting: (set-property max-waiting)
 * @self: the middleware
 * @max_waiting: the new value
 *
 * Sets [property@RateLimitMiddleware:max-waiting].
 */
void
rt_rate_limit_middleware_set_max_waiting (RtRateLimitMiddleware *self, guint max_waiting)
{
  g_return_if_fail (RT_IS_RATE_LIMIT_MIDDLEWARE (self));

  if (self->max_waiting == max_waiting)
    return;
  self->max_waiting = max_waiting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_WAITING]);
}
