/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RT_STRATEGY_NAME_MAX 32
#define RT_STRATEGY_NAME_RULE "1 to 32 small letters, digits and '-'"

/* Whether a strategy may be known by this name. */
static inline gboolean
rt_strategy_name_is_valid (const char *name)
{
  gsize len = 0;

  while (name[len] != '\0' && len <= RT_STRATEGY_NAME_MAX)
    {
      if (!g_ascii_islower (name[len]) && !g_ascii_isdigit (name[len]) && name[len] != '-')
        return FALSE;
      len++;
    }
  return len > 0 && len <= RT_STRATEGY_NAME_MAX;
}

G_END_DECLS
