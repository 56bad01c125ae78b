/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"
#include "rt-json-members.h"

/* The server-side subscriptions of a connect command and its reply: an object with a member for each channel. It is
 * read twice: wholly with the frame, for its grammar and types, and later one by one, since all its publications at
 * once would be more than a reply may hold. */

typedef gboolean (*EntryFunc) (RtScan        *s,
                               const RtSlice *channel,
                               gpointer       entry);

static gboolean
read_position (RtScan *s, const RtSlice *channel, gpointer entry)
{
  static const RtField fields[] = {
    RT_FIELD ("recover", RT_FIELD_BOOL, RtCommand, recover),
    RT_FIELD ("epoch", RT_FIELD_STRING, RtCommand, epoch),
    RT_FIELD ("offset", RT_FIELD_UINT64, RtCommand, offset),
  };
  static const RtFields table = RT_FIELDS (fields);
  RtCommand *command = entry;

  rt_clear (command, sizeof *command);
  command->kind = RT_COMMAND_SUBSCRIBE;
  command->channel = *channel;
  return rt_fields_read (s, &table, command);
}

static gboolean
read_sub (RtScan *s, const RtSlice *channel, gpointer entry)
{
  return rt_json_read_sub (s, channel, entry);
}

/* Data may be as deep in an entry as in the reply to a subscribe, so the depth is counted as there. */
static gboolean
read_entries (RtScan *s, const RtField *field, EntryFunc read, gpointer entry, RtSlice *out)
{
  const guint8 *start = s->p;
  guint outer_depth = s->depth, n = 0;
  RtSlice channel;

  if (rt_scan_peek (s) != '{')
    return rt_scan_mismatch (s, field->name, "a member has the wrong type");
  s->depth = 0;
  if (!rt_scan_begin_object (s))
    return FALSE;
  for (; rt_scan_next_member (s, &channel); n++)
    {
      if (n >= RT_PROTOCOL_MAX_ITEMS)
        return rt_scan_mismatch (s, field->name, "there are more subscriptions than are accepted");
      if (!read (s, &channel, entry))
        return FALSE;
    }
  s->depth = outer_depth;
  out->data = (const char *) start;
  out->len = s->p - start;
  return s->fault.kind == RT_JSON_OK;
}

gboolean
rt_json_read_reply_subs (RtScan *s, const RtField *field, gpointer target)
{
  RtReply *reply = target;
  RtReply entry;

  return read_entries (s, field, read_sub, &entry, &reply->subs);
}

gboolean
rt_json_read_command_subs (RtScan *s, const RtField *field, gpointer target)
{
  RtCommand *command = target;
  RtCommand entry;

  return read_entries (s, field, read_position, &entry, &command->subs);
}

static RtDecodeStatus
next_entry (RtDecoder *decoder, const RtSlice *subs, gsize *position, EntryFunc read, gpointer entry)
{
  RtSlice channel;
  RtScan s;

  if (decoder->fault.kind != RT_JSON_OK)
    return RT_DECODE_FAULT;
  if (subs->len == 0 || *position > subs->len)
    return RT_DECODE_END;
  rt_scan_init (&s, subs->data, subs->data + *position, subs->len - *position);
  s.owner = decoder;
  s.depth = *position > 0 ? 1 : 0;
  if (*position > 0 || rt_scan_begin_object (&s))
    {
      if (rt_scan_next_member (&s, &channel) && read (&s, &channel, entry))
        {
          *position = s.p - s.begin;
          return RT_DECODE_ITEM;
        }
      if (s.fault.kind == RT_JSON_OK && rt_scan_finish (&s))
        {
          *position = (gsize) subs->len + 1;
          return RT_DECODE_END;
        }
    }
  decoder->fault = s.fault;
  return RT_DECODE_FAULT;
}

RtDecodeStatus
rt_json_next_sub (RtDecoder *decoder, const RtSlice *subs, gsize *position, RtReply *reply)
{
  return next_entry (decoder, subs, position, read_sub, reply);
}

RtDecodeStatus
rt_json_next_sub_command (RtDecoder *decoder, const RtSlice *subs, gsize *position, RtCommand *command)
{
  return next_entry (decoder, subs, position, read_position, command);
}

static void
put_name (RtBuffer *out, guint n, const RtSlice *channel)
{
  rt_buffer_put_byte (out, n == 0 ? '{' : ',');
  rt_json_put_slice (out, channel);
  rt_buffer_put_byte (out, ':');
}

static void
end_entries (RtBuffer *out, guint n)
{
  if (n == 0)
    rt_buffer_put_byte (out, '{');
  rt_buffer_put_byte (out, '}');
}

void
rt_json_write_sub_command (RtBuffer *out, guint n, const RtCommand *position)
{
  if (position == NULL)
    {
      end_entries (out, n);
      return;
    }
  put_name (out, n, &position->channel);
  RtMembers members = rt_members_open (out);
  rt_members_bool (&members, RT_KEY ("recover"), position->recover);
  rt_members_string (&members, RT_KEY ("epoch"), &position->epoch);
  rt_members_uint (&members, RT_KEY ("offset"), position->offset);
  rt_members_close (&members);
}

void
rt_json_write_sub_reply (RtBuffer *out, guint n, const RtReply *reply)
{
  if (reply == NULL)
    {
      end_entries (out, n);
      return;
    }
  put_name (out, n, &reply->channel);
  rt_json_put_sub (out, reply);
}
