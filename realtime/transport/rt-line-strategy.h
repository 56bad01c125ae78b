/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-config.h"
#include "rt-connection-strategy.h"
#include "rt-strategy-line.h"
#include "rt-transport.h"

G_BEGIN_DECLS

/* What the classes of the built-in strategies have in common: their instances begin with this. Each is an object that
 * drives a transport through an RtStrategyLine. */

typedef struct _RtLineStrategy RtLineStrategy;

/* What a class says about itself. */
typedef struct
{
  const RtTransportClass *(*transport) (void);
  /* Changes the settings of a connection, or says what is wrong with the instance; nullable. */
  gboolean (*adjust) (RtLineStrategy *self, RtSettings *settings, GError **error);
} RtLineStrategyKind;

/* The identifier of the property "config", which each class installs itself. */
#define RT_LINE_STRATEGY_PROP_CONFIG 1

/* In the init of an instance; @kind is static. */
void      rt_line_strategy_init         (RtLineStrategy                *self,
                                         const RtLineStrategyKind      *kind);
/* In that of a class: how an instance ends, and the property. */
void      rt_line_strategy_class_init   (GObjectClass                  *klass);
void      rt_line_strategy_iface_init   (RtConnectionStrategyInterface *iface);
void      rt_line_strategy_get_property (GObject                       *object,
                                         guint                          property_id,
                                         GValue                        *value,
                                         GParamSpec                    *pspec);
void      rt_line_strategy_set_property (GObject                       *object,
                                         guint                          property_id,
                                         const GValue                  *value,
                                         GParamSpec                    *pspec);

/* @strategy, if it is one of the built-in ones, else NULL. */
RtLineStrategy *rt_line_strategy_find   (RtConnectionStrategy          *strategy);
/* Those of a connection. NULL with INVALID_CONFIG if the object cannot connect. */
RtSettings *rt_line_strategy_new_settings (RtLineStrategy              *self,
                                           GError                     **error);

/* All in the thread of the context. */
struct _RtLineStrategy
{
  GObject parent_instance;

  const RtLineStrategyKind *kind;
  RtConfig *config; /* nullable: an instance may be made without one, and then cannot connect */
  GMainContext *context;
  RtStrategyLine *line; /* NULL before the first connect */
  guint state;
  gboolean was_connected; /* since the last end */
  RtProfile profile; /* of the connection, or of the last one */
  GTask *connect_task;
  gulong cancelled_id; /* on the cancellable of connect_task */
  GPtrArray *disconnect_tasks;
  GQueue sends; /* of GTask, whose data is the frame; in the order of sending */
  gsize queued; /* bytes of these frames */
};

G_END_DECLS
