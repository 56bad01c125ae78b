/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"
#include "rt-json-members.h"

static gboolean
read_method (RtScan *s, const RtField *field, gpointer target)
{
  RtCommand *command = target;

  if (command->kind != RT_COMMAND_UNKNOWN)
    return rt_scan_mismatch (s, field->name, "a command holds two methods");
  command->kind = field->kind;
  return rt_fields_read (s, field->fields, command);
}

static gboolean
read_part (RtScan *s, const RtField *field, gpointer target)
{
  return rt_fields_read (s, field->fields, target);
}

static gboolean
read_since (RtScan *s, const RtField *field, gpointer target)
{
  RtCommand *command = target;

  command->has_since = TRUE;
  return rt_fields_read (s, field->fields, command);
}

#define STRING(name, member) RT_FIELD (name, RT_FIELD_STRING, RtCommand, member)
#define RAW(name, member) RT_FIELD (name, RT_FIELD_RAW, RtCommand, member)
#define BOOL(name, member) RT_FIELD (name, RT_FIELD_BOOL, RtCommand, member)
#define METHOD(name, table, kind) RT_FIELD_READ (name, read_method, &table, kind)

static const RtField identity_fields[] = {
  STRING ("user", user),
};
static const RtFields identity_table = RT_FIELDS (identity_fields);

static const RtField connect_fields[] = {
  STRING ("token", token),
  RAW ("data", data),
  RT_FIELD_READ ("subs", rt_json_read_command_subs, NULL, 0),
  STRING ("name", name),
  STRING ("version", version),
  RT_FIELD ("headers", RT_FIELD_PAIRS, RtCommand, headers),
  RT_FIELD_READ ("rt", read_part, &identity_table, 0),
};
static const RtFields connect_table = RT_FIELDS (connect_fields);

static const RtField subscribe_fields[] = {
  STRING ("channel", channel),
  STRING ("token", token),
  RAW ("data", data),
  BOOL ("recover", recover),
  STRING ("epoch", epoch),
  RT_FIELD ("offset", RT_FIELD_UINT64, RtCommand, offset),
  BOOL ("positioned", positioned),
  BOOL ("recoverable", recoverable),
  BOOL ("join_leave", join_leave),
  RAW ("tf", filter),
  RT_FIELD ("flag", RT_FIELD_UINT32, RtCommand, flag),
};
static const RtFields subscribe_table = RT_FIELDS (subscribe_fields);

static const RtField publish_fields[] = {
  STRING ("channel", channel),
  RAW ("data", data),
  STRING ("idem", idem),
};
static const RtFields publish_table = RT_FIELDS (publish_fields);

static const RtField channel_fields[] = {
  STRING ("channel", channel),
};
static const RtFields channel_table = RT_FIELDS (channel_fields);

static const RtField since_fields[] = {
  RT_FIELD ("offset", RT_FIELD_UINT64, RtCommand, offset),
  STRING ("epoch", epoch),
};
static const RtFields since_table = RT_FIELDS (since_fields);

static const RtField history_fields[] = {
  STRING ("channel", channel),
  RT_FIELD ("limit", RT_FIELD_INT32, RtCommand, limit),
  RT_FIELD_READ ("since", read_since, &since_table, 0),
  BOOL ("reverse", reverse),
};
static const RtFields history_table = RT_FIELDS (history_fields);

static const RtField rpc_fields[] = {
  RAW ("data", data),
  STRING ("method", method),
};
static const RtFields rpc_table = RT_FIELDS (rpc_fields);

static const RtField send_fields[] = {
  RAW ("data", data),
};
static const RtFields send_table = RT_FIELDS (send_fields);

static const RtField presence_set_fields[] = {
  STRING ("channel", channel),
  RAW ("data", data),
};
static const RtFields presence_set_table = RT_FIELDS (presence_set_fields);

static const RtField refresh_fields[] = {
  STRING ("token", token),
};
static const RtFields refresh_table = RT_FIELDS (refresh_fields);

static const RtField sub_refresh_fields[] = {
  STRING ("channel", channel),
  STRING ("token", token),
};
static const RtFields sub_refresh_table = RT_FIELDS (sub_refresh_fields);

static const RtField command_fields[] = {
  RT_FIELD ("id", RT_FIELD_UINT32, RtCommand, id),
  METHOD ("publish", publish_table, RT_COMMAND_PUBLISH),
  METHOD ("connect", connect_table, RT_COMMAND_CONNECT),
  METHOD ("subscribe", subscribe_table, RT_COMMAND_SUBSCRIBE),
  METHOD ("unsubscribe", channel_table, RT_COMMAND_UNSUBSCRIBE),
  METHOD ("presence", channel_table, RT_COMMAND_PRESENCE),
  METHOD ("presence_stats", channel_table, RT_COMMAND_PRESENCE_STATS),
  METHOD ("history", history_table, RT_COMMAND_HISTORY),
  METHOD ("rpc", rpc_table, RT_COMMAND_RPC),
  METHOD ("send", send_table, RT_COMMAND_SEND),
  METHOD ("refresh", refresh_table, RT_COMMAND_REFRESH),
  METHOD ("sub_refresh", sub_refresh_table, RT_COMMAND_SUB_REFRESH),
  METHOD ("presence_set", presence_set_table, RT_COMMAND_PRESENCE_SET),
};
static const RtFields command_table = RT_FIELDS (command_fields);

gboolean
rt_json_read_command (RtScan *s, RtCommand *command)
{
  const guint8 *start = s->p;

  rt_clear (command, sizeof *command);
  command->kind = RT_COMMAND_UNKNOWN;
  s->depth = RT_COMMAND_HEADROOM;
  if (!rt_fields_read (s, &command_table, command))
    return FALSE;
  if (command->kind == RT_COMMAND_UNKNOWN && rt_scan_is_empty (start))
    command->kind = RT_COMMAND_PONG;
  return TRUE;
}

static void
put_connect (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("token"), &command->token);
  rt_members_raw (members, RT_KEY ("data"), &command->data);
  rt_members_raw (members, RT_KEY ("subs"), &command->subs);
  rt_members_string (members, RT_KEY ("name"), &command->name);
  rt_members_string (members, RT_KEY ("version"), &command->version);
  rt_members_raw (members, RT_KEY ("headers"), &command->headers);
  if (command->user.data != NULL)
    {
      RtMembers identity = rt_members_inner (members, RT_KEY ("rt"));
      rt_members_string (&identity, RT_KEY ("user"), &command->user);
      rt_members_close (&identity);
    }
}

static void
put_subscribe (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("channel"), &command->channel);
  rt_members_string (members, RT_KEY ("token"), &command->token);
  rt_members_raw (members, RT_KEY ("data"), &command->data);
  rt_members_bool (members, RT_KEY ("recover"), command->recover);
  rt_members_string (members, RT_KEY ("epoch"), &command->epoch);
  rt_members_uint (members, RT_KEY ("offset"), command->offset);
  rt_members_bool (members, RT_KEY ("positioned"), command->positioned);
  rt_members_bool (members, RT_KEY ("recoverable"), command->recoverable);
  rt_members_bool (members, RT_KEY ("join_leave"), command->join_leave);
  rt_members_raw (members, RT_KEY ("tf"), &command->filter);
  rt_members_uint (members, RT_KEY ("flag"), command->flag);
}

static void
put_publish (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("channel"), &command->channel);
  rt_members_raw (members, RT_KEY ("data"), &command->data);
  rt_members_string (members, RT_KEY ("idem"), &command->idem);
}

static void
put_channel (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("channel"), &command->channel);
}

static void
put_history (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("channel"), &command->channel);
  rt_members_int (members, RT_KEY ("limit"), command->limit);
  if (command->has_since)
    {
      RtMembers since = rt_members_inner (members, RT_KEY ("since"));
      rt_members_uint (&since, RT_KEY ("offset"), command->offset);
      rt_members_string (&since, RT_KEY ("epoch"), &command->epoch);
      rt_members_close (&since);
    }
  rt_members_bool (members, RT_KEY ("reverse"), command->reverse);
}

static void
put_rpc (RtMembers *members, const RtCommand *command)
{
  rt_members_raw (members, RT_KEY ("data"), &command->data);
  rt_members_string (members, RT_KEY ("method"), &command->method);
}

static void
put_data (RtMembers *members, const RtCommand *command)
{
  rt_members_raw (members, RT_KEY ("data"), &command->data);
}

static void
put_presence (RtMembers *members, const RtCommand *command)
{
  put_channel (members, command);
  put_data (members, command);
}

static void
put_token (RtMembers *members, const RtCommand *command)
{
  rt_members_string (members, RT_KEY ("channel"), &command->channel);
  rt_members_string (members, RT_KEY ("token"), &command->token);
}

typedef struct
{
  const char *key; /* as RT_KEY() has it */
  gsize key_len;
  void (*put) (RtMembers       *members,
               const RtCommand *command);
} Writer;

static const Writer writers[] = {
  [RT_COMMAND_CONNECT] = { RT_KEY ("connect"), put_connect },
  [RT_COMMAND_SUBSCRIBE] = { RT_KEY ("subscribe"), put_subscribe },
  [RT_COMMAND_UNSUBSCRIBE] = { RT_KEY ("unsubscribe"), put_channel },
  [RT_COMMAND_PUBLISH] = { RT_KEY ("publish"), put_publish },
  [RT_COMMAND_PRESENCE] = { RT_KEY ("presence"), put_channel },
  [RT_COMMAND_PRESENCE_STATS] = { RT_KEY ("presence_stats"), put_channel },
  [RT_COMMAND_HISTORY] = { RT_KEY ("history"), put_history },
  [RT_COMMAND_RPC] = { RT_KEY ("rpc"), put_rpc },
  [RT_COMMAND_SEND] = { RT_KEY ("send"), put_data },
  [RT_COMMAND_REFRESH] = { RT_KEY ("refresh"), put_token },
  [RT_COMMAND_SUB_REFRESH] = { RT_KEY ("sub_refresh"), put_token },
  [RT_COMMAND_PRESENCE_SET] = { RT_KEY ("presence_set"), put_presence },
  [RT_COMMAND_UNKNOWN] = { NULL, 0, NULL },
};

void
rt_json_write_command (RtBuffer *out, const RtCommand *command)
{
  const Writer *writer = &writers[command->kind];
  RtMembers members = rt_members_open (out);

  rt_members_uint (&members, RT_KEY ("id"), command->id);
  if (writer->key != NULL)
    {
      RtMembers inner = rt_members_inner (&members, writer->key, writer->key_len);
      writer->put (&inner, command);
      rt_members_close (&inner);
    }
  rt_members_close (&members);
}
