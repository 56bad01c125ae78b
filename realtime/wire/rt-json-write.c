/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json-members.h"
#include "rt-json-skip.h"

static void
put_escape (RtBuffer *out, guint8 byte)
{
  static const char hex[] = "0123456789abcdef";
  static const char letters[] = "btn\0fr"; /* from 0x08 on; 0x0b has none */

  rt_buffer_put_byte (out, '\\');
  if (byte == '"' || byte == '\\')
    rt_buffer_put_byte (out, byte);
  else if (byte >= 0x08 && byte <= 0x0d && byte != 0x0b)
    rt_buffer_put_byte (out, letters[byte - 0x08]);
  else
    {
      rt_buffer_put_literal (out, "u00");
      rt_buffer_put_byte (out, hex[byte >> 4]);
      rt_buffer_put_byte (out, hex[byte & 0xf]);
    }
}

static void
put_escaped (RtBuffer *out, const guint8 *p, const guint8 *end)
{
  for (;;)
    {
      const guint8 *stop = rt_json_skip_plain (p, end, FALSE);
      rt_buffer_put (out, p, stop - p);
      if (stop == end)
        return;
      put_escape (out, *stop);
      p = stop + 1;
    }
}

void
rt_json_put_string (RtBuffer *out, const char *text, gsize len)
{
  const guint8 *p = (const guint8 *) text;

  rt_buffer_reserve (out, len + 2);
  guint8 *to = out->data + out->len;
  *to++ = '"';
  if (G_LIKELY (rt_json_copy_plain (to, p, len)))
    {
      to[len] = '"';
      out->len += len + 2;
      return;
    }
  out->len++;
  put_escaped (out, p, p + len);
  rt_buffer_put_byte (out, '"');
}

void
rt_json_put_slice (RtBuffer *out, const RtSlice *string)
{
  if (G_LIKELY ((string->flags & RT_SLICE_ESCAPED) == 0))
    {
      rt_json_put_string (out, string->data, string->len);
      return;
    }
  rt_buffer_put_byte (out, '"');
  rt_buffer_put (out, string->data, string->len);
  rt_buffer_put_byte (out, '"');
}

void
rt_json_put_raw (RtBuffer *out, const RtSlice *value)
{
  rt_buffer_put (out, value->data, value->len);
  guint8 *end = out->data + out->len, *p = end - value->len;
  while ((p = memchr (p, '\n', end - p)) != NULL)
    *p++ = ' ';
}

#define MAX_DIGITS 20 /* of 2^64 - 1 */

void
rt_json_put_uint (RtBuffer *out, guint64 value)
{
  static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                              "25262728293031323334353637383940414243444546474849"
                              "50515253545556575859606162636465666768697071727374"
                              "75767778798081828384858687888990919293949596979899";
  char text[2 * MAX_DIGITS] = { 0 };
  char *p = text + MAX_DIGITS;

  for (; value >= 100; value /= 100)
    {
      p -= 2;
      memcpy (p, pairs + 2 * (value % 100), 2);
    }
  if (value >= 10)
    {
      p -= 2;
      memcpy (p, pairs + 2 * value, 2);
    }
  else
    *--p = '0' + value;
  /* A known number of bytes is copied faster than the right one. */
  rt_buffer_reserve (out, MAX_DIGITS);
  memcpy (out->data + out->len, p, MAX_DIGITS);
  out->len += text + MAX_DIGITS - p;
}

void
rt_json_put_int (RtBuffer *out, gint64 value)
{
  if (value < 0)
    rt_buffer_put_byte (out, '-');
  /* Negated as unsigned, which has room for the smallest too. */
  rt_json_put_uint (out, value < 0 ? -(guint64) value : (guint64) value);
}
