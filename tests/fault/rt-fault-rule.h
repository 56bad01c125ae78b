/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-fault-parse.h"

G_BEGIN_DECLS

/* What is to go wrong, and when. */

typedef enum
{
  RT_FAULT_UP = 1, /* from the client to the server */
  RT_FAULT_DOWN,
} RtFaultDirection;

/* When a rule is looked at. */
typedef enum
{
  RT_FAULT_ON_UNIT,    /* for each unit of the stream */
  RT_FAULT_ON_CONNECT, /* when a connection is accepted */
  RT_FAULT_ON_TIME,    /* once, when a connection is @after ms old */
} RtFaultEvent;

typedef enum
{
  RT_FAULT_PASS,      /* nothing, and no later rule is looked at */
  RT_FAULT_REFUSE,    /* reset as soon as accepted */
  RT_FAULT_HOLD,      /* accepted, and then nothing is read or said */
  RT_FAULT_FIN,       /* both sides are ended in good order, after @n bytes of the unit */
  RT_FAULT_RST,       /* the same with a reset */
  RT_FAULT_BLACKHOLE, /* after @n bytes of the unit nothing passes any more, and the line stays open */
  RT_FAULT_DELAY,     /* the unit, and all behind it, comes @n ms later */
  RT_FAULT_SLICE,     /* from here on at most @n bytes are written at once */
  RT_FAULT_RATE,      /* from here on @n bytes pass in a second */
  RT_FAULT_DROP,      /* the unit is lost */
  RT_FAULT_DUPLICATE, /* it comes twice */
  RT_FAULT_SWAP,      /* it comes after the @n next ones (0: 1) */
  RT_FAULT_CORRUPT,   /* one bit of its payload is turned: @n from 1, or 0 for a random one */
  RT_FAULT_TRUNCATE,  /* only its first @n bytes come, and then the next one */
  RT_FAULT_REPLACE,   /* its payload is @text */
  RT_FAULT_INJECT,    /* another one, with the payload @text, comes before it */
  RT_FAULT_RAW,       /* the @n bytes at @text come before it, as they are */
  RT_FAULT_CLOSE,     /* a close frame with the code @n and the reason @text instead, or among the chunks of an HTTP
                         stream the push that says the same; then as FIN */
  RT_FAULT_HTTP,      /* the client gets the answer @n, with the header lines @headers (each ended by CRLF) and the
                         body @text; then as FIN */
} RtFaultAction;

#define RT_FAULT_OPCODE_CONTINUATION 16

/* Zero stands for "any", so that a rule names only what it asks for. */
typedef struct
{
  RtFaultEvent event;
  guint connection; /* the nth, from 1 */
  RtFaultDirection direction;
  gboolean has_kind;
  RtFaultUnitKind kind;
  guint number;         /* of the unit among its kind, from 1; needs @has_kind */
  guint8 opcode;        /* of a frame; RT_FAULT_OPCODE_CONTINUATION for 0 */
  const char *contains; /* in the payload */
  gboolean has_offset;
  guint64 offset; /* the byte of the direction's stream before which it happens; takes the place of @n */
  guint after;    /* ms, the age of the connection at least */
  double probability;
  guint skip;  /* so many matches pass first */
  guint times; /* how often; 0: always */

  RtFaultAction action;
  guint n;
  const char *text;
  const char *headers;
} RtFaultRule;

const char *rt_fault_action_get_name (RtFaultAction action);

/* A set of rules with their counts. Not for several threads at once. */
typedef struct _RtFaultRules RtFaultRules;

/* What the rules are asked about. */
typedef struct
{
  RtFaultEvent event;
  guint connection;
  RtFaultDirection direction; /* 0 unless of a unit */
  const RtFaultUnit *unit;    /* nullable */
  gint64 age;                 /* of the connection, ms */
  GRand *rand;
} RtFaultOccasion;

RtFaultRules      *rt_fault_rules_new   (void);
void               rt_fault_rules_free  (RtFaultRules          *self);
/* Copies @rule. */
void               rt_fault_rules_add   (RtFaultRules          *self,
                                         const RtFaultRule     *rule);
void               rt_fault_rules_clear (RtFaultRules          *self);
/* The first one that holds, counted; NULL if none does. Valid until the rules are cleared. */
const RtFaultRule *rt_fault_rules_match (RtFaultRules          *self,
                                         const RtFaultOccasion *occasion);
/* The age in ms at which the next rule of RT_FAULT_ON_TIME may hold for this connection, or -1. */
gint64             rt_fault_rules_next  (RtFaultRules          *self,
                                         guint                  connection,
                                         gint64                 age);

G_END_DECLS
