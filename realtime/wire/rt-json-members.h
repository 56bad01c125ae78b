/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-json.h"

G_BEGIN_DECLS

/* The members of an object that is being written. Absent slices, zeros and FALSE put nothing. Inline, so that the
 * names, which are constants, are copied in a word or two. */
typedef struct
{
  RtBuffer *out;
  gboolean more; /* something stands before: a comma is due */
} RtMembers;

/* A key as it is written behind another member, and its length. */
#define RT_KEY(name) ",\"" name "\":", sizeof (",\"" name "\":") - 1

/* A string: escaped as needed, or, one that was read with escapes, as it was. */
void rt_json_put_slice (RtBuffer      *out,
                        const RtSlice *string);
/* A raw value. Line feeds in it, which only stand between its tokens, become blanks: one would end the frame. */
void rt_json_put_raw   (RtBuffer      *out,
                        const RtSlice *value);

static inline RtMembers
rt_members_open (RtBuffer *out)
{
  rt_buffer_put_byte (out, '{');
  return (RtMembers) { out, FALSE };
}

static inline void
rt_members_close (RtMembers *self)
{
  rt_buffer_put_byte (self->out, '}');
}

static G_ALWAYS_INLINE inline void
rt_members_key (RtMembers *self, const char *key, gsize len)
{
  if (self->more)
    rt_buffer_put (self->out, key, len);
  else
    rt_buffer_put (self->out, key + 1, len - 1);
  self->more = TRUE;
}

/* An object as a member; the inner one is closed by the caller. */
static G_ALWAYS_INLINE inline RtMembers
rt_members_inner (RtMembers *self, const char *key, gsize len)
{
  rt_members_key (self, key, len);
  return rt_members_open (self->out);
}

static G_ALWAYS_INLINE inline void
rt_members_string (RtMembers *self, const char *key, gsize len, const RtSlice *string)
{
  if (string->data == NULL)
    return;
  rt_members_key (self, key, len);
  rt_json_put_slice (self->out, string);
}

static G_ALWAYS_INLINE inline void
rt_members_raw (RtMembers *self, const char *key, gsize len, const RtSlice *value)
{
  if (value->len == 0)
    return;
  rt_members_key (self, key, len);
  rt_json_put_raw (self->out, value);
}

static G_ALWAYS_INLINE inline void
rt_members_uint (RtMembers *self, const char *key, gsize len, guint64 value)
{
  if (value == 0)
    return;
  rt_members_key (self, key, len);
  rt_json_put_uint (self->out, value);
}

static G_ALWAYS_INLINE inline void
rt_members_int (RtMembers *self, const char *key, gsize len, gint64 value)
{
  if (value == 0)
    return;
  rt_members_key (self, key, len);
  rt_json_put_int (self->out, value);
}

static G_ALWAYS_INLINE inline void
rt_members_bool (RtMembers *self, const char *key, gsize len, gboolean value)
{
  if (!value)
    return;
  rt_members_key (self, key, len);
  rt_buffer_put_literal (self->out, "true");
}

G_END_DECLS
