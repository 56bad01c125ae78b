/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-types.h"

G_BEGIN_DECLS

/* Faults that a test has asked for and that have not happened yet. From any thread. */

#define RT_MOCK_N_FAULTS (RT_MOCK_FAULT_REFUSE + 1)

typedef struct
{
  GMutex lock;
  guint left[RT_MOCK_N_FAULTS]; /* guarded by lock; G_MAXUINT: until cleared */
} RtMockFaults;

void     rt_mock_faults_init   (RtMockFaults *self);
void     rt_mock_faults_finish (RtMockFaults *self);
void     rt_mock_faults_add    (RtMockFaults *self,
                                RtMockFault   fault,
                                guint         count);
void     rt_mock_faults_clear  (RtMockFaults *self);
/* Whether it is to happen now; counts it. */
gboolean rt_mock_faults_take   (RtMockFaults *self,
                                RtMockFault   fault);
/* Whether it is on, for what lasts until it is cleared. */
gboolean rt_mock_faults_is_on  (RtMockFaults *self,
                                RtMockFault   fault);

G_END_DECLS
