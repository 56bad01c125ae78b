/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-json.h"

G_BEGIN_DECLS

/* The frames of the Centrifuge client protocol v2 as plain structs, for both ends. What is decoded points into
 * the bytes it was decoded from; what is encoded is borrowed for the call. */

/* The type of a message that opens a byte stream. */
#define RT_STREAM_TYPE "stream"

typedef enum
{
  RT_PROFILE_CENTRIFUGO, /* the protocol as Centrifugo speaks it */
  RT_PROFILE_RT1,        /* with the additions of docs/protocol.md */
} RtProfile;

/* Publications or members in one reply: what bounds the memory that a reply is decoded into. */
#define RT_PROTOCOL_MAX_ITEMS 16384

#define RT_SUBPROTOCOL_RT1 "rt1.json"
#define RT_SUBPROTOCOL_CENTRIFUGO "centrifuge-json"

/* How the content of a publication that carries the "$rt" mark is given. */
typedef enum
{
  RT_BODY_NONE,
  RT_BODY_TEXT, /* string slice */
  RT_BODY_JSON, /* raw value */
  RT_BODY_B64,  /* string slice of base64 */
} RtBodyKind;

/* What no wire has, inside a publication's data. Only meaningful where marked. A publication whose mark is
 * there but whose members have the wrong type, repeat or are out of range is not marked: it is foreign data. What
 * names are in it (id, source, sender, type, metadata, tags) is text that a C string can hold; the body may not be. */
typedef struct
{
  gboolean marked;
  RtBodyKind body_kind;
  guint8 priority; /* 0 … 3 */
  RtSlice id;      /* strings */
  RtSlice source;
  RtSlice sender;
  RtSlice type;
  RtSlice body;
  RtSlice metadata; /* raw objects */
  RtSlice tags;
  RtSlice stream;  /* raw object: a frame of a byte stream, which is no message */
  gint64 timestamp; /* UTC µs, 0 = absent */
  guint64 ttl;      /* ms, 0 = absent */
} RtEnvelope;

typedef struct
{
  RtSlice user; /* strings */
  RtSlice client;
  RtSlice conn_info; /* raw values */
  RtSlice chan_info;
} RtClientInfo;

typedef struct
{
  RtSlice data; /* raw value */
  RtSlice tags; /* raw object of strings */
  guint64 offset;
  gboolean has_info;
  RtClientInfo info;
  RtEnvelope envelope;
} RtPublication;

typedef enum
{
  RT_COMMAND_CONNECT,
  RT_COMMAND_SUBSCRIBE,
  RT_COMMAND_UNSUBSCRIBE,
  RT_COMMAND_PUBLISH,
  RT_COMMAND_PRESENCE,
  RT_COMMAND_PRESENCE_STATS,
  RT_COMMAND_HISTORY,
  RT_COMMAND_RPC,
  RT_COMMAND_SEND, /* no id, no reply */
  RT_COMMAND_REFRESH,
  RT_COMMAND_SUB_REFRESH,
  RT_COMMAND_PRESENCE_SET, /* profile rt1: channel, data */
  RT_COMMAND_PONG,    /* {} */
  RT_COMMAND_UNKNOWN, /* decoded only: an id and no known method */
} RtCommandKind;

/* A subscribe that cannot be recovered shall fail with error 112 instead of going on without what was missed. */
#define RT_SUBSCRIBE_FLAG_REJECT_UNRECOVERED 2u

/* One command, client to server. Strings to encode are NUL-free UTF-8 given by length; decoded ones may be
 * escaped (see RtSlice), and can be encoded again as they are. Absent slices and zero numbers are left out on the
 * wire; a raw value that is null is there, any other member that is null is absent. */
typedef struct
{
  RtCommandKind kind;
  guint32 id;
  RtSlice channel; /* string; also of sub_refresh */
  RtSlice token;   /* string: connect, subscribe, refresh, sub_refresh */
  RtSlice data;    /* raw: connect, subscribe, publish, rpc, send */
  RtSlice name;    /* string: connect */
  RtSlice version; /* string: connect */
  RtSlice headers; /* raw object: connect */
  RtSlice user;    /* string: connect, "rt":{"user":…} of profile rt1 */
  RtSlice subs;    /* raw object: connect, the positions of server-side subscriptions by channel */
  RtSlice method;  /* string: rpc */
  RtSlice idem;    /* string: publish, profile rt1 */
  RtSlice epoch;   /* string: subscribe, history.since */
  guint64 offset;  /* subscribe, history.since */
  RtSlice filter;  /* raw object: subscribe, which publications are wanted by their tags */
  guint32 flag;    /* subscribe: bits, RT_SUBSCRIBE_FLAG_… */
  gint32 limit;    /* history */
  gboolean reverse;     /* history */
  gboolean has_since;   /* history */
  gboolean recover;     /* subscribe */
  gboolean positioned;  /* subscribe */
  gboolean recoverable; /* subscribe */
  gboolean join_leave;  /* subscribe */
} RtCommand;

typedef enum
{
  RT_REPLY_PING, /* {} */
  RT_REPLY_ERROR,
  RT_REPLY_CONNECT,
  RT_REPLY_SUBSCRIBE,
  RT_REPLY_UNSUBSCRIBE,
  RT_REPLY_PUBLISH,
  RT_REPLY_PRESENCE,
  RT_REPLY_PRESENCE_STATS,
  RT_REPLY_HISTORY,
  RT_REPLY_RPC,
  RT_REPLY_REFRESH,
  RT_REPLY_SUB_REFRESH,
  RT_REPLY_PRESENCE_SET,
  RT_PUSH_PUBLICATION,
  RT_PUSH_JOIN,
  RT_PUSH_LEAVE,
  RT_PUSH_UNSUBSCRIBE,
  RT_PUSH_SUBSCRIBE,
  RT_PUSH_MESSAGE,
  RT_PUSH_CONNECT,
  RT_PUSH_DISCONNECT,
  RT_PUSH_REFRESH,
  RT_REPLY_UNKNOWN, /* decoded only: a kind this version does not know; to be ignored */
} RtReplyKind;

/* One reply or push, server to client. */
typedef struct
{
  RtReplyKind kind;
  guint32 id;      /* of a reply */
  RtSlice channel; /* string: pushes */

  guint32 code;       /* error, unsubscribe, disconnect */
  gboolean temporary; /* error */
  RtSlice reason;     /* string: error's message, unsubscribe, disconnect */

  RtSlice client; /* string: connect, refresh */
  RtSlice session; /* string: connect, over a transport of requests */
  RtSlice node;    /* string: likewise */
  RtSlice subs;    /* raw object: connect, the server's subscriptions by channel; see rt_codec's next_sub */
  RtSlice data;   /* raw: connect, subscribe, rpc, message */
  guint32 ping;   /* s, 0 = none: connect */
  guint32 spread; /* ms, 0 = none: disconnect, profile rt1 */
  gboolean pong;  /* connect */
  gboolean expires;
  guint32 ttl;  /* s */
  gint64 time;  /* connect: server's UTC ms, 0 = absent */

  RtSlice epoch;         /* string: subscribe, history, publish (rt1) */
  guint64 offset;        /* likewise */
  gboolean recoverable;  /* subscribe */
  gboolean positioned;
  gboolean recovered;
  gboolean was_recovering;
  gboolean dup; /* publish, rt1 */

  guint32 num_clients; /* presence_stats */
  guint32 num_users;

  /* One publication (push) or member (join, leave): entry 0. Many: subscribe and history; presence. Decoded
   * arrays belong to the decoder and live until its next call. */
  const RtPublication *publications;
  guint n_publications;
  const RtClientInfo *members;
  guint n_members;
} RtReply;

G_END_DECLS
