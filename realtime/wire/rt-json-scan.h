/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-json.h"
#include "rt-json-skip.h"

G_BEGIN_DECLS

/* A cursor over one JSON text. Every function expects it at the first byte of what it reads, leaves it behind that,
 * and returns FALSE with the fault set where the grammar does not hold. Nothing is read at or behind the end. */
typedef struct
{
  const guint8 *p;
  const guint8 *end;
  guint depth;       /* containers open around p */
  gboolean first;    /* an object was just entered: no comma before its next member */
  gboolean lenient;  /* a member that does not fit makes the object foreign instead of faulty */
  gboolean foreign;  /* such a one was met */
  gpointer owner;    /* for the readers of single members */
  const guint8 *begin;
  RtJsonFault fault;
} RtScan;

/* As many decimal digits fit into 64 bits, whatever they are. */
#define RT_JSON_SAFE_DIGITS 19

typedef struct
{
  guint64 magnitude; /* only where integer and not overflow */
  gboolean negative;
  gboolean integer;  /* without fraction and exponent */
  gboolean overflow; /* more than 64 bits */
} RtNumber;

static inline void
rt_scan_init (RtScan *s, const char *begin, const char *data, gsize len)
{
  memset (s, 0, sizeof *s);
  s->begin = (const guint8 *) begin;
  s->p = (const guint8 *) data;
  s->end = s->p + len;
}

/* Mostly there is none. */
static inline void
rt_scan_space (RtScan *s)
{
  const guint8 *p = s->p, *end = s->end;

  while (p < end && G_UNLIKELY (*p <= ' ') && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    s->p = ++p;
}

/* The next byte, 0 at the end (where no JSON text has one either). */
static inline guint8
rt_scan_peek (const RtScan *s)
{
  return s->p < s->end ? *s->p : 0;
}

/* Zeroes a struct. memset() of a known size of some hundred bytes is made a slow string instruction by GCC. */
void     rt_clear               (gpointer         data,
                                 gsize            size);

/* Notes the first fault and returns FALSE. */
gboolean rt_scan_fail           (RtScan          *s,
                                 RtJsonFaultKind  kind,
                                 const char      *text);
/* The same for a byte that cannot stand at p: a truncated text where it is at the end. */
gboolean rt_scan_unexpected     (RtScan          *s,
                                 const char      *text);

gboolean rt_scan_number         (RtScan          *s,
                                 RtNumber        *out);
gboolean rt_scan_literal        (RtScan          *s,
                                 const char      *text);
/* Any value; @out, nullable, is its text. */
gboolean rt_scan_value          (RtScan          *s,
                                 RtSlice         *out);

/* A string that is not plain ASCII, or a fault. */
gboolean rt_scan_special_string (RtScan          *s,
                                 RtSlice         *out);

/* A plain string at @p: what stands behind it, or NULL for anything else. */
static G_ALWAYS_INLINE inline const guint8 *
rt_plain_string (const guint8 *p, const guint8 *end, RtSlice *out)
{
  if (G_UNLIKELY (p >= end || *p != '"'))
    return NULL;
  const guint8 *quote = rt_json_skip_blocks (p + 1, end, TRUE);
  if (G_UNLIKELY (quote >= end || *quote != '"'))
    return NULL;
  out->data = (const char *) p + 1;
  out->len = quote - p - 1;
  out->flags = 0;
  return quote + 1;
}

static inline gboolean
rt_scan_string (RtScan *s, RtSlice *out)
{
  const guint8 *behind = rt_plain_string (s->p, s->end, out);

  if (G_UNLIKELY (behind == NULL))
    return rt_scan_special_string (s, out);
  s->p = behind;
  return TRUE;
}

/* Goes through an object or array: the cursor stands at its bracket, then at each name or value. next_item returns
 * FALSE both behind the container and on a fault. */
gboolean rt_scan_begin_object   (RtScan          *s);
gboolean rt_scan_begin_array    (RtScan          *s);

gboolean rt_scan_any_next_item  (RtScan          *s,
                                 guint8           close);

static inline gboolean
rt_scan_next_item (RtScan *s, guint8 close)
{
  /* As programs write it, without blanks. */
  if (G_LIKELY (s->end - s->p >= 2 && s->p[0] == ',' && s->p[1] > ' ' && !s->first))
    {
      s->p++;
      return TRUE;
    }
  return rt_scan_any_next_item (s, close);
}

/* The name of a member, up to its value. */
gboolean rt_scan_key            (RtScan          *s,
                                 RtSlice         *key);

static inline gboolean
rt_scan_next_member (RtScan *s, RtSlice *key)
{
  return rt_scan_next_item (s, '}') && rt_scan_key (s, key);
}

static inline gboolean
rt_scan_next_element (RtScan *s)
{
  return rt_scan_next_item (s, ']');
}

/* Whether the object at @object, which was read wholly and well, has no members. */
gboolean rt_scan_is_empty       (const guint8    *object);

/* Behind the value: only white space up to the end. */
gboolean rt_scan_finish         (RtScan          *s);

/* One unit of a string's inside, a byte or an escape, as UTF-8. 0 for an escape that stands for no character. */
guint    rt_text_step           (const char     **p,
                                 const char      *end,
                                 char             out[4]);
/* Whether a C string can hold it: neither \u0000 nor a lone surrogate. */
gboolean rt_escapes_are_text    (const RtSlice   *string);
/* Bytes without escapes; @string is text. */
gsize    rt_slice_text_length   (const RtSlice   *string);

static inline gboolean
rt_slice_is_text (const RtSlice *string)
{
  return (string->flags & RT_SLICE_ESCAPED) == 0 || rt_escapes_are_text (string);
}

G_END_DECLS
