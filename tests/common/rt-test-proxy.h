/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An HTTP proxy for tests that knows CONNECT and nothing else. Whatever host is asked for, it connects to this
 * machine. It runs in threads of its own. */

typedef struct _RtTestProxy RtTestProxy;

/* With @pem_file, a certificate and its key, the server behind the proxy speaks TLS: the tunnel's other end is then
 * TLS with this certificate, and behind it plain. @login, such as "name:password", is asked for. Both are nullable. */
RtTestProxy *rt_test_proxy_new       (const char  *pem_file,
                                      const char  *login);
/* "http://127.0.0.1:PORT", with @login in it unless that is NULL; transfer full. */
char        *rt_test_proxy_get_uri   (RtTestProxy *self,
                                      const char  *login);
/* Tunnels that were opened, and requests that were refused, so far. */
guint        rt_test_proxy_get_opened  (RtTestProxy *self);
guint        rt_test_proxy_get_refused (RtTestProxy *self);
/* All requests, one behind the other; transfer full. */
char        *rt_test_proxy_get_requests (RtTestProxy *self);
/* Ends all tunnels. */
void         rt_test_proxy_free      (RtTestProxy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtTestProxy, rt_test_proxy_free)

G_END_DECLS
