/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "seq.h"

G_BEGIN_DECLS

void seq_call_free   (SeqCall    *call);
/* Lets everything come to rest, and the next timer fire. */
void seq_pass_time   (Seq        *seq);
void seq_wait_turn   (Seq        *seq,
                      guint       turn);
/* The last of these are printed when the program dies. */
void seq_trace       (const char *format,
                      ...) G_GNUC_PRINTF (1, 2);
void seq_trace_begin (const char *profile,
                      guint32     seed);
void seq_trace_init  (void);
/* A client of the server, with drawn settings. */
void seq_new_client  (Seq        *seq);

G_END_DECLS
