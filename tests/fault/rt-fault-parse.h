/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes one direction of a connection apart: the heads and bodies of HTTP/1.1, and after an upgrade the frames of
 * RFC 6455. It judges nothing: what it does not understand is handed on as it came. */

typedef enum
{
  RT_FAULT_UNIT_HEAD,  /* of a request or an answer, with its empty line */
  RT_FAULT_UNIT_FRAME, /* of a WebSocket */
  RT_FAULT_UNIT_BODY,  /* one chunk, or the whole of a body of known length */
  RT_FAULT_UNIT_RAW,   /* anything else, as it came */
} RtFaultUnitKind;

typedef struct
{
  RtFaultUnitKind kind;
  guint number;   /* among those of its kind in its direction, from 1 */
  guint64 offset; /* of its first byte, among all bytes of its direction */
  guint8 opcode;  /* of a frame */
  GByteArray *raw;
  gsize payload_at; /* where the payload begins in @raw */
  GString *text;    /* the payload without its mask */
} RtFaultUnit;

void rt_fault_unit_free (RtFaultUnit *unit);

typedef struct _RtFaultParser RtFaultParser;

/* @requests: of the side that asks. */
RtFaultParser *rt_fault_parser_new  (gboolean       requests);
void           rt_fault_parser_free (RtFaultParser *self);
void           rt_fault_parser_push (RtFaultParser *self,
                                     const guint8  *data,
                                     gsize          len);
/* The next whole unit, or NULL. With @all also what is incomplete. */
RtFaultUnit   *rt_fault_parser_next (RtFaultParser *self,
                                     gboolean       all);

/* What the stream is made of at this place: FRAME after an upgrade, BODY among chunks; else RAW. */
RtFaultUnitKind rt_fault_parser_get_kind (RtFaultParser *self);

/* Where @text begins in @data, or -1. */
gssize         rt_fault_find        (const void    *data,
                                     gsize          len,
                                     const char    *text);
/* A frame of its own. A masked one has the mask 0, which changes nothing. */
void           rt_fault_put_frame   (GByteArray    *out,
                                     gboolean       masked,
                                     guint8         opcode,
                                     const void    *data,
                                     gsize          len);
void           rt_fault_put_chunk   (GByteArray    *out,
                                     const void    *data,
                                     gsize          len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtFaultUnit, rt_fault_unit_free)

G_END_DECLS
