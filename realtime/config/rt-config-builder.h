/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-config.h"

G_BEGIN_DECLS

#define RT_TYPE_CONFIG_BUILDER (rt_config_builder_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtConfigBuilder, rt_config_builder, RT, CONFIG_BUILDER, GObject)

RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_new (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_api_key (RtConfigBuilder *self,
                                                 const char      *api_key);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_endpoint (RtConfigBuilder *self,
                                                  const char      *endpoint);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_user_id (RtConfigBuilder *self,
                                                 const char      *user_id);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_client_name (RtConfigBuilder *self,
                                                     const char      *client_name);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_client_version (RtConfigBuilder *self,
                                                        const char      *client_version);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_headers (RtConfigBuilder *self,
                                                 GVariant        *headers);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_connect_timeout (RtConfigBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_request_timeout (RtConfigBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_shutdown_timeout (RtConfigBuilder *self,
                                                          guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_heartbeat_timeout (RtConfigBuilder *self,
                                                           guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_reconnect_delay (RtConfigBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_max_reconnect_delay (RtConfigBuilder *self,
                                                             guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_max_reconnects (RtConfigBuilder *self,
                                                        guint            attempts);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_suspend_timeout (RtConfigBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_strategies (RtConfigBuilder   *self,
                                                    const char *const *names);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_poll_interval (RtConfigBuilder *self,
                                                       guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_max_message_size (RtConfigBuilder *self,
                                                          guint            bytes);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_send_queue_limit (RtConfigBuilder *self,
                                                          guint            messages);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_send_queue_bytes (RtConfigBuilder *self,
                                                          guint            bytes);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_rate_limit (RtConfigBuilder *self,
                                                    guint            messages);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_rate_burst (RtConfigBuilder *self,
                                                    guint            messages);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_rate_policy (RtConfigBuilder *self,
                                                     RtRatePolicy     policy);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_receive_queue_limit (RtConfigBuilder *self,
                                                             guint            messages);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_receive_queue_bytes (RtConfigBuilder *self,
                                                             guint            bytes);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_tls_database (RtConfigBuilder *self,
                                                      GTlsDatabase    *tls_database);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_tls_certificate (RtConfigBuilder *self,
                                                         GTlsCertificate *tls_certificate);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_tls_pins (RtConfigBuilder   *self,
                                                  const char *const *pins);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_proxy_resolver (RtConfigBuilder *self,
                                                        GProxyResolver  *proxy_resolver);
RT_AVAILABLE_IN_1_0
RtConfigBuilder *rt_config_builder_with_allow_insecure (RtConfigBuilder *self,
                                                        gboolean         allow_insecure);
RT_AVAILABLE_IN_1_0
RtConfig *rt_config_builder_build (RtConfigBuilder *self,
                                   GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
