/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-types.h"

G_BEGIN_DECLS

/* Faults that a test has asked for and that have not happened yet. From any thread. */

#define RT_MOCK_N_FAULTS (RT_MOCK_FAULT_RATE_LIMIT + 1)

#define RT_MOCK_MAX_RETRY_AFTER 64

/* What a refused request is answered with. */
typedef struct
{
  guint status;
  char retry_after[RT_MOCK_MAX_RETRY_AFTER + 1]; /* "": none */
} RtMockRefusal;

typedef struct
{
  int any; /* atomic: whether there are some at all */
  GMutex lock;
  guint left[RT_MOCK_N_FAULTS]; /* guarded by lock; G_MAXUINT: until cleared */
  RtMockRefusal refusal;         /* guarded by lock */
} RtMockFaults;

void     rt_mock_faults_init   (RtMockFaults *self);
void     rt_mock_faults_finish (RtMockFaults *self);
void     rt_mock_faults_add    (RtMockFaults *self,
                                RtMockFault   fault,
                                guint         count);
/* What refusals say from now on. */
void     rt_mock_faults_set_refusal (RtMockFaults *self,
                                guint         status,
                                const char   *retry_after);
void     rt_mock_faults_clear  (RtMockFaults *self);
/* Whether it is to happen now; counts it. */
gboolean rt_mock_faults_take   (RtMockFaults *self,
                                RtMockFault   fault);
/* The same for RT_MOCK_FAULT_REFUSE, with what to answer. */
gboolean rt_mock_faults_take_refusal (RtMockFaults  *self,
                                      RtMockRefusal *refusal);
/* Whether it is on, for what lasts until it is cleared. */
gboolean rt_mock_faults_is_on  (RtMockFaults *self,
                                RtMockFault   fault);

G_END_DECLS
