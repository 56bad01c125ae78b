/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-util.h"

G_BEGIN_DECLS

/* A middleware for the tests of how a client uses them: it does what it was told to, and writes down what it saw. */
typedef struct _TestMiddleware TestMiddleware;

typedef enum
{
  TEST_PROCEED,
  TEST_HOLD,    /* until it is told what to do */
  TEST_DROP,
  TEST_FAIL,    /* with PERMISSION_DENIED */
  TEST_REPLACE, /* the text in angle brackets */
} TestDeed;

/* @trace (of GString) is shared: "NAME>text" where it sees a message go out, "NAME<text" come in, "NAME=ok text" or
 * "NAME=CODE text" when it learns how that ended, each with a space behind. */
TestMiddleware *test_middleware_new      (const char     *name,
                                          GString        *trace);
RtMiddleware   *test_middleware_get      (TestMiddleware *self);
/* What it does with messages of @direction from now on. */
void            test_middleware_set      (TestMiddleware *self,
                                          RtDirection     direction,
                                          TestDeed        deed);
/* The first that it holds whose text is @text gets on, or not, by @deed. */
void            test_middleware_release  (TestMiddleware *self,
                                          const char     *text,
                                          TestDeed        deed);
guint           test_middleware_get_held (TestMiddleware *self);
void            test_middleware_free     (TestMiddleware *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestMiddleware, test_middleware_free)

G_END_DECLS
