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
  gatomicrefcount refs;
  guint n;
  RtStage items[];
} RtStages;

RtStages *rt_stages_new     (void);
RtStages *rt_stages_with    (const RtStages *self,
                             RtMiddleware   *middleware);
/* Without the first that is @middleware; NULL if there is none. */
RtStages *rt_stages_without (const RtStages *self,
                             RtMiddleware   *middleware);
RtStages *rt_stages_ref     (RtStages       *self);
void      rt_stages_unref   (RtStages       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStages, rt_stages_unref)

G_END_DECLS
