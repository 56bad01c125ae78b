/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-test-certs.h"
#include "rt-tls-pins.h"

/* Made, with their pins, by another implementation. None is ever checked for its time. */
static const struct
{
  const char *pin;
  const char *pem;
} vectors[] = {
  { "5Eeq1Mm1PCHsELrCiyfagNcqYnHteqxsssa2T4ICnF4=",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIC+zCCAeOgAwIBAgIUZioHRkkvWHWF8ikBqi7ztl92lP4wDQYJKoZIhvcNAQEL\n"
    "BQAwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjMwNDMzMjdaGA8yMTI2MTAzMDA0MzMy\n"
    "N1owDDEKMAgGA1UEAwwBeDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEB\n"
    "ALZr963on89Nk1mX8QFgl1t4LgmA6WITzVcJYD/o0cNMlLVRB2kmek9DDkS5zytf\n"
    "p0E5ZRPc+XGpn7nhHmzlwNPkC2Jfpbw0Gmg3nLX9peraGcdNjeYsZSciHz5CXy7i\n"
    "y+nvfYOAXiKS+xBJ7ZB1/lkxR0IIDBBDSoJ35cG5Eb7YYmXsoq9g53xiBCbkO0Xl\n"
    "AEJdlg8GaiP6f0gAitnzY9nlLtKfKEKQwRqyLTBEWnfAEUUTjw3n12L6VpUi8beB\n"
    "7qNQIRejOM1jU+y49U81a6GgQ0v7/WF/j4HctUivNtDYe1NlRc3r/tLD8zOAWmTd\n"
    "BaYUgEy5Uecs+XS28h25nz8CAwEAAaNTMFEwHQYDVR0OBBYEFG2RFTm24CNzC7pG\n"
    "bCWNwYjmR3/8MB8GA1UdIwQYMBaAFG2RFTm24CNzC7pGbCWNwYjmR3/8MA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAGfEkIlSqXfwTi4Iz6KUIutX\n"
    "BC7+v0ESzyqY3ws+uEZRhyLK+IPQpHacd8eV96diqd5YGxDV1HVNsear15gcq2Aw\n"
    "P0wOMsXWjYMxgVecyH9aU/fG+uTQtGZPNGDyt5ZBXdumW4wM7KOqEl05Po9XogNf\n"
    "HRwq3kRWS8HJXy1x30KxhiCf0/8UNUkKgcdfjmPOYHDUYCShlhdSB4PboAQDAD7W\n"
    "aziLYG80pE8ewZMvPvoNVK+XIlyUca59XlyV8CKsEXSFSHPGC43BVEpmIcPIhkEi\n"
    "IPobDuj92j9GQg2SrPmPrvnyAbsWQs8d1aFPh2IcbqfHOxjWK0espBL5xLI2KM4=\n"
    "-----END CERTIFICATE-----\n" },
  { "XvUlflFAQ2oQBtU+dLpcrXs8mDQlXez9sh9KcisA2M0=",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBLjCB4aADAgECAhQ7D4sC++hfQ0DtVOugwkL912FS1jAFBgMrZXAwDDEKMAgG\n"
    "A1UEAwwBeDAgFw0yNjExMjMwNDMzMjdaGA8yMTI2MTAzMDA0MzMyN1owDDEKMAgG\n"
    "A1UEAwwBeDAqMAUGAytlcAMhANIFoeeyG44KKVwhem5ZnUQmLBfRL9pDrN2eddcl\n"
    "zhXTo1MwUTAdBgNVHQ4EFgQUYw9TUWWei6brSZVvfN9CxKcsqnwwHwYDVR0jBBgw\n"
    "FoAUYw9TUWWei6brSZVvfN9CxKcsqnwwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD\n"
    "QQCft6rt0e2Kvlqc+oJD60LTivIifONKMSC5Qi1h++k1BijlFLi1Zmkt/G2saQCz\n"
    "qteFX7nFuZb862CSQ5iCja0O\n"
    "-----END CERTIFICATE-----\n" },
  { "qgg6SiIZRSIou5VHfAV2+c4VBdK6Wape2GllpGbT8Y8=",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBcDCCARWgAwIBAgIUCdSKct6B3cgrDB3FwJX7JbzmPP0wCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBeDAgFw0yNjExMjMwNDMzMjdaGA8yMTI2MTAzMDA0MzMyN1ow\n"
    "DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABC1MqDYHmwcm\n"
    "SLvPKcTXkMElbDP7MEXHe4VoX4811kO6vVFawMzvh9Pi/+enUpR9dqT/PtJ1sOz3\n"
    "kuNIhAxv9cijUzBRMB0GA1UdDgQWBBS+y40eR9Hc9W5g/cGxGIxnPa6hoTAfBgNV\n"
    "HSMEGDAWgBS+y40eR9Hc9W5g/cGxGIxnPa6hoTAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0kAMEYCIQDM1N3i3lu+AgWnsDlBQfhYum5t2Ph0QCrta6YgEY4A\n"
    "FQIhAKH8CbiVs1db97AUJbAGZix8WSt0glBg7yRVOt788xvI\n"
    "-----END CERTIFICATE-----\n" },
};

static void
decode (const char *base64, guint8 pin[RT_TLS_PIN_SIZE])
{
  gsize len;
  g_autofree guchar *bytes = g_base64_decode (base64, &len);

  g_assert_cmpuint (len, ==, RT_TLS_PIN_SIZE);
  memcpy (pin, bytes, len);
}

static void
test_vectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (vectors[i].pem, -1, &error);
      guint8 pin[RT_TLS_PIN_SIZE];

      g_assert_no_error (error);
      decode (vectors[i].pin, pin);
      g_assert_true (rt_tls_pins_match (certificate, NULL, &pin, 1));
      pin[31] ^= 1;
      g_assert_false (rt_tls_pins_match (certificate, NULL, &pin, 1));
    }
}

static const struct
{
  const char *certificate;
  const char *database; /* nullable */
  const char *pinned;
  gboolean matches;
} cases[] = {
  { "server", NULL, "server", TRUE },
  { "server", NULL, "intermediate", TRUE }, /* it is in the same file */
  { "server", NULL, "ca", FALSE },          /* this is not */
  { "server", "ca", "ca", TRUE },
  { "server", "other-ca", "ca", FALSE },
  { "server", "ca", "other-ca", FALSE },
  { "server", "ca", "wrong-host", FALSE },
  { "appended", NULL, "impostor", FALSE },
  { "appended", "impostor", "impostor", FALSE },
  { "appended", "intermediate", "intermediate", TRUE },
  { "self-signed", "ca", "self-signed", TRUE },
  { "self-signed", "ca", "ca", FALSE },
  { "ca", "ca", "ca", TRUE },
  { "ca", "ca", "intermediate", FALSE },
};

static void
test_chains (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GTlsCertificate) leaf
        = g_tls_certificate_new_from_file (rt_test_certs_get_path (cases[i].certificate), &error);
      g_autoptr (GTlsDatabase) database = NULL;
      guint8 pins[2][RT_TLS_PIN_SIZE] = { { 0 } };

      g_test_message ("%s %s %s", cases[i].certificate, cases[i].database, cases[i].pinned);
      g_assert_no_error (error);
      if (cases[i].database != NULL)
        database = rt_test_certs_new_database (cases[i].database);
      g_autofree char *pin = rt_test_certs_get_pin (cases[i].pinned);
      decode (pin + strlen ("sha256/"), pins[1]);
      g_assert_cmpint (rt_tls_pins_match (leaf, database, pins, 2), ==, cases[i].matches);
      g_assert_false (rt_tls_pins_match (leaf, database, pins, 1));
      g_assert_false (rt_tls_pins_match (leaf, database, pins, 0));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/TlsPins/vectors", test_vectors);
  g_test_add_func ("/Rt/TlsPins/chains", test_chains);
  return g_test_run ();
}
