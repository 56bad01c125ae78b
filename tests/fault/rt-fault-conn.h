/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-fault-rule.h"

G_BEGIN_DECLS

/* One connection through the proxy. Only in the proxy's thread. */

typedef struct _RtFaultConn RtFaultConn;

/* What a connection has of its proxy. */
typedef struct
{
  GMainContext *context;
  RtFaultRules *rules;
  guint64 seed;
  guint16 target;
  /* What happens. Takes @line. */
  void (*log) (gpointer user_data, char *line, gboolean is_fault);
  /* Its last word. */
  void (*ended) (gpointer user_data, RtFaultConn *conn);
  gpointer user_data;
} RtFaultHost;

/* Asks the rules of RT_FAULT_ON_CONNECT, and connects to the target unless they forbid. The caller's reference. */
RtFaultConn *rt_fault_conn_new    (const RtFaultHost *host,
                                   guint              number,
                                   GSocket           *client);
void         rt_fault_conn_unref  (RtFaultConn       *self);
/* Does at once what @rule says, whatever it is bound to: FIN, RST, BLACKHOLE, DELAY, SLICE, RATE, INJECT, RAW,
 * CLOSE, HTTP. */
void         rt_fault_conn_strike (RtFaultConn       *self,
                                   const RtFaultRule *rule);
/* Closes whatever is open. */
void         rt_fault_conn_close  (RtFaultConn       *self);
guint        rt_fault_conn_number (RtFaultConn       *self);
/* What comes in goes out. */
gboolean     rt_fault_conn_passes (RtFaultConn       *self);
gboolean     rt_fault_conn_is_open (RtFaultConn      *self);

G_END_DECLS
