/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

RtDecodeStatus
decode_reply (RtDecoder *decoder, const char *text, RtReply *reply)
{
  rt_decoder_begin (decoder, text, strlen (text));
  return rt_codec_json ()->next_reply (decoder, reply);
}

RtDecodeStatus
decode_command (RtDecoder *decoder, const char *text, RtCommand *command)
{
  rt_decoder_begin (decoder, text, strlen (text));
  return rt_codec_json ()->next_command (decoder, command);
}

void
assert_same_slice (const RtSlice *a, const RtSlice *b)
{
  g_assert_cmpint (a->data != NULL, ==, b->data != NULL);
  g_assert_cmpmem (a->data, a->len, b->data, b->len);
  g_assert_cmpuint (a->flags, ==, b->flags);
}

static void
assert_same_info (const RtClientInfo *a, const RtClientInfo *b)
{
  assert_same_slice (&a->user, &b->user);
  assert_same_slice (&a->client, &b->client);
  assert_same_slice (&a->conn_info, &b->conn_info);
  assert_same_slice (&a->chan_info, &b->chan_info);
}

static void
assert_same_publication (const RtPublication *a, const RtPublication *b)
{
  assert_same_slice (&a->data, &b->data);
  assert_same_slice (&a->tags, &b->tags);
  g_assert_cmpuint (a->offset, ==, b->offset);
  g_assert_cmpint (a->has_info, ==, b->has_info);
  assert_same_info (&a->info, &b->info);
  g_assert_cmpint (a->envelope.marked, ==, b->envelope.marked);
}

void
assert_same_reply (const RtReply *a, const RtReply *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpuint (a->id, ==, b->id);
  assert_same_slice (&a->channel, &b->channel);
  g_assert_cmpuint (a->code, ==, b->code);
  g_assert_cmpint (a->temporary, ==, b->temporary);
  assert_same_slice (&a->reason, &b->reason);
  assert_same_slice (&a->client, &b->client);
  assert_same_slice (&a->session, &b->session);
  assert_same_slice (&a->node, &b->node);
  assert_same_slice (&a->subs, &b->subs);
  assert_same_slice (&a->data, &b->data);
  g_assert_cmpuint (a->spread, ==, b->spread);
  g_assert_cmpuint (a->ping, ==, b->ping);
  g_assert_cmpint (a->pong, ==, b->pong);
  g_assert_cmpint (a->expires, ==, b->expires);
  g_assert_cmpuint (a->ttl, ==, b->ttl);
  g_assert_cmpint (a->time, ==, b->time);
  assert_same_slice (&a->epoch, &b->epoch);
  g_assert_cmpuint (a->offset, ==, b->offset);
  g_assert_cmpint (a->recoverable, ==, b->recoverable);
  g_assert_cmpint (a->positioned, ==, b->positioned);
  g_assert_cmpint (a->recovered, ==, b->recovered);
  g_assert_cmpint (a->was_recovering, ==, b->was_recovering);
  g_assert_cmpint (a->dup, ==, b->dup);
  g_assert_cmpuint (a->num_clients, ==, b->num_clients);
  g_assert_cmpuint (a->num_users, ==, b->num_users);
  g_assert_cmpuint (a->n_publications, ==, b->n_publications);
  for (guint i = 0; i < a->n_publications; i++)
    assert_same_publication (&a->publications[i], &b->publications[i]);
  g_assert_cmpuint (a->n_members, ==, b->n_members);
  for (guint i = 0; i < a->n_members; i++)
    assert_same_info (&a->members[i], &b->members[i]);
}

void
assert_same_command (const RtCommand *a, const RtCommand *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpuint (a->id, ==, b->id);
  assert_same_slice (&a->channel, &b->channel);
  assert_same_slice (&a->token, &b->token);
  assert_same_slice (&a->data, &b->data);
  assert_same_slice (&a->name, &b->name);
  assert_same_slice (&a->version, &b->version);
  assert_same_slice (&a->headers, &b->headers);
  assert_same_slice (&a->user, &b->user);
  assert_same_slice (&a->subs, &b->subs);
  assert_same_slice (&a->method, &b->method);
  assert_same_slice (&a->idem, &b->idem);
  assert_same_slice (&a->epoch, &b->epoch);
  g_assert_cmpuint (a->offset, ==, b->offset);
  g_assert_cmpuint (a->flag, ==, b->flag);
  g_assert_cmpint (a->limit, ==, b->limit);
  g_assert_cmpint (a->reverse, ==, b->reverse);
  g_assert_cmpint (a->has_since, ==, b->has_since);
  g_assert_cmpint (a->recover, ==, b->recover);
  g_assert_cmpint (a->positioned, ==, b->positioned);
  g_assert_cmpint (a->recoverable, ==, b->recoverable);
  g_assert_cmpint (a->join_leave, ==, b->join_leave);
}
