/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-sub.h"

RtSub *
rt_sub_new (const char *name)
{
  RtSub *sub = g_new0 (RtSub, 1);

  g_atomic_ref_count_init (&sub->refs);
  sub->name = g_ref_string_new (name);
  sub->state = RT_CHANNEL_STATE_LEFT;
  sub->messages_limit = RT_SUB_MESSAGES_LIMIT;
  sub->joins = g_ptr_array_new ();
  sub->leaves = g_ptr_array_new ();
  return sub;
}

RtSub *
rt_sub_ref (RtSub *sub)
{
  g_atomic_ref_count_inc (&sub->refs);
  return sub;
}

void
rt_sub_unref (RtSub *sub)
{
  if (!g_atomic_ref_count_dec (&sub->refs))
    return;
  g_assert (sub->joins->len == 0);
  g_assert (sub->leaves->len == 0);
  g_ptr_array_unref (sub->joins);
  g_ptr_array_unref (sub->leaves);
  g_ref_string_release (sub->name);
  g_free (sub->epoch);
  g_free (sub->data);
  rt_tags_filter_free (sub->filter);
  g_free (sub->token.value);
  g_clear_pointer (&sub->seen, rt_dedup_free);
  g_free (sub);
}

RtChannelState
rt_sub_get_state (RtSub *sub)
{
  return (RtChannelState) g_atomic_int_get (&sub->state);
}

void
rt_sub_set_state (RtSub *sub, RtChannelState state)
{
  g_atomic_int_set (&sub->state, (gint) state);
}
