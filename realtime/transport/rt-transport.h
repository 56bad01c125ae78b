/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-settings.h"
#include "rt-protocol.h"

G_BEGIN_DECLS

/* The plain-C transport table that the connection manager drives. Everything happens in the thread of the
 * context given to open (the I/O thread); no function waits. */

typedef struct _RtTransport RtTransport; /* each implementation embeds one as its first member */
typedef struct _RtTransportClass RtTransportClass;

/* Why a transport ended. Exactly one of these is reported by each transport that was opened, also when opening
 * failed or close was asked for. */
typedef struct
{
  guint code;             /* WebSocket close code: the peer's, or 1006 for a line that broke, or the own code after close () */
  const char *reason;     /* UTF-8, "" if none */
  gboolean clean;         /* a closing handshake took place */
  const GError *error;    /* what to tell the user where the line broke or never opened, else NULL (RT_ERROR domain) */
  guint http_status;      /* of a refused upgrade, else 0 */
  gint64 retry_after;     /* µs from Retry-After, else -1 */
  gboolean tls_refused;   /* this end did not accept the peer's certificate or key */
  gboolean was_open;
} RtTransportEnd;

/* The way up. All in the transport's thread, never from inside a call into the transport (except that closed may
 * come from inside abort), with no lock held. The receiver may call any transport function inside any of them,
 * free included. */
typedef struct
{
  void (*opened)   (gpointer user_data, RtProfile profile);
  /* Only from a class with late_profile: what the peer speaks, before the first message is received. */
  void (*profile)  (gpointer user_data, RtProfile profile);
  /* One whole message, to be used up or copied during the call. */
  void (*received) (gpointer user_data, const guint8 *data, gsize len);
  /* After each dispatch in which something was received: time to hand over what was collected. */
  void (*turn_end) (gpointer user_data);
  /* Any bytes came in: feeds the dead-line timer. */
  void (*activity) (gpointer user_data);
  /* The answer to ping (): time since it was written, µs. */
  void (*pong)     (gpointer user_data, gint64 round_trip);
  /* Queued bytes have all been written after a time in which some had to wait. */
  void (*drained)  (gpointer user_data);
  void (*closed)   (gpointer user_data, const RtTransportEnd *end);
} RtTransportEvents;

struct _RtTransportClass
{
  const char *name; /* "websocket" */
  gboolean bidirectional_ping; /* whether ping () is possible */
  gboolean late_profile; /* opened says RT1, in hope; only the first answer tells what the peer speaks */

  /* Starts to open. The deadline for the whole opening is the caller's (it calls abort). @source is the route's. */
  RtTransport *(*open)      (RtSettings              *settings,
                             gpointer                 source,
                             GMainContext            *context,
                             const RtTransportEvents *events, /* static */
                             gpointer                 user_data);
  /* Queues one message (several commands, each on its line); flush writes. */
  void         (*send)      (RtTransport *self, const guint8 *data, gsize len);
  void         (*flush)     (RtTransport *self);
  gsize        (*get_queued)(RtTransport *self); /* bytes not yet taken by the kernel */
  gboolean     (*ping)      (RtTransport *self);
  void         (*pause)     (RtTransport *self, gboolean paused); /* stops or resumes reading */
  /* Closing handshake: what is queued first, then close; closed follows at the peer's answer or FIN, or when
   * abort is called. */
  void         (*close)     (RtTransport *self, guint code, const char *reason);
  /* Ends at once: closed follows before it returns if it had not come yet. Error given to it is reported. */
  void         (*abort)     (RtTransport *self, const GError *error);
  /* Frees at once, without another event. */
  void         (*free)      (RtTransport *self);
};

struct _RtTransport
{
  const RtTransportClass *klass;
};

const RtTransportClass *rt_websocket_transport (void);

G_END_DECLS
