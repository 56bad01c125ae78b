/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"

/* How long reading may wait for a slow program. */
#define MAX_PAUSE (2 * G_USEC_PER_SEC)
/* What one read may bring beyond the bound, since reading stops only after it. */
#define CHUNK_BYTES (64 * 1024)
#define CHUNK_MESSAGES 2048
/* Bytes that wait for a server that does not read: what the program may send and have unanswered, four times. */
#define MAX_QUEUED (32 * 1024 * 1024)

/* --- Keeping publications for the program --- */

static void
report_oversize (RtConnection *self, RtSub *sub, gsize len)
{
  RtNews *gap = rt_news_new (RT_NEWS_GAP, sub);
  g_autoptr (GError) error
    = g_error_new (RT_ERROR, RT_ERROR_TOO_LARGE,
                   "A message of %" G_GSIZE_FORMAT " bytes came on channel %s, more than the %" G_GSIZE_FORMAT
                   " of max-message-size; it was dropped",
                   len, sub->name, rt_settings_get_max_in (self->settings));

  gap->count = 1;
  rt_connection_send_error (self, error);
  rt_connection_send_news (self, gap);
}

static gboolean
is_repeat (RtConnection *self, RtSub *sub, const RtPublication *publication)
{
  if (!publication->envelope.marked)
    return FALSE;
  if (sub->seen == NULL)
    sub->seen = rt_dedup_new ();
  return !rt_dedup_add (sub->seen, &publication->envelope, rt_connection_now (self));
}

static gboolean
is_frame (const RtPublication *publication)
{
  return G_UNLIKELY (publication->envelope.stream.data != NULL);
}

static gboolean
opens_stream (const RtPublication *publication)
{
  const RtSlice *type = &publication->envelope.type;

  return G_UNLIKELY (type->len == strlen (RT_STREAM_TYPE) && memcmp (type->data, RT_STREAM_TYPE, type->len) == 0);
}

static gboolean
take_stream (RtConnection *self, RtSub *sub, const RtPublication *publication)
{
  return self->events->stream != NULL && self->events->stream (self->user_data, sub, publication);
}

void
rt_connection_keep (RtConnection *self, RtSub *sub, const RtPublication *publication)
{
  if (is_frame (publication))
    {
      take_stream (self, sub, publication);
      return;
    }
  if (is_repeat (self, sub, publication))
    return;
  if (G_UNLIKELY (publication->data.len > rt_settings_get_max_in (self->settings)))
    {
      report_oversize (self, sub, publication->data.len);
      return;
    }
  gboolean late = publication->envelope.ttl != 0 && rt_connection_is_too_late (self, &publication->envelope);
  /* A late opening never comes to the program, which therefore reads nothing. */
  if (opens_stream (publication) && !late && take_stream (self, sub, publication))
    return;
  if (self->batch == NULL)
    self->batch = rt_batch_new ();
  rt_batch_add (self->batch, sub, publication, &self->block);
  if (G_UNLIKELY (late))
    rt_batch_mark_late (self->batch);
  /* A batch keeps the blocks that it points into, whatever else is in them. */
  if (!self->block.charged)
    {
      self->batch->bytes += self->block.size;
      self->block.charged = TRUE;
    }
}

/* Whether the server is asked for what is missing. */
static gboolean
can_recover (RtSub *sub)
{
  return sub->recoverable && sub->recover_wanted;
}

/* How many are missing before @offset: live publications of a channel with positions come without holes, where the
 * server leaves none out. */
static guint64
count_missing (RtSub *sub, guint64 offset)
{
  if (offset == 0 || !(sub->recoverable || sub->positioned) || rt_connection_is_filtered (sub))
    return 0;
  return offset - sub->offset - 1;
}

static gboolean
was_seen (RtSub *sub, guint64 offset)
{
  return offset != 0 && (sub->recoverable || sub->positioned) && offset <= sub->offset;
}

/* While the program is too slow nothing is kept for it. What a channel's history still has is had again later;
 * of other channels it is counted. */
static void
drop_publication (RtSub *sub, const RtPublication *publication)
{
  guint64 offset = publication->offset;

  if (can_recover (sub))
    {
      sub->behind = TRUE;
      return;
    }
  guint64 lost = count_missing (sub, offset) + rt_connection_wants (sub, publication);
  sub->dropped = (guint) MIN (sub->dropped + lost, G_MAXUINT);
  if (offset > 0)
    sub->offset = offset;
}

/* Before a publication with a hole in front of it. FALSE: it is asked for again, together with what is missing. */
static gboolean
bridge_hole (RtConnection *self, RtSub *sub, guint64 missing)
{
  if (can_recover (sub))
    {
      rt_connection_join_again (self, sub);
      return FALSE;
    }
  RtNews *news = rt_news_new (RT_NEWS_GAP, sub);
  news->count = (guint) MIN (missing, G_MAXUINT);
  rt_connection_send_news (self, news);
  return TRUE;
}

static void
take_publication (RtConnection *self, RtSub *sub, const RtPublication *publication)
{
  gboolean frame = is_frame (publication);

  /* Streams have buffers of their own, and know what they have seen: they get theirs also where nothing is kept. */
  if (frame && (sub->awaiting || sub->behind || self->overflow))
    take_stream (self, sub, publication);
  if (sub->awaiting || sub->behind || rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED)
    return;
  if (G_UNLIKELY (was_seen (sub, publication->offset)))
    return;
  guint64 missing = count_missing (sub, publication->offset);
  if (G_UNLIKELY (self->overflow && (!frame || missing > 0)))
    {
      drop_publication (sub, publication);
      return;
    }
  if (G_UNLIKELY (missing > 0 && !bridge_hole (self, sub, missing)))
    return;
  if (publication->offset > 0)
    sub->offset = publication->offset;
  if (!self->overflow && G_LIKELY (frame || rt_connection_wants (sub, publication)))
    rt_connection_keep (self, sub, publication);
}

/* --- Finding out whom a frame is for --- */

static RtSub *
find_sub (RtConnection *self, const RtSlice *channel)
{
  char name[256];
  g_autofree char *unescaped = NULL;

  if (channel->data == NULL)
    return NULL;
  if (G_LIKELY (self->last_sub != NULL && (channel->flags & RT_SLICE_ESCAPED) == 0
                && strncmp (self->last_sub->name, channel->data, channel->len) == 0
                && self->last_sub->name[channel->len] == '\0'))
    return self->last_sub;
  if (channel->flags & RT_SLICE_ESCAPED)
    {
      unescaped = rt_json_unescape (channel);
      if (unescaped == NULL)
        return NULL;
      self->last_sub = g_hash_table_lookup (self->subs, unescaped);
      return self->last_sub;
    }
  if (channel->len >= sizeof name)
    return NULL;
  memcpy (name, channel->data, channel->len);
  name[channel->len] = '\0';
  self->last_sub = g_hash_table_lookup (self->subs, name);
  return self->last_sub;
}

static void
take_member (RtConnection *self, RtSub *sub, const RtReply *reply)
{
  if (reply->n_members == 0 || rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED)
    return;
  if (self->overflow)
    {
      sub->members_behind = TRUE;
      return;
    }
  const RtClientInfo *member = &reply->members[0];
  RtNews *news = rt_news_new (reply->kind == RT_PUSH_JOIN ? RT_NEWS_MEMBER_JOINED : RT_NEWS_MEMBER_LEFT, sub);

  news->user = member->user.data != NULL ? rt_json_unescape (&member->user) : NULL;
  news->client = member->client.data != NULL ? rt_json_unescape (&member->client) : NULL;
  if (member->conn_info.data != NULL)
    news->info = g_strndup (member->conn_info.data, member->conn_info.len);
  rt_connection_send_news (self, news);
}

static void
take_push (RtConnection *self, const RtReply *reply)
{
  RtSub *sub = find_sub (self, &reply->channel);

  if (sub == NULL)
    return;
  if (G_LIKELY (reply->kind == RT_PUSH_PUBLICATION))
    {
      if (reply->n_publications > 0)
        take_publication (self, sub, &reply->publications[0]);
    }
  else if (reply->kind == RT_PUSH_UNSUBSCRIBE)
    {
      g_autofree char *reason = reply->reason.data != NULL ? rt_json_unescape (&reply->reason) : NULL;
      rt_connection_unsubscribe_push (self, sub, reply->code, reason != NULL ? reason : "");
    }
  else
    take_member (self, sub, reply);
}

static void
take_disconnect (RtConnection *self, const RtReply *reply)
{
  char *reason = reply->reason.data != NULL ? rt_json_unescape (&reply->reason) : NULL;

  g_free (self->pushed_reason);
  self->pushed_reason = reason != NULL ? reason : g_strdup ("");
  self->pushed_code = reply->code;
  self->pushed_spread = reply->spread;
  rt_connection_cut_line (self, rt_connection_error_from_close (reply->code, self->pushed_reason));
}

static void
take_frame (RtConnection *self, const RtReply *reply, const char *raw, gsize raw_len)
{
  RtOp *op;

  switch (reply->kind)
    {
    case RT_PUSH_PUBLICATION:
    case RT_PUSH_JOIN:
    case RT_PUSH_LEAVE:
    case RT_PUSH_UNSUBSCRIBE:
      take_push (self, reply);
      break;
    case RT_REPLY_PING:
      self->last_ping = rt_clock_now ();
      if (self->wants_pong)
        rt_connection_write_pong (self);
      break;
    case RT_PUSH_SUBSCRIBE:
      rt_connection_subscribe_push (self, reply);
      break;
    case RT_PUSH_DISCONNECT:
      take_disconnect (self, reply);
      break;
    /* Pushes that nothing here asked for. */
    case RT_PUSH_MESSAGE:
    case RT_PUSH_CONNECT:
    case RT_PUSH_REFRESH:
      break;
    case RT_REPLY_ERROR:
    case RT_REPLY_CONNECT:
    case RT_REPLY_SUBSCRIBE:
    case RT_REPLY_UNSUBSCRIBE:
    case RT_REPLY_PUBLISH:
    case RT_REPLY_PRESENCE:
    case RT_REPLY_PRESENCE_STATS:
    case RT_REPLY_HISTORY:
    case RT_REPLY_RPC:
    case RT_REPLY_REFRESH:
    case RT_REPLY_SUB_REFRESH:
    case RT_REPLY_PRESENCE_SET:
    case RT_REPLY_UNKNOWN:
    default:
      /* A late or invented answer belongs to nobody. */
      op = reply->id != 0 ? rt_connection_take_reply (self, reply->id) : NULL;
      if (op != NULL)
        rt_connection_replied (self, op, reply, raw, raw_len);
      if (G_UNLIKELY (rt_connection_has_sends (self)))
        rt_connection_flush_sends (self);
      if (self->replies.count == 0)
        rt_connection_drained (self);
    }
}

/* --- The bound of the queue up --- */

static gboolean
is_full (RtConnection *self)
{
  return g_atomic_int_get (&self->up_messages) >= self->receive_limit
         || g_atomic_int_get (&self->up_bytes) >= self->receive_bytes;
}

/* One message can hold as much as many: what is collected of it counts as well. */
static gboolean
is_far_over (RtConnection *self)
{
  gint messages = g_atomic_int_get (&self->up_messages);
  gint bytes = g_atomic_int_get (&self->up_bytes);

  if (self->batch != NULL)
    {
      messages += (gint) self->batch->n_entries;
      bytes += (gint) self->batch->bytes;
    }
  return messages / 2 >= self->receive_limit + CHUNK_MESSAGES || bytes / 2 >= self->receive_bytes + CHUNK_BYTES;
}

/* Without waiting first: nothing more is kept until there is room. */
static void
begin_overflow (RtConnection *self)
{
  self->overflow = TRUE;
  rt_connection_flush_batch (self);
  g_atomic_int_set (&self->wants_room, TRUE);
  rt_connection_taken (self, 0, 0);
}

/* --- One message --- */

static void
fail_protocol (RtConnection *self)
{
  const RtJsonFault *fault = &self->decoder.fault;
  GError *error = g_error_new (RT_ERROR, RT_ERROR_PROTOCOL,
                               "The server sent what is not the protocol: %s (at byte %" G_GSIZE_FORMAT ")",
                               fault->text, fault->offset);

  self->transport_class->close (self->transport, 1007, "malformed message");
  rt_connection_cut_line (self, error);
}

/* A frame may end the line, and begin the next one: what comes behind it in the message is for neither. */
static gboolean
is_listening (RtConnection *self)
{
  return self->phase >= RT_PHASE_GREETING && self->phase <= RT_PHASE_DRAINING;
}

void
rt_connection_received (gpointer user_data, const guint8 *data, gsize len)
{
  RtConnection *self = user_data;
  const char *copy;
  RtReply reply;

  if (len == 0 || !is_listening (self))
    return;
  copy = rt_block_copy (&self->block, data, len);
  /* A reply may lead to the block being let go while it is still decoded from. */
  char *held = g_atomic_rc_box_acquire (self->block.data);

  rt_decoder_begin (&self->decoder, copy, len);
  while (is_listening (self))
    {
      gsize start = self->decoder.position;
      RtDecodeStatus status = self->codec->next_reply (&self->decoder, &reply);

      if (status == RT_DECODE_END)
        break;
      if (status == RT_DECODE_FAULT)
        {
          fail_protocol (self);
          break;
        }
      take_frame (self, &reply, copy + start, self->decoder.position - start);
      if (G_UNLIKELY (!self->overflow && is_far_over (self)))
        begin_overflow (self);
    }
  g_atomic_rc_box_release (held);
}

/* --- When the program is slow --- */

/* Reading stops, and with it, by and by, the server's sending. Not for long: its pings want their answers. */
static void
pause_reading (RtConnection *self)
{
  gint64 now = rt_clock_now ();
  gint64 until = now + MAX_PAUSE;

  if (self->ping_interval > 0)
    until = MIN (until, self->last_ping + (gint64) self->ping_interval * G_USEC_PER_SEC);
  self->paused = TRUE;
  self->transport_class->pause (self->transport, TRUE);
  rt_timer_start (self->pause_timer, until);
  g_atomic_int_set (&self->wants_room, TRUE);
  /* The program may have used everything up just before it could see that. */
  rt_connection_taken (self, 0, 0);
}

void
rt_connection_pause_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  if (!self->paused)
    return;
  self->paused = FALSE;
  self->overflow = TRUE;
  self->transport_class->pause (self->transport, FALSE);
}

void
rt_connection_has_room (RtConnection *self)
{
  if (self->stopped || self->phase < RT_PHASE_OPEN || self->phase > RT_PHASE_DRAINING)
    return;
  rt_timer_stop (self->pause_timer);
  if (self->paused)
    {
      self->paused = FALSE;
      self->transport_class->pause (self->transport, FALSE);
    }
  if (self->overflow)
    {
      self->overflow = FALSE;
      rt_connection_channels_caught_up (self);
    }
}

void
rt_connection_turn_end (gpointer user_data)
{
  RtConnection *self = user_data;

  rt_connection_flush_batch (self);
  rt_block_clear (&self->block);
  rt_connection_send_out (self);
  if (self->transport != NULL && self->phase >= RT_PHASE_OPEN
      && self->transport_class->get_queued (self->transport) > MAX_QUEUED)
    {
      rt_connection_cut_line (self, g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK,
                                                         "The server sends, but does not read what it is sent"));
      return;
    }
  if (self->paused || self->overflow || !is_full (self))
    return;
  if (self->phase == RT_PHASE_OPEN)
    pause_reading (self);
  else if (self->phase == RT_PHASE_DRAINING)
    self->overflow = TRUE; /* no time to wait: answers are to come */
}
