/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-connection-state.h"
#include "rt-history.h"
#include "rt-message-options.h"
#include "rt-message.h"
#include "rt-position.h"
#include "rt-version-macros.h"

G_BEGIN_DECLS

typedef struct _RtClient RtClient;

#define RT_TYPE_CHANNEL (rt_channel_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtChannel, rt_channel, RT, CHANNEL, GObject)

RT_AVAILABLE_IN_1_0
const char     *rt_channel_get_name              (RtChannel            *self);
RT_AVAILABLE_IN_1_0
RtChannelState  rt_channel_get_state             (RtChannel            *self);
RT_AVAILABLE_IN_1_0
char           *rt_channel_get_epoch             (RtChannel            *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
guint64         rt_channel_get_offset            (RtChannel            *self);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_get_recoverable       (RtChannel            *self);
RT_AVAILABLE_IN_1_0
GListModel     *rt_channel_get_messages          (RtChannel            *self);
RT_AVAILABLE_IN_1_0
GListModel     *rt_channel_get_members           (RtChannel            *self);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_get_members_synced    (RtChannel            *self);
RT_AVAILABLE_IN_1_0
RtClient       *rt_channel_get_client            (RtChannel            *self) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_send_message_async    (RtChannel            *self,
                                                  const char           *content,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_message_finish   (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_message_sync     (RtChannel            *self,
                                                  const char           *content,
                                                  GCancellable         *cancellable,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_send_message_with_options_async (RtChannel        *self,
                                                  const char           *content,
                                                  RtMessageOptions     *options,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_message_with_options_finish (RtChannel      *self,
                                                  GAsyncResult         *result,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_message_with_options_sync (RtChannel        *self,
                                                  const char           *content,
                                                  RtMessageOptions     *options,
                                                  GCancellable         *cancellable,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_send_async            (RtChannel            *self,
                                                  RtMessage            *message,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_finish           (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage      *rt_channel_send_sync             (RtChannel            *self,
                                                  RtMessage            *message,
                                                  GCancellable         *cancellable,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_history_async         (RtChannel            *self,
                                                  gint                  limit,
                                                  RtPosition           *since,
                                                  gboolean              reverse,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
RtHistory      *rt_channel_history_finish        (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtHistory      *rt_channel_history_sync          (RtChannel            *self,
                                                  gint                  limit,
                                                  RtPosition           *since,
                                                  gboolean              reverse,
                                                  GCancellable         *cancellable,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_presence_async        (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
GListModel     *rt_channel_presence_finish       (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
GListModel     *rt_channel_presence_sync         (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  GError              **error) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void            rt_channel_presence_stats_async  (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_presence_stats_finish (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  guint                *n_clients,
                                                  guint                *n_users,
                                                  GError              **error);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_presence_stats_sync   (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  guint                *n_clients,
                                                  guint                *n_users,
                                                  GError              **error);

RT_AVAILABLE_IN_1_0
void            rt_channel_leave_async           (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_leave_finish          (RtChannel            *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);
RT_AVAILABLE_IN_1_0
gboolean        rt_channel_leave_sync            (RtChannel            *self,
                                                  GCancellable         *cancellable,
                                                  GError              **error);

G_END_DECLS
