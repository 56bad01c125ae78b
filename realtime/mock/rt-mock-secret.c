/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-secret.h"

#include <string.h>
#include <sys/random.h>

#define SECRET_BYTES 32

char *
rt_mock_secret_new (void)
{
  guint8 bytes[SECRET_BYTES];
  GString *text = g_string_sized_new (2 * SECRET_BYTES);

  /* So few bytes come at once or not at all, which would leave nothing to go on with. */
  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    g_error ("The system gives no random bytes");
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

char *
rt_mock_secret_hash (const char *given)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, given, -1);
}

gboolean
rt_mock_secret_equals (const char *secret, const char *given)
{
  gsize len = strlen (secret);
  guint8 difference = 0;

  if (strlen (given) != len)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    difference |= secret[i] ^ given[i];
  return difference == 0;
}
