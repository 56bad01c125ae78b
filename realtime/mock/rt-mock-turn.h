/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What has to be done once when the present turn of the server's loop is over: write what has gathered for a
 * client, take away what has ended. Only in the server's thread. */

typedef struct _RtMockTurn RtMockTurn;

/* Embedded in what the work is for. */
typedef struct
{
  void (*run) (gpointer owner);
  gpointer owner;
  GList link;
  gboolean queued;
} RtMockTurnItem;

RtMockTurn *rt_mock_turn_new    (GMainContext   *context);
void        rt_mock_turn_free   (RtMockTurn     *self);
void        rt_mock_turn_add    (RtMockTurn     *self,
                                 RtMockTurnItem *item); /* once, however often */
void        rt_mock_turn_remove (RtMockTurn     *self,
                                 RtMockTurnItem *item);
/* Does everything now, also what is added meanwhile. */
void        rt_mock_turn_run    (RtMockTurn     *self);

G_END_DECLS
