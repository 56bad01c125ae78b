/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-rate-limit-keys.h"

/* Peers choose the names. */
#define MAX_KEYS 4096
#define MAX_INTERVAL (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)
#define MAX_SPAN (MAX_INTERVAL * 10000) /* of a whole burst */

static void
key_free (gpointer data)
{
  RtRateKey *key = data;

  g_clear_object (&key->waiting);
  g_free (key);
}

void
rt_rate_keys_init (RtRateKeys *self, double rate, guint burst)
{
  double interval = rate > 0 ? G_USEC_PER_SEC / rate : MAX_INTERVAL;

  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, key_free);
  self->interval = CLAMP (interval, 1, MAX_INTERVAL);
  self->burst = CLAMP (burst, 1, (guint) MIN (G_MAXINT, MAX_SPAN / self->interval));
}

void
rt_rate_keys_clear (RtRateKeys *self)
{
  g_clear_pointer (&self->keys, g_hash_table_unref);
}

static gboolean
is_idle (gpointer name, gpointer value, gpointer user_data)
{
  RtRateKey *key = value;
  const gint64 *now = user_data;

  return key->full_at <= *now && (key->waiting == NULL || !rt_exchange_is_kept (key->waiting, key->serial));
}

RtRateKey *
rt_rate_keys_get (RtRateKeys *self, const char *name, gint64 now)
{
  RtRateKey *key = g_hash_table_lookup (self->keys, name);

  if (key != NULL)
    return key;
  if (g_hash_table_size (self->keys) >= MAX_KEYS && g_hash_table_foreach_remove (self->keys, is_idle, &now) == 0)
    return NULL;
  key = g_new0 (RtRateKey, 1);
  g_hash_table_insert (self->keys, g_strdup (name), key);
  return key;
}

gint64
rt_rate_keys_turn (RtRateKeys *self, RtRateKey *key, gint64 now)
{
  return MAX (now, key->full_at - (self->burst - 1) * self->interval);
}

void
rt_rate_keys_take (RtRateKeys *self, RtRateKey *key, gint64 now)
{
  key->full_at = MAX (key->full_at, now) + self->interval;
}

void
rt_rate_keys_take_back (RtRateKeys *self, RtRateKey *key)
{
  if (key->waiting == NULL || rt_exchange_is_kept (key->waiting, key->serial))
    return;
  g_clear_object (&key->waiting);
  key->full_at -= self->interval;
}
