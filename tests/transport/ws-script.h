/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-ws-codec.h"

G_BEGIN_DECLS

/* What a peer sends, and what must come of it, in short texts.
 *
 * Sent: frames with blanks between them, each `BYTE[/FORM][=LENGTH][!]:PAYLOAD`. BYTE is the first byte in
 * hexadecimal; FORM forces the length into 16 or 64 bits; LENGTH is claimed in place of the true one; `!`
 * masks where the role must not, and the other way round. `|N` at the end leaves the first N bytes of it all.
 *
 * Outcome: `text:PAYLOAD`, `binary:PAYLOAD`, `ping:PAYLOAD`, `pong:PAYLOAD`, `close:CODE:REASON`, `fault:CODE`.
 *
 * In a payload `%HH` is a byte and `(TEXT*N)` is repetition. */
typedef struct
{
  const char *name; /* the section of RFC 6455, and what is tried */
  const char *sent;
  const char *outcome;
  const char *soup; /* what libsoup 3.2.3 makes of it, where that differs; NULL: the same */
  gsize max_message; /* 0: WS_MAX_MESSAGE */
} WsCase;

#define WS_MAX_MESSAGE 100000

/* The further arguments name fields. */
#define CASE(name_, sent_, outcome_, ...)                                                                 \
  {                                                                                                       \
    .name = (name_), .sent = (sent_), .outcome = (outcome_), __VA_ARGS__                                  \
  }

typedef struct
{
  const WsCase *cases;
  gsize n_cases;
} WsTable;

extern const WsTable ws_table_framing;
extern const WsTable ws_table_masking;
extern const WsTable ws_table_fragments;
extern const WsTable ws_table_control;
extern const WsTable ws_table_close;
extern const WsTable ws_table_utf8;
extern const WsTable ws_table_limits;

#define WS_TABLE(name)                                                                                    \
  const WsTable ws_table_##name = { name##_cases, G_N_ELEMENTS (name##_cases) }

static inline RtWsRole
ws_peer_of (RtWsRole role)
{
  return role == RT_WS_SERVER ? RT_WS_CLIENT : RT_WS_SERVER;
}

/* Calls @func with each case of each table. */
typedef void (*WsCaseFunc) (const WsCase *test,
                            gpointer      user_data);
void     ws_each_case         (WsCaseFunc    func,
                               gpointer      user_data);

/* The bytes of a script, as a peer of @role sends them. With @borders: the offset behind every frame. */
GBytes  *ws_compile           (const char   *sent,
                               RtWsRole      role,
                               GArray       *borders);
/* An outcome in the one form that ws_describe writes. */
char    *ws_normalize         (const char   *outcome);
/* Appends an event as it stands in outcomes. */
void     ws_describe          (GString      *outcome,
                               const char   *kind,
                               const guint8 *data,
                               gsize         len);
void     ws_describe_event    (GString      *outcome,
                               const RtWsEvent *event);

/* Feeds one chunk, which the parser may change, and appends what comes of it. */
void     ws_feed              (RtWsParser   *parser,
                               guint8       *chunk,
                               gsize         len,
                               GString      *outcome);

G_END_DECLS
