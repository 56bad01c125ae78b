/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-codec.h"

#include "rt-ws-xor.h"

#define MAX_HEADER 14
#define MAX_CONTROL 125
#define FIN 0x80
#define MASKED 0x80

static inline guint8 *
put_big_endian (guint8 *p, guint64 value, guint bytes)
{
  while (bytes > 0)
    *p++ = (guint8) (value >> (8 * --bytes));
  return p;
}

/* RFC 6455, section 5.2: the length in its shortest form. */
static inline guint8 *
put_length (guint8 *p, guint8 mask_bit, gsize len)
{
  if (len <= 125)
    {
      *p++ = mask_bit | (guint8) len;
      return p;
    }
  if (len <= G_MAXUINT16)
    {
      *p++ = mask_bit | 126;
      return put_big_endian (p, len, 2);
    }
  *p++ = mask_bit | 127;
  return put_big_endian (p, len, 8);
}

void
rt_ws_put_frame (RtBuffer *out, RtWsOpcode opcode, gboolean fin, const guint8 mask[4], const void *data,
                 gsize len)
{
  g_assert (opcode < RT_WS_CLOSE || (fin && len <= MAX_CONTROL));
  g_assert (len <= G_MAXSSIZE - MAX_HEADER);

  rt_buffer_reserve (out, MAX_HEADER + len);
  guint8 *start = out->data + out->len;
  guint8 *p = start;

  *p++ = (fin ? FIN : 0) | opcode;
  p = put_length (p, mask != NULL ? MASKED : 0, len);
  if (mask != NULL)
    {
      memcpy (p, mask, 4);
      p += 4;
      rt_ws_xor (p, data, len, mask, 0);
    }
  else if (len > 0)
    memcpy (p, data, len);
  out->len += (gsize) (p - start) + len;
}

void
rt_ws_put_close (RtBuffer *out, const guint8 mask[4], guint16 code, const char *reason)
{
  guint8 payload[MAX_CONTROL];
  gsize len = 0;

  if (code != RT_WS_CLOSE_NO_STATUS)
    {
      const char *end = NULL;

      g_assert (rt_ws_close_code_valid (code));
      len = (gsize) (put_big_endian (payload, code, 2) - payload);
      if (reason != NULL)
        {
          /* Stops before a character that the limit cuts in two, and before anything that is not UTF-8. */
          g_utf8_validate (reason, (gssize) MIN (strlen (reason), sizeof payload - len), &end);
          memcpy (payload + len, reason, (gsize) (end - reason));
          len += (gsize) (end - reason);
        }
    }
  rt_ws_put_frame (out, RT_WS_CLOSE, TRUE, mask, payload, len);
}

/* RFC 6455, section 7.4, and the codes registered since (1012 to 1014). */
gboolean
rt_ws_close_code_valid (guint code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
