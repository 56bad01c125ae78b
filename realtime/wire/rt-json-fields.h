/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-json-scan.h"

G_BEGIN_DECLS

/* Reads a JSON object into a struct by a table of the members that are known. Unknown members are passed over (their
 * grammar is checked), a known one may stand once, with the type and range of its field; null is as if it were not
 * there. What does not fit is a fault, or makes the object foreign where the scan is lenient. */

typedef enum
{
  RT_FIELD_STRING, /* RtSlice, between the quotes */
  RT_FIELD_RAW,    /* RtSlice of any value, null too */
  RT_FIELD_PAIRS,  /* RtSlice of a flat object of strings */
  RT_FIELD_BOOL,   /* gboolean */
  RT_FIELD_UINT32, /* guint32 */
  RT_FIELD_INT32,  /* gint32 */
  RT_FIELD_UINT64, /* guint64 */
  RT_FIELD_INT64,  /* gint64 from 0: a time */
  RT_FIELD_CUSTOM, /* by read, which gets the whole struct */
} RtFieldType;

typedef struct _RtField RtField;
typedef struct _RtFields RtFields;

struct _RtField
{
  const char *name;
  const char *key; /* as it mostly is in the text: behind a comma, quoted, with the colon */
  guint8 key_len;
  guint8 type;
  guint16 offset;
  guint kind; /* for read */
  /* Of custom ones, and of a raw one that is more than a slice: */
  gboolean (*read) (RtScan        *s,
                    const RtField *field,
                    gpointer       target);
  const RtFields *fields; /* of the object that the member is */
};

struct _RtFields
{
  const RtField *fields; /* at most 32 */
  const RtField *end;
};

#define RT_FIELD_NAME(name) name, ",\"" name "\":", sizeof (",\"" name "\":") - 1
#define RT_FIELD(name, type, Struct, member) \
  { RT_FIELD_NAME (name), type, G_STRUCT_OFFSET (Struct, member), 0, NULL, NULL }
#define RT_FIELD_READ(name, read, fields, kind) { RT_FIELD_NAME (name), RT_FIELD_CUSTOM, 0, kind, read, fields }
#define RT_FIELD_RAW_READ(name, read, kind) { RT_FIELD_NAME (name), RT_FIELD_RAW, 0, kind, read, NULL }
#define RT_FIELDS(table) { table, table + G_N_ELEMENTS (table) }

gboolean rt_fields_read   (RtScan         *s,
                           const RtFields *fields,
                           gpointer        target);

/* At a value that does not fit the member: a fault, or, where the scan is lenient, passes over it. */
gboolean rt_scan_mismatch (RtScan         *s,
                           const char     *member,
                           const char     *text);

/* An integer from @min, which is not above 0, to @max: as two's complement. A value that is none does not fit. */
gboolean rt_scan_integer  (RtScan         *s,
                           const char     *member,
                           gint64          min,
                           guint64         max,
                           guint64        *out);

G_END_DECLS
