/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-core.h"

#include <string.h>
#include "rt-error.h"
#include "rt-payload.h"

/* In the order of RtMessageType; on the wire too. */
static const char *const type_names[] = { "text", "image", "file", "system", "binary", "custom" };

RtMessageType
rt_message_type_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    {
      if (g_str_equal (name, type_names[i]))
        return i;
    }
  return RT_MESSAGE_TYPE_CUSTOM;
}

const char *
rt_message_type_to_name (RtMessageType type)
{
  return type_names[type];
}

RtMessageCore *
rt_message_core_new (void)
{
  RtMessageCore *self = g_new0 (RtMessageCore, 1);

  g_atomic_ref_count_init (&self->refs);
  self->type = RT_MESSAGE_TYPE_CUSTOM;
  self->priority = RT_PRIORITY_NORMAL;
  return self;
}

static void
put_text (RtMessageCore *self, RtMessageText which, char *place, const char *text, gsize size)
{
  memcpy (place, text, size);
  self->texts[which] = place;
  self->texts_in_raw |= 1u << which;
}

RtMessageCore *
rt_message_core_new_text (const char *id, const char *content)
{
  gsize id_size = strlen (id) + 1, content_size = strlen (content) + 1;
  RtMessageCore *self = g_malloc (sizeof (RtMessageCore) + id_size + content_size);

  memset (self, 0, sizeof *self);
  g_atomic_ref_count_init (&self->refs);
  self->type = RT_MESSAGE_TYPE_TEXT;
  self->priority = RT_PRIORITY_NORMAL;
  self->body_kind = RT_BODY_TEXT;
  put_text (self, RT_MESSAGE_TEXT_ID, self->raw, id, id_size);
  put_text (self, RT_MESSAGE_TEXT_BODY, self->raw + id_size, content, content_size);
  return self;
}

/* Moves what @end points behind by the copied bytes. */
static RtSlice
copy_slice (const RtSlice *slice, char **end)
{
  RtSlice copy = { *end, slice->len, slice->flags };

  if (slice->data == NULL)
    return *slice;
  memcpy (*end, slice->data, slice->len);
  *end += slice->len;
  return copy;
}

static inline RtSlice
rebase_slice (const RtSlice *slice, const char *from, const char *to)
{
  RtSlice moved = *slice;

  if (moved.data != NULL)
    moved.data = to + (moved.data - from);
  return moved;
}

static void
take_envelope (RtMessageCore *self, const RtEnvelope *envelope, const char *from)
{
  const char *to = self->raw;

  self->body_kind = envelope->body_kind;
  self->priority = envelope->priority;
  self->ttl = MIN (envelope->ttl, G_MAXUINT);
  self->timestamp = envelope->timestamp;
  self->slices[RT_MESSAGE_TEXT_ID] = rebase_slice (&envelope->id, from, to);
  self->slices[RT_MESSAGE_TEXT_TYPE_NAME] = rebase_slice (&envelope->type, from, to);
  self->slices[RT_MESSAGE_TEXT_BODY] = rebase_slice (&envelope->body, from, to);
  self->metadata_slice = rebase_slice (&envelope->metadata, from, to);
  self->type = RT_MESSAGE_TYPE_BY_NAME;
  if (envelope->sender.data != NULL)
    self->slices[RT_MESSAGE_TEXT_SENDER] = rebase_slice (&envelope->sender, from, to);
  if (envelope->tags.data != NULL)
    self->tags_slice = rebase_slice (&envelope->tags, from, to);
}

RtMessageCore *
rt_message_core_new_incoming (const RtPublication *publication)
{
  const RtClientInfo *info = &publication->info;
  gsize len = (gsize) publication->data.len + publication->tags.len;
  RtMessageCore *self;
  char *end;

  if (publication->has_info)
    len += (gsize) info->user.len + info->client.len;
  self = g_malloc (sizeof (RtMessageCore) + len);
  end = self->raw;
  memset (self, 0, sizeof *self);
  g_atomic_ref_count_init (&self->refs);
  RtSlice data = copy_slice (&publication->data, &end);
  self->tags_slice = copy_slice (&publication->tags, &end);
  if (publication->has_info)
    {
      self->slices[RT_MESSAGE_TEXT_USER] = copy_slice (&info->user, &end);
      self->slices[RT_MESSAGE_TEXT_CLIENT] = copy_slice (&info->client, &end);
      self->slices[RT_MESSAGE_TEXT_SENDER] = self->slices[RT_MESSAGE_TEXT_USER];
    }
  if (publication->envelope.marked)
    {
      take_envelope (self, &publication->envelope, publication->data.data);
      return self;
    }
  self->bare = TRUE;
  self->body_kind = data.data != NULL ? RT_BODY_JSON : RT_BODY_NONE;
  self->slices[RT_MESSAGE_TEXT_BODY] = data;
  self->type = RT_MESSAGE_TYPE_CUSTOM;
  self->priority = RT_PRIORITY_NORMAL;
  return self;
}

RtMessageCore *
rt_message_core_ref (RtMessageCore *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_message_core_unref (RtMessageCore *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  for (guint i = 0; i < RT_MESSAGE_N_TEXTS; i++)
    {
      if ((self->texts_in_raw & 1u << i) == 0)
        g_free (self->texts[i]);
    }
  g_clear_pointer (&self->data, g_variant_unref);
  g_clear_pointer (&self->metadata, g_variant_unref);
  g_clear_pointer (&self->tags, g_variant_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

const char *
rt_message_core_get_text (RtMessageCore *self, RtMessageText which)
{
  char *text = g_atomic_pointer_get (&self->texts[which]);

  if (text != NULL || self->slices[which].data == NULL)
    return text;
  text = rt_json_unescape (&self->slices[which]);
  if (text == NULL || g_atomic_pointer_compare_and_exchange (&self->texts[which], NULL, text))
    return text;
  g_free (text);
  return g_atomic_pointer_get (&self->texts[which]);
}

RtMessageType
rt_message_type_of_body (RtBodyKind kind)
{
  switch (kind)
    {
    case RT_BODY_TEXT:
      return RT_MESSAGE_TYPE_TEXT;
    case RT_BODY_B64:
      return RT_MESSAGE_TYPE_BINARY;
    case RT_BODY_NONE:
    case RT_BODY_JSON:
    default:
      return RT_MESSAGE_TYPE_CUSTOM;
    }
}

RtMessageType
rt_message_core_get_type (RtMessageCore *self)
{
  const RtSlice *name = &self->slices[RT_MESSAGE_TEXT_TYPE_NAME];

  if (self->type != RT_MESSAGE_TYPE_BY_NAME)
    return self->type;
  if (name->data == NULL)
    return rt_message_type_of_body (self->body_kind);
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    {
      if (rt_slice_equals (name, type_names[i]))
        return i;
    }
  return RT_MESSAGE_TYPE_CUSTOM;
}

const char *
rt_message_core_get_type_name (RtMessageCore *self)
{
  RtMessageType type = rt_message_core_get_type (self);
  const char *name = NULL;

  if (type == RT_MESSAGE_TYPE_CUSTOM)
    name = rt_message_core_get_text (self, RT_MESSAGE_TEXT_TYPE_NAME);
  return name != NULL ? name : type_names[type];
}

static const char *
describe_body (RtBodyKind kind)
{
  switch (kind)
    {
    case RT_BODY_TEXT:
      return "it carries text (content)";
    case RT_BODY_JSON:
      return "it carries JSON (data)";
    case RT_BODY_B64:
      return "it carries bytes";
    case RT_BODY_NONE:
    default:
      return "it carries nothing";
    }
}

static gboolean
check_kind (RtMessageCore *self, RtBodyKind wanted, const char *name, GError **error)
{
  if (self->body_kind == wanted)
    return TRUE;
  if (error != NULL)
    g_set_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The message has no %s: %s", name,
                 describe_body (self->body_kind));
  return FALSE;
}

gboolean
rt_message_core_get_json (RtMessageCore *self, const char **json, gsize *len)
{
  const RtSlice *slice = &self->slices[RT_MESSAGE_TEXT_BODY];

  if (self->body_kind != RT_BODY_JSON)
    return FALSE;
  *json = slice->data != NULL ? slice->data : self->texts[RT_MESSAGE_TEXT_BODY];
  *len = slice->data != NULL ? slice->len : strlen (*json);
  return TRUE;
}

const char *
rt_message_core_get_content (RtMessageCore *self, GError **error)
{
  const char *text;

  if (!check_kind (self, RT_BODY_TEXT, "content", error))
    return NULL;
  text = rt_message_core_get_text (self, RT_MESSAGE_TEXT_BODY);
  if (text == NULL)
    g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                         "The message's text cannot be used: it holds \\u0000 or half of a surrogate pair");
  return text;
}

GVariant *
rt_message_core_get_data (RtMessageCore *self, GError **error)
{
  GVariant *data = g_atomic_pointer_get (&self->data);
  const char *json;
  gsize len;

  if (data != NULL)
    return data;
  if (!check_kind (self, RT_BODY_JSON, "data", error) || !rt_message_core_get_json (self, &json, &len))
    return NULL;
  data = rt_payload_to_variant (json, len, error);
  if (data == NULL || g_atomic_pointer_compare_and_exchange (&self->data, NULL, data))
    return data;
  g_variant_unref (data);
  return g_atomic_pointer_get (&self->data);
}

GBytes *
rt_message_core_get_bytes (RtMessageCore *self, GError **error)
{
  GBytes *bytes = g_atomic_pointer_get (&self->bytes);
  g_autofree char *text = NULL;

  if (bytes != NULL)
    return bytes;
  if (!check_kind (self, RT_BODY_B64, "bytes", error))
    return NULL;
  text = rt_json_unescape (&self->slices[RT_MESSAGE_TEXT_BODY]);
  bytes = text != NULL ? rt_payload_decode_base64 (text) : NULL;
  if (bytes == NULL)
    g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                         "The message's bytes cannot be used: they are not valid base64");
  if (bytes == NULL || g_atomic_pointer_compare_and_exchange (&self->bytes, NULL, bytes))
    return bytes;
  g_bytes_unref (bytes);
  return g_atomic_pointer_get (&self->bytes);
}

static GVariant *
get_pairs (GVariant **cache, const RtSlice *slice)
{
  GVariant *pairs = g_atomic_pointer_get (cache);

  if (pairs != NULL)
    return pairs;
  if (slice->data == NULL)
    return rt_payload_no_pairs ();
  pairs = rt_payload_pairs (slice);
  if (g_atomic_pointer_compare_and_exchange (cache, NULL, pairs))
    return pairs;
  g_variant_unref (pairs);
  return g_atomic_pointer_get (cache);
}

GVariant *
rt_message_core_get_metadata (RtMessageCore *self)
{
  return get_pairs (&self->metadata, &self->metadata_slice);
}

GVariant *
rt_message_core_get_tags (RtMessageCore *self)
{
  return get_pairs (&self->tags, &self->tags_slice);
}

/* Of what came broken from a peer there is nothing to be had. */
static void
copy_body (RtMessageCore *copy, RtMessageCore *self)
{
  const char *json;
  gsize len;

  if (self->body_kind == RT_BODY_TEXT)
    copy->texts[RT_MESSAGE_TEXT_BODY] = g_strdup (rt_message_core_get_content (self, NULL));
  else if (rt_message_core_get_json (self, &json, &len))
    copy->texts[RT_MESSAGE_TEXT_BODY] = g_strndup (json, len);
  else if (self->body_kind == RT_BODY_B64 && rt_message_core_get_bytes (self, NULL) != NULL)
    copy->bytes = g_bytes_ref (rt_message_core_get_bytes (self, NULL));
  if (copy->texts[RT_MESSAGE_TEXT_BODY] != NULL || copy->bytes != NULL)
    copy->body_kind = self->body_kind;
}

RtMessageCore *
rt_message_core_with_id (RtMessageCore *self, const char *id, gint64 now)
{
  RtMessageCore *copy = rt_message_core_new ();

  copy->type = (int) rt_message_core_get_type (self);
  copy->priority = self->priority;
  copy->ttl = self->ttl;
  copy->timestamp = self->timestamp != 0 ? self->timestamp : now;
  copy->bare = self->bare;
  for (guint i = 0; i < RT_MESSAGE_N_TEXTS; i++)
    if (i != RT_MESSAGE_TEXT_BODY)
      copy->texts[i] = g_strdup (i == RT_MESSAGE_TEXT_ID ? id : rt_message_core_get_text (self, i));
  copy_body (copy, self);
  copy->metadata = g_variant_ref (rt_message_core_get_metadata (self));
  copy->tags = g_variant_ref (rt_message_core_get_tags (self));
  return copy;
}
