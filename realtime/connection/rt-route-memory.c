/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-route-memory.h"

#include "rt-clock.h"

/* How long before the best route is tried first again. */
#define LIFETIME (30 * 60 * G_USEC_PER_SEC)
#define MAX_ENDPOINTS 64

typedef struct
{
  const char *route;
  gint64 until;
} Entry;

static GHashTable *entries; /* endpoint → Entry; kept for the life of the process */

static char *
make_key (const RtSettings *settings)
{
  return g_strdup_printf ("%s %s%s", settings->secure ? "s" : "", settings->host_header, settings->path);
}

static gboolean
is_over (gpointer key, gpointer value, gpointer now)
{
  return ((Entry *) value)->until <= *(gint64 *) now;
}

const char *
rt_route_memory_get (const RtSettings *settings)
{
  g_autofree char *key = make_key (settings);
  Entry *entry = entries != NULL ? g_hash_table_lookup (entries, key) : NULL;

  if (entry == NULL || entry->until <= rt_clock_now ())
    return NULL;
  return entry->route;
}

void
rt_route_memory_set (const RtSettings *settings, const char *route)
{
  Entry *entry = g_new0 (Entry, 1);
  gint64 now = rt_clock_now ();

  if (entries == NULL)
    entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_foreach_remove (entries, is_over, &now);
  if (g_hash_table_size (entries) >= MAX_ENDPOINTS)
    g_hash_table_remove_all (entries);
  entry->route = route;
  entry->until = now + LIFETIME;
  g_hash_table_replace (entries, make_key (settings), entry);
}

void
rt_route_memory_forget (const RtSettings *settings)
{
  g_autofree char *key = make_key (settings);

  if (entries != NULL)
    g_hash_table_remove (entries, key);
}
