/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conn-probe.h"

G_BEGIN_DECLS

/* A connection with one message that was sent and not acknowledged, "sent", and one that waits, "waiting". */

typedef struct
{
  ConnProbe *probe;
  const char *how; /* of the ways in which what is tested can come */
  RtOp *sent;
  RtOp *waiting;
} Scene;

/* Connected, and nothing else yet; then both messages, which expire at this time (0: never). */
void     scene_open          (Scene                  *scene,
                              const ConnProbeOptions *options);
void     scene_fill          (Scene                  *scene,
                              gint64                  expires);
/* The two together. */
void     scene_set           (Scene                  *scene,
                              const ConnProbeOptions *options);

/* What happens on the line. */
void     scene_lose_line     (void);
void     scene_await_attempt (Scene                  *scene);
void     scene_greet         (void);
/* @result: all of the reply but the id. */
void     scene_answer        (guint                   command,
                              const char             *result);
/* All publishes on the line, and those that are written because of that. */
void     scene_answer_all    (void);

/* Ids of commands on the line: with which message @id was written, 0 if it was not; the last one of a kind. */
guint    scene_find_written  (const char             *id);
guint    scene_find_last     (const char             *kind);
/* How the publish of message @id ended, NULL if it has not. */
char    *scene_get_outcome   (Scene                  *scene,
                              const char             *id);
/* Whether what came up has this line. */
gboolean scene_has_line      (Scene                  *scene,
                              const char             *line);

G_END_DECLS
