/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Pins on public keys (RFC 7469). A pin is the SHA-256 of a SubjectPublicKeyInfo. */

#define RT_TLS_PIN_SIZE 32

/* Whether one of @pins is that of @leaf, or of a certificate that has signed it, directly or through others. Those
 * are sought in the chain that came with @leaf and in @database (nullable). The chain must have been verified. */
gboolean rt_tls_pins_match (GTlsCertificate *leaf,
                            GTlsDatabase    *database,
                            guint8         (*pins)[RT_TLS_PIN_SIZE],
                            guint            n_pins);

G_END_DECLS
