/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-dead-letter.h"

#include "rt-clock.h"
#include "rt-dead-letter-private.h"
#include "rt-enum-types.h"

/**
 * RtDeadLetter:
 *
 * A message that could not be delivered or sent, with the reason.
 *
 * A [class@RecoveryMiddleware] keeps a list of them. A dead letter never changes.
 */

enum
{
  PROP_0,
  PROP_MESSAGE,
  PROP_ERROR,
  PROP_DIRECTION,
  PROP_ATTEMPTS,
  PROP_TIMESTAMP,
  N_PROPS,
};

#define FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

struct _RtDeadLetter
{
  GObject parent_instance;

  RtMessage *message;
  GError *error;
  RtDirection direction;
  guint attempts;
  gint64 timestamp;
};

G_DEFINE_FINAL_TYPE (RtDeadLetter, rt_dead_letter, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
rt_dead_letter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtDeadLetter *self = RT_DEAD_LETTER (object);

  switch (id)
    {
    case PROP_MESSAGE:
      g_value_set_object (value, self->message);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_DIRECTION:
      g_value_set_enum (value, self->direction);
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, self->attempts);
      break;
    case PROP_TIMESTAMP:
      g_value_set_int64 (value, self->timestamp);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_dead_letter_finalize (GObject *object)
{
  RtDeadLetter *self = RT_DEAD_LETTER (object);

  g_clear_object (&self->message);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (rt_dead_letter_parent_class)->finalize (object);
}

static void
rt_dead_letter_class_init (RtDeadLetterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_dead_letter_get_property;
  object_class->finalize = rt_dead_letter_finalize;

  /**
   * RtDeadLetter:message: (getter get_message)
   *
   * The message, as it came to the middleware.
   */
  properties[PROP_MESSAGE] = g_param_spec_object ("message", NULL, NULL, RT_TYPE_MESSAGE, FLAGS);

  /**
   * RtDeadLetter:error: (getter get_error)
   *
   * With what it failed in the end.
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, FLAGS);

  /**
   * RtDeadLetter:direction: (getter get_direction)
   *
   * Which way it was going.
   */
  properties[PROP_DIRECTION]
    = g_param_spec_enum ("direction", NULL, NULL, RT_TYPE_DIRECTION, RT_DIRECTION_INCOMING, FLAGS);

  /**
   * RtDeadLetter:attempts: (getter get_attempts)
   *
   * How many times it was tried.
   */
  properties[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);

  /**
   * RtDeadLetter:timestamp: (getter get_timestamp)
   *
   * When it failed for the last time: UTC microseconds since 1970.
   */
  properties[PROP_TIMESTAMP] = g_param_spec_int64 ("timestamp", NULL, NULL, G_MININT64, G_MAXINT64, 0, FLAGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_dead_letter_init (RtDeadLetter *self)
{
}

RtDeadLetter *
rt_dead_letter_new (RtMessage *message, RtDirection direction, guint attempts, const GError *error)
{
  RtDeadLetter *self = g_object_new (RT_TYPE_DEAD_LETTER, NULL);

  self->message = g_object_ref (message);
  self->direction = direction;
  self->attempts = attempts;
  self->error = g_error_copy (error);
  self->timestamp = rt_clock_real ();
  return self;
}

/**
 * rt_dead_letter_get_message: (get-property message)
 * @self: a dead letter
 *
 * Gets [property@DeadLetter:message].
 *
 * Returns: (transfer none): the message
 */
RtMessage *
rt_dead_letter_get_message (RtDeadLetter *self)
{
  g_return_val_if_fail (RT_IS_DEAD_LETTER (self), NULL);

  return self->message;
}

/**
 * rt_dead_letter_get_error: (get-property error)
 * @self: a dead letter
 *
 * Gets [property@DeadLetter:error].
 *
 * Returns: (transfer none): the error
 */
const GError *
rt_dead_letter_get_error (RtDeadLetter *self)
{
  g_return_val_if_fail (RT_IS_DEAD_LETTER (self), NULL);

  return self->error;
}

/**
 * rt_dead_letter_get_direction: (get-property direction)
 * @self: a dead letter
 *
 * Gets [property@DeadLetter:direction].
 *
 * Returns: which way it was going
 */
RtDirection
rt_dead_letter_get_direction (RtDeadLetter *self)
{
  g_return_val_if_fail (RT_IS_DEAD_LETTER (self), RT_DIRECTION_INCOMING);

  return self->direction;
}

/**
 * rt_dead_letter_get_attempts: (get-property attempts)
 * @self: a dead letter
 *
 * Gets [property@DeadLetter:attempts].
 *
 * Returns: a count, 1 at least
 */
guint
rt_dead_letter_get_attempts (RtDeadLetter *self)
{
  g_return_val_if_fail (RT_IS_DEAD_LETTER (self), 0);

  return self->attempts;
}

/**
 * rt_dead_letter_get_timestamp: (get-property timestamp)
 * @self: a dead letter
 *
 * Gets [property@DeadLetter:timestamp].
 *
 * Returns: UTC microseconds since 1970
 */
gint64
rt_dead_letter_get_timestamp (RtDeadLetter *self)
{
  g_return_val_if_fail (RT_IS_DEAD_LETTER (self), 0);

  return self->timestamp;
}
