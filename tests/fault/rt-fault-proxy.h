/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-fault-rule.h"

G_BEGIN_DECLS

/* A proxy on a loopback port that does to connections what its rules say. It has a thread of its own and can be
 * steered from any other. All that it decides by chance comes from one seed, apart for each direction of each
 * connection, so that the same seed and the same streams give the same run; every decision is in its log, which is
 * printed when the test breaks down. */

typedef struct _RtFaultProxy RtFaultProxy;

/* The seed of this run: RT_TEST_SEED if that is set, or else @fallback. It is printed. */
guint64       rt_fault_seed                (guint64            fallback);

RtFaultProxy *rt_fault_proxy_new           (guint              target_port,
                                            guint64            seed);
void          rt_fault_proxy_free          (RtFaultProxy      *self);
guint         rt_fault_proxy_get_port      (RtFaultProxy      *self);
/* SCHEME://127.0.0.1:PORT/; transfer full. */
char         *rt_fault_proxy_get_url       (RtFaultProxy      *self,
                                            const char        *scheme);
/* Of connections to come. */
void          rt_fault_proxy_set_target    (RtFaultProxy      *self,
                                            guint              port);
/* FALSE: nobody listens on the port, so that connecting is refused. */
void          rt_fault_proxy_set_listening (RtFaultProxy      *self,
                                            gboolean           listening);
void          rt_fault_proxy_add_rule      (RtFaultProxy      *self,
                                            const RtFaultRule *rule);
void          rt_fault_proxy_clear_rules   (RtFaultProxy      *self);
/* Does it at once to all connections through which something can pass, or to the nth. Returns to how many. */
guint         rt_fault_proxy_strike        (RtFaultProxy      *self,
                                            guint              connection, /* 0: all */
                                            const RtFaultRule *rule);
/* How many were accepted so far, how many of them pass what comes, and how often a rule or a strike did something. */
guint         rt_fault_proxy_count_accepted (RtFaultProxy     *self);
guint         rt_fault_proxy_count_passing (RtFaultProxy      *self);
guint         rt_fault_proxy_count_faults  (RtFaultProxy      *self);
/* Its decisions so far, a line each; transfer full. */
char         *rt_fault_proxy_dup_log       (RtFaultProxy      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtFaultProxy, rt_fault_proxy_free)

G_END_DECLS
