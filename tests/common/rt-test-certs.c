/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-test-certs.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <string.h>

#define DAY (24 * 60 * 60)

typedef struct
{
  const char *name;
  const char *subject; /* NULL: the name */
  const char *issuer; /* NULL: itself */
  const char *host;   /* NULL: all of a test's own */
  int from, to;       /* days from now */
  gboolean is_ca;
  const char *extra;  /* put behind it in the file, with what it has there itself */
} Recipe;

/* Each behind its issuer. */
static const Recipe recipes[] = {
  { "ca", NULL, NULL, NULL, -30, 30, TRUE, NULL },
  { "other-ca", NULL, NULL, NULL, -30, 30, TRUE, NULL },
  { "intermediate", NULL, "ca", NULL, -30, 30, TRUE, NULL },
  { "impostor", "intermediate", NULL, NULL, -30, 30, TRUE, NULL },
  { "server", NULL, "intermediate", NULL, -1, 30, FALSE, "intermediate" },
  { "appended", NULL, "intermediate", NULL, -1, 30, FALSE, "impostor" },
  { "wrong-host", NULL, "intermediate", "elsewhere.test", -1, 30, FALSE, "intermediate" },
  { "expired", NULL, "intermediate", NULL, -20, -10, FALSE, "intermediate" },
  { "not-yet-valid", NULL, "intermediate", NULL, 10, 20, FALSE, "intermediate" },
  { "client", NULL, "intermediate", NULL, -1, 30, FALSE, "intermediate" },
  { "self-signed", NULL, NULL, NULL, -1, 30, FALSE, NULL },
  { "unknown-ca", NULL, "other-ca", NULL, -1, 30, FALSE, NULL },
};

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
  char *path;
} Made;

static Made made[G_N_ELEMENTS (recipes)];
static char *folder;

static void
must (int result)
{
  if (result < 0)
    g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static gsize
find_recipe (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (g_str_equal (recipes[i].name, name))
      return i;
  g_error ("there is no certificate “%s”", name);
}

/* --- Making one --- */

static void
put_hosts (gnutls_x509_crt_t crt, const char *host)
{
  struct in_addr v4 = { htonl (INADDR_LOOPBACK) };
  const guint append = GNUTLS_FSAN_APPEND;

  if (host != NULL)
    {
      must (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, host, strlen (host), append));
      return;
    }
  must (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, "localhost", 9, append));
  must (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, "realtime.test", 13, append));
  must (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, &v4, sizeof v4, append));
  must (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, &in6addr_loopback,
                                              sizeof in6addr_loopback, append));
}

static void
put_purposes (gnutls_x509_crt_t crt, const Recipe *recipe)
{
  guint usage = GNUTLS_KEY_DIGITAL_SIGNATURE;

  if (recipe->is_ca)
    usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
  must (gnutls_x509_crt_set_basic_constraints (crt, recipe->is_ca, -1));
  must (gnutls_x509_crt_set_key_usage (crt, usage));
  if (recipe->is_ca)
    return;
  must (gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
  must (gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_CLIENT, 0));
  put_hosts (crt, recipe->host);
}

static void
make_one (gsize i)
{
  const Recipe *recipe = &recipes[i];
  const Made *issuer = recipe->issuer != NULL ? &made[find_recipe (recipe->issuer)] : &made[i];
  const char *subject = recipe->subject != NULL ? recipe->subject : recipe->name;
  const guint8 serial[] = { 1, (guint8) (i + 1) };
  time_t now = (time_t) (g_get_real_time () / G_USEC_PER_SEC);
  gnutls_x509_crt_t crt;

  must (gnutls_x509_privkey_init (&made[i].key));
  must (gnutls_x509_privkey_generate (made[i].key, GNUTLS_PK_EDDSA_ED25519,
                                      GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519), 0));
  must (gnutls_x509_crt_init (&crt));
  made[i].crt = crt;
  must (gnutls_x509_crt_set_version (crt, 3));
  must (gnutls_x509_crt_set_serial (crt, serial, sizeof serial));
  must (gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, subject, (guint) strlen (subject)));
  must (gnutls_x509_crt_set_activation_time (crt, now + recipe->from * DAY));
  must (gnutls_x509_crt_set_expiration_time (crt, now + recipe->to * DAY));
  must (gnutls_x509_crt_set_key (crt, made[i].key));
  put_purposes (crt, recipe);
  must (gnutls_x509_crt_sign2 (crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA512, 0));
}

/* --- Files --- */

static void
put_certificate (GString *out, gsize i)
{
  gnutls_datum_t pem;

  must (gnutls_x509_crt_export2 (made[i].crt, GNUTLS_X509_FMT_PEM, &pem));
  g_string_append_len (out, (const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  if (recipes[i].extra != NULL)
    put_certificate (out, find_recipe (recipes[i].extra));
}

static void
write_file (gsize i)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = g_strconcat (recipes[i].name, ".pem", NULL);
  g_autoptr (GError) error = NULL;
  gnutls_datum_t pem;

  made[i].path = g_build_filename (folder, name, NULL);
  /* An authority's key signs and is in no file. */
  if (!recipes[i].is_ca)
    {
      must (gnutls_x509_privkey_export2_pkcs8 (made[i].key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem));
      g_string_append_len (text, (const char *) pem.data, pem.size);
      gnutls_free (pem.data);
    }
  put_certificate (text, i);
  g_file_set_contents (made[i].path, text->str, (gssize) text->len, &error);
  g_assert_no_error (error);
}

static void
remove_all (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_unlink (made[i].path);
      g_free (made[i].path);
      gnutls_x509_crt_deinit (made[i].crt);
      gnutls_x509_privkey_deinit (made[i].key);
    }
  g_rmdir (folder);
  g_free (folder);
}

static void
make_all (void)
{
  static gsize done;
  g_autoptr (GError) error = NULL;

  if (!g_once_init_enter (&done))
    return;
  folder = g_dir_make_tmp ("rt-certs-XXXXXX", &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      make_one (i);
      write_file (i);
    }
  atexit (remove_all);
  g_once_init_leave (&done, 1);
}

/* --- What tests use --- */

const char *
rt_test_certs_get_path (const char *name)
{
  make_all ();
  return made[find_recipe (name)].path;
}

char *
rt_test_certs_get_pin (const char *name)
{
  guint8 id[32];
  gsize size = sizeof id;

  make_all ();
  /* GnuTLS's id of a key is the digest of its SubjectPublicKeyInfo. */
  must (gnutls_x509_crt_get_key_id (made[find_recipe (name)].crt, GNUTLS_KEYID_USE_SHA256, id, &size));
  g_assert_cmpuint (size, ==, sizeof id);
  g_autofree char *base64 = g_base64_encode (id, size);
  return g_strconcat ("sha256/", base64, NULL);
}

GTlsDatabase *
rt_test_certs_new_database (const char *name)
{
  g_autoptr (GError) error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (rt_test_certs_get_path (name), &error);

  g_assert_no_error (error);
  return database;
}
