/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-raw-token.h"

#include <string.h>

static char *
encode (const guchar *data, gsize len)
{
  char *encoded = g_base64_encode (data, len);

  g_strdelimit (encoded, "+", '-');
  g_strdelimit (encoded, "/", '_');
  encoded[strcspn (encoded, "=")] = '\0';
  return encoded;
}

char *
rt_raw_token_new (const char *claims)
{
  static const char header[] = "{\"alg\":\"HS256\"}";
  g_autofree char *header_part = encode ((const guchar *) header, strlen (header));
  g_autofree char *claims_part = encode ((const guchar *) claims, strlen (claims));
  g_autofree char *signed_part = g_strconcat (header_part, ".", claims_part, NULL);
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) "secret", strlen ("secret"));
  guint8 digest[32];
  gsize len = sizeof digest;

  g_hmac_update (hmac, (const guchar *) signed_part, -1);
  g_hmac_get_digest (hmac, digest, &len);
  g_autofree char *signature = encode (digest, len);
  return g_strconcat (signed_part, ".", signature, NULL);
}
