/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RtRatePolicy:
 * @RT_RATE_POLICY_WAIT: it waits in the send queue until there is room for it
 * @RT_RATE_POLICY_FAIL: it fails at once with %RT_ERROR_RATE_LIMITED
 *
 * What becomes of a message that is sent faster than [property@Config:rate-limit] allows.
 */
typedef enum
{
  RT_RATE_POLICY_WAIT,
  RT_RATE_POLICY_FAIL,
} RtRatePolicy;

#define RT_TYPE_CONFIG (rt_config_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtConfig, rt_config, RT, CONFIG, GObject)

RT_AVAILABLE_IN_1_0
RtConfig          *rt_config_new                     (const char  *api_key,
                                                      const char  *endpoint,
                                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConfig          *rt_config_new_from_key_file       (GKeyFile    *key_file,
                                                      const char  *group,
                                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean           rt_config_validate                (RtConfig    *self,
                                                      GError     **error);

RT_AVAILABLE_IN_1_0
const char        *rt_config_get_api_key             (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char        *rt_config_get_endpoint            (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char        *rt_config_get_user_id             (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char        *rt_config_get_client_name         (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char        *rt_config_get_client_version      (RtConfig    *self);
RT_AVAILABLE_IN_1_0
GVariant          *rt_config_get_headers             (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_connect_timeout     (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_request_timeout     (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_shutdown_timeout    (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_heartbeat_timeout   (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_reconnect_delay     (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_max_reconnect_delay (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_max_reconnects      (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_suspend_timeout     (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char *const *rt_config_get_strategies          (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_poll_interval       (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_max_message_size    (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_send_queue_limit    (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_send_queue_bytes    (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_rate_limit          (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_rate_burst          (RtConfig    *self);
RT_AVAILABLE_IN_1_0
RtRatePolicy       rt_config_get_rate_policy         (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_receive_queue_limit (RtConfig    *self);
RT_AVAILABLE_IN_1_0
guint              rt_config_get_receive_queue_bytes (RtConfig    *self);
RT_AVAILABLE_IN_1_0
GTlsDatabase      *rt_config_get_tls_database        (RtConfig    *self);
RT_AVAILABLE_IN_1_0
GTlsCertificate   *rt_config_get_tls_certificate     (RtConfig    *self);
RT_AVAILABLE_IN_1_0
const char *const *rt_config_get_tls_pins            (RtConfig    *self);
RT_AVAILABLE_IN_1_0
GProxyResolver    *rt_config_get_proxy_resolver      (RtConfig    *self);
RT_AVAILABLE_IN_1_0
gboolean           rt_config_get_allow_insecure      (RtConfig    *self);

G_END_DECLS
