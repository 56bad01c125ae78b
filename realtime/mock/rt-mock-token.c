/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-token.h"

#include <math.h>
#include <string.h>

#include "rt-json-scan.h"

#define SIGNATURE_SIZE 32 /* SHA-256 */
#define MAX_EXPIRY 1e12   /* s; what is later counts as never */

void
rt_mock_claims_clear (RtMockClaims *self)
{
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->info, g_free);
  g_clear_pointer (&self->channel, g_free);
  g_clear_pointer (&self->channels, g_strfreev);
}

/* base64url without padding (RFC 7515 section 2). NULL if @text is not that. */
static guint8 *
decode_part (const char *text, gsize len, gsize *out_len)
{
  g_autofree char *padded = g_malloc (len + 4);

  if (len == 0 || len % 4 == 1)
    return NULL;
  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
        return NULL;
      padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
  while (len % 4 != 0)
    padded[len++] = '=';
  padded[len] = '\0';
  return g_base64_decode (padded, out_len);
}

/* The time that this takes tells nothing of where the two differ. */
static gboolean
equal_in_constant_time (const guint8 *a, const guint8 *b, gsize len)
{
  guint8 difference = 0;

  for (gsize i = 0; i < len; i++)
    difference |= a[i] ^ b[i];
  return difference == 0;
}

static gboolean
check_signature (const char *signed_text, gsize signed_len, const char *signature, const char *secret)
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guint8 *) secret, strlen (secret));
  guint8 expected[SIGNATURE_SIZE];
  gsize expected_len = sizeof expected, given_len = 0;
  g_autofree guint8 *given = decode_part (signature, strlen (signature), &given_len);

  g_hmac_update (hmac, (const guint8 *) signed_text, signed_len);
  g_hmac_get_digest (hmac, expected, &expected_len);
  return given != NULL && given_len == expected_len && equal_in_constant_time (given, expected, expected_len);
}

/* --- Claims --- */

typedef struct
{
  RtMockClaims *claims; /* NULL while the header is read */
  char *algorithm;
  gboolean bad; /* a known member of the wrong type, or twice */
} Reading;

/* The text of a string value; NULL if it is none. */
static char *
take_string (const RtSlice *value)
{
  if (value->len < 2 || value->data[0] != '"')
    return NULL;
  RtSlice inner = { value->data + 1, value->len - 2, 0 };
  if (memchr (inner.data, '\\', inner.len) != NULL)
    inner.flags = RT_SLICE_ESCAPED;
  return rt_json_unescape (&inner);
}

static void
set_string (Reading *reading, char **field, const RtSlice *value)
{
  if (*field == NULL)
    *field = take_string (value);
  else
    reading->bad = TRUE;
  if (*field == NULL)
    reading->bad = TRUE;
}

static void
set_expiry (Reading *reading, const RtSlice *value)
{
  g_autofree char *text = g_strndup (value->data, value->len);
  char *text_end;
  double seconds = g_ascii_strtod (text, &text_end);

  if (reading->claims->expires != 0 || *text_end != '\0' || !isfinite (seconds) || seconds <= 0)
    reading->bad = TRUE;
  else
    reading->claims->expires = (gint64) MIN (seconds, MAX_EXPIRY) * G_USEC_PER_SEC;
}

/* An array of strings. */
static char **
take_strings (const RtSlice *value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  RtScan scan;
  RtSlice item;

  rt_scan_init (&scan, value->data, value->data, value->len);
  if (!rt_scan_begin_array (&scan))
    return NULL;
  while (rt_scan_next_element (&scan))
    {
      if (!rt_scan_value (&scan, &item))
        return NULL;
      g_autofree char *text = take_string (&item);
      if (text == NULL)
        return NULL;
      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

static void
set_strings (Reading *reading, char ***field, const RtSlice *value)
{
  if (*field == NULL)
    *field = take_strings (value);
  else
    reading->bad = TRUE;
  if (*field == NULL)
    reading->bad = TRUE;
}

static void
read_member (const RtSlice *key, const RtSlice *value, Reading *reading)
{
  if (reading->claims == NULL)
    {
      if (rt_slice_equals (key, "alg"))
        set_string (reading, &reading->algorithm, value);
    }
  else if (rt_slice_equals (key, "sub"))
    {
      set_string (reading, &reading->claims->user, value);
    }
  else if (rt_slice_equals (key, "exp"))
    {
      set_expiry (reading, value);
    }
  else if (rt_slice_equals (key, "channel"))
    {
      set_string (reading, &reading->claims->channel, value);
    }
  else if (rt_slice_equals (key, "channels"))
    {
      set_strings (reading, &reading->claims->channels, value);
    }
  else if (rt_slice_equals (key, "info"))
    {
      reading->bad |= reading->claims->info != NULL;
      g_free (reading->claims->info);
      reading->claims->info = g_strndup (value->data, value->len);
    }
}

static gboolean
read_part (const char *text, gsize len, Reading *reading)
{
  gsize json_len = 0;
  g_autofree char *json = (char *) decode_part (text, len, &json_len);
  RtJsonFault fault;
  RtScan scan;
  RtSlice key, value;

  if (json == NULL || !rt_json_check (json, json_len, &fault) || !rt_json_check_payload (json, json_len, &fault))
    return FALSE;
  rt_scan_init (&scan, json, json, json_len);
  rt_scan_space (&scan);
  if (!rt_scan_begin_object (&scan))
    return FALSE;
  while (rt_scan_next_member (&scan, &key) && rt_scan_value (&scan, &value))
    read_member (&key, &value, reading);
  return !reading->bad;
}

static gboolean
check_algorithm (const char *text, gsize len)
{
  Reading reading = { 0 };
  gboolean known = read_part (text, len, &reading) && g_strcmp0 (reading.algorithm, "HS256") == 0;

  g_free (reading.algorithm);
  return known;
}

RtMockTokenVerdict
rt_mock_token_verify (const char *token, const char *secret, gint64 now, RtMockClaims *claims)
{
  Reading reading = { .claims = claims };

  *claims = (RtMockClaims) { 0 };
  const char *first = strchr (token, '.');
  const char *second = first != NULL ? strchr (first + 1, '.') : NULL;
  if (second == NULL)
    return RT_MOCK_TOKEN_INVALID;
  /* The signature first: nothing of a token is believed before. */
  if (!check_signature (token, second - token, second + 1, secret) || !check_algorithm (token, first - token))
    return RT_MOCK_TOKEN_INVALID;
  if (!read_part (first + 1, second - first - 1, &reading) || claims->user == NULL)
    {
      rt_mock_claims_clear (claims);
      return RT_MOCK_TOKEN_INVALID;
    }
  return claims->expires != 0 && claims->expires <= now ? RT_MOCK_TOKEN_EXPIRED : RT_MOCK_TOKEN_VALID;
}
