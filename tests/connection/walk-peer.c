/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "walk-peer.h"

#include <string.h>
#include "rt-codec.h"
#include "rt-fake-transport.h"

#define MAX_RECOVERED 30

typedef struct
{
  RtCommandKind kind;
  guint32 id;
  guint channel;
  gboolean recover;
  guint64 offset;
  guint error; /* of a publish: what it is refused with; 0: it was taken */
} Asked;

struct _WalkPeer
{
  GRand *rand; /* borrowed */
  guint generation; /* the transport that the rest is about */
  GQueue asked;
  gboolean subscribed[WALK_CHANNELS];
  guint64 newest[WALK_CHANNELS];
  guint64 taken[WALK_CHANNELS]; /* the number in the last publish that it took */
  gboolean kind;
};

static const char *const names[WALK_CHANNELS] = { "kept1", "kept2", "live1", "live2" };

WalkPeer *
walk_peer_new (GRand *rand)
{
  WalkPeer *self = g_new0 (WalkPeer, 1);

  self->rand = rand;
  g_queue_init (&self->asked);
  return self;
}

void
walk_peer_free (WalkPeer *self)
{
  g_queue_clear_full (&self->asked, g_free);
  g_free (self);
}

const char *
walk_peer_get_name (guint channel)
{
  return names[channel];
}

static gboolean
is_kept (guint channel)
{
  return channel < WALK_CHANNELS / 2;
}

static gboolean
chance (WalkPeer *self, guint percent)
{
  return (guint) g_rand_int_range (self->rand, 0, 100) < percent;
}

/* --- Reading --- */

static guint
find_channel (const RtSlice *name)
{
  for (guint i = 0; i < WALK_CHANNELS; i++)
    if (name->data != NULL && rt_slice_equals (name, names[i]))
      return i;
  return 0;
}

/* Decided here, though it may be said much later. What is taken comes in the order in which it was given out, whatever
 * was refused in between. */
static void
judge_publish (WalkPeer *self, Asked *asked, const RtCommand *command)
{
  guint64 number = g_ascii_strtoull (command->data.data, NULL, 10);

  if (!self->kind && chance (self, 10))
    asked->error = chance (self, 70) ? 111 : (guint) g_rand_int_range (self->rand, 99, 115);
  if (asked->error != 0)
    return;
  g_assert_cmpuint (number, >, self->taken[asked->channel]);
  self->taken[asked->channel] = number;
}

static void
read_message (WalkPeer *self, const char *message)
{
  RtDecoder decoder = { 0 };
  RtCommand command;
  RtDecodeStatus status;

  rt_decoder_begin (&decoder, message, strlen (message));
  while ((status = rt_codec_json ()->next_command (&decoder, &command)) == RT_DECODE_ITEM)
    if (command.id != 0)
      {
        Asked *asked = g_new0 (Asked, 1);

        asked->kind = command.kind;
        asked->id = command.id;
        asked->channel = find_channel (&command.channel);
        asked->recover = command.recover;
        asked->offset = command.offset;
        if (command.kind == RT_COMMAND_PUBLISH)
          judge_publish (self, asked, &command);
        g_queue_push_tail (&self->asked, asked);
      }
  g_assert_cmpint (status, ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

static void
read_all (WalkPeer *self)
{
  RtFakeTransport *transport = rt_fake_transport_get ();

  if (self->generation != transport->generation)
    {
      g_queue_clear_full (&self->asked, g_free);
      memset (self->subscribed, 0, sizeof self->subscribed);
      memset (self->taken, 0, sizeof self->taken);
      self->generation = transport->generation;
    }
  for (guint i = 0; i < transport->messages->len; i++)
    read_message (self, g_ptr_array_index (transport->messages, i));
  g_ptr_array_set_size (transport->messages, 0);
  transport->flushed = 0;
}

gboolean
walk_peer_has_joined (WalkPeer *self, const char *name)
{
  for (guint i = 0; i < WALK_CHANNELS; i++)
    if (g_str_equal (names[i], name))
      return self->subscribed[i];
  return FALSE;
}

/* --- Answering --- */

static void
write_subscribed (WalkPeer *self, GString *reply, const Asked *asked)
{
  guint64 newest = self->newest[asked->channel];

  if (!is_kept (asked->channel))
    {
      g_string_append_printf (reply, "{\"id\":%u,\"subscribe\":{}}", asked->id);
      return;
    }
  g_string_append_printf (reply, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"E\"", asked->id);
  if (!asked->recover || newest < asked->offset || newest - asked->offset > MAX_RECOVERED)
    {
      g_string_append_printf (reply, ",\"offset\":%" G_GUINT64_FORMAT "}}", newest);
      return;
    }
  /* Either of the offsets that servers give, and at times not all that there is. */
  g_string_append_printf (reply, ",\"recovered\":true,\"offset\":%" G_GUINT64_FORMAT ",\"publications\":[",
                          chance (self, 50) ? newest : asked->offset);
  gboolean first = TRUE;
  for (guint64 offset = asked->offset + 1; offset <= newest; offset++)
    if (!chance (self, 3))
      {
        g_string_append_printf (reply, "%s{\"data\":{},\"offset\":%" G_GUINT64_FORMAT "}", first ? "" : ",", offset);
        first = FALSE;
      }
  g_string_append (reply, "]}}");
}

static void
write_reply (WalkPeer *self, GString *reply, const Asked *asked)
{
  switch ((int) asked->kind)
    {
    case RT_COMMAND_CONNECT:
      g_string_append_printf (reply, "{\"id\":%u,\"connect\":{\"client\":\"c\",\"ping\":25,\"pong\":true}}", asked->id);
      break;
    case RT_COMMAND_SUBSCRIBE:
      if (self->subscribed[asked->channel])
        g_string_append_printf (reply, "{\"id\":%u,\"error\":{\"code\":105,\"message\":\"already\"}}", asked->id);
      else
        write_subscribed (self, reply, asked);
      self->subscribed[asked->channel] = TRUE;
      break;
    case RT_COMMAND_UNSUBSCRIBE:
      self->subscribed[asked->channel] = FALSE;
      g_string_append_printf (reply, "{\"id\":%u,\"unsubscribe\":{}}", asked->id);
      break;
    case RT_COMMAND_PUBLISH:
      g_string_append_printf (reply, "{\"id\":%u,\"publish\":{}}", asked->id);
      break;
    case RT_COMMAND_RPC:
      g_string_append_printf (reply, "{\"id\":%u,\"rpc\":{\"data\":1}}", asked->id);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
answer (WalkPeer *self, guint refuse_percent, guint lose_percent)
{
  /* Mostly in order. */
  guint place = chance (self, 80) ? 0 : (guint) g_rand_int_range (self->rand, 0, 4);
  g_autofree Asked *asked = g_queue_pop_nth (&self->asked, MIN (place, MAX (self->asked.length, 1) - 1));
  g_autoptr (GString) reply = g_string_new (NULL);

  if (asked == NULL)
    return;
  if (asked->error != 0)
    g_string_append_printf (reply, "{\"id\":%u,\"error\":{\"code\":%u,\"message\":\"no\"}}", asked->id, asked->error);
  else if (asked->kind != RT_COMMAND_PUBLISH && chance (self, refuse_percent))
    g_string_append_printf (reply, "{\"id\":%u,\"error\":{\"code\":%d,\"message\":\"no\"}}", asked->id,
                            g_rand_int_range (self->rand, 99, 115));
  else
    write_reply (self, reply, asked);
  if (!chance (self, lose_percent))
    rt_fake_transport_receive (reply->str);
}

void
walk_peer_answer_all (WalkPeer *self)
{
  self->kind = TRUE;
  while (rt_fake_transport_get () != NULL && rt_fake_transport_get ()->was_open && !rt_fake_transport_get ()->closing)
    {
      read_all (self);
      if (g_queue_is_empty (&self->asked))
        return;
      answer (self, 0, 0);
    }
}

/* --- Saying --- */

static void
publish (WalkPeer *self)
{
  guint channel = (guint) g_rand_int_range (self->rand, 0, WALK_CHANNELS);
  guint64 offset = ++self->newest[channel];

  if (!self->subscribed[channel] || chance (self, 5))
    return; /* one that gets lost */
  if (chance (self, 5) && offset > 1)
    offset--; /* one that came before */
  g_autofree char *message = g_strdup_printf (
    "{\"push\":{\"channel\":\"%s\",\"pub\":{\"data\":{},\"offset\":%" G_GUINT64_FORMAT "}}}", names[channel], offset);
  rt_fake_transport_receive (message);
}

static void
unsubscribe (WalkPeer *self)
{
  static const guint codes[] = { 2000, 2500, 2501, 2502 };
  guint channel = (guint) g_rand_int_range (self->rand, 0, WALK_CHANNELS);

  if (!self->subscribed[channel])
    return;
  self->subscribed[channel] = FALSE;
  g_autofree char *message = g_strdup_printf ("{\"push\":{\"channel\":\"%s\",\"unsubscribe\":{\"code\":%u}}}", names[channel],
                                              codes[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (codes))]);
  rt_fake_transport_receive (message);
}

static void
break_off (WalkPeer *self)
{
  static const guint codes[] = { 1000, 1006, 1009, 3000, 3005, 3500, 4500 };

  switch (g_rand_int_range (self->rand, 0, 3))
    {
    case 0:
      rt_fake_transport_receive ("{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"bye\"}}}\n{}");
      break;
    case 1:
      rt_fake_transport_receive ("{}\nnot the protocol");
      break;
    default:
      rt_fake_transport_closed (codes[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (codes))], "bye");
    }
}

static void
say_nonsense (WalkPeer *self)
{
  g_autofree char *message
    = g_strdup_printf ("{\"id\":%u,\"publish\":{}}\n{\"push\":{\"channel\":\"nobody\",\"pub\":{\"data\":1}}}",
                       g_rand_int (self->rand) | 0x80000000);

  rt_fake_transport_receive (message);
}

void
walk_peer_step (WalkPeer *self)
{
  RtFakeTransport *transport = rt_fake_transport_get ();

  read_all (self);
  if (!transport->was_open)
    {
      if (chance (self, 90))
        rt_fake_transport_opened (chance (self, 50) ? RT_PROFILE_RT1 : RT_PROFILE_CENTRIFUGO);
      else
        rt_fake_transport_closed (1006, "");
      return;
    }
  if (transport->closing && chance (self, 50))
    {
      rt_fake_transport_closed (1000, "");
      return;
    }
  guint dice = (guint) g_rand_int_range (self->rand, 0, 100);
  if (dice < 55)
    answer (self, 4, 2);
  else if (dice < 88)
    publish (self);
  else if (dice < 91)
    unsubscribe (self);
  else if (dice < 95)
    rt_fake_transport_receive ("{}");
  else if (dice < 97)
    say_nonsense (self);
  else if (dice < 99)
    rt_fake_transport_pong (1000);
  else
    break_off (self);
}
