/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json.h"
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

void
rt_json_put_string (RtBuffer *out, const char *text, gsize len)
{
  const guint8 *p = (const guint8 *) text, *end = p + len;

  rt_buffer_reserve (out, len + 2);
  rt_buffer_put_byte (out, '"');
  for (;;)
    {
      const guint8 *stop = rt_json_skip_plain (p, end, FALSE);
      rt_buffer_put (out, p, stop - p);
      if (stop == end)
        break;
      put_escape (out, *stop);
      p = stop + 1;
    }
  rt_buffer_put_byte (out, '"');
}

void
rt_json_put_uint (RtBuffer *out, guint64 value)
{
  static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                              "25262728293031323334353637383940414243444546474849"
                              "50515253545556575859606162636465666768697071727374"
                              "75767778798081828384858687888990919293949596979899";
  char text[20]; /* 2^64 - 1 has as many */
  char *p = text + sizeof text;

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
  rt_buffer_put (out, p, text + sizeof text - p);
}

void
rt_json_put_int (RtBuffer *out, gint64 value)
{
  if (value < 0)
    rt_buffer_put_byte (out, '-');
  /* Negated as unsigned, which has room for the smallest too. */
  rt_json_put_uint (out, value < 0 ? -(guint64) value : (guint64) value);
}
