/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-payload.h"

/* What the I/O half tells, one at a time, beside publications and results. */

/* --- Events --- */

/* What else is to be said of it, as a{sv}; NULL: nothing. */
static GVariant *
describe (const RtNews *news)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  switch ((int) news->kind)
    {
    case RT_NEWS_JOINED:
      g_variant_dict_insert (&details, "recovered", "b", news->flag);
      break;
    case RT_NEWS_LEFT:
      g_variant_dict_insert (&details, "code", "u", news->code);
      g_variant_dict_insert (&details, "reason", "s", news->text != NULL ? news->text : "");
      break;
    case RT_NEWS_RECOVERED:
      g_variant_dict_insert (&details, "count", "u", news->count);
      break;
    case RT_NEWS_GAP:
      g_variant_dict_insert (&details, "missed", "u", news->count);
      break;
    default:
      g_variant_dict_clear (&details);
      return NULL;
    }
  return g_variant_ref_sink (g_variant_dict_end (&details));
}

static void
tell (RtClient *self, RtChannel *channel, RtEventType type, const RtNews *news, RtMember *member)
{
  /* That it was left is told of one that is heard no more, too. */
  if ((rt_channel_is_muted (channel) && news->kind != RT_NEWS_LEFT) || !rt_client_wants_event (self, type))
    return;
  g_autoptr (GVariant) details = describe (news);
  rt_client_tell (self, &(RtEventParts) {
                          .type = type,
                          .channel = rt_channel_get_name (channel),
                          .variant = details,
                          .member = member,
                        });
}

/* --- Of a channel --- */

static void
take_member (RtClient *self, RtChannel *channel, const RtNews *news)
{
  gboolean joined = news->kind == RT_NEWS_MEMBER_JOINED;
  g_autoptr (GVariant) info = news->info != NULL ? rt_payload_to_variant (news->info, strlen (news->info), NULL) : NULL;
  g_autoptr (RtMember) member
    = rt_member_new (news->client != NULL ? news->client : "", news->user != NULL ? news->user : "", info);

  rt_channel_emit_member (channel, joined, member);
  tell (self, channel, joined ? RT_EVENT_TYPE_MEMBER_JOINED : RT_EVENT_TYPE_MEMBER_LEFT, news, member);
}

static void
take_gap (RtClient *self, RtChannel *channel, const RtNews *news)
{
  if (news->text != NULL)
    rt_channel_set_position (channel, news->text, news->offset);
  rt_channel_emit_gap (channel, news->count);
  tell (self, channel, RT_EVENT_TYPE_GAP, news, NULL);
}

static void
take_left (RtClient *self, RtChannel *channel, const RtNews *news)
{
  rt_client_channels_drop (rt_client_get_handles (self), channel);
  rt_client_tokens_drop_provider (rt_client_get_tokens (self), news->sub->serial);
  rt_channel_take_left (channel, news->code, news->text);
  tell (self, channel, RT_EVENT_TYPE_CHANNEL_LEFT, news, NULL);
}

void
rt_client_take_channel_news (RtClient *self, RtChannel *channel, RtNews *taken)
{
  g_autoptr (RtNews) news = taken;

  switch ((int) news->kind)
    {
    case RT_NEWS_JOINED:
      rt_client_channels_show (rt_client_get_handles (self), channel);
      rt_channel_take_joined (channel, news->text, news->offset, news->recoverable, news->flag);
      tell (self, channel, RT_EVENT_TYPE_CHANNEL_JOINED, news, NULL);
      break;
    case RT_NEWS_LEFT:
      take_left (self, channel, news);
      break;
    case RT_NEWS_REJOINING:
      rt_channel_take_rejoining (channel);
      break;
    case RT_NEWS_RECOVERED:
      rt_channel_emit_recovered (channel, news->count);
      tell (self, channel, RT_EVENT_TYPE_RECOVERED, news, NULL);
      break;
    case RT_NEWS_GAP:
      take_gap (self, channel, news);
      break;
    case RT_NEWS_MEMBER_JOINED:
    case RT_NEWS_MEMBER_LEFT:
      take_member (self, channel, news);
      break;
    case RT_NEWS_MEMBERS_BEHIND:
      rt_channel_models_members_behind (channel);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* --- All --- */

void
rt_client_take_news (RtClient *self, RtNews *taken)
{
  g_autoptr (RtNews) news = taken;
  gsize bytes = news->bytes;

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
    case RT_NEWS_OVER:
      rt_client_end_parts (self);
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
    case RT_NEWS_MEMBERS_BEHIND:
    default:
      {
        g_autoptr (RtChannel) channel = rt_client_ensure_channel (self, news->sub);
        if (rt_client_defer_news (self, channel, news))
          {
            news = NULL;
            return;
          }
        rt_client_take_channel_news (self, channel, g_steal_pointer (&news));
      }
    }
  rt_connection_taken (rt_client_get_connection (self), 1, bytes);
}
