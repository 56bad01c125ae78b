/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_MOCK_INSIDE) && !defined(RT_MOCK_COMPILATION)
#error "Only <realtime-mock/realtime-mock.h> can be included directly."
#endif

#include <realtime/realtime.h>

G_BEGIN_DECLS

#define RT_MOCK_TYPE_CALL (rt_mock_call_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMockCall, rt_mock_call, RT_MOCK, CALL, GObject)

RT_AVAILABLE_IN_1_0
const char *rt_mock_call_get_client_id (RtMockCall  *self);
RT_AVAILABLE_IN_1_0
const char *rt_mock_call_get_user_id   (RtMockCall  *self);
RT_AVAILABLE_IN_1_0
const char *rt_mock_call_get_method    (RtMockCall  *self);
RT_AVAILABLE_IN_1_0
const char *rt_mock_call_get_data      (RtMockCall  *self);
RT_AVAILABLE_IN_1_0
gboolean    rt_mock_call_reply         (RtMockCall  *self,
                                        const char  *json,
                                        GError     **error);
RT_AVAILABLE_IN_1_0
void        rt_mock_call_fail          (RtMockCall  *self,
                                        guint        code,
                                        const char  *message);

G_END_DECLS
