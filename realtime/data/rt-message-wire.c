/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-private.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-codec.h"
#include "rt-payload.h"

/* The way out: from a message to a publication's data. */

static RtSlice
text_slice (const char *text)
{
  RtSlice slice = { text, text != NULL ? strlen (text) : 0, 0 };

  return slice;
}

static RtSlice
buffer_slice (const RtBuffer *buffer)
{
  RtSlice slice = { (const char *) buffer->data, buffer->len, 0 };

  return slice;
}

/* @base64 keeps what the slice points into. */
static void
set_body (RtEnvelope *envelope, RtMessageCore *core, char **base64)
{
  const char *json;
  gsize len;

  envelope->body_kind = core->body_kind;
  if (core->body_kind == RT_BODY_TEXT)
    {
      envelope->body = text_slice (rt_message_core_get_content (core, NULL));
    }
  else if (rt_message_core_get_json (core, &json, &len))
    {
      envelope->body = (RtSlice) { json, len, 0 };
    }
  else if (core->body_kind == RT_BODY_B64)
    {
      GBytes *bytes = rt_message_core_get_bytes (core, NULL);
      if (bytes != NULL)
        *base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      envelope->body = text_slice (*base64);
    }
  /* What came broken from a peer is not passed on. */
  if (envelope->body.data == NULL)
    envelope->body_kind = RT_BODY_NONE;
}

static void
set_pairs (RtSlice *slice, GVariant *pairs, RtBuffer *buffer)
{
  if (g_variant_n_children (pairs) == 0)
    return;
  rt_payload_put_pairs (buffer, pairs);
  *slice = buffer_slice (buffer);
}

static void
write_marked (RtMessage *message, const char *source, RtBuffer *out)
{
  RtMessageCore *core = rt_message_get_core (message);
  g_auto (RtBuffer) metadata = { 0 };
  g_auto (RtBuffer) tags = { 0 };
  g_autofree char *base64 = NULL;
  RtEnvelope envelope = {
    .marked = TRUE,
    .priority = core->priority,
    .id = text_slice (rt_message_get_id (message)),
    .source = text_slice (source),
    .sender = text_slice (rt_message_get_sender (message)),
    .type = text_slice (rt_message_core_get_type_name (core)),
    .timestamp = core->timestamp,
    .ttl = core->ttl,
  };

  set_body (&envelope, core, &base64);
  set_pairs (&envelope.metadata, rt_message_core_get_metadata (core), &metadata);
  set_pairs (&envelope.tags, rt_message_core_get_tags (core), &tags);
  rt_envelope_write (out, &envelope);
}

void
rt_message_write_data (RtMessage *message, const char *source, RtBuffer *out, gboolean *bare)
{
  RtMessageCore *core = rt_message_get_core (message);
  const char *json;
  gsize len;
  gboolean is_bare = core->bare && rt_message_core_get_json (core, &json, &len);

  if (is_bare)
    rt_buffer_put (out, json, len);
  else
    write_marked (message, source, out);
  if (bare != NULL)
    *bare = is_bare;
}

const char *
rt_message_put_next_id (char buffer[RT_MESSAGE_ID_SIZE], gint64 now)
{
  static RtSnowflake *snowflake; /* for the process's life */

  if (g_once_init_enter (&snowflake))
    g_once_init_leave (&snowflake, rt_snowflake_new_random ());
  return rt_snowflake_put_text (rt_snowflake_next_at (snowflake, now), buffer);
}

char *
rt_message_next_id (void)
{
  char buffer[RT_MESSAGE_ID_SIZE];

  return g_strdup (rt_message_put_next_id (buffer, rt_clock_real ()));
}
