/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* A token provider that does what a test wants. */

typedef enum
{
  TEST_PROVIDER_GIVES,   /* the token, at once */
  TEST_PROVIDER_WAITS,   /* keeps the task until test_provider_answer */
  TEST_PROVIDER_DROPS,   /* forgets the task */
  TEST_PROVIDER_REFUSES, /* for good: there is none */
  TEST_PROVIDER_FAILS,   /* for now */
  TEST_PROVIDER_RAVES,   /* what is no token */
} TestProviderManner;

#define TEST_TYPE_PROVIDER (test_provider_get_type ())
G_DECLARE_FINAL_TYPE (TestProvider, test_provider, TEST, PROVIDER, GObject)

struct _TestProvider
{
  GObject parent_instance;

  TestProviderManner manner;
  const char *token; /* static */
  guint asked;
  GString *channels; /* that it was asked for, "-" for the connection, separated by spaces */
  GThread *thread;   /* that asked last */
  GQueue tasks;      /* kept */
};

TestProvider *test_provider_new    (TestProviderManner manner,
                                    const char        *token);
/* Completes the oldest task that waits. */
void          test_provider_answer (TestProvider      *self);

G_END_DECLS
