/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-middleware.h"

G_BEGIN_DECLS

/* The chain of middlewares of one client, through which messages go in both directions. Everything is to be called in
 * the thread that runs the chain's context, but for what says otherwise; callbacks and middlewares are called there,
 * without a lock, and may call anything here.
 *
 * An unresolved exchange holds back later ones of its channel and direction, which wait in the chain in order. */

typedef struct _RtChain RtChain;

typedef struct
{
  /* The exchange got through: its message, perhaps another than went in, is to be delivered or sent. To be followed by
   * one rt_chain_complete (), which may be called from in here. Called from inside rt_chain_run () where all was
   * synchronous, else later; and again for an exchange that was taken back, see rt_chain_complete (). */
  void (*passed) (RtExchange *exchange,
                  gpointer    tag,
                  gpointer    user_data);
  /* The exchange ends here, and its `completed` has been emitted, but for handlers that come after one which ended it
   * itself. @error is NULL for one that was dropped on purpose, @reason then says why (nullable). */
  void (*ended) (RtExchange   *exchange,
                 gpointer      tag,
                 const GError *error,
                 const char   *reason,
                 gpointer      user_data);
  /* Optional. The time that a middleware gives to the send of an exchange that has passed is over (@error). To give up
   * the send; rt_chain_complete () follows as always, with what became of it. */
  void (*expired) (RtExchange   *exchange,
                   gpointer      tag,
                   const GError *error,
                   gpointer      user_data);
} RtChainClass;

/* @user_data is borrowed until rt_chain_close (), which has to be called once. @klass is static. */
RtChain *rt_chain_new            (GMainContext       *context,
                                  const RtChainClass *klass,
                                  gpointer            user_data);
RtChain *rt_chain_ref            (RtChain            *self);
void     rt_chain_unref          (RtChain            *self);

/* Any thread. */
gboolean rt_chain_has_middleware (RtChain            *self);
/* No middleware, and nothing under way in here: a message may go around the chain. */
gboolean rt_chain_is_empty       (RtChain            *self);
/* Exchanges under way keep the list that they began with. */
void     rt_chain_add            (RtChain            *self,
                                  RtMiddleware       *middleware);
gboolean rt_chain_remove         (RtChain            *self,
                                  RtMiddleware       *middleware);
/* Ends everything in here with CLOSED, and lets go of the middlewares in the chain's context. Called while another
 * thread runs that, no callback comes any more. An exchange that has passed still wants its rt_chain_complete (). */
void     rt_chain_close          (RtChain            *self);

/* Sends @message through. An exchange that is not resolved after @deadline_ms fails with TIMED_OUT, and if @cancellable
 * (nullable) is cancelled, with CANCELLED. Returns whether it is settled: passed or ended has been called. */
gboolean rt_chain_run            (RtChain            *self,
                                  RtDirection         direction,
                                  RtMessage          *message,
                                  gpointer            tag,
                                  GCancellable       *cancellable,
                                  guint               deadline_ms);
/* Ends the exchange of @tag, if it has neither passed nor ended, with @error, by way of ended. */
gboolean rt_chain_abort          (RtChain            *self,
                                  gpointer            tag,
                                  const GError       *error);
/* The way back, once for each exchange that passed: emits `completed`, innermost first, and lets go of the exchange.
 * NULL: success. Returns TRUE if a middleware takes the exchange back to try again: it is in the chain again then, and
 * passed or ended will be called once more for its tag. */
gboolean rt_chain_complete       (RtChain            *self,
                                  RtExchange         *exchange,
                                  const GError       *error);
/* The same, but nothing is tried again. */
void     rt_chain_finish         (RtChain            *self,
                                  RtExchange         *exchange,
                                  const GError       *error);
/* Any thread. Tells the recovery middlewares, from the chain's context, of a failure that is none of an exchange, such
 * as that of a token provider. @message: nullable. */
void     rt_chain_report         (RtChain            *self,
                                  RtMessage          *message,
                                  const GError       *error);
/* Any thread. In place of rt_chain_complete (), by those who cannot call that in the chain's context: `completed` is
 * emitted from there, unless the chain is closed. Nothing is tried again, and no callback comes for it any more. */
void     rt_chain_forget         (RtChain            *self,
                                  RtExchange         *exchange,
                                  const GError       *error);
/* How many are in here unresolved or held back. */
guint    rt_chain_get_n_held     (RtChain            *self,
                                  RtDirection         direction);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtChain, rt_chain_unref)

G_END_DECLS
