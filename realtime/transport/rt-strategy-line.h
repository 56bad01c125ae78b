/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* The I/O half of a strategy object: it drives a transport in the I/O thread and hands over to the main context
 * of the object, of which it knows nothing. */

typedef struct _RtStrategyLine RtStrategyLine;

/* The way up. In the object's context, from one source; the receiver may call any function inside. */
typedef struct
{
  void (*opened)   (gpointer user_data, RtProfile profile);
  /* Of a transport that learns it late; see RtTransportClass. */
  void (*profile)  (gpointer user_data, RtProfile profile);
  void (*received) (gpointer user_data, GBytes *bytes);
  /* The oldest @n frames that were given to send have gone to the network. */
  void (*sent)     (gpointer user_data, guint n);
  /* The attempt has failed, or the connection has ended; error is NULL if that was asked for. */
  void (*ended)    (gpointer user_data, gboolean was_open, guint code, const char *reason, const GError *error);
} RtStrategyLineEvents;

/* @owner is held weakly: nothing is reported once it is gone. */
RtStrategyLine *rt_strategy_line_new        (const RtTransportClass     *klass,
                                             RtSettings                 *settings,
                                             GMainContext               *context,
                                             const RtStrategyLineEvents *events, /* static */
                                             GObject                    *owner);
/* These only queue. In order, from the thread of the context, except cancel, which may come from any; it ends an
 * attempt, not a connection. */
void            rt_strategy_line_connect    (RtStrategyLine             *self);
void            rt_strategy_line_cancel     (RtStrategyLine             *self);
void            rt_strategy_line_disconnect (RtStrategyLine             *self);
void            rt_strategy_line_send       (RtStrategyLine             *self,
                                             GBytes                     *bytes);
/* Ends whatever there is, without another event, and frees. From any thread, but none may use it any more. */
void            rt_strategy_line_free       (RtStrategyLine             *self);

G_END_DECLS
