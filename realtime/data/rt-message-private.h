/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-message.h"
#include "rt-buffer.h"
#include "rt-message-core.h"
#include "rt-protocol.h"
#include "rt-snowflake-private.h"

G_BEGIN_DECLS

/* A received message. @channel is a GRefString, on which the message takes a reference of its own. The bytes
 * of @publication are copied in one piece; nothing is parsed until it is asked for. Called for every message: no
 * construct properties. */
RtMessage     *rt_message_new_incoming (char                *channel,
                                        const RtPublication *publication);

/* The same, for one message after another: takes back @used (full, nullable), the last one, and if nobody has
 * kept it, makes it the new one. That saves most of a message's cost, which is the end of a GObject. */
RtMessage     *rt_message_renew        (RtMessage           *used,
                                        char                *channel,
                                        const RtPublication *publication);

/* Writes the wire form of @message's content: a marked object, or, for a message with only JSON data, that
 * data bare. @source is the sending client's 16 hex digits. Sets *bare (nullable). */
void           rt_message_write_data   (RtMessage           *message,
                                        const char          *source,
                                        RtBuffer            *out,
                                        gboolean            *bare);

/* The message as acknowledged: @message itself where the server told no offset, else a copy with it. */
RtMessage     *rt_message_with_offset  (RtMessage           *message,
                                        guint64              offset);

/* For a send: fills in what the program left open, which is the sender: id and timestamp are mostly there from the
 * start, so that a program can send again what it does not know to have arrived. Returns a new reference. */
RtMessage     *rt_message_complete     (RtMessage           *message,
                                        const char          *sender);

/* The process's generator of message ids: decimal text of a snowflake, newly allocated. Any thread. */
char          *rt_message_next_id      (void);
/* The same without an allocation; returns where in @buffer it begins. */
#define RT_MESSAGE_ID_SIZE RT_SNOWFLAKE_TEXT_SIZE
const char    *rt_message_put_next_id  (char                 buffer[RT_MESSAGE_ID_SIZE],
                                        gint64               now); /* rt_clock_real () */

/* For the other files of the class. Takes @channel, a GRefString, and @core. */
RtMessage     *rt_message_new_take     (char                *channel,
                                        RtMessageCore       *core,
                                        guint64              offset);
RtMessageCore *rt_message_get_core     (RtMessage           *message);

G_END_DECLS
