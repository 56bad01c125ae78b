/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json-peer.h"

#include <string.h>

struct _JsonPeer
{
  RtRawPeer *raw;
  JsonPeerScript script;
  gpointer user_data;

  /* Only in the script's thread: */
  GQueue lines; /* commands that were read and not looked at */
  char *line;
};

static void
script_cb (RtRawPeer *raw, gpointer user_data)
{
  JsonPeer *self = user_data;

  self->raw = raw;
  self->script (self, self->user_data);
}

JsonPeer *
json_peer_new (JsonPeerScript script, gpointer user_data)
{
  JsonPeer *self = g_new0 (JsonPeer, 1);

  self->script = script;
  self->user_data = user_data;
  self->raw = rt_raw_peer_new (script_cb, self);
  return self;
}

char *
json_peer_get_url (JsonPeer *self)
{
  return rt_raw_peer_get_url (self->raw);
}

void
json_peer_release (JsonPeer *self)
{
  rt_raw_peer_release (self->raw);
}

void
json_peer_free (JsonPeer *self)
{
  rt_raw_peer_free (self->raw);
  g_queue_clear_full (&self->lines, g_free);
  g_free (self->line);
  g_free (self);
}

/* --- For the script --- */

void
json_peer_accept (JsonPeer *self)
{
  g_queue_clear_full (&self->lines, g_free);
  rt_raw_peer_upgrade (self->raw);
}

/* One WebSocket message has a command in each line. */
static gboolean
read_lines (JsonPeer *self)
{
  guint8 first;
  g_autoptr (GBytes) payload = rt_raw_peer_read_frame (self->raw, &first);
  g_autofree char *text = NULL;

  if (payload == NULL || first != (RT_RAW_FIN | RT_RAW_TEXT))
    return payload != NULL && first != (RT_RAW_FIN | RT_RAW_CLOSE);
  text = g_strndup (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_queue_push_tail (&self->lines, g_strdup (lines[i]));
  return TRUE;
}

guint
json_peer_expect (JsonPeer *self, const char *method)
{
  g_autofree char *member = g_strdup_printf ("\"%s\":", method);

  for (;;)
    {
      g_free (self->line);
      self->line = g_queue_pop_head (&self->lines);
      if (self->line != NULL && strstr (self->line, member) != NULL)
        break;
      if (self->line == NULL && !read_lines (self))
        g_error ("json peer: the client went, but \"%s\" was expected", method);
    }
  g_assert_true (g_str_has_prefix (self->line, "{\"id\":"));
  return (guint) g_ascii_strtoull (self->line + strlen ("{\"id\":"), NULL, 10);
}

const char *
json_peer_get_line (JsonPeer *self)
{
  return self->line;
}

void
json_peer_send (JsonPeer *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  rt_raw_peer_send_frame (self->raw, RT_RAW_FIN | RT_RAW_TEXT, text, strlen (text));
}

void
json_peer_greet (JsonPeer *self)
{
  json_peer_accept (self);
  guint id = json_peer_expect (self, "connect");
  json_peer_send (self, "{\"id\":%u,\"connect\":{\"client\":\"me\"}}", id);
}

void
json_peer_join (JsonPeer *self, const char *members)
{
  guint id = json_peer_expect (self, "subscribe");

  json_peer_send (self, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"positioned\":true%s}}", id, members);
}

void
json_peer_hold (JsonPeer *self)
{
  rt_raw_peer_hold (self->raw);
}

void
json_peer_wait_end (JsonPeer *self)
{
  rt_raw_peer_wait_end (self->raw);
}

RtRawPeer *
json_peer_get_raw (JsonPeer *self)
{
  return self->raw;
}
