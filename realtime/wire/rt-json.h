/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-buffer.h"

G_BEGIN_DECLS

/* Strict JSON (RFC 8259) over bytes that are not trusted: one iterative pass, no allocation. */

#define RT_JSON_MAX_DEPTH 64
/* What leaves room for the containers of every frame that a payload can come back in: id, history, publications. */
#define RT_JSON_MAX_PAYLOAD_DEPTH 60
#define RT_JSON_MAX_PAYLOAD_VALUES 10000
#define RT_JSON_MAX_PAYLOAD_MEMBERS 1024

/* A piece of somebody else's bytes. As a raw value: the JSON text of it, without white space around. As a
 * string: what stands between the quotes, with RT_SLICE_ESCAPED if it holds a backslash. data NULL: absent. */
typedef struct
{
  const char *data;
  guint32 len;
  guint32 flags;
} RtSlice;

#define RT_SLICE_ESCAPED 1u

typedef enum
{
  RT_JSON_OK,
  RT_JSON_BAD_SYNTAX,
  RT_JSON_BAD_UTF8,
  RT_JSON_TOO_DEEP,
  RT_JSON_TRUNCATED,       /* ends before the value does */
  RT_JSON_TRAILING,        /* something after the value */
  RT_JSON_BAD_ENVELOPE,    /* grammar holds, but the protocol's members do not: type, range, repeated */
  RT_JSON_BAD_PAYLOAD,     /* no program value can hold it: \u0000, lone surrogate, number out of range */
  RT_JSON_TOO_MANY_VALUES, /* payload: values or members over the limit */
} RtJsonFaultKind;

typedef struct
{
  RtJsonFaultKind kind;
  gsize offset;       /* byte at which it was noticed */
  const char *text;   /* static, English, for an error message */
  const char *member; /* static: the protocol's member that does not fit, or NULL */
} RtJsonFault;

/* Grammar: exactly one value, white space around allowed. @fault is nullable. */
gboolean rt_json_check         (const char    *data,
                                gsize          len,
                                RtJsonFault   *fault);
/* Payload: one value that already passed the grammar (it is checked again where that is cheap) and can become
 * program values: no \u0000, no lone surrogate, values and members within the limits, integers within int64,
 * finite numbers, nested little enough to fit into a frame. */
gboolean rt_json_check_payload (const char    *data,
                                gsize          len,
                                RtJsonFault   *fault);

/* The text of a string slice, NUL-terminated. NULL for one that holds \u0000 or a lone surrogate. */
char    *rt_json_unescape      (const RtSlice *string);
/* Compares a string slice, escapes resolved, with @text. */
gboolean rt_slice_equals       (const RtSlice *string,
                                const char    *text);

/* Writers. @text is valid UTF-8; control characters, quote and backslash are escaped. */
void     rt_json_put_string    (RtBuffer      *out,
                                const char    *text,
                                gsize          len);
void     rt_json_put_uint      (RtBuffer      *out,
                                guint64        value);
void     rt_json_put_int       (RtBuffer      *out,
                                gint64         value);

/* A flat object of strings to strings ("meta", "tags"): calls @func for each pair, both unescaped. FALSE if
 * @object is not one (any other value type inside, or text that no C string can hold). */
typedef void (*RtJsonPairFunc) (const char *key,
                                const char *value,
                                gpointer    user_data);
gboolean rt_json_each_pair     (const RtSlice  *object,
                                RtJsonPairFunc  func,
                                gpointer        user_data);

G_END_DECLS
