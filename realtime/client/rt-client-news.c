/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-payload.h"

/* What the I/O half tells, one at a time, beside publications and results. */

static void
take_member (RtChannel *channel, const RtNews *news)
{
  g_autoptr (GVariant) info = news->info != NULL ? rt_payload_to_variant (news->info, strlen (news->info), NULL) : NULL;
  g_autoptr (RtMember) member
    = rt_member_new (news->client != NULL ? news->client : "", news->user != NULL ? news->user : "", info);

  rt_channel_emit_member (channel, news->kind == RT_NEWS_MEMBER_JOINED, member);
}

static void
take_channel_news (RtClient *self, RtChannel *channel, const RtNews *news)
{
  switch ((int) news->kind)
    {
    case RT_NEWS_JOINED:
      rt_client_channels_show (rt_client_get_handles (self), channel);
      rt_channel_take_joined (channel, news->text, news->offset, news->recoverable, news->flag);
      break;
    case RT_NEWS_LEFT:
      rt_client_channels_drop (rt_client_get_handles (self), channel);
      rt_client_tokens_drop_provider (rt_client_get_tokens (self), news->sub->serial);
      rt_channel_take_left (channel, news->code, news->text);
      break;
    case RT_NEWS_REJOINING:
      rt_channel_notify_state (channel);
      break;
    case RT_NEWS_RECOVERED:
      rt_channel_emit_recovered (channel, news->count);
      break;
    case RT_NEWS_GAP:
      if (news->text != NULL)
        rt_channel_set_position (channel, news->text, news->offset);
      rt_channel_emit_gap (channel, news->count);
      break;
    case RT_NEWS_MEMBER_JOINED:
    case RT_NEWS_MEMBER_LEFT:
      take_member (channel, news);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
rt_client_take_news (RtClient *self, const RtNews *news)
{
  switch (news->kind)
    {
    case RT_NEWS_STATE:
      rt_client_notify_state (self, !news->flag);
      break;
    case RT_NEWS_RECONNECTING:
      rt_client_notify_state (self, FALSE);
      rt_client_emit_reconnecting (self, news->count, news->delay);
      break;
    case RT_NEWS_CONNECTED:
      rt_client_notify_state (self, FALSE);
      rt_client_emit_connected (self);
      break;
    case RT_NEWS_DISCONNECTED:
      rt_client_emit_disconnected (self, news->code, news->text != NULL ? news->text : "", news->flag);
      break;
    case RT_NEWS_ERROR:
      rt_client_emit_error (self, news->error);
      break;
    case RT_NEWS_DROPPED:
      rt_client_emit_dropped (self, news->user, news->text, news->error);
      break;
    case RT_NEWS_TOKEN:
      rt_client_emit_token_refreshed (self, news->sub != NULL ? news->sub->name : NULL);
      break;
    case RT_NEWS_JOINED:
    case RT_NEWS_LEFT:
    case RT_NEWS_REJOINING:
    case RT_NEWS_RECOVERED:
    case RT_NEWS_GAP:
    case RT_NEWS_MEMBER_JOINED:
    case RT_NEWS_MEMBER_LEFT:
    default:
      {
        g_autoptr (RtChannel) channel = rt_client_ensure_channel (self, news->sub);
        take_channel_news (self, channel, news);
      }
    }
}
