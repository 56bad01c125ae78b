/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message.h"

#include <string.h>
#include "rt-json-scan.h"
#include "rt-message-builder-private.h"
#include "rt-message-private.h"
#include "rt-message-rules.h"
#include "rt-payload.h"

/* A message as one JSON object, for logs and files. What goes over the wire is another matter:
 * rt-message-wire.c. */

/* In the order of RtPriority. */
static const char *const priority_names[] = { "low", "normal", "high", "urgent" };

static void
put_name (RtBuffer *out, const char *name)
{
  if (out->data[out->len - 1] != '{')
    rt_buffer_put_byte (out, ',');
  rt_json_put_string (out, name, strlen (name));
  rt_buffer_put_byte (out, ':');
}

static void
put_text (RtBuffer *out, const char *name, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;
  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);
  put_name (out, name);
  rt_json_put_string (out, text, strlen (text));
}

static void
put_bytes (RtBuffer *out, GBytes *bytes)
{
  g_autofree char *base64 = NULL;

  base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  put_text (out, "bytes", base64);
}

/* Of a received message as it came, also where no program could use it. */
static void
put_body (RtBuffer *out, RtMessageCore *core)
{
  const RtSlice *slice = &core->slices[RT_MESSAGE_TEXT_BODY];
  const char *json;
  gsize len;

  if (rt_message_core_get_json (core, &json, &len))
    {
      put_name (out, "data");
      rt_buffer_put (out, json, len);
    }
  else if (slice->data != NULL)
    {
      put_name (out, core->body_kind == RT_BODY_TEXT ? "content" : "bytes");
      rt_buffer_put_byte (out, '"');
      rt_buffer_put (out, slice->data, slice->len);
      rt_buffer_put_byte (out, '"');
    }
  else if (core->body_kind == RT_BODY_TEXT)
    {
      put_text (out, "content", core->texts[RT_MESSAGE_TEXT_BODY]);
    }
  else if (core->body_kind == RT_BODY_B64)
    {
      put_bytes (out, core->bytes);
    }
}

static void
put_pairs (RtBuffer *out, const char *name, GVariant *pairs)
{
  if (g_variant_n_children (pairs) == 0)
    return;
  put_name (out, name);
  rt_payload_put_pairs (out, pairs);
}

/* Whole numbers over 2^53 lose bits in many readers, so these are written as strings. */
static void
put_offset (RtBuffer *out, guint64 offset)
{
  gboolean quoted = offset > (G_GUINT64_CONSTANT (1) << 53);

  if (offset == 0)
    return;
  put_name (out, "offset");
  if (quoted)
    rt_buffer_put_byte (out, '"');
  rt_json_put_uint (out, offset);
  if (quoted)
    rt_buffer_put_byte (out, '"');
}

/**
 * rt_message_to_json:
 * @self: a message
 *
 * Writes the message as one JSON object on one line, for a log or a file.
 *
 * The members are `id`, `channel`, `sender`, `user_id`, `client_id`, `type` (the type's name), `content`,
 * `data` or `bytes` (base64), `priority` (`low`, `high`, `urgent`), `ttl`, `timestamp`, `metadata`, `tags`
 * and `offset`; what is not known, or has its default, is left out.
 *
 * Returns: (transfer full): the JSON
 */
char *
rt_message_to_json (RtMessage *self)
{
  RtMessageCore *core;
  RtBuffer out = { 0 };

  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  core = rt_message_get_core (self);
  rt_buffer_put_byte (&out, '{');
  put_text (&out, "id", rt_message_get_id (self));
  put_text (&out, "channel", rt_message_get_channel (self));
  put_text (&out, "sender", rt_message_get_sender (self));
  put_text (&out, "user_id", rt_message_get_user_id (self));
  put_text (&out, "client_id", rt_message_get_client_id (self));
  put_text (&out, "type", rt_message_get_type_name (self));
  put_body (&out, core);
  if (core->priority != RT_PRIORITY_NORMAL)
    put_text (&out, "priority", priority_names[core->priority]);
  if (core->ttl != 0)
    {
      put_name (&out, "ttl");
      rt_json_put_uint (&out, core->ttl);
    }
  if (core->timestamp != 0)
    {
      put_name (&out, "timestamp");
      rt_json_put_int (&out, core->timestamp);
    }
  put_pairs (&out, "metadata", rt_message_core_get_metadata (core));
  put_pairs (&out, "tags", rt_message_core_get_tags (core));
  put_offset (&out, rt_message_get_offset (self));
  rt_buffer_put (&out, "}", sizeof "}");
  return (char *) out.data;
}

/* What is read of an object. The data is passed on as it stands, so that nothing of it is lost. */
typedef enum
{
  MEMBER_ID,
  MEMBER_CHANNEL,
  MEMBER_SENDER,
  MEMBER_USER_ID,
  MEMBER_CLIENT_ID,
  MEMBER_TYPE,
  MEMBER_CONTENT,
  MEMBER_DATA,
  MEMBER_BYTES,
  MEMBER_PRIORITY,
  MEMBER_TTL,
  MEMBER_TIMESTAMP,
  MEMBER_METADATA,
  MEMBER_TAGS,
  MEMBER_OFFSET,
  N_MEMBERS,
} Member;

static const char *const member_names[N_MEMBERS] = {
  "id",    "channel",  "sender", "user_id",   "client_id", "type", "content", "data",
  "bytes", "priority", "ttl",    "timestamp", "metadata",  "tags", "offset",
};

typedef struct
{
  RtSlice members[N_MEMBERS]; /* raw values; without data: absent */
  RtFaults faults;
  RtMessageBuilder *builder;
} Reader;

static void
reader_clear (Reader *reader)
{
  rt_faults_clear (&reader->faults);
  g_clear_object (&reader->builder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* @json passed the grammar. FALSE if it is not an object. */
static gboolean
find_members (Reader *reader, const char *json)
{
  RtScan scan;
  RtSlice key, value;

  rt_scan_init (&scan, json, json, strlen (json));
  rt_scan_space (&scan);
  if (!rt_scan_begin_object (&scan))
    return FALSE;
  while (rt_scan_next_member (&scan, &key) && rt_scan_value (&scan, &value))
    {
      for (guint i = 0; i < N_MEMBERS; i++)
        {
          if (rt_slice_equals (&key, member_names[i]))
            reader->members[i] = value;
        }
    }
  return TRUE;
}

static gboolean
is_given (Reader *reader, Member member)
{
  const RtSlice *value = &reader->members[member];

  return value->data != NULL && *value->data != 'n';
}

/* NULL for a member that is absent or null. */
static char *
read_text (Reader *reader, Member member)
{
  const RtSlice *value = &reader->members[member];
  RtScan scan;
  RtSlice string;
  char *text;

  if (!is_given (reader, member))
    return NULL;
  rt_scan_init (&scan, value->data, value->data, value->len);
  if (*value->data != '"' || !rt_scan_string (&scan, &string))
    {
      rt_faults_add (&reader->faults, member_names[member], "is not a string");
      return NULL;
    }
  text = rt_json_unescape (&string);
  if (text == NULL)
    rt_faults_add (&reader->faults, member_names[member], "holds \\u0000, or half of a surrogate pair");
  return text;
}

static gint64
read_int (Reader *reader, Member member, gint64 min, gint64 max)
{
  const RtSlice *value = &reader->members[member];
  g_autofree char *digits = NULL;
  gint64 number;

  if (!is_given (reader, member))
    return 0;
  digits = g_strndup (value->data, value->len);
  if (g_ascii_string_to_signed (digits, 10, min, max, &number, NULL))
    return number;
  rt_faults_add (&reader->faults, member_names[member],
                 "is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
  return 0;
}

static guint64
read_offset (Reader *reader)
{
  const RtSlice *value = &reader->members[MEMBER_OFFSET];
  g_autofree char *text = NULL;
  guint64 offset = 0;

  if (value->data == NULL || *value->data != '"')
    return read_int (reader, MEMBER_OFFSET, 0, G_MAXINT64);
  text = read_text (reader, MEMBER_OFFSET);
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &offset, NULL))
    rt_faults_add (&reader->faults, "offset", "is not a decimal number");
  return offset;
}

static void
read_priority (Reader *reader)
{
  g_autofree char *name = read_text (reader, MEMBER_PRIORITY);

  if (name == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (priority_names); i++)
    {
      if (g_str_equal (name, priority_names[i]))
        {
          rt_message_builder_with_priority (reader->builder, i);
          return;
        }
    }
  rt_faults_add (&reader->faults, "priority", "is not low, normal, high or urgent");
}

static void
add_metadata_cb (const char *key, const char *value, gpointer builder)
{
  rt_message_builder_with_metadata (builder, key, value);
}

static void
add_tag_cb (const char *key, const char *value, gpointer builder)
{
  rt_message_builder_with_tag (builder, key, value);
}

static void
read_pairs (Reader *reader, Member member, RtJsonPairFunc add)
{
  if (is_given (reader, member) && !rt_json_each_pair (&reader->members[member], add, reader->builder))
    rt_faults_add (&reader->faults, member_names[member], "is not an object of strings");
}

static void
read_string (Reader *reader, Member member, RtMessageBuilder *(*set) (RtMessageBuilder *, const char *))
{
  g_autofree char *text = read_text (reader, member);

  set (reader->builder, text);
}

/* Here null is data. */
static void
read_data (Reader *reader)
{
  const RtSlice *value = &reader->members[MEMBER_DATA];
  g_autofree char *json = value->data != NULL ? g_strndup (value->data, value->len) : NULL;

  rt_message_builder_with_json (reader->builder, json);
}

static void
read_bytes (Reader *reader)
{
  g_autofree char *base64 = read_text (reader, MEMBER_BYTES);
  g_autoptr (GBytes) bytes = base64 != NULL ? rt_payload_decode_base64 (base64) : NULL;

  if (base64 != NULL && bytes == NULL)
    rt_faults_add (&reader->faults, "bytes", "are not valid base64");
  rt_message_builder_with_bytes (reader->builder, bytes);
}

static void
read_parts (Reader *reader)
{
  RtMessageBuilder *builder = reader->builder = rt_message_builder_new ();

  read_string (reader, MEMBER_CHANNEL, rt_message_builder_with_channel);
  read_string (reader, MEMBER_SENDER, rt_message_builder_with_sender);
  read_string (reader, MEMBER_TYPE, rt_message_builder_with_type_name);
  read_string (reader, MEMBER_CONTENT, rt_message_builder_with_content);
  read_data (reader);
  read_bytes (reader);
  read_priority (reader);
  rt_message_builder_with_ttl (builder, read_int (reader, MEMBER_TTL, 0, G_MAXUINT));
  read_pairs (reader, MEMBER_METADATA, add_metadata_cb);
  read_pairs (reader, MEMBER_TAGS, add_tag_cb);
}

/* What the builder does not take is put in afterwards. */
static RtMessage *
read_message (Reader *reader, GError **error)
{
  g_autofree char *id = read_text (reader, MEMBER_ID);
  g_autofree char *user_id = read_text (reader, MEMBER_USER_ID);
  g_autofree char *client_id = read_text (reader, MEMBER_CLIENT_ID);
  gint64 timestamp = read_int (reader, MEMBER_TIMESTAMP, G_MININT64, G_MAXINT64);
  guint64 offset = read_offset (reader);
  g_autoptr (RtMessage) message = NULL;
  RtMessageCore *core;

  rt_message_rules_id (&reader->faults, id);
  read_parts (reader);
  message = rt_message_builder_finish (reader->builder, NULL, &reader->faults, error);
  if (message == NULL)
    return NULL;
  core = rt_message_get_core (message); /* nobody else has it yet */
  core->bare = core->bare && id == NULL; /* JSON on its own has no room for an id */
  g_free (core->texts[RT_MESSAGE_TEXT_ID]); /* one of the builder's, allocated on its own */
  core->texts[RT_MESSAGE_TEXT_ID] = g_steal_pointer (&id);
  core->texts[RT_MESSAGE_TEXT_USER] = g_steal_pointer (&user_id);
  core->texts[RT_MESSAGE_TEXT_CLIENT] = g_steal_pointer (&client_id);
  core->timestamp = timestamp;
  return rt_message_with_offset (message, offset);
}

/**
 * rt_message_from_json:
 * @json: what [method@Message.to_json] wrote, or what is like it
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Reads a message back. Members that it does not know are passed over.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_from_json (const char *json, GError **error)
{
  g_auto (Reader) reader = { 0 };
  RtJsonFault fault;

  g_return_val_if_fail (json != NULL, NULL);

  if (!rt_json_check (json, strlen (json), &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                   "The message is not JSON that can be read: %s (byte %" G_GSIZE_FORMAT ")", fault.text,
                   fault.offset);
      return NULL;
    }
  if (!find_members (&reader, json))
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The message is not a JSON object");
      return NULL;
    }
  return read_message (&reader, error);
}
