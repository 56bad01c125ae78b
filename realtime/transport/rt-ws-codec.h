/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-buffer.h"

G_BEGIN_DECLS

/* WebSocket frames (RFC 6455) without I/O: a parser that is fed chunks and a writer into a buffer. */

typedef enum
{
  RT_WS_CLIENT, /* reads unmasked frames, writes masked ones */
  RT_WS_SERVER, /* the other way round */
} RtWsRole;

typedef enum
{
  RT_WS_CONTINUATION = 0,
  RT_WS_TEXT = 1,
  RT_WS_BINARY = 2,
  RT_WS_CLOSE = 8,
  RT_WS_PING = 9,
  RT_WS_PONG = 10,
} RtWsOpcode;

/* Close codes of RFC 6455, section 7.4.1, and the registry after it. */
#define RT_WS_CLOSE_NORMAL 1000
#define RT_WS_CLOSE_GOING_AWAY 1001
#define RT_WS_CLOSE_PROTOCOL_ERROR 1002
#define RT_WS_CLOSE_UNSUPPORTED 1003
#define RT_WS_CLOSE_NO_STATUS 1005 /* never sent */
#define RT_WS_CLOSE_ABNORMAL 1006  /* never sent */
#define RT_WS_CLOSE_BAD_DATA 1007
#define RT_WS_CLOSE_POLICY 1008
#define RT_WS_CLOSE_TOO_LARGE 1009

/* A whole message, or a control frame. */
typedef struct
{
  RtWsOpcode opcode; /* never CONTINUATION */
  guint8 *data;      /* into the fed chunk, or owned; unmasked. Of a close: the reason's text */
  gsize len;
  guint8 *owned;     /* the buffer that holds data where it was put together from pieces, to be freed by the
                        caller with g_free; else NULL */
  guint16 close_code; /* of a close; RT_WS_CLOSE_NO_STATUS where it carries none */
} RtWsEvent;

typedef enum
{
  RT_WS_MORE,   /* the chunk is used up */
  RT_WS_EVENT,  /* *event is filled; call again with the rest of the chunk */
  RT_WS_BUDGET, /* the frame budget is used up; call again with the rest of the chunk and a new budget */
  RT_WS_FAULT,  /* the peer broke the protocol: see rt_ws_parser_get_fault; nothing more is parsed */
} RtWsStatus;

typedef struct _RtWsParser RtWsParser;

/* @max_message bounds one message over all its fragments; a longer one is a fault 1009, found from the
 * header. */
RtWsParser *rt_ws_parser_new       (RtWsRole     role,
                                    gsize        max_message);
void        rt_ws_parser_free      (RtWsParser  *self);
/* Parses from @data, which it may unmask in place; *used says how far it came: to the end after a close frame or
 * a fault, since nothing behind them counts. Each frame begun lowers *budget. */
RtWsStatus  rt_ws_parser_next      (RtWsParser  *self,
                                    guint8      *data,
                                    gsize        len,
                                    gsize       *used,
                                    guint       *budget,
                                    RtWsEvent   *event);
/* The close code to answer with, and a static text that says what was wrong; 0 and NULL without a fault. */
guint16     rt_ws_parser_get_fault (RtWsParser  *self,
                                    const char **text);

/* The memory taken by a message that is not complete yet: at most 4 KiB or twice what came of it, whichever is
 * more, but never above max_message. */
gsize       rt_ws_parser_get_held  (RtWsParser  *self);

/* Appends one frame. @mask is NULL for a server's. */
void        rt_ws_put_frame        (RtBuffer     *out,
                                    RtWsOpcode    opcode,
                                    gboolean      fin,
                                    const guint8  mask[4],
                                    const void   *data,
                                    gsize         len);
/* Appends a close frame; RT_WS_CLOSE_NO_STATUS gives an empty one. @reason is cut at a character: to 123 bytes,
 * and before anything that is not UTF-8. */
void        rt_ws_put_close        (RtBuffer     *out,
                                    const guint8  mask[4],
                                    guint16       code,
                                    const char   *reason);
/* Whether a peer may send @code in a close frame: 1000-1003, 1007-1014 and 3000-4999. */
gboolean    rt_ws_close_code_valid (guint         code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtWsParser, rt_ws_parser_free)

G_END_DECLS
