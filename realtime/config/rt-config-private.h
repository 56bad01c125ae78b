/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-config-builder.h"
#include "rt-config.h"
#include "rt-faults.h"

G_BEGIN_DECLS

/* In the order of their kinds, which are stored and read in the same few ways. */
enum
{
  PROP_0,
  /* texts */
  PROP_API_KEY,
  PROP_ENDPOINT,
  PROP_USER_ID,
  PROP_CLIENT_NAME,
  PROP_CLIENT_VERSION,
  /* numbers */
  PROP_CONNECT_TIMEOUT,
  PROP_REQUEST_TIMEOUT,
  PROP_SHUTDOWN_TIMEOUT,
  PROP_HEARTBEAT_TIMEOUT,
  PROP_RECONNECT_DELAY,
  PROP_MAX_RECONNECT_DELAY,
  PROP_MAX_RECONNECTS,
  PROP_SUSPEND_TIMEOUT,
  PROP_POLL_INTERVAL,
  PROP_MAX_MESSAGE_SIZE,
  PROP_SEND_QUEUE_LIMIT,
  PROP_SEND_QUEUE_BYTES,
  PROP_RATE_LIMIT,
  PROP_RATE_BURST,
  PROP_RECEIVE_QUEUE_LIMIT,
  PROP_RECEIVE_QUEUE_BYTES,
  /* lists of texts */
  PROP_STRATEGIES,
  PROP_TLS_PINS,
  /* objects */
  PROP_TLS_DATABASE,
  PROP_TLS_CERTIFICATE,
  PROP_PROXY_RESOLVER,
  /* the rest */
  PROP_HEADERS,
  PROP_RATE_POLICY,
  PROP_ALLOW_INSECURE,
  N_PROPS,
};

#define RT_CONFIG_FIRST_TEXT PROP_API_KEY
#define RT_CONFIG_N_TEXTS (PROP_CLIENT_VERSION - RT_CONFIG_FIRST_TEXT + 1)
#define RT_CONFIG_FIRST_NUMBER PROP_CONNECT_TIMEOUT
#define RT_CONFIG_N_NUMBERS (PROP_RECEIVE_QUEUE_BYTES - RT_CONFIG_FIRST_NUMBER + 1)
#define RT_CONFIG_FIRST_LIST PROP_STRATEGIES
#define RT_CONFIG_N_LISTS (PROP_TLS_PINS - RT_CONFIG_FIRST_LIST + 1)
#define RT_CONFIG_FIRST_OBJECT PROP_TLS_DATABASE
#define RT_CONFIG_N_OBJECTS (PROP_PROXY_RESOLVER - RT_CONFIG_FIRST_OBJECT + 1)

struct _RtConfig
{
  GObject parent_instance;

  char *texts[RT_CONFIG_N_TEXTS];
  guint numbers[RT_CONFIG_N_NUMBERS];
  char **lists[RT_CONFIG_N_LISTS];
  gpointer objects[RT_CONFIG_N_OBJECTS];
  GVariant *headers;
  RtRatePolicy rate_policy;
  gboolean allow_insecure;
};

void      rt_config_make_specs         (GParamSpec     **specs);

/* The rules of every setting. */
void      rt_config_collect_faults     (RtConfig        *self,
                                        RtFaults        *faults);

/* A pin, as it is given: base64 of 32 bytes, perhaps behind "sha256/". FALSE if it is none. */
gboolean  rt_config_parse_pin          (const char      *text,
                                        guint8           digest[32]);

/* What all of the builder's setters come down to: @name is a property of RtConfig. */
void      rt_config_builder_take_value (RtConfigBuilder *self,
                                        const char      *name,
                                        GValue          *value);
/* What was given for it, or NULL. */
GValue   *rt_config_builder_find_value (RtConfigBuilder *self,
                                        const char      *name);
/* Like rt_config_builder_build (), for a caller that has found faults of its own already. */
RtConfig *rt_config_builder_finish     (RtConfigBuilder *self,
                                        RtFaults        *faults,
                                        GError         **error);

G_END_DECLS
