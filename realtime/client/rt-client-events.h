/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-client.h"
#include "rt-event-bus-private.h"
#include "rt-event-private.h"

G_BEGIN_DECLS

/* What a client tells on its bus and by its signal "event". */
typedef struct
{
  RtEventBus *bus; /* immutable after construction */
  gboolean is_own; /* nobody else brought it along; immutable */

  GMutex lock;
  GPtrArray *subscriptions; /* those made through the client, which end with it; guarded by lock */
} RtClientEvents;

/* @bus: the program's, or NULL. */
void        rt_client_events_init     (RtClientEvents     *self,
                                       RtEventBus         *bus);
/* Any thread: who wants an end, ends; what was told before is delivered. */
void        rt_client_events_end      (RtClientEvents     *self);
/* At the end of the client by force; may be called twice. */
void        rt_client_events_dispose  (RtClientEvents     *self);
void        rt_client_events_clear    (RtClientEvents     *self);

/* rt-client-events.c. In the client's context, with no lock held. */
void        rt_client_install_event_signal (GType          type);
/* Whether anybody would look at such an event. Cheap: asked for every message. */
gboolean    rt_client_wants_event     (RtClient           *self,
                                       RtEventType         type);
void        rt_client_tell            (RtClient           *self,
                                       const RtEventParts *parts);
/* Any thread: a message that was acknowledged is told in the client's context. */
void        rt_client_tell_sent       (RtClient           *self,
                                       RtMessage          *message);

G_END_DECLS
