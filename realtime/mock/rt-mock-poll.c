/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-poll.h"

#include "rt-mock-http.h"
#include "rt-mock-outbound.h"
#include "rt-mock-secret.h"

#define MAX_WAIT_MS 25000
/* Without a poll a session is over; so long is its end remembered, too. */
#define IDLE_TIMEOUT RT_CLOCK_MS (50000)
/* To be let in, and for the first poll to be answered. */
#define AUTH_TIMEOUT RT_CLOCK_MS (10000)
#define MAX_ANSWER (1024 * 1024)
#define MAX_SESSIONS 10000
#define QUIET_PING 25

struct _RtMockPolls
{
  RtMockEnv *env;
  RtMockHub *hub;
  GHashTable *polls; /* hash of the key → RtMockPoll */
};

struct _RtMockPoll
{
  RtMockCarrier base;
  RtMockPolls *owner;
  char *key;
  char *key_hash;

  RtBuffer pending; /* lines that are in no answer yet */
  RtBuffer answer;  /* the last answer, while it may be asked for again */
  guint64 seq;      /* of the last answer that had lines */
  guint64 batch;    /* the last one executed */
  RtMockOutbound outbound;
  guint64 taken;    /* bytes that the client has acknowledged */

  RtMockLink *link; /* with the poll that is under way; NULL: none */
  gboolean paused;
  gboolean closing; /* the last line is in pending, or was */
  RtTimer *timer;   /* for the poll under way, or for the next one to come */
  RtMockTurnItem turn;
  RtMockTurnItem end;
};

/* --- Answers --- */

/* TRUE: the response is to get lost. */
static gboolean
lose_response (RtMockEnv *env, RtMockLink *link)
{
  if (!rt_mock_faults_take (env->faults, RT_MOCK_FAULT_LOSE_RESPONSE))
    return FALSE;
  rt_budget_line_close (link->line, TRUE);
  return TRUE;
}

static void
respond (RtMockPoll *self, SoupServerMessage *message, gboolean with_lines)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *seq = g_strdup_printf ("%" G_GUINT64_FORMAT, self->seq);
  gsize len = with_lines ? self->answer.len : 0;

  rt_mock_http_respond (message, SOUP_STATUS_OK, "");
  soup_message_headers_replace (headers, "X-Rt-Session", self->key);
  soup_message_headers_replace (headers, "X-Rt-Seq", seq);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY,
                                    len > 0 ? (const char *) self->answer.data : "", len);
}

static void
answer_poll (RtMockPoll *self, gboolean with_lines)
{
  RtMockLink *link = g_steal_pointer (&self->link);

  rt_timer_start (self->timer, rt_clock_now () + IDLE_TIMEOUT);
  if (with_lines && lose_response (self->owner->env, link))
    {
      /* The session may be gone before the connection is. */
      link->gone = NULL;
      return;
    }
  respond (self, link->waiting, with_lines);
  rt_mock_link_finish (link);
}

/* Whole lines, and one at least. */
static gsize
get_answer_size (RtMockPoll *self)
{
  const guint8 *data = self->pending.data;
  gsize len = MIN (self->pending.len, MAX_ANSWER);

  while (len > 0 && data[len - 1] != '\n')
    len--;
  return len > 0 ? len : (gsize) ((const guint8 *) memchr (data, '\n', self->pending.len) + 1 - data);
}

/* What is pending becomes an answer. */
static void
make_answer (RtMockPoll *self)
{
  gsize len = get_answer_size (self);

  rt_buffer_put (&self->answer, self->pending.data, len);
  memmove (self->pending.data, self->pending.data + len, self->pending.len - len);
  self->pending.len -= len;
  self->seq++;
}

static void
turn_cb (gpointer owner)
{
  RtMockPoll *self = owner;

  if (self->link == NULL || self->paused)
    return;
  if (self->answer.len == 0 && self->pending.len > 0)
    make_answer (self);
  if (self->answer.len > 0)
    answer_poll (self, TRUE);
  else if (!rt_timer_is_active (self->timer))
    answer_poll (self, FALSE);
}

static void
end_cb (gpointer owner)
{
  RtMockPoll *self = owner;

  g_hash_table_remove (self->owner->polls, self->key_hash);
  rt_mock_session_free (self->base.session);
}

/* The session is freed when the turn is over. */
static void
end (RtMockPoll *self)
{
  rt_timer_stop (self->timer);
  rt_mock_turn_add (self->owner->env->turn, &self->end);
}

static void
timer_cb (gpointer user_data)
{
  RtMockPoll *self = user_data;

  if (self->link != NULL)
    rt_mock_turn_add (self->owner->env->turn, &self->turn);
  else
    end (self);
}

/* --- As a carrier --- */

static gboolean
poll_is_open (RtMockCarrier *base)
{
  return !((RtMockPoll *) base)->closing;
}

static gboolean
poll_is_slow (RtMockCarrier *base)
{
  RtMockPoll *self = (RtMockPoll *) base;

  return rt_mock_outbound_is_over (&self->outbound, self->taken);
}

static void
poll_send (RtMockCarrier *base, const guint8 *data, gsize len)
{
  RtMockPoll *self = (RtMockPoll *) base;

  rt_buffer_put (&self->pending, data, len);
  rt_buffer_put_byte (&self->pending, '\n');
  rt_mock_outbound_add (&self->outbound, len, len + 1);
  rt_mock_turn_add (self->owner->env->turn, &self->turn);
}

static void
poll_pause (RtMockCarrier *base, gboolean paused)
{
  RtMockPoll *self = (RtMockPoll *) base;

  self->paused = paused;
  rt_mock_turn_add (self->owner->env->turn, &self->turn);
}

static void
poll_close (RtMockCarrier *base, guint code, const char *reason)
{
  ((RtMockPoll *) base)->closing = TRUE;
}

static void
poll_abort (RtMockCarrier *base)
{
  end ((RtMockPoll *) base);
}

static gboolean
poll_drop (RtMockCarrier *base)
{
  RtMockPoll *self = (RtMockPoll *) base;

  if (self->link != NULL)
    rt_budget_line_close (self->link->line, TRUE);
  return FALSE;
}

static void
poll_free (RtMockCarrier *base)
{
  RtMockPoll *self = (RtMockPoll *) base;

  if (self->link != NULL)
    answer_poll (self, FALSE);
  rt_mock_turn_remove (self->owner->env->turn, &self->turn);
  rt_mock_turn_remove (self->owner->env->turn, &self->end);
  rt_timer_free (self->timer);
  rt_buffer_clear (&self->pending);
  rt_buffer_clear (&self->answer);
  rt_mock_outbound_clear (&self->outbound);
  g_free (self->key);
  g_free (self->key_hash);
  g_free (self);
}

static const RtMockCarrierFuncs poll_funcs = {
  .quiet_ping = QUIET_PING,
  .needs_goodbye = TRUE,
  .close_timeout = IDLE_TIMEOUT,
  .is_open = poll_is_open,
  .is_slow = poll_is_slow,
  .send = poll_send,
  .pause = poll_pause,
  .close = poll_close,
  .abort = poll_abort,
  .drop = poll_drop,
  .free = poll_free,
};

/* --- Requests --- */

static void
bad_request (SoupServerMessage *message, const char *text)
{
  rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, text);
}

static void
poll_gone (RtMockLink *link)
{
  RtMockPoll *self = link->waiting_data;

  self->link = NULL;
  rt_timer_start (self->timer, rt_clock_now () + IDLE_TIMEOUT);
}

/* The poll is under way; it is answered when the turn is over, if there is something to say. */
static void
hold (RtMockPoll *self, RtMockLink *link, SoupServerMessage *message, guint wait)
{
  if (self->link != NULL)
    answer_poll (self, FALSE);
  self->link = link;
  rt_mock_link_wait (link, message, poll_gone, self);
  if (wait > 0)
    rt_timer_start (self->timer, rt_clock_now () + RT_CLOCK_MS (MIN (wait, MAX_WAIT_MS)));
  else
    rt_timer_stop (self->timer);
  rt_mock_turn_add (self->owner->env->turn, &self->turn);
}

/* FALSE: the client has lost count. */
static gboolean
check_counts (const RtMockPoll *self, const RtMockPollRequest *request)
{
  gboolean again = self->answer.len > 0 && request->ack + 1 == self->seq;

  return (!request->is_poll || request->ack == self->seq || again) &&
         (!request->has_batch || request->batch <= self->batch + 1);
}

static void
take_batch (RtMockPoll *self, const RtMockPollRequest *request)
{
  if (!request->has_batch || request->batch != self->batch + 1)
    return;
  self->batch++;
  rt_mock_session_take (self->base.session, request->body, request->len);
}

static void
take_ack (RtMockPoll *self, guint64 ack)
{
  if (ack != self->seq)
    return;
  self->taken += self->answer.len;
  self->answer.len = 0;
  /* The good-bye has arrived. */
  if (self->closing && self->pending.len == 0)
    end (self);
}

static void
take_request (RtMockPoll *self, RtMockLink *link, SoupServerMessage *message, const RtMockPollRequest *request)
{
  if (!check_counts (self, request))
    {
      bad_request (message, "The numbers do not follow those of the requests before.\n");
      return;
    }
  take_batch (self, request);
  if (request->is_poll)
    {
      take_ack (self, request->ack);
      hold (self, link, message, request->wait);
      return;
    }
  if (request->close)
    end (self);
  if (!lose_response (self->owner->env, link))
    rt_mock_http_respond (message, SOUP_STATUS_NO_CONTENT, NULL);
}

static RtMockPoll *
add_poll (RtMockPolls *self)
{
  RtMockPoll *poll = g_new0 (RtMockPoll, 1);

  poll->base.funcs = &poll_funcs;
  poll->owner = self;
  poll->key = rt_mock_secret_new ();
  poll->key_hash = rt_mock_secret_hash (poll->key);
  rt_mock_outbound_init (&poll->outbound);
  poll->timer = rt_timer_new (self->env->context, "[realtime] mock poll", timer_cb, poll);
  poll->turn = (RtMockTurnItem) { .run = turn_cb, .owner = poll };
  poll->end = (RtMockTurnItem) { .run = end_cb, .owner = poll };
  g_hash_table_insert (self->polls, poll->key_hash, poll);
  /* It belongs to the carrier, which is in the table. */
  rt_mock_session_new (self->env, self->hub, &poll->base, RT_PROFILE_RT1, rt_clock_now () + AUTH_TIMEOUT);
  return poll;
}

static void
begin (RtMockPolls *self, RtMockLink *link, SoupServerMessage *message, const RtMockPollRequest *request)
{
  if (!request->is_poll || request->ack != 0 || !request->has_batch || request->batch != 1 || request->len == 0)
    {
      bad_request (message, "The first request of a session polls, and has the connect command.\n");
      return;
    }
  if (g_hash_table_size (self->polls) >= MAX_SESSIONS)
    {
      rt_mock_http_respond (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "There are too many sessions.\n");
      return;
    }
  RtMockPoll *poll = add_poll (self);
  take_batch (poll, request);
  /* Until there is a reply to connect, or the session was ended for the lack of it. */
  hold (poll, link, message, MAX_WAIT_MS);
}

void
rt_mock_polls_take (RtMockPolls *self,
                    RtMockLink *link,
                    SoupServerMessage *message,
                    const RtMockPollRequest *request)
{
  if (request->close && request->is_poll)
    {
      bad_request (message, "A poll cannot end the session.\n");
      return;
    }
  if (request->session == NULL)
    {
      begin (self, link, message, request);
      return;
    }
  g_autofree char *hash = rt_mock_secret_hash (request->session);
  RtMockPoll *poll = g_hash_table_lookup (self->polls, hash);
  if (poll != NULL && !poll->end.queued)
    take_request (poll, link, message, request);
  else
    rt_mock_http_respond (message, SOUP_STATUS_NOT_FOUND, "There is no such session.\n");
}

/* --- All --- */

RtMockPolls *
rt_mock_polls_new (RtMockEnv *env, RtMockHub *hub)
{
  RtMockPolls *self = g_new0 (RtMockPolls, 1);

  self->env = env;
  self->hub = hub;
  self->polls = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
rt_mock_polls_update (RtMockPolls *self)
{
  GHashTableIter iter;
  gpointer poll;

  g_hash_table_iter_init (&iter, self->polls);
  while (g_hash_table_iter_next (&iter, NULL, &poll))
    rt_mock_session_update (((RtMockPoll *) poll)->base.session);
}

void
rt_mock_polls_free (RtMockPolls *self)
{
  GHashTableIter iter;
  gpointer poll;

  g_hash_table_iter_init (&iter, self->polls);
  while (g_hash_table_iter_next (&iter, NULL, &poll))
    end (poll);
  rt_mock_turn_run (self->env->turn);
  g_hash_table_unref (self->polls);
  g_free (self);
}
