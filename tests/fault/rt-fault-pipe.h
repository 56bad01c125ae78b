/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-fault-rule.h"

G_BEGIN_DECLS

/* One direction of a connection: what waits to be written, from when on, and how fast. */
typedef struct
{
  gpointer owner;
  RtFaultDirection direction;
  RtFaultParser *parser;
  GRand *rand;
  RtTimer *timer; /* the next byte is due */
  GQueue chunks;
  gsize queued;      /* bytes in them */
  gint64 not_before; /* of what is added */
  gint64 next_write;
  guint slice; /* bytes at once, 0: any */
  guint rate;  /* bytes per second, 0: any */
  RtFaultUnit *held;
  guint held_for; /* so many units come before it */
  gboolean has_last;
  RtFaultAction last; /* when all is written */
} RtFaultPipe;

void     rt_fault_pipe_init     (RtFaultPipe       *self,
                                 RtFaultDirection   direction,
                                 GMainContext      *context,
                                 guint64            seed,
                                 RtTimerFunc        due,
                                 gpointer           owner);
/* Ends its timer. */
void     rt_fault_pipe_stop     (RtFaultPipe       *self);
void     rt_fault_pipe_clear    (RtFaultPipe       *self);
gboolean rt_fault_pipe_is_empty (const RtFaultPipe *self);
void     rt_fault_pipe_add      (RtFaultPipe       *self,
                                 const guint8      *data,
                                 gsize              len);
/* Takes a unit, and does to it what the rule (nullable) says. */
void     rt_fault_pipe_take     (RtFaultPipe       *self,
                                 RtFaultUnit       *unit,
                                 const RtFaultRule *rule);
/* DELAY, SLICE, RATE from now on. */
void     rt_fault_pipe_slow     (RtFaultPipe       *self,
                                 const RtFaultRule *rule);
/* A text frame or a chunk. */
void     rt_fault_pipe_inject   (RtFaultPipe       *self,
                                 const char        *text);
/* The end as a server says it; code 0: without one. */
void     rt_fault_pipe_say_close (RtFaultPipe      *self,
                                 guint              code,
                                 const char        *reason);
/* Adds what was held back. */
void     rt_fault_pipe_end_hold (RtFaultPipe       *self);
/* Forgets what waits. */
void     rt_fault_pipe_drop     (RtFaultPipe       *self);
/* What may be written now. Otherwise FALSE, and it will be due. */
gboolean rt_fault_pipe_peek     (RtFaultPipe       *self,
                                 const guint8     **data,
                                 gsize             *len);
void     rt_fault_pipe_consume  (RtFaultPipe       *self,
                                 gsize              len);

G_END_DECLS
