/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-faults.h"

G_BEGIN_DECLS

/* What the parts of a message must be for it to be sent. Each adds what it finds. */

void rt_message_rules_channel   (RtFaults   *faults,
                                 const char *channel); /* NULL: a fault */
void rt_message_rules_content   (RtFaults   *faults,
                                 const char *content); /* this and all below: NULL is right */
void rt_message_rules_sender    (RtFaults   *faults,
                                 const char *sender);
void rt_message_rules_id        (RtFaults   *faults,
                                 const char *id);
void rt_message_rules_type_name (RtFaults   *faults,
                                 const char *name);
void rt_message_rules_pair      (RtFaults   *faults,
                                 const char *name,
                                 const char *key,
                                 const char *value); /* neither may be NULL */

G_END_DECLS
