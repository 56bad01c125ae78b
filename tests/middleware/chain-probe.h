/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"
#include "rt-clock.h"
#include "rt-error.h"
#include "rt-exchange-private.h"
#include "rt-test.h"

G_BEGIN_DECLS

/* A chain without a client, which writes down what comes of it: in a line of text, one word for each thing. */

typedef struct
{
  RtChain *chain;
  GString *log;
  gboolean is_slow;  /* outgoing exchanges that pass wait in sent */
  GPtrArray *sent;   /* borrowed */
  GError *error;     /* the last with which something ended or expired */
  char *reason;
  void (*delivered) (gpointer user_data); /* called in passed */
  gpointer user_data;
} ChainProbe;

ChainProbe *chain_probe_new   (void);
void        chain_probe_free  (ChainProbe     *self);
/* Content is the word in the log; it is the tag too. */
gboolean    chain_probe_run   (ChainProbe     *self,
                               RtDirection     direction,
                               const char     *channel,
                               const char     *content);
gboolean    chain_probe_run_with (ChainProbe  *self,
                                  RtDirection direction,
                                  const char *channel,
                                  const char *content,
                                  GCancellable *cancellable);
void        chain_probe_iterate (ChainProbe   *self);
void        chain_probe_assert  (ChainProbe   *self,
                                 const char   *log); /* and forgets it */

/* A middleware that writes down NAME:content and does as it is told. */
typedef enum
{
  STAGE_PROCEED,
  STAGE_KEEP,
  STAGE_REPLACE, /* by content+ */
  STAGE_DROP,
  STAGE_FAIL,    /* with NETWORK */
  STAGE_RETURN_ERROR,
  STAGE_RETURN_FALSE,
  STAGE_PROCEED_FALSE,
} StageAct;

typedef struct
{
  ChainProbe *probe;
  const char *name;
  StageAct act;
  gboolean watch;    /* connect to completed: NAME:content, or NAME:content! for an error */
  guint n_fail;      /* so many times act is FAIL, whatever it says */
  GPtrArray *kept;   /* references */
  void (*inside) (gpointer user_data, RtExchange *exchange); /* called in process */
  gpointer user_data;
  gboolean *gone;    /* set when it is released */
  RtMiddleware *middleware;
} Stage;

/* Added to the chain, which owns it. */
Stage      *chain_probe_add   (ChainProbe     *self,
                               const char     *name,
                               StageAct        act);
RtExchange *stage_take        (Stage          *self); /* the first that was kept */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainProbe, chain_probe_free)

G_END_DECLS
