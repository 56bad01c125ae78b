/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-middleware.h"

G_BEGIN_DECLS

/* A list of middlewares that never changes: an exchange keeps the one that it began with. */

typedef gboolean (*RtStageFunc) (RtMiddleware *middleware,
                                 RtExchange   *exchange,
                                 GError      **error);

typedef struct
{
  RtMiddleware *middleware;
  RtStageFunc process; /* the interface's, looked up once */
} RtStage;

typedef struct
{
  int refs; /* atomic */
  guint n;
  RtStage items[];
} RtStages;

RtStages *rt_stages_new     (void);
RtStages *rt_stages_with    (const RtStages *self,
                             RtMiddleware   *middleware);
/* Without the first that is @middleware; NULL if there is none. */
RtStages *rt_stages_without (const RtStages *self,
                             RtMiddleware   *middleware);
void      rt_stages_free    (RtStages       *self);

/* For each message, so that they are inline. */
static inline RtStages *
rt_stages_ref (RtStages *self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

static inline void
rt_stages_unref (RtStages *self)
{
  if (g_atomic_int_dec_and_test (&self->refs))
    rt_stages_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStages, rt_stages_unref)

G_END_DECLS
