/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_MOCK_INSIDE) && !defined(RT_MOCK_COMPILATION)
#error "Only <realtime-mock/realtime-mock.h> can be included directly."
#endif

#include "rt-mock-types.h"

G_BEGIN_DECLS

#define RT_MOCK_TYPE_SERVER (rt_mock_server_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMockServer, rt_mock_server, RT_MOCK, SERVER, GObject)

RT_AVAILABLE_IN_1_0
RtMockServer       *rt_mock_server_new               (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_start             (RtMockServer       *self,
                                                      GError            **error);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_stop              (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
char               *rt_mock_server_get_url           (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
char               *rt_mock_server_get_endpoint      (RtMockServer       *self,
                                                      const char         *transport);

RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_port          (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_port          (RtMockServer       *self,
                                                      guint               port);
RT_AVAILABLE_IN_1_0
char              **rt_mock_server_get_api_keys      (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_api_keys      (RtMockServer       *self,
                                                      const char *const  *api_keys);
RT_AVAILABLE_IN_1_0
char               *rt_mock_server_get_token_secret  (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_token_secret  (RtMockServer       *self,
                                                      const char         *token_secret);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_get_auth_required (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_auth_required (RtMockServer       *self,
                                                      gboolean            auth_required);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_ping_interval (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_ping_interval (RtMockServer       *self,
                                                      guint               ping_interval);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_history_size  (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_history_size  (RtMockServer       *self,
                                                      guint               history_size);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_history_ttl   (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_history_ttl   (RtMockServer       *self,
                                                      guint               history_ttl);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_get_presence      (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_presence      (RtMockServer       *self,
                                                      gboolean            presence);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_get_join_leave    (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_join_leave    (RtMockServer       *self,
                                                      gboolean            join_leave);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_token_ttl     (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_token_ttl     (RtMockServer       *self,
                                                      guint               token_ttl);
RT_AVAILABLE_IN_1_0
char               *rt_mock_server_get_journal       (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_journal       (RtMockServer       *self,
                                                      const char         *journal);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_delay         (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_set_delay         (RtMockServer       *self,
                                                      guint               delay);

RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_publish           (RtMockServer       *self,
                                                      const char         *channel,
                                                      const char         *json,
                                                      GError            **error);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_disconnect_client (RtMockServer       *self,
                                                      const char         *client_id,
                                                      guint               code,
                                                      const char         *reason);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_announce_shutdown (RtMockServer       *self,
                                                      guint               spread_ms);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_subscribe         (RtMockServer       *self,
                                                      const char         *client_id,
                                                      const char         *channel);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_unsubscribe       (RtMockServer       *self,
                                                      const char         *client_id,
                                                      const char         *channel,
                                                      guint               code,
                                                      const char         *reason);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_drop_connections  (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_new_epoch         (RtMockServer       *self,
                                                      const char         *channel);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_inject_fault      (RtMockServer       *self,
                                                      RtMockFault         fault,
                                                      guint               count);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_inject_refusal    (RtMockServer       *self,
                                                      guint               status,
                                                      const char         *retry_after,
                                                      guint               count);
RT_AVAILABLE_IN_1_0
void                rt_mock_server_clear_faults      (RtMockServer       *self);

RT_AVAILABLE_IN_1_0
char              **rt_mock_server_get_clients       (RtMockServer       *self);
RT_AVAILABLE_IN_1_0
char              **rt_mock_server_get_messages      (RtMockServer       *self,
                                                      const char         *channel);
RT_AVAILABLE_IN_1_0
gboolean            rt_mock_server_wait_for_messages (RtMockServer       *self,
                                                      guint               n,
                                                      guint               timeout_ms);
RT_AVAILABLE_IN_1_0
guint               rt_mock_server_get_pong_count    (RtMockServer       *self);

G_END_DECLS
