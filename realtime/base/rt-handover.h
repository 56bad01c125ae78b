/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A queue from any thread into one main context: one mutex, one GSource, first in first out.
 * A dispatch takes a bounded amount and then lets sources of GTK's redraw priority go first. */

typedef struct _RtHandover RtHandover;
typedef struct _RtHandoverItem RtHandoverItem;

/* To be embedded as the first member of what is handed over; zeroed by its maker. */
struct _RtHandoverItem
{
  RtHandoverItem *next;
  guint kind; /* free for the users of the queue */
  /* A resumable item carries many things and keeps its own place. It stays at the head of the queue until
   * its function returns TRUE, so that a nested main loop goes on in it where the outer one stands. */
  gboolean resumable;
  guint users; /* only in the context's thread */
};

/* Runs in the target context without any lock held. Lowers @budget by the work done; at 0 the dispatch ends.
 * An item that is not resumable is taken over, whatever is returned. For a resumable one TRUE says that
 * nothing is left in it, FALSE that it wants to be called again. */
typedef gboolean (*RtHandoverFunc) (RtHandoverItem *item,
                                    guint          *budget,
                                    gpointer        user_data);
typedef void (*RtHandoverTurnFunc) (gpointer user_data);
typedef void (*RtHandoverFreeFunc) (RtHandoverItem *item,
                                    gpointer        user_data);

typedef struct
{
  const char *name;            /* static, for the source */
  int priority;
  guint budget;                /* per dispatch */
  RtHandoverFunc handle;
  RtHandoverTurnFunc turn_end; /* nullable: after each dispatch */
  RtHandoverFreeFunc drop;     /* frees an item that is resumable, or that will never be handled */
} RtHandoverClass;

/* @klass is static. @destroy is called when the last reference is gone, in whatever thread that happens. */
RtHandover *rt_handover_new    (GMainContext          *context,
                                const RtHandoverClass *klass,
                                gpointer               user_data,
                                GDestroyNotify         destroy);
RtHandover *rt_handover_ref    (RtHandover            *self);
void        rt_handover_unref  (RtHandover            *self);
/* @orphaned is called once, without any lock held, if the context is finalized before close: in the thread that let
 * go of it, while the context can still be pushed to. To be set before another thread knows @self. */
void        rt_handover_set_orphaned_func (RtHandover         *self,
                                           RtHandoverTurnFunc  orphaned);
/* Takes @item. After close it is dropped at once and FALSE is returned. From any thread. */
gboolean    rt_handover_push   (RtHandover            *self,
                                RtHandoverItem        *item);
/* Ends delivery: the source is destroyed and what is queued is dropped. If called in the thread that runs
 * the context, nothing is handled afterwards. From any thread; may be called twice and from @handle. */
void        rt_handover_close  (RtHandover            *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHandover, rt_handover_unref)

G_END_DECLS
