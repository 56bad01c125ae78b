/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-strategy-adapter.h"

G_BEGIN_DECLS

/* A strategy such as a program would write it, each task of which the test completes, and a transport over it that
 * writes down what it reports. Both in the test's thread. */

#define MANUAL_TYPE_STRATEGY (manual_strategy_get_type ())
G_DECLARE_FINAL_TYPE (ManualStrategy, manual_strategy, MANUAL, STRATEGY, GObject)

typedef enum
{
  MANUAL_CONNECT,
  MANUAL_DISCONNECT,
  MANUAL_SEND,
  MANUAL_N,
} ManualCall;

struct _ManualStrategy
{
  GObject parent_instance;

  GTask *tasks[MANUAL_N]; /* not completed yet, the last of each */
  guint calls[MANUAL_N];
  gboolean at_once[MANUAL_N]; /* completes it without being told to */
  gboolean connected;
  const char *protocol;       /* static, nullable */
  GString *sent;              /* frames, each with "|" behind it */
  /* Called inside each call; nullable. */
  void (*hook) (ManualStrategy *self, ManualCall call);
  gpointer hook_data;
};

ManualStrategy *manual_strategy_new     (void);
/* Waits for the call, if need be, and completes it; takes @error, with which it fails. */
void            manual_strategy_answer  (ManualStrategy *self,
                                         ManualCall      call,
                                         GError         *error);
void            manual_strategy_receive (ManualStrategy *self,
                                         const char     *text);
/* One of that many bytes. */
void            manual_strategy_receive_size (ManualStrategy *self,
                                              gsize           size);
void            manual_strategy_close   (ManualStrategy *self,
                                         guint           code,
                                         const char     *reason);

typedef enum
{
  STRATEGY_PROBE_OPENED,
  STRATEGY_PROBE_RECEIVED,
  STRATEGY_PROBE_TURN_END,
  STRATEGY_PROBE_ACTIVITY,
  STRATEGY_PROBE_DRAINED,
  STRATEGY_PROBE_CLOSED,
  STRATEGY_PROBE_N,
} StrategyProbeEvent;

typedef struct _StrategyProbe StrategyProbe;
struct _StrategyProbe
{
  RtTransport *transport; /* NULL once freed */
  guint counts[STRATEGY_PROBE_N];
  RtProfile profile;
  GString *received; /* frames, each with "|" behind it */
  gsize received_bytes;

  guint code;
  char *reason;
  gboolean clean;
  GError *error;
  guint http_status;
  gboolean tls_refused;
  gboolean was_open;

  /* Called at each event before it returns; nullable. */
  void (*hook) (StrategyProbe *probe, StrategyProbeEvent event);
};

/* @receive_queue_bytes is the configuration's. */
StrategyProbe *strategy_probe_new       (RtStrategyAdapter *adapter,
                                         guint              receive_queue_bytes);
/* The same, waiting until it is open. */
StrategyProbe *strategy_probe_open      (RtStrategyAdapter *adapter,
                                         ManualStrategy    *strategy);
/* Asserts that closed came exactly once, unless the transport was dropped. */
void           strategy_probe_free      (StrategyProbe     *self);
/* Frees the transport now, maybe inside an event; nothing more may be reported. */
void           strategy_probe_drop      (StrategyProbe     *self);
void           strategy_probe_send      (StrategyProbe     *self,
                                         const char        *text);
void           strategy_probe_wait      (StrategyProbe     *self,
                                         StrategyProbeEvent event,
                                         guint              count);
/* It ended with this error, whose text contains @words. */
void           strategy_probe_assert_failed (StrategyProbe *self,
                                             int            code,
                                             const char    *words);
/* Handles all that is ready. */
void           strategy_probe_settle    (void);
/* Lets go of the adapter, which must be the last to hold @strategy. */
void           strategy_probe_finish    (RtStrategyAdapter *adapter,
                                         ManualStrategy    *strategy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StrategyProbe, strategy_probe_free)

G_END_DECLS
