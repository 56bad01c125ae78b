/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server's address, taken apart. */
typedef struct
{
  gboolean secure;   /* TLS */
  gboolean loopback; /* surely this machine, whatever a name server says */
  guint16 port;
  char *host;        /* without brackets */
  char *host_header; /* with brackets and, where not the default, the port */
  char *path;        /* with the query; begins with "/" */
} RtEndpoint;

/* NULL if @text is one; else what is wrong with it, in words that do not repeat it: there may be a password
 * in it. */
const char *rt_endpoint_parse (RtEndpoint *self,
                               const char *text);
void        rt_endpoint_clear (RtEndpoint *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtEndpoint, rt_endpoint_clear)

G_END_DECLS
