/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-channel-options.h"
#include "rt-channel.h"
#include "rt-config.h"
#include "rt-connection-state.h"
#include "rt-event-bus.h"
#include "rt-message-options.h"
#include "rt-message.h"
#include "rt-middleware.h"
#include "rt-strategy-selector.h"
#include "rt-stream.h"
#include "rt-token-provider.h"
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_CLIENT (rt_client_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtClient, rt_client, RT, CLIENT, GObject)

RT_AVAILABLE_IN_1_0
RtClient          *rt_client_new           (RtConfig   *config) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
RtConfig          *rt_client_get_config    (RtClient   *self);
RT_AVAILABLE_IN_1_0
RtTokenProvider   *rt_client_get_token_provider (RtClient *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtStrategySelector *rt_client_get_strategy_selector (RtClient *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConnectionState  rt_client_get_state     (RtClient   *self);
RT_AVAILABLE_IN_1_0
guint              rt_client_get_state_code (RtClient  *self);
RT_AVAILABLE_IN_1_0
char              *rt_client_get_state_reason (RtClient *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
guint              rt_client_get_attempt   (RtClient   *self);
RT_AVAILABLE_IN_1_0
guint              rt_client_get_retry_in  (RtClient   *self);
RT_AVAILABLE_IN_1_0
guint              rt_client_get_queued_messages (RtClient *self);
RT_AVAILABLE_IN_1_0
guint              rt_client_get_queued_bytes (RtClient *self);
RT_AVAILABLE_IN_1_0
gint64             rt_client_get_latency   (RtClient   *self);
RT_AVAILABLE_IN_1_0
char              *rt_client_get_client_id (RtClient   *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
const char        *rt_client_get_transport (RtClient   *self);
RT_AVAILABLE_IN_1_0
GListModel        *rt_client_get_channels  (RtClient   *self);
RT_AVAILABLE_IN_1_0
RtChannel         *rt_client_get_channel   (RtClient   *self,
                                            const char *name) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean           rt_client_is_connected  (RtClient   *self);

RT_AVAILABLE_IN_1_0
void rt_client_connect_async (RtClient           *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_connect_finish (RtClient           *self,
                                   GAsyncResult       *result,
                                   GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_connect_sync (RtClient           *self,
                                 GCancellable       *cancellable,
                                 GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_disconnect_async (RtClient           *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_disconnect_finish (RtClient           *self,
                                      GAsyncResult       *result,
                                      GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_disconnect_sync (RtClient           *self,
                                    GCancellable       *cancellable,
                                    GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_close_async (RtClient           *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_close_finish (RtClient           *self,
                                 GAsyncResult       *result,
                                 GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_close_sync (RtClient           *self,
                               GCancellable       *cancellable,
                               GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_reset_session_async (RtClient           *self,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_reset_session_finish (RtClient           *self,
                                         GAsyncResult       *result,
                                         GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_reset_session_sync (RtClient           *self,
                                       GCancellable       *cancellable,
                                       GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_reconnect_now (RtClient *self);
RT_AVAILABLE_IN_1_0
gboolean rt_client_use_strategy (RtClient   *self,
                                 const char *name,
                                 GError    **error);

RT_AVAILABLE_IN_1_0
void rt_client_join_channel_async (RtClient           *self,
                                   const char         *name,
                                   RtChannelOptions   *options,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);
RT_AVAILABLE_IN_1_0
RtChannel *rt_client_join_channel_finish (RtClient           *self,
                                          GAsyncResult       *result,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtChannel *rt_client_join_channel_sync (RtClient           *self,
                                        const char         *name,
                                        RtChannelOptions   *options,
                                        GCancellable       *cancellable,
                                        GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_leave_channel_async (RtClient           *self,
                                    const char         *name,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_leave_channel_finish (RtClient           *self,
                                         GAsyncResult       *result,
                                         GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_leave_channel_sync (RtClient           *self,
                                       const char         *name,
                                       GCancellable       *cancellable,
                                       GError            **error);

RT_AVAILABLE_IN_1_0
RtEventBus *rt_client_get_event_bus (RtClient           *self);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_client_on (RtClient           *self,
                              RtEventType         event_type,
                              RtEventFunc         callback,
                              gpointer            user_data,
                              GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
void rt_client_use (RtClient           *self,
                    RtMiddleware       *middleware);
RT_AVAILABLE_IN_1_0
gboolean rt_client_remove_middleware (RtClient           *self,
                                      RtMiddleware       *middleware);

RT_AVAILABLE_IN_1_0
void rt_client_send_message_async (RtClient           *self,
                                   const char         *channel,
                                   const char         *content,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_message_finish (RtClient           *self,
                                          GAsyncResult       *result,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_message_sync (RtClient           *self,
                                        const char         *channel,
                                        const char         *content,
                                        GCancellable       *cancellable,
                                        GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_send_message_with_options_async (RtClient           *self,
                                                const char         *channel,
                                                const char         *content,
                                                RtMessageOptions   *options,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_message_with_options_finish (RtClient           *self,
                                                       GAsyncResult       *result,
                                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_message_with_options_sync (RtClient           *self,
                                                     const char         *channel,
                                                     const char         *content,
                                                     RtMessageOptions   *options,
                                                     GCancellable       *cancellable,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_send_async (RtClient           *self,
                           RtMessage          *message,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_finish (RtClient           *self,
                                  GAsyncResult       *result,
                                  GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage *rt_client_send_sync (RtClient           *self,
                                RtMessage          *message,
                                GCancellable       *cancellable,
                                GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_rpc_async (RtClient           *self,
                          const char         *method,
                          GVariant           *data,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data);
RT_AVAILABLE_IN_1_0
GVariant *rt_client_rpc_finish (RtClient           *self,
                                GAsyncResult       *result,
                                GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
GVariant *rt_client_rpc_sync (RtClient           *self,
                              const char         *method,
                              GVariant           *data,
                              GCancellable       *cancellable,
                              GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_rpc_with_timeout_async (RtClient           *self,
                                       const char         *method,
                                       GVariant           *data,
                                       guint               timeout,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
RT_AVAILABLE_IN_1_0
GVariant *rt_client_rpc_with_timeout_finish (RtClient           *self,
                                             GAsyncResult       *result,
                                             GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
GVariant *rt_client_rpc_with_timeout_sync (RtClient           *self,
                                           const char         *method,
                                           GVariant           *data,
                                           guint               timeout,
                                           GCancellable       *cancellable,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void rt_client_send_notification_async (RtClient           *self,
                                        const char         *method,
                                        GVariant           *data,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_client_send_notification_finish (RtClient           *self,
                                             GAsyncResult       *result,
                                             GError            **error);
RT_AVAILABLE_IN_1_0
gboolean rt_client_send_notification_sync (RtClient           *self,
                                           const char         *method,
                                           GVariant           *data,
                                           GCancellable       *cancellable,
                                           GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_ping_async (RtClient           *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
RT_AVAILABLE_IN_1_0
gint64 rt_client_ping_finish (RtClient           *self,
                              GAsyncResult       *result,
                              GError            **error);
RT_AVAILABLE_IN_1_0
gint64 rt_client_ping_sync (RtClient           *self,
                            GCancellable       *cancellable,
                            GError            **error);

RT_AVAILABLE_IN_1_0
void rt_client_start_stream_async (RtClient           *self,
                                   const char         *channel,
                                   const char         *name,
                                   const char         *content_type,
                                   gint64              size,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);
RT_AVAILABLE_IN_1_0
RtStream *rt_client_start_stream_finish (RtClient           *self,
                                         GAsyncResult       *result,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtStream *rt_client_start_stream_sync (RtClient           *self,
                                       const char         *channel,
                                       const char         *name,
                                       const char         *content_type,
                                       gint64              size,
                                       GCancellable       *cancellable,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
