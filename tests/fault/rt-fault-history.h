/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* What happened, as verify_history.py reads it. All names in it are plain: they are written without escapes. */

typedef struct _RtFaultHistory RtFaultHistory;

RtFaultHistory *rt_fault_history_new       (void);
void            rt_fault_history_free      (RtFaultHistory    *self);
/* "invoke", or how it ended: "ok", "fail", "unknown". */
void            rt_fault_history_send      (RtFaultHistory    *self,
                                            const char        *event,
                                            const char        *client,
                                            const char        *channel,
                                            const char        *id);
/* "joined", "gap" and "left", with the position after it. */
void            rt_fault_history_channel   (RtFaultHistory    *self,
                                            const char        *event,
                                            const char        *client,
                                            const char        *channel,
                                            const char        *epoch, /* nullable: unknown */
                                            guint64            offset);
void            rt_fault_history_recovered (RtFaultHistory    *self,
                                            const char        *client,
                                            const char        *channel,
                                            guint              count);
void            rt_fault_history_delivered (RtFaultHistory    *self,
                                            const char        *client,
                                            const char        *channel,
                                            const char        *epoch,
                                            guint64            offset,
                                            const char        *id);
void            rt_fault_history_state     (RtFaultHistory    *self,
                                            const char        *client,
                                            RtConnectionState  state);
void            rt_fault_history_closed    (RtFaultHistory    *self,
                                            const char        *client);
/* Lets the verifier judge by the server's journal, and prints what it finds. */
gboolean        rt_fault_history_verify    (RtFaultHistory    *self,
                                            const char        *journal,
                                            gboolean           allow_gaps);
/* The id of a message in a publication's data, or NULL if it is none of ours; transfer full. */
char           *rt_fault_history_find_id   (const char        *json);

G_END_DECLS
