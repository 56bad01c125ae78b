/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-config.h"

G_BEGIN_DECLS

/* A plain copy of a configuration for the I/O half, which holds no reference on an object that a binding may
 * have wrapped. Made and finally released in the client's context; in between counted atomically. */

typedef struct
{
  char *name; /* header name and value, checked */
  char *value;
} RtSettingsHeader;

typedef struct
{
  gatomicrefcount refs;
  GMainContext *context; /* where it was made, and where its objects are released */

  char *api_key;  /* "" if none */
  char *user_id;  /* "" if none */
  char *client_name;
  char *client_version;

  /* The endpoint, taken apart. */
  gboolean secure; /* TLS */
  char *host;      /* for connecting: without brackets */
  guint16 port;
  char *host_header; /* with brackets and, where not the default, the port */
  char *path;        /* with the query, percent-encoded, begins with "/" */
  char *http_prefix; /* what stands before "/connection/…" and "/emulation" for the HTTP transports, "" or begins with "/" */

  RtSettingsHeader *headers; /* ended by a NULL name */

  /* Milliseconds. */
  guint connect_timeout;
  guint request_timeout;
  guint shutdown_timeout;
  guint heartbeat_timeout;
  guint reconnect_delay;
  guint max_reconnect_delay;
  guint suspend_timeout;
  guint poll_interval; /* 0: long poll */

  guint max_reconnects; /* in a row; G_MAXUINT: without end */
  char **strategies;    /* names, best first */

  guint max_message_size; /* bytes of one publication's data; 0: the default of either direction */
  guint receive_queue_limit;
  guint receive_queue_bytes;
  guint send_queue_limit; /* messages; 0: none are kept */
  guint send_queue_bytes;
  guint rate_limit; /* messages a second; 0: without a limit */
  guint rate_burst; /* at once; at least 1 where there is a limit */
  RtRatePolicy rate_policy;

  GTlsDatabase *tls_database;     /* nullable */
  GTlsCertificate *tls_certificate; /* nullable: shown to a server that asks for one */
  guint8 (*tls_pins)[32];         /* SHA-256 of a SubjectPublicKeyInfo each */
  guint n_tls_pins;               /* 0: any */
  GProxyResolver *proxy_resolver; /* nullable: the system's */
} RtSettings;

#define RT_SETTINGS_MAX_OUT_DEFAULT (64 * 1024)
#define RT_SETTINGS_MAX_IN_DEFAULT (1024 * 1024)
#define RT_SETTINGS_MAX_FRAME (32 * 1024 * 1024) /* one WebSocket message in */

/* @config must be valid (rt_config_validate). */
RtSettings *rt_settings_new   (RtConfig   *config);
RtSettings *rt_settings_ref   (RtSettings *self);
void        rt_settings_unref (RtSettings *self);
gsize       rt_settings_get_max_out (const RtSettings *self);
gsize       rt_settings_get_max_in  (const RtSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtSettings, rt_settings_unref)

G_END_DECLS
