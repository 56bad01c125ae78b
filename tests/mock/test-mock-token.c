/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-secret.h"
#include "rt-mock-token.h"

#include <string.h>

#include "rt-test.h"

#define NOW (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

static char *
encode (const char *data, gsize len)
{
  char *encoded = g_base64_encode ((const guchar *) data, len);

  g_strdelimit (encoded, "+", '-');
  g_strdelimit (encoded, "/", '_');
  encoded[strcspn (encoded, "=")] = '\0';
  return encoded;
}

static char *
sign (const char *header, const char *claims, const char *secret)
{
  g_autofree char *header_part = encode (header, strlen (header));
  g_autofree char *claims_part = encode (claims, strlen (claims));
  g_autofree char *signed_part = g_strconcat (header_part, ".", claims_part, NULL);
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret));
  guint8 digest[32];
  gsize len = sizeof digest;

  g_hmac_update (hmac, (const guchar *) signed_part, -1);
  g_hmac_get_digest (hmac, digest, &len);
  g_autofree char *signature = encode ((const char *) digest, len);
  return g_strconcat (signed_part, ".", signature, NULL);
}

typedef struct
{
  const char *name;
  const char *header;
  const char *claims;
  RtMockTokenVerdict verdict;
  const char *user;
  const char *info;
} Case;

#define HS256 "{\"alg\":\"HS256\"}"

static const Case cases[] = {
  { "plain", HS256, "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_VALID, "ann", NULL },
  { "anonymous", HS256, "{\"sub\":\"\"}", RT_MOCK_TOKEN_VALID, "", NULL },
  { "blanks", "{ \"typ\" : \"JWT\" , \"alg\" : \"HS256\" }", " { \"x\" : [ 1 , {} ] , \"sub\" : \"ann\" } ",
    RT_MOCK_TOKEN_VALID, "ann", NULL },
  { "escapes", "{\"\\u0061lg\":\"HS\\u0032\\u0035\\u0036\"}", "{\"s\\u0075b\":\"\\u00e4\"}", RT_MOCK_TOKEN_VALID, "ä",
    NULL },
  { "info", HS256, "{\"info\":{\"a\":[1,\"}\"]},\"sub\":\"ann\"}", RT_MOCK_TOKEN_VALID, "ann", "{\"a\":[1,\"}\"]}" },
  { "later", HS256, "{\"sub\":\"ann\",\"exp\":1700000001}", RT_MOCK_TOKEN_VALID, "ann", NULL },
  { "much-later", HS256, "{\"sub\":\"ann\",\"exp\":1e300}", RT_MOCK_TOKEN_VALID, "ann", NULL },
  { "fraction", HS256, "{\"sub\":\"ann\",\"exp\":1700000001.5}", RT_MOCK_TOKEN_VALID, "ann", NULL },
  { "expired", HS256, "{\"sub\":\"ann\",\"exp\":1700000000}", RT_MOCK_TOKEN_EXPIRED, "ann", NULL },
  { "no-sub", HS256, "{}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "sub-number", HS256, "{\"sub\":7}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "sub-null", HS256, "{\"sub\":null}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "sub-nul", HS256, "{\"sub\":\"a\\u0000b\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "sub-twice", HS256, "{\"sub\":\"a\",\"sub\":\"b\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "exp-text", HS256, "{\"sub\":\"a\",\"exp\":\"2100\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "exp-negative", HS256, "{\"sub\":\"a\",\"exp\":-1}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "exp-twice", HS256, "{\"sub\":\"a\",\"exp\":1900000000,\"exp\":1900000000}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "info-twice", HS256, "{\"sub\":\"a\",\"info\":1,\"info\":2}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "array", HS256, "[]", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "not-json", HS256, "sub", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "none", "{\"alg\":\"none\"}", "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "other-algorithm", "{\"alg\":\"HS512\"}", "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "algorithm-twice", "{\"alg\":\"none\",\"alg\":\"HS256\"}", "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "no-algorithm", "{}", "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
  { "header-array", "[]", "{\"sub\":\"ann\"}", RT_MOCK_TOKEN_INVALID, NULL, NULL },
};

static void
test_claims (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *token = sign (test->header, test->claims, "secret");
  g_auto (RtMockClaims) claims = { 0 };

  g_assert_cmpint (rt_mock_token_verify (token, "secret", NOW, &claims), ==, test->verdict);
  g_assert_cmpstr (claims.user, ==, test->user);
  g_assert_cmpstr (claims.info, ==, test->info);
}

/* No byte of a token can be changed, left out or added. */
static void
test_changes (void)
{
  g_autofree char *token = sign (HS256, "{\"sub\":\"ann\"}", "secret");
  gsize len = strlen (token);

  for (gsize i = 0; i < len; i++)
    {
      g_autofree char *changed = g_strdup (token);
      g_autofree char *shorter = g_strdup_printf ("%.*s%s", (int) i, token, token + i + 1);
      g_autofree char *longer = g_strdup_printf ("%.*sA%s", (int) i, token, token + i);
      g_auto (RtMockClaims) claims = { 0 };

      changed[i] = token[i] == 'B' ? 'x' : 'B';
      g_assert_cmpint (rt_mock_token_verify (changed, "secret", NOW, &claims), ==, RT_MOCK_TOKEN_INVALID);
      g_assert_cmpint (rt_mock_token_verify (shorter, "secret", NOW, &claims), ==, RT_MOCK_TOKEN_INVALID);
      g_assert_cmpint (rt_mock_token_verify (longer, "secret", NOW, &claims), ==, RT_MOCK_TOKEN_INVALID);
      g_assert_null (claims.user);
    }
}

static void
test_shapes (void)
{
  static const char *const shapes[] = { "", ".", "..", "...", "a.b.c", "a.b", "=.=.=", "e30.e30.", ".e30.e30" };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_auto (RtMockClaims) claims = { 0 };
      g_assert_cmpint (rt_mock_token_verify (shapes[i], "secret", NOW, &claims), ==, RT_MOCK_TOKEN_INVALID);
    }
}

static void
test_secrets (void)
{
  g_assert_true (rt_mock_secret_equals ("", ""));
  g_assert_true (rt_mock_secret_equals ("key", "key"));
  g_assert_false (rt_mock_secret_equals ("key", "kez"));
  g_assert_false (rt_mock_secret_equals ("key", "key "));
  g_assert_false (rt_mock_secret_equals ("key", ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/MockToken/claims/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_claims);
    }
  g_test_add_func ("/Rt/MockToken/changes", test_changes);
  g_test_add_func ("/Rt/MockToken/shapes", test_shapes);
  g_test_add_func ("/Rt/MockToken/secrets", test_secrets);
  return g_test_run ();
}
