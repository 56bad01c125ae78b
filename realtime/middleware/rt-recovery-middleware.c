/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-recovery-middleware.h"

#include "rt-dead-letter-private.h"
#include "rt-error.h"
#include "rt-exchange-private.h"

/**
 * RtRecoveryMiddleware:
 *
 * Catches what fails inside of it, reports it, and may try again.
 *
 * Inside of it are the middlewares which were added after it, and for an outgoing message the send. Each failure of
 * theirs, an exception in a script among them, is told by [signal@RecoveryMiddleware::recovered]. The failure of a
 * token provider that the client uses is told too, and that of the validators of a factory which it watches
 * ([method@RecoveryMiddleware.watch_factory]); a program reports other ones with
 * [method@RecoveryMiddleware.report].
 *
 * ## Trying again
 *
 * With [property@RecoveryMiddleware:max-retries] over 0, what is inside is given the message again, as it was when it
 * came to this middleware: after [property@RecoveryMiddleware:retry-delay], and after twice the time of before for each
 * further attempt, up to [property@RecoveryMiddleware:max-retry-delay]. Not tried again is what cannot succeed: after a
 * final error of this library (see [func@Error.is_retryable]; %RT_ERROR_FAILED counts as temporary here), an error of
 * the server's application, or a cancel. Of a send whose outcome is unknown the same message is sent again, which
 * receivers see once. An incoming message that waits holds back later ones of its channel, so that their order stays;
 * an outgoing one does so only if it failed before it was sent.
 *
 * ## In the end
 *
 * A message that fails for good is kept in [property@RecoveryMiddleware:dead-letters]. A send fails with its error. An
 * incoming message is dropped, with the error's text as the reason, and is no failure for what is outside of here.
 *
 * It is to be added to clients of one main context.
 */

enum
{
  PROP_0,
  PROP_MAX_RETRIES,
  PROP_RETRY_DELAY,
  PROP_MAX_RETRY_DELAY,
  PROP_MAX_DEAD_LETTERS,
  PROP_DEAD_LETTERS,
  N_PROPS,
};

enum
{
  RECOVERED,
  N_SIGNALS,
};

#define DEFAULT_RETRY_DELAY 500
#define DEFAULT_MAX_RETRY_DELAY 30000
#define DEFAULT_MAX_DEAD_LETTERS 100
#define SETTABLE (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

struct _RtRecoveryMiddleware
{
  GObject parent_instance;

  guint max_retries;
  guint retry_delay;
  guint max_retry_delay;
  guint max_dead_letters;
  GListStore *dead_letters;
};

static void rt_recovery_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtRecoveryMiddleware, rt_recovery_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_recovery_middleware_iface_init))

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* --- Failures --- */

static void
trim_dead_letters (RtRecoveryMiddleware *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->dead_letters));

  if (n > self->max_dead_letters)
    g_list_store_splice (self->dead_letters, 0, n - self->max_dead_letters, NULL, 0);
}

static void
bury (RtRecoveryMiddleware *self, RtMessage *message, RtDirection direction, guint attempts, const GError *error)
{
  g_autoptr (RtDeadLetter) letter = rt_dead_letter_new (message, direction, attempts, error);

  if (self->max_dead_letters == 0)
    return;
  g_list_store_append (self->dead_letters, letter);
  trim_dead_letters (self);
}

static gboolean
is_worth_a_retry (const GError *error)
{
  if (error->domain == RT_ERROR)
    return error->code == RT_ERROR_FAILED || rt_error_is_retryable (error);
  return error->domain != RT_SERVER_ERROR && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static guint
get_delay (RtRecoveryMiddleware *self, guint attempt)
{
  guint64 delay = (guint64) self->retry_delay << MIN (attempt - 1, 31);

  return MIN (delay, self->max_retry_delay);
}

static RtGuardAnswer
failed_cb (RtMiddleware *middleware, RtExchange *exchange, guint attempt, const GError *error, guint *delay)
{
  RtRecoveryMiddleware *self = RT_RECOVERY_MIDDLEWARE (middleware);
  RtDirection direction = rt_exchange_get_direction (exchange);
  RtMessage *message = rt_exchange_get_message (exchange);

  g_signal_emit (self, signals[RECOVERED], 0, message, error);
  if (delay != NULL && attempt <= self->max_retries && is_worth_a_retry (error))
    {
      *delay = get_delay (self, attempt);
      return RT_GUARD_RETRY;
    }
  bury (self, rt_exchange_get_guarded (exchange), direction, attempt, error);
  return direction == RT_DIRECTION_INCOMING ? RT_GUARD_DROP : RT_GUARD_PASS_ON;
}

static gboolean
rt_recovery_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  rt_exchange_guard (exchange, middleware, failed_cb);
  rt_exchange_proceed (exchange);
  return TRUE;
}

/* --- The object --- */

static void
rt_recovery_middleware_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtRecoveryMiddleware *self = RT_RECOVERY_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_MAX_RETRIES:
      g_value_set_uint (value, self->max_retries);
      break;
    case PROP_RETRY_DELAY:
      g_value_set_uint (value, self->retry_delay);
      break;
    case PROP_MAX_RETRY_DELAY:
      g_value_set_uint (value, self->max_retry_delay);
      break;
    case PROP_MAX_DEAD_LETTERS:
      g_value_set_uint (value, self->max_dead_letters);
      break;
    case PROP_DEAD_LETTERS:
      g_value_set_object (value, self->dead_letters);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_recovery_middleware_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtRecoveryMiddleware *self = RT_RECOVERY_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_MAX_RETRIES:
      rt_recovery_middleware_set_max_retries (self, g_value_get_uint (value));
      break;
    case PROP_RETRY_DELAY:
      rt_recovery_middleware_set_retry_delay (self, g_value_get_uint (value));
      break;
    case PROP_MAX_RETRY_DELAY:
      rt_recovery_middleware_set_max_retry_delay (self, g_value_get_uint (value));
      break;
    case PROP_MAX_DEAD_LETTERS:
      rt_recovery_middleware_set_max_dead_letters (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_recovery_middleware_finalize (GObject *object)
{
  RtRecoveryMiddleware *self = RT_RECOVERY_MIDDLEWARE (object);

  g_clear_object (&self->dead_letters);

  G_OBJECT_CLASS (rt_recovery_middleware_parent_class)->finalize (object);
}

static void
make_specs (void)
{
  /**
   * RtRecoveryMiddleware:max-retries: (getter get_max_retries) (setter set_max_retries)
   *
   * How many times a message is tried again.
   */
  properties[PROP_MAX_RETRIES] = g_param_spec_uint ("max-retries", NULL, NULL, 0, G_MAXUINT, 0, SETTABLE);

  /**
   * RtRecoveryMiddleware:retry-delay: (getter get_retry_delay) (setter set_retry_delay)
   *
   * How many milliseconds pass before the first retry.
   */
  properties[PROP_RETRY_DELAY]
    = g_param_spec_uint ("retry-delay", NULL, NULL, 0, G_MAXUINT, DEFAULT_RETRY_DELAY, SETTABLE);

  /**
   * RtRecoveryMiddleware:max-retry-delay: (getter get_max_retry_delay) (setter set_max_retry_delay)
   *
   * How many milliseconds pass before a retry at most.
   */
  properties[PROP_MAX_RETRY_DELAY]
    = g_param_spec_uint ("max-retry-delay", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_RETRY_DELAY, SETTABLE);

  /**
   * RtRecoveryMiddleware:max-dead-letters: (getter get_max_dead_letters) (setter set_max_dead_letters)
   *
   * How many dead letters are kept; when there are more, the oldest go.
   */
  properties[PROP_MAX_DEAD_LETTERS]
    = g_param_spec_uint ("max-dead-letters", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_DEAD_LETTERS, SETTABLE);

  /**
   * RtRecoveryMiddleware:dead-letters: (getter get_dead_letters)
   *
   * The messages that failed for good, of the type [class@DeadLetter], the oldest first. Changes in the thread that
   * runs the client's main context.
   */
  properties[PROP_DEAD_LETTERS] = g_param_spec_object ("dead-letters", NULL, NULL, G_TYPE_LIST_MODEL,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
rt_recovery_middleware_class_init (RtRecoveryMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_recovery_middleware_get_property;
  object_class->set_property = rt_recovery_middleware_set_property;
  object_class->finalize = rt_recovery_middleware_finalize;

  make_specs ();
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * RtRecoveryMiddleware::recovered:
   * @self: the middleware
   * @message: (nullable): the message that it failed on, if there is one
   * @error: what failed
   *
   * Something failed, and was kept from doing harm. Emitted for each attempt, in the thread that runs the client's
   * main context.
   */
  signals[RECOVERED]
    = g_signal_new ("recovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                    RT_TYPE_MESSAGE, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
rt_recovery_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_recovery_middleware_process;
}

static void
rt_recovery_middleware_init (RtRecoveryMiddleware *self)
{
  self->retry_delay = DEFAULT_RETRY_DELAY;
  self->max_retry_delay = DEFAULT_MAX_RETRY_DELAY;
  self->max_dead_letters = DEFAULT_MAX_DEAD_LETTERS;
  self->dead_letters = g_list_store_new (RT_TYPE_DEAD_LETTER);
}

/**
 * rt_recovery_middleware_new:
 *
 * Makes a middleware that catches what fails inside of it.
 *
 * Returns: (transfer full): the middleware
 */
RtRecoveryMiddleware *
rt_recovery_middleware_new (void)
{
  return g_object_new (RT_TYPE_RECOVERY_MIDDLEWARE, NULL);
}

/**
 * rt_recovery_middleware_get_max_retries: (get-property max-retries)
 * @self: the middleware
 *
 * Gets [property@RecoveryMiddleware:max-retries].
 *
 * Returns: a count
 */
guint
rt_recovery_middleware_get_max_retries (RtRecoveryMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self), 0);

  return self->max_retries;
}

/**
 * rt_recovery_middleware_set_max_retries: (set-property max-retries)
 * @self: the middleware
 * @max_retries: a count
 *
 * Sets [property@RecoveryMiddleware:max-retries].
 */
void
rt_recovery_middleware_set_max_retries (RtRecoveryMiddleware *self, guint max_retries)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));

  if (self->max_retries == max_retries)
    return;
  self->max_retries = max_retries;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_RETRIES]);
}

/**
 * rt_recovery_middleware_get_retry_delay: (get-property retry-delay)
 * @self: the middleware
 *
 * Gets [property@RecoveryMiddleware:retry-delay].
 *
 * Returns: milliseconds
 */
guint
rt_recovery_middleware_get_retry_delay (RtRecoveryMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self), 0);

  return self->retry_delay;
}

/**
 * rt_recovery_middleware_set_retry_delay: (set-property retry-delay)
 * @self: the middleware
 * @ms: milliseconds
 *
 * Sets [property@RecoveryMiddleware:retry-delay].
 */
void
rt_recovery_middleware_set_retry_delay (RtRecoveryMiddleware *self, guint ms)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));

  if (self->retry_delay == ms)
    return;
  self->retry_delay = ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RETRY_DELAY]);
}

/**
 * rt_recovery_middleware_get_max_retry_delay: (get-property max-retry-delay)
 * @self: the middleware
 *
 * Gets [property@RecoveryMiddleware:max-retry-delay].
 *
 * Returns: milliseconds
 */
guint
rt_recovery_middleware_get_max_retry_delay (RtRecoveryMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self), 0);

  return self->max_retry_delay;
}

/**
 * rt_recovery_middleware_set_max_retry_delay: (set-property max-retry-delay)
 * @self: the middleware
 * @ms: milliseconds
 *
 * Sets [property@RecoveryMiddleware:max-retry-delay].
 */
void
rt_recovery_middleware_set_max_retry_delay (RtRecoveryMiddleware *self, guint ms)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));

  if (self->max_retry_delay == ms)
    return;
  self->max_retry_delay = ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_RETRY_DELAY]);
}

/**
 * rt_recovery_middleware_get_max_dead_letters: (get-property max-dead-letters)
 * @self: the middleware
 *
 * Gets [property@RecoveryMiddleware:max-dead-letters].
 *
 * Returns: a count
 */
guint
rt_recovery_middleware_get_max_dead_letters (RtRecoveryMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self), 0);

  return self->max_dead_letters;
}

/**
 * rt_recovery_middleware_set_max_dead_letters: (set-property max-dead-letters)
 * @self: the middleware
 * @max_dead_letters: a count
 *
 * Sets [property@RecoveryMiddleware:max-dead-letters].
 */
void
rt_recovery_middleware_set_max_dead_letters (RtRecoveryMiddleware *self, guint max_dead_letters)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));

  if (self->max_dead_letters == max_dead_letters)
    return;
  self->max_dead_letters = max_dead_letters;
  trim_dead_letters (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_DEAD_LETTERS]);
}

/**
 * rt_recovery_middleware_get_dead_letters: (get-property dead-letters)
 * @self: the middleware
 *
 * Gets [property@RecoveryMiddleware:dead-letters].
 *
 * Returns: (transfer none): a live list of [class@DeadLetter]
 */
GListModel *
rt_recovery_middleware_get_dead_letters (RtRecoveryMiddleware *self)
{
  g_return_val_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self), NULL);

  return G_LIST_MODEL (self->dead_letters);
}

/**
 * rt_recovery_middleware_remove_dead_letter:
 * @self: the middleware
 * @letter: a dead letter
 *
 * Takes a dead letter off the list, after the program has dealt with it. One that is not there any more is ignored.
 */
void
rt_recovery_middleware_remove_dead_letter (RtRecoveryMiddleware *self, RtDeadLetter *letter)
{
  guint place;

  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));
  g_return_if_fail (RT_IS_DEAD_LETTER (letter));

  if (g_list_store_find (self->dead_letters, letter, &place))
    g_list_store_remove (self->dead_letters, place);
}

/**
 * rt_recovery_middleware_report:
 * @self: the middleware
 * @message: (nullable): the message that it failed on, if there is one
 * @error: what failed
 *
 * Reports a failure that happened elsewhere by way of [signal@RecoveryMiddleware::recovered]. To be called in the
 * thread that runs the client's main context.
 */
void
rt_recovery_middleware_report (RtRecoveryMiddleware *self, RtMessage *message, const GError *error)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));
  g_return_if_fail (message == NULL || RT_IS_MESSAGE (message));
  g_return_if_fail (error != NULL);

  g_signal_emit (self, signals[RECOVERED], 0, message, error);
}

/* --- Validators --- */

typedef struct
{
  GWeakRef middleware;
  GMainContext *context;
} Watch;

static void
watch_free (gpointer data, GClosure *closure)
{
  Watch *watch = data;

  g_weak_ref_clear (&watch->middleware);
  g_main_context_unref (watch->context);
  g_free (watch);
}

typedef struct
{
  RtRecoveryMiddleware *middleware;
  GError *error;
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_object_unref (refusal->middleware);
  g_error_free (refusal->error);
  g_free (refusal);
}

static gboolean
refusal_cb (gpointer user_data)
{
  Refusal *refusal = user_data;

  rt_recovery_middleware_report (refusal->middleware, NULL, refusal->error);
  return G_SOURCE_REMOVE;
}

/* In whatever thread made the message. */
static void
validation_failed_cb (RtMessageFactory *factory, const char *type_name, const GError *error, gpointer user_data)
{
  Watch *watch = user_data;
  RtRecoveryMiddleware *self = g_weak_ref_get (&watch->middleware);
  Refusal *refusal;

  if (self == NULL)
    return;
  refusal = g_new0 (Refusal, 1);
  refusal->middleware = self;
  refusal->error = g_error_copy (error);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_static_name (source, "[realtime] refused message");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, refusal_cb, refusal, refusal_free);
  g_source_attach (source, watch->context);
}

/**
 * rt_recovery_middleware_watch_factory:
 * @self: the middleware
 * @factory: a factory of messages
 *
 * Tells by way of [signal@RecoveryMiddleware::recovered] of each message that a validator of @factory refuses, or
 * fails over. The signal follows from the main context that is the caller's thread-default one here, whatever thread
 * makes the message.
 */
void
rt_recovery_middleware_watch_factory (RtRecoveryMiddleware *self, RtMessageFactory *factory)
{
  g_return_if_fail (RT_IS_RECOVERY_MIDDLEWARE (self));
  g_return_if_fail (RT_IS_MESSAGE_FACTORY (factory));

  Watch *watch = g_new0 (Watch, 1);

  g_weak_ref_init (&watch->middleware, self);
  watch->context = g_main_context_ref_thread_default ();
  g_signal_connect_data (factory, "validation-failed", G_CALLBACK (validation_failed_cb), watch, watch_free, 0);
}
