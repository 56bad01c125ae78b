/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define RT_TEST_DEADLINE_MS 20000

/* Iterates the thread-default main context until @condition holds; aborts with its text after the deadline. */
#define rt_test_wait_until(condition)                                                                   \
  G_STMT_START                                                                                          \
  {                                                                                                     \
    RtTestDeadline *deadline_ = rt_test_deadline_new (RT_TEST_DEADLINE_MS, #condition, __FILE__, __LINE__); \
    while (!(condition))                                                                                \
      rt_test_deadline_iterate (deadline_);                                                             \
    rt_test_deadline_free (deadline_);                                                                  \
  }                                                                                                     \
  G_STMT_END

/* The same for a condition that no source of this context tells of: it is looked at again and again. */
#define rt_test_poll_until(condition)                                                                   \
  G_STMT_START                                                                                          \
  {                                                                                                     \
    RtTestDeadline *deadline_ = rt_test_deadline_new (RT_TEST_DEADLINE_MS, #condition, __FILE__, __LINE__); \
    while (!(condition))                                                                                \
      rt_test_deadline_poll (deadline_);                                                                \
    rt_test_deadline_free (deadline_);                                                                  \
  }                                                                                                     \
  G_STMT_END

typedef struct _RtTestDeadline RtTestDeadline;

RtTestDeadline *rt_test_deadline_new     (guint           ms,
                                          const char     *what,
                                          const char     *file,
                                          int             line);
void            rt_test_deadline_iterate (RtTestDeadline *deadline);
void            rt_test_deadline_poll    (RtTestDeadline *deadline);
void            rt_test_deadline_free    (RtTestDeadline *deadline);

/* Ends this process when its standard input does, which a test holds the other end of: so none outlives a test that
 * broke down, and keeps the test's output open. */
void rt_test_end_with_parent (void);

/* Threads and open descriptors of this process. */
guint rt_test_count_threads (void);
guint rt_test_count_fds     (void);

G_END_DECLS
