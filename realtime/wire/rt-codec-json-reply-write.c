/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"
#include "rt-json-members.h"

static void
put_connect (RtMembers *members, const RtReply *reply)
{
  rt_members_string (members, RT_KEY ("client"), &reply->client);
  rt_members_raw (members, RT_KEY ("data"), &reply->data);
  rt_members_raw (members, RT_KEY ("subs"), &reply->subs);
  rt_members_bool (members, RT_KEY ("expires"), reply->expires);
  rt_members_uint (members, RT_KEY ("ttl"), reply->ttl);
  rt_members_uint (members, RT_KEY ("ping"), reply->ping);
  rt_members_bool (members, RT_KEY ("pong"), reply->pong);
  rt_members_string (members, RT_KEY ("session"), &reply->session);
  rt_members_string (members, RT_KEY ("node"), &reply->node);
  rt_members_int (members, RT_KEY ("time"), reply->time);
}

static void
put_publications (RtMembers *members, const RtReply *reply)
{
  if (reply->n_publications == 0)
    return;
  rt_members_key (members, RT_KEY ("publications"));
  for (guint i = 0; i < reply->n_publications; i++)
    {
      rt_buffer_put_byte (members->out, i == 0 ? '[' : ',');
      rt_json_put_publication (members->out, &reply->publications[i]);
    }
  rt_buffer_put_byte (members->out, ']');
}

static void
put_expiry (RtMembers *members, const RtReply *reply)
{
  rt_members_bool (members, RT_KEY ("expires"), reply->expires);
  rt_members_uint (members, RT_KEY ("ttl"), reply->ttl);
}

static void
put_subscribe (RtMembers *members, const RtReply *reply)
{
  put_expiry (members, reply);
  rt_members_bool (members, RT_KEY ("recoverable"), reply->recoverable);
  rt_members_string (members, RT_KEY ("epoch"), &reply->epoch);
  put_publications (members, reply);
  rt_members_bool (members, RT_KEY ("recovered"), reply->recovered);
  rt_members_uint (members, RT_KEY ("offset"), reply->offset);
  rt_members_bool (members, RT_KEY ("positioned"), reply->positioned);
  rt_members_raw (members, RT_KEY ("data"), &reply->data);
  rt_members_bool (members, RT_KEY ("was_recovering"), reply->was_recovering);
}

void
rt_json_put_sub (RtBuffer *out, const RtReply *reply)
{
  RtMembers members = rt_members_open (out);

  put_subscribe (&members, reply);
  rt_members_close (&members);
}

static void
put_publish (RtMembers *members, const RtReply *reply)
{
  rt_members_uint (members, RT_KEY ("offset"), reply->offset);
  rt_members_string (members, RT_KEY ("epoch"), &reply->epoch);
  rt_members_bool (members, RT_KEY ("dup"), reply->dup);
}

static void
put_presence (RtMembers *members, const RtReply *reply)
{
  rt_members_key (members, RT_KEY ("presence"));
  rt_buffer_put_byte (members->out, '{');
  for (guint i = 0; i < reply->n_members; i++)
    {
      if (i > 0)
        rt_buffer_put_byte (members->out, ',');
      rt_json_put_slice (members->out, &reply->members[i].client);
      rt_buffer_put_byte (members->out, ':');
      rt_json_put_client_info (members->out, &reply->members[i]);
    }
  rt_buffer_put_byte (members->out, '}');
}

static void
put_stats (RtMembers *members, const RtReply *reply)
{
  rt_members_uint (members, RT_KEY ("num_clients"), reply->num_clients);
  rt_members_uint (members, RT_KEY ("num_users"), reply->num_users);
}

static void
put_history (RtMembers *members, const RtReply *reply)
{
  put_publications (members, reply);
  rt_members_string (members, RT_KEY ("epoch"), &reply->epoch);
  rt_members_uint (members, RT_KEY ("offset"), reply->offset);
}

static void
put_data (RtMembers *members, const RtReply *reply)
{
  rt_members_raw (members, RT_KEY ("data"), &reply->data);
}

static void
put_refresh (RtMembers *members, const RtReply *reply)
{
  rt_members_string (members, RT_KEY ("client"), &reply->client);
  put_expiry (members, reply);
}

static void
put_error (RtMembers *members, const RtReply *reply)
{
  rt_members_uint (members, RT_KEY ("code"), reply->code);
  rt_members_string (members, RT_KEY ("message"), &reply->reason);
  rt_members_bool (members, RT_KEY ("temporary"), reply->temporary);
}

static void
put_notice (RtMembers *members, const RtReply *reply)
{
  rt_members_uint (members, RT_KEY ("code"), reply->code);
  rt_members_string (members, RT_KEY ("reason"), &reply->reason);
}

static void
put_disconnect (RtMembers *members, const RtReply *reply)
{
  put_notice (members, reply);
  rt_members_uint (members, RT_KEY ("spread"), reply->spread);
}

static void
put_member (RtMembers *members, const RtReply *reply)
{
  rt_members_key (members, RT_KEY ("info"));
  rt_json_put_client_info (members->out, &reply->members[0]);
}

static void
put_nothing (RtMembers *members, const RtReply *reply)
{
}

typedef struct
{
  const char *key; /* as RT_KEY() has it */
  gsize key_len;
  void (*put) (RtMembers     *members,
               const RtReply *reply);
} Writer;

/* The publication of a push is written apart: it is not an object of the reply's own members. */
static const Writer writers[] = {
  [RT_REPLY_ERROR] = { RT_KEY ("error"), put_error },
  [RT_REPLY_CONNECT] = { RT_KEY ("connect"), put_connect },
  [RT_REPLY_SUBSCRIBE] = { RT_KEY ("subscribe"), put_subscribe },
  [RT_REPLY_UNSUBSCRIBE] = { RT_KEY ("unsubscribe"), put_nothing },
  [RT_REPLY_PUBLISH] = { RT_KEY ("publish"), put_publish },
  [RT_REPLY_PRESENCE] = { RT_KEY ("presence"), put_presence },
  [RT_REPLY_PRESENCE_STATS] = { RT_KEY ("presence_stats"), put_stats },
  [RT_REPLY_HISTORY] = { RT_KEY ("history"), put_history },
  [RT_REPLY_RPC] = { RT_KEY ("rpc"), put_data },
  [RT_REPLY_REFRESH] = { RT_KEY ("refresh"), put_refresh },
  [RT_REPLY_SUB_REFRESH] = { RT_KEY ("sub_refresh"), put_expiry },
  [RT_REPLY_PRESENCE_SET] = { RT_KEY ("presence_set"), put_nothing },
  [RT_PUSH_JOIN] = { RT_KEY ("join"), put_member },
  [RT_PUSH_LEAVE] = { RT_KEY ("leave"), put_member },
  [RT_PUSH_UNSUBSCRIBE] = { RT_KEY ("unsubscribe"), put_notice },
  [RT_PUSH_SUBSCRIBE] = { RT_KEY ("subscribe"), put_subscribe },
  [RT_PUSH_MESSAGE] = { RT_KEY ("message"), put_data },
  [RT_PUSH_CONNECT] = { RT_KEY ("connect"), put_connect },
  [RT_PUSH_DISCONNECT] = { RT_KEY ("disconnect"), put_disconnect },
  [RT_PUSH_REFRESH] = { RT_KEY ("refresh"), put_expiry },
  [RT_REPLY_UNKNOWN] = { NULL, 0, NULL },
};

static void
put_result (RtMembers *members, const RtReply *reply)
{
  const Writer *writer = &writers[reply->kind];

  if (reply->kind == RT_PUSH_PUBLICATION)
    {
      rt_members_key (members, RT_KEY ("pub"));
      rt_json_put_publication (members->out, &reply->publications[0]);
      return;
    }
  if (writer->key == NULL)
    return;
  RtMembers inner = rt_members_inner (members, writer->key, writer->key_len);
  writer->put (&inner, reply);
  rt_members_close (&inner);
}

void
rt_json_write_reply (RtBuffer *out, const RtReply *reply)
{
  RtMembers members = rt_members_open (out);

  if (reply->kind >= RT_PUSH_PUBLICATION && reply->kind <= RT_PUSH_REFRESH)
    {
      RtMembers push = rt_members_inner (&members, RT_KEY ("push"));
      rt_members_string (&push, RT_KEY ("channel"), &reply->channel);
      put_result (&push, reply);
      rt_members_close (&push);
    }
  else
    {
      rt_members_uint (&members, RT_KEY ("id"), reply->id);
      put_result (&members, reply);
    }
  rt_members_close (&members);
}
