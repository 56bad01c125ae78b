/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-client.h"
#include "rt-config.h"
#include "rt-connection-strategy.h"
#include "rt-strategy-selector.h"
#include "rt-token-provider.h"

G_BEGIN_DECLS

#define RT_TYPE_CLIENT_BUILDER (rt_client_builder_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtClientBuilder, rt_client_builder, RT, CLIENT_BUILDER, GObject)

RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_new (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_config (RtClientBuilder *self,
                                                RtConfig        *config);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_api_key (RtClientBuilder *self,
                                                 const char      *api_key);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_endpoint (RtClientBuilder *self,
                                                  const char      *endpoint);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_user_id (RtClientBuilder *self,
                                                 const char      *user_id);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_client_name (RtClientBuilder *self,
                                                     const char      *client_name);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_client_version (RtClientBuilder *self,
                                                        const char      *client_version);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_headers (RtClientBuilder *self,
                                                 GVariant        *headers);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_connect_timeout (RtClientBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_request_timeout (RtClientBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_shutdown_timeout (RtClientBuilder *self,
                                                          guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_heartbeat_timeout (RtClientBuilder *self,
                                                           guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_reconnect_delay (RtClientBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_max_reconnect_delay (RtClientBuilder *self,
                                                             guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_max_reconnects (RtClientBuilder *self,
                                                        guint            attempts);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_suspend_timeout (RtClientBuilder *self,
                                                         guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_strategies (RtClientBuilder   *self,
                                                    const char *const *names);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_poll_interval (RtClientBuilder *self,
                                                       guint            milliseconds);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_max_message_size (RtClientBuilder *self,
                                                          guint            bytes);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_send_queue_limit (RtClientBuilder *self,
                                                          guint            messages);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_send_queue_bytes (RtClientBuilder *self,
                                                          guint            bytes);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_rate_limit (RtClientBuilder *self,
                                                    guint            messages);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_rate_burst (RtClientBuilder *self,
                                                    guint            messages);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_rate_policy (RtClientBuilder *self,
                                                     RtRatePolicy     policy);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_receive_queue_limit (RtClientBuilder *self,
                                                             guint            messages);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_receive_queue_bytes (RtClientBuilder *self,
                                                             guint            bytes);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_tls_database (RtClientBuilder *self,
                                                      GTlsDatabase    *tls_database);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_tls_certificate (RtClientBuilder *self,
                                                         GTlsCertificate *tls_certificate);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_tls_pins (RtClientBuilder   *self,
                                                  const char *const *pins);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_proxy_resolver (RtClientBuilder *self,
                                                        GProxyResolver  *proxy_resolver);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_allow_insecure (RtClientBuilder *self,
                                                        gboolean         allow_insecure);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_strategy (RtClientBuilder      *self,
                                                  RtConnectionStrategy *strategy);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_strategy_selector (RtClientBuilder    *self,
                                                           RtStrategySelector *selector);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_token_provider (RtClientBuilder *self,
                                                        RtTokenProvider *provider);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_middleware (RtClientBuilder *self,
                                                    RtMiddleware    *middleware);
RT_AVAILABLE_IN_1_0
RtClientBuilder *rt_client_builder_with_event_bus (RtClientBuilder *self,
                                                   RtEventBus      *event_bus);
RT_AVAILABLE_IN_1_0
RtClient *rt_client_builder_build (RtClientBuilder *self,
                                   GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
