/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mask.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define POOL_SIZE 4096

typedef struct
{
  guint8 bytes[POOL_SIZE];
  gsize used;
} Pool;

static GPrivate pool_key = G_PRIVATE_INIT (g_free);

void
rt_random_fill (void *data, gsize len)
{
  guint8 *at = data;

  while (len > 0)
    {
      gssize got = getrandom (at, len, 0);
      if (got < 0 && errno == EINTR)
        continue;
      /* There is no safe way to go on without. */
      if (got < 0)
        g_error ("The kernel gives no random bytes: %s", g_strerror (errno));
      at += got;
      len -= (gsize) got;
    }
}

void
rt_mask_next (guint8 mask[4])
{
  Pool *pool = g_private_get (&pool_key);

  if (G_UNLIKELY (pool == NULL))
    {
      pool = g_new0 (Pool, 1);
      pool->used = POOL_SIZE;
      g_private_set (&pool_key, pool);
    }
  if (G_UNLIKELY (pool->used == POOL_SIZE))
    {
      rt_random_fill (pool->bytes, POOL_SIZE);
      pool->used = 0;
    }
  memcpy (mask, pool->bytes + pool->used, 4);
  pool->used += 4;
}
