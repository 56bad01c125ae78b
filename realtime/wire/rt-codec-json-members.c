/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"

RtMembers
rt_members_open (RtBuffer *out)
{
  rt_buffer_put_byte (out, '{');
  return (RtMembers) { out, FALSE };
}

void
rt_members_close (RtMembers *self)
{
  rt_buffer_put_byte (self->out, '}');
}

void
rt_members_key (RtMembers *self, const char *key, gsize len)
{
  gsize skip = self->more ? 0 : 1; /* the comma */

  rt_buffer_put (self->out, key + skip, len - skip);
  self->more = TRUE;
}

RtMembers
rt_members_inner (RtMembers *self, const char *key, gsize len)
{
  rt_members_key (self, key, len);
  return rt_members_open (self->out);
}

void
rt_json_put_slice (RtBuffer *out, const RtSlice *string)
{
  if ((string->flags & RT_SLICE_ESCAPED) == 0)
    {
      rt_json_put_string (out, string->data, string->len);
      return;
    }
  rt_buffer_put_byte (out, '"');
  rt_buffer_put (out, string->data, string->len);
  rt_buffer_put_byte (out, '"');
}

void
rt_members_string (RtMembers *self, const char *key, gsize len, const RtSlice *string)
{
  if (string->data == NULL)
    return;
  rt_members_key (self, key, len);
  rt_json_put_slice (self->out, string);
}

/* A line feed would end the frame. */
static void
blank_line_feeds (guint8 *data, gsize len)
{
  guint8 *end = data + len;

  while ((data = memchr (data, '\n', end - data)) != NULL)
    *data++ = ' ';
}

void
rt_members_raw (RtMembers *self, const char *key, gsize len, const RtSlice *value)
{
  if (value->len == 0)
    return;
  rt_members_key (self, key, len);
  rt_buffer_put (self->out, value->data, value->len);
  blank_line_feeds (self->out->data + self->out->len - value->len, value->len);
}

void
rt_members_uint (RtMembers *self, const char *key, gsize len, guint64 value)
{
  if (value == 0)
    return;
  rt_members_key (self, key, len);
  rt_json_put_uint (self->out, value);
}

void
rt_members_int (RtMembers *self, const char *key, gsize len, gint64 value)
{
  if (value == 0)
    return;
  rt_members_key (self, key, len);
  rt_json_put_int (self->out, value);
}

void
rt_members_bool (RtMembers *self, const char *key, gsize len, gboolean value)
{
  if (!value)
    return;
  rt_members_key (self, key, len);
  rt_buffer_put_literal (self->out, "true");
}
