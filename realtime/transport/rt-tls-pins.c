/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-tls-pins.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

/* Chains in use have three or four; a peer's may be made to be without end. */
#define MAX_CHAIN 16

typedef struct gnutls_x509_crt_int Crt;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Crt, gnutls_x509_crt_deinit)

static Crt *
parse_certificate (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autoptr (Crt) crt = NULL;
  gnutls_datum_t data;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL || gnutls_x509_crt_init (&crt) < 0)
    return NULL;
  data.data = der->data;
  data.size = der->len;
  if (gnutls_x509_crt_import (crt, &data, GNUTLS_X509_FMT_DER) < 0)
    return NULL;
  return g_steal_pointer (&crt);
}

static gboolean
get_pin (Crt *crt, guint8 pin[RT_TLS_PIN_SIZE])
{
  gnutls_datum_t info = { NULL, 0 };
  gsize len = RT_TLS_PIN_SIZE;
  gnutls_pubkey_t key;
  gboolean got;

  if (gnutls_pubkey_init (&key) < 0)
    return FALSE;
  got = gnutls_pubkey_import_x509 (key, crt, 0) >= 0
        && gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &info) >= 0;
  gnutls_pubkey_deinit (key);
  if (!got)
    return FALSE;

  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, info.data, info.size);
  g_checksum_get_digest (checksum, pin, &len);
  gnutls_free (info.data);
  return TRUE;
}

/* What a peer sends along need have nothing to do with its chain: only a signature shows that it has. When these
 * certificates are valid was judged before. */
static gboolean
has_signed (Crt *issuer, Crt *crt)
{
  const guint flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  guint status = 0;

  return gnutls_x509_crt_verify (crt, &issuer, 1, flags, &status) >= 0 && status == 0;
}

/* Takes @candidate. NULL if it has not signed @crt, which is also so for @crt itself. */
static GTlsCertificate *
check_issuer (GTlsCertificate *candidate, GTlsCertificate *certificate, Crt *crt)
{
  g_autoptr (GTlsCertificate) issuer = candidate;
  g_autoptr (Crt) issuer_crt = NULL;

  if (issuer == NULL || g_tls_certificate_is_same (issuer, certificate))
    return NULL;
  issuer_crt = parse_certificate (issuer);
  if (issuer_crt == NULL || !has_signed (issuer_crt, crt))
    return NULL;
  return g_steal_pointer (&issuer);
}

static GTlsCertificate *
find_issuer (GTlsCertificate *certificate, Crt *crt, GTlsDatabase *database)
{
  GTlsCertificate *sent = g_tls_certificate_get_issuer (certificate);
  GTlsCertificate *issuer = check_issuer (sent != NULL ? g_object_ref (sent) : NULL, certificate, crt);

  if (issuer != NULL || database == NULL)
    return issuer;
  return check_issuer (g_tls_database_lookup_certificate_issuer (database, certificate, NULL,
                                                                 G_TLS_DATABASE_LOOKUP_NONE, NULL, NULL),
                       certificate, crt);
}

static gboolean
is_pinned (Crt *crt, guint8 (*pins)[RT_TLS_PIN_SIZE], guint n_pins)
{
  guint8 pin[RT_TLS_PIN_SIZE];

  if (!get_pin (crt, pin))
    return FALSE;
  for (guint i = 0; i < n_pins; i++)
    {
      if (memcmp (pins[i], pin, RT_TLS_PIN_SIZE) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
rt_tls_pins_match (GTlsCertificate *leaf, GTlsDatabase *database, guint8 (*pins)[RT_TLS_PIN_SIZE], guint n_pins)
{
  g_autoptr (GTlsCertificate) certificate = g_object_ref (leaf);

  for (guint i = 0; certificate != NULL && i < MAX_CHAIN; i++)
    {
      g_autoptr (Crt) crt = parse_certificate (certificate);
      g_autoptr (GTlsCertificate) issuer = NULL;

      if (crt == NULL)
        return FALSE;
      if (is_pinned (crt, pins, n_pins))
        return TRUE;
      issuer = find_issuer (certificate, crt, database);
      g_set_object (&certificate, issuer);
    }
  return FALSE;
}
