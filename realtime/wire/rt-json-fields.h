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
  RT_FIELD_OBJECT, /* RtSlice of an object */
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
  guint8 len;
  guint8 type;
  guint16 offset;
  /* Of custom ones, and of a raw one that is more than a slice: */
  gboolean (*read) (RtScan        *s,
                    const RtField *field,
                    gpointer       target);
  const RtFields *fields; /* of the object that the member is */
  guint kind;
};

struct _RtFields
{
  const RtField *fields;
  guint n_fields; /* at most 32 */
};

#define RT_FIELD(name, type, Struct, member) \
  { name, sizeof (name) - 1, type, G_STRUCT_OFFSET (Struct, member), NULL, NULL, 0 }
#define RT_FIELD_READ(name, read, fields, kind) { name, sizeof (name) - 1, RT_FIELD_CUSTOM, 0, read, fields, kind }
#define RT_FIELDS(table) { table, G_N_ELEMENTS (table) }

gboolean rt_fields_read   (RtScan         *s,
                           const RtFields *fields,
                           gpointer        target);

/* At a value that does not fit the member: a fault, or, where the scan is lenient, passes over it. */
gboolean rt_scan_mismatch (RtScan         *s,
                           const char     *member,
                           const char     *text);

G_END_DECLS
