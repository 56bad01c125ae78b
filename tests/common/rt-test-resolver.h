/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A resolver of this process that answers what a test says, the same for all names, from any thread. Installed before
 * anything resolves a name. */

void  rt_test_resolver_install (void);
/* What later lookups find; both may be NULL. Static strings. */
void  rt_test_resolver_find    (const char *v4,
                                const char *v6);
/* Later lookups fail so. */
void  rt_test_resolver_fail    (GResolverError code);
/* Later lookups are not answered unless the test lets them be. */
void  rt_test_resolver_hold    (void);
/* Answers those that are held: with these addresses, as later ones too. */
void  rt_test_resolver_release (const char *v4,
                                const char *v6);
/* Lookups so far, and those that are held. */
guint rt_test_resolver_count   (void);
guint rt_test_resolver_count_held (void);

G_END_DECLS
