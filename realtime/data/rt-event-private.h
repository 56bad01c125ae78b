/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-event.h"
#include "rt-faults.h"

G_BEGIN_DECLS

/* What an event is made of; all but the type may be left out. Strings and the error are copied, objects and the
 * variant (also a floating one) get a reference. */
typedef struct
{
  RtEventType type;
  const char *name;    /* of CUSTOM only, and then needed */
  const char *channel; /* not looked at beside a message, which has its own */
  RtMessage *message;
  const GError *error;
  GVariant *variant;
  RtMember *member;
} RtEventParts;

RtEvent    *rt_event_new_from_parts (const RtEventParts *parts);
/* "message-received"; static. */
const char *rt_event_type_to_nick   (RtEventType         type);
/* Adds what is wrong with @name as that of a custom event. */
void        rt_event_check_name     (RtFaults           *faults,
                                     const char         *name);

G_END_DECLS
