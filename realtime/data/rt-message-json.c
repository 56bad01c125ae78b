/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message.h"

#include <json-glib/json-glib.h>
#include <string.h>
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

/* What is read of an object, and what the builder does not take. */
typedef struct
{
  JsonObject *object;
  RtFaults faults;
  RtMessageBuilder *builder;
  const char *id;
  const char *user_id;
  const char *client_id;
  gint64 timestamp;
  guint64 offset;
} Reader;

static void
reader_clear (Reader *reader)
{
  rt_faults_clear (&reader->faults);
  g_clear_object (&reader->builder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* NULL for a member that is absent or null. */
static JsonNode *
get_member (Reader *reader, const char *name)
{
  JsonNode *node = json_object_get_member (reader->object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static const char *
read_text (Reader *reader, const char *name)
{
  JsonNode *node = get_member (reader, name);

  if (node == NULL)
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  rt_faults_add (&reader->faults, name, "is not a string");
  return NULL;
}

static gint64
read_int (Reader *reader, const char *name, gint64 min, gint64 max)
{
  JsonNode *node = get_member (reader, name);

  if (node == NULL)
    return 0;
  if (json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) >= min
      && json_node_get_int (node) <= max)
    return json_node_get_int (node);
  rt_faults_add (&reader->faults, name, "is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                 min, max);
  return 0;
}

static guint64
read_offset (Reader *reader)
{
  JsonNode *node = get_member (reader, "offset");
  guint64 offset = 0;

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return read_int (reader, "offset", 0, G_MAXINT64);
  if (!g_ascii_string_to_unsigned (json_node_get_string (node), 10, 0, G_MAXUINT64, &offset, NULL))
    rt_faults_add (&reader->faults, "offset", "is not a decimal number");
  return offset;
}

static void
read_priority (Reader *reader)
{
  const char *name = read_text (reader, "priority");

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
read_pairs (Reader *reader, const char *name,
            RtMessageBuilder *(*set) (RtMessageBuilder *, const char *, const char *))
{
  JsonNode *node = get_member (reader, name);
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (node == NULL)
    return;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      rt_faults_add (&reader->faults, name, "is not an object");
      return;
    }
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    {
      if (json_node_get_value_type (value) != G_TYPE_STRING)
        rt_faults_add (&reader->faults, name, "has a value that is not a string, for the key “%s”", key);
      else
        set (reader->builder, key, json_node_get_string (value));
    }
}

/* Here null is data. */
static void
read_data (Reader *reader)
{
  JsonNode *node = json_object_get_member (reader->object, "data");
  g_autofree char *json = node != NULL ? json_to_string (node, FALSE) : NULL;

  rt_message_builder_with_json (reader->builder, json);
}

static void
read_bytes (Reader *reader)
{
  const char *base64 = read_text (reader, "bytes");
  g_autoptr (GBytes) bytes = base64 != NULL ? rt_payload_decode_base64 (base64) : NULL;

  if (base64 != NULL && bytes == NULL)
    rt_faults_add (&reader->faults, "bytes", "are not valid base64");
  rt_message_builder_with_bytes (reader->builder, bytes);
}

static RtMessage *
read_message (Reader *reader, GError **error)
{
  RtMessageBuilder *builder = reader->builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;
  RtMessageCore *core;

  rt_message_builder_with_channel (builder, read_text (reader, "channel"));
  rt_message_builder_with_sender (builder, read_text (reader, "sender"));
  rt_message_builder_with_type_name (builder, read_text (reader, "type"));
  rt_message_builder_with_content (builder, read_text (reader, "content"));
  read_data (reader);
  read_bytes (reader);
  read_priority (reader);
  rt_message_builder_with_ttl (builder, read_int (reader, "ttl", 0, G_MAXUINT));
  read_pairs (reader, "metadata", rt_message_builder_with_metadata);
  read_pairs (reader, "tags", rt_message_builder_with_tag);
  reader->id = read_text (reader, "id");
  reader->user_id = read_text (reader, "user_id");
  reader->client_id = read_text (reader, "client_id");
  reader->timestamp = read_int (reader, "timestamp", G_MININT64, G_MAXINT64);
  reader->offset = read_offset (reader);
  rt_message_rules_id (&reader->faults, reader->id);

  message = rt_message_builder_finish (builder, NULL, &reader->faults, error);
  if (message == NULL)
    return NULL;
  core = rt_message_get_core (message); /* nobody else has it yet */
  g_free (core->texts[RT_MESSAGE_TEXT_ID]); /* one of the builder's, allocated on its own */
  core->texts[RT_MESSAGE_TEXT_ID] = g_strdup (reader->id);
  core->texts[RT_MESSAGE_TEXT_USER] = g_strdup (reader->user_id);
  core->texts[RT_MESSAGE_TEXT_CLIENT] = g_strdup (reader->client_id);
  core->timestamp = reader->timestamp;
  return rt_message_with_offset (message, reader->offset);
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
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local_error = NULL;
  g_auto (Reader) reader = { 0 };
  RtJsonFault fault;

  g_return_val_if_fail (json != NULL, NULL);

  /* json-glib takes much that is not JSON, and can be made to crash. */
  if (!rt_json_check_payload (json, strlen (json), &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                   "The message is not JSON that can be read: %s (byte %" G_GSIZE_FORMAT ")", fault.text,
                   fault.offset);
      return NULL;
    }
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, json, -1, &local_error)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The message is not a JSON object%s%s",
                   local_error != NULL ? ": " : "", local_error != NULL ? local_error->message : "");
      return NULL;
    }
  reader.object = json_node_get_object (json_parser_get_root (parser));
  return read_message (&reader, error);
}
