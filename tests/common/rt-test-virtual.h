/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-test-quiet.h"

G_BEGIN_DECLS

/* Virtual time for tests that use sockets. */
static inline void
rt_test_virtual_begin (void)
{
  rt_test_quiet_begin ();
  rt_clock_virtual_set_flush (rt_test_quiet_flush);
  rt_clock_virtual_begin ();
}

G_END_DECLS
