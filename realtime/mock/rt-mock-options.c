/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-options.h"

void
rt_mock_options_init (RtMockOptions *self)
{
  *self = (RtMockOptions) {
    .api_keys = g_new0 (char *, 1),
    .ping_interval = RT_MOCK_PING_INTERVAL_DEFAULT,
    .history_size = RT_MOCK_HISTORY_SIZE_DEFAULT,
    .history_ttl = RT_MOCK_HISTORY_TTL_DEFAULT,
    .delay = RT_MOCK_DELAY_DEFAULT,
    .presence = TRUE,
    .join_leave = TRUE,
  };
}

void
rt_mock_options_copy (RtMockOptions *self, const RtMockOptions *from)
{
  *self = *from;
  self->api_keys = g_strdupv (from->api_keys);
  self->token_secret = g_strdup (from->token_secret);
  self->journal = g_strdup (from->journal);
}

void
rt_mock_options_clear (RtMockOptions *self)
{
  g_clear_pointer (&self->api_keys, g_strfreev);
  g_clear_pointer (&self->token_secret, g_free);
  g_clear_pointer (&self->journal, g_free);
}
