/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-raw-peer.h"
#include "rt-transport.h"
#include "rt-ws-transport.h"

G_BEGIN_DECLS

/* A transport, mostly the WebSocket's, in the test's own thread that writes down all that it reports. */
typedef struct _WsProbe WsProbe;

typedef enum
{
  WS_PROBE_OPENED,
  WS_PROBE_PROFILE,
  WS_PROBE_RECEIVED,
  WS_PROBE_TURN_END,
  WS_PROBE_ACTIVITY,
  WS_PROBE_PONG,
  WS_PROBE_DRAINED,
  WS_PROBE_CLOSED,
  WS_PROBE_N,
} WsProbeEvent;

struct _WsProbe
{
  RtSettings *settings;
  RtTransport *transport; /* NULL once freed */
  RtProfile profile;
  GPtrArray *messages; /* GString; only with keep_messages */
  gboolean keep_messages;
  guint64 message_bytes;
  guint counts[WS_PROBE_N];
  gint64 round_trip;

  /* The end. */
  guint code;
  char *reason;
  gboolean clean;
  GError *error;
  guint http_status;
  gint64 retry_after;
  gboolean tls_refused;
  gboolean was_open;

  /* Called at each event before it returns; nullable. */
  void (*hook) (WsProbe *probe, WsProbeEvent event);
  gpointer hook_data;
};

WsProbe    *ws_probe_new           (const char *url);
WsProbe    *ws_probe_new_config    (RtConfig   *config);
WsProbe    *ws_probe_new_transport (const RtTransportClass *klass,
                                    RtConfig   *config);
WsProbe    *ws_probe_new_peer      (RtRawPeer  *peer);
/* The same, waiting until it is open. */
WsProbe    *ws_probe_open_peer     (RtRawPeer  *peer);
/* With the authority in the PEM file @ca, or the system's. */
WsProbe    *ws_probe_new_tls       (const char *url,
                                    const char *ca);
/* Asserts that closed came exactly once, unless the transport was dropped. */
void        ws_probe_free          (WsProbe    *self);
void        ws_probe_send          (WsProbe    *self,
                                    const char *text);
void        ws_probe_close         (WsProbe    *self,
                                    guint       code,
                                    const char *reason);
void        ws_probe_wait_open     (WsProbe    *self);
void        ws_probe_wait_closed   (WsProbe    *self);
/* Frees the transport now, maybe inside an event; nothing more may be reported. */
void        ws_probe_drop          (WsProbe    *self);
const char *ws_probe_get_text      (WsProbe    *self,
                                    guint       index);
/* The line ended with this error, whose text contains @words. */
void        ws_probe_assert_failed (WsProbe    *self,
                                    int         code,
                                    const char *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsProbe, ws_probe_free)

G_END_DECLS
