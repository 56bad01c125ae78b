/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"

/* Replies and pushes as they are read. RT_REPLY_PING, which is zero, stands for "no kind seen yet". */
G_STATIC_ASSERT (RT_REPLY_PING == 0);

gboolean
rt_json_set_kind (RtScan *s, const RtField *field, RtReply *reply)
{
  if (reply->kind != RT_REPLY_PING)
    return rt_scan_mismatch (s, field->name, "a reply holds two results");
  reply->kind = field->kind;
  return TRUE;
}

static gboolean
read_result (RtScan *s, const RtField *field, gpointer target)
{
  return rt_json_set_kind (s, field, target) && rt_fields_read (s, field->fields, target);
}

static gboolean
read_push (RtScan *s, const RtField *field, gpointer target)
{
  return rt_fields_read (s, field->fields, target);
}

#define STRING(name, member) RT_FIELD (name, RT_FIELD_STRING, RtReply, member)
#define RAW(name, member) RT_FIELD (name, RT_FIELD_RAW, RtReply, member)
#define BOOL(name, member) RT_FIELD (name, RT_FIELD_BOOL, RtReply, member)
#define UINT32(name, member) RT_FIELD (name, RT_FIELD_UINT32, RtReply, member)
#define UINT64(name, member) RT_FIELD (name, RT_FIELD_UINT64, RtReply, member)
#define INT64(name, member) RT_FIELD (name, RT_FIELD_INT64, RtReply, member)
#define RESULT(name, table, kind) RT_FIELD_READ (name, read_result, &table, kind)

static const RtField error_fields[] = {
  UINT32 ("code", code),
  STRING ("message", reason),
  BOOL ("temporary", temporary),
};
static const RtFields error_table = RT_FIELDS (error_fields);

static const RtField subscribe_fields[] = {
  BOOL ("expires", expires),
  UINT32 ("ttl", ttl),
  BOOL ("recoverable", recoverable),
  STRING ("epoch", epoch),
  RT_FIELD_READ ("publications", rt_json_read_publications, NULL, 0),
  BOOL ("recovered", recovered),
  UINT64 ("offset", offset),
  BOOL ("positioned", positioned),
  RAW ("data", data),
  BOOL ("was_recovering", was_recovering),
};
static const RtFields subscribe_table = RT_FIELDS (subscribe_fields);

gboolean
rt_json_read_sub (RtScan *s, const RtSlice *channel, RtReply *reply)
{
  rt_clear (reply, sizeof *reply);
  reply->kind = RT_REPLY_SUBSCRIBE;
  reply->channel = *channel;
  return rt_fields_read (s, &subscribe_table, reply);
}

static const RtField connect_fields[] = {
  STRING ("client", client),
  RAW ("data", data),
  RT_FIELD_READ ("subs", rt_json_read_reply_subs, NULL, 0),
  BOOL ("expires", expires),
  UINT32 ("ttl", ttl),
  UINT32 ("ping", ping),
  BOOL ("pong", pong),
  STRING ("session", session),
  STRING ("node", node),
  INT64 ("time", time),
};
static const RtFields connect_table = RT_FIELDS (connect_fields);

static const RtFields nothing_table = { NULL, NULL };

static const RtField publish_fields[] = {
  UINT64 ("offset", offset),
  STRING ("epoch", epoch),
  BOOL ("dup", dup),
};
static const RtFields publish_table = RT_FIELDS (publish_fields);

static const RtField presence_fields[] = {
  RT_FIELD_READ ("presence", rt_json_read_presence, NULL, 0),
};
static const RtFields presence_table = RT_FIELDS (presence_fields);

static const RtField stats_fields[] = {
  UINT32 ("num_clients", num_clients),
  UINT32 ("num_users", num_users),
};
static const RtFields stats_table = RT_FIELDS (stats_fields);

static const RtField history_fields[] = {
  RT_FIELD_READ ("publications", rt_json_read_publications, NULL, 0),
  STRING ("epoch", epoch),
  UINT64 ("offset", offset),
};
static const RtFields history_table = RT_FIELDS (history_fields);

static const RtField data_fields[] = {
  RAW ("data", data),
};
static const RtFields data_table = RT_FIELDS (data_fields);

static const RtField refresh_fields[] = {
  STRING ("client", client),
  BOOL ("expires", expires),
  UINT32 ("ttl", ttl),
};
static const RtFields refresh_table = RT_FIELDS (refresh_fields);

static const RtField expiry_fields[] = {
  BOOL ("expires", expires),
  UINT32 ("ttl", ttl),
};
static const RtFields expiry_table = RT_FIELDS (expiry_fields);

static const RtField notice_fields[] = {
  UINT32 ("code", code),
  STRING ("reason", reason),
};
static const RtFields notice_table = RT_FIELDS (notice_fields);

static const RtField disconnect_fields[] = {
  UINT32 ("code", code),
  STRING ("reason", reason),
  UINT32 ("spread", spread),
};
static const RtFields disconnect_table = RT_FIELDS (disconnect_fields);

static const RtField push_fields[] = {
  STRING ("channel", channel),
  RT_FIELD_READ ("pub", rt_json_read_push_pub, NULL, RT_PUSH_PUBLICATION),
  RT_FIELD_READ ("join", rt_json_read_push_info, NULL, RT_PUSH_JOIN),
  RT_FIELD_READ ("leave", rt_json_read_push_info, NULL, RT_PUSH_LEAVE),
  RESULT ("unsubscribe", notice_table, RT_PUSH_UNSUBSCRIBE),
  RESULT ("message", data_table, RT_PUSH_MESSAGE),
  RESULT ("subscribe", subscribe_table, RT_PUSH_SUBSCRIBE),
  RESULT ("connect", connect_table, RT_PUSH_CONNECT),
  RESULT ("disconnect", disconnect_table, RT_PUSH_DISCONNECT),
  RESULT ("refresh", expiry_table, RT_PUSH_REFRESH),
};
static const RtFields push_table = RT_FIELDS (push_fields);

static const RtField reply_fields[] = {
  UINT32 ("id", id),
  RT_FIELD_READ ("push", read_push, &push_table, 0),
  RESULT ("publish", publish_table, RT_REPLY_PUBLISH),
  RESULT ("error", error_table, RT_REPLY_ERROR),
  RESULT ("connect", connect_table, RT_REPLY_CONNECT),
  RESULT ("subscribe", subscribe_table, RT_REPLY_SUBSCRIBE),
  RESULT ("unsubscribe", nothing_table, RT_REPLY_UNSUBSCRIBE),
  RESULT ("presence", presence_table, RT_REPLY_PRESENCE),
  RESULT ("presence_stats", stats_table, RT_REPLY_PRESENCE_STATS),
  RESULT ("history", history_table, RT_REPLY_HISTORY),
  RESULT ("rpc", data_table, RT_REPLY_RPC),
  RESULT ("refresh", refresh_table, RT_REPLY_REFRESH),
  RESULT ("sub_refresh", expiry_table, RT_REPLY_SUB_REFRESH),
  RESULT ("presence_set", nothing_table, RT_REPLY_PRESENCE_SET),
};
static const RtFields reply_table = RT_FIELDS (reply_fields);

gboolean
rt_json_read_reply (RtScan *s, RtReply *reply)
{
  const guint8 *start = s->p;

  rt_clear (reply, sizeof *reply);
  if (!rt_fields_read (s, &reply_table, reply))
    return FALSE;
  if (reply->kind == RT_REPLY_PING && !rt_scan_is_empty (start))
    reply->kind = RT_REPLY_UNKNOWN;
  return TRUE;
}
