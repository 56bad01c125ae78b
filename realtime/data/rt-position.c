/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-position.h"

/**
 * RtPosition:
 *
 * A place in a channel's history.
 *
 * Offsets count the messages of a channel. They mean something only within an epoch: a server that has lost a
 * channel's history begins again under another one. A position never changes.
 */
struct _RtPosition
{
  char *epoch;
  guint64 offset;
};

G_DEFINE_BOXED_TYPE (RtPosition, rt_position, rt_position_copy, rt_position_free)

/**
 * rt_position_new:
 * @epoch: the name of the epoch, as the server told it; may be empty
 * @offset: the offset
 *
 * Makes a position.
 *
 * Returns: (transfer full): the position
 */
RtPosition *
rt_position_new (const char *epoch, guint64 offset)
{
  RtPosition *self;

  g_return_val_if_fail (epoch != NULL, NULL);

  self = g_new (RtPosition, 1);
  self->epoch = g_strdup (epoch);
  self->offset = offset;
  return self;
}

/**
 * rt_position_copy:
 * @self: a position
 *
 * Copies a position.
 *
 * Returns: (transfer full): the copy
 */
RtPosition *
rt_position_copy (const RtPosition *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return rt_position_new (self->epoch, self->offset);
}

/**
 * rt_position_free:
 * @self: (transfer full) (nullable): a position
 *
 * Frees a position.
 */
void
rt_position_free (RtPosition *self)
{
  if (self == NULL)
    return;
  g_free (self->epoch);
  g_free (self);
}

/**
 * rt_position_get_epoch:
 * @self: a position
 *
 * Gets the epoch.
 *
 * Returns: the epoch's name
 */
const char *
rt_position_get_epoch (const RtPosition *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->epoch;
}

/**
 * rt_position_get_offset:
 * @self: a position
 *
 * Gets the offset.
 *
 * Returns: the offset
 */
guint64
rt_position_get_offset (const RtPosition *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->offset;
}

/**
 * rt_position_equal:
 * @self: a position
 * @other: another one
 *
 * Tells whether two positions are the same place.
 *
 * Returns: %TRUE if epoch and offset are the same
 */
gboolean
rt_position_equal (const RtPosition *self, const RtPosition *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->offset == other->offset && g_str_equal (self->epoch, other->epoch);
}
