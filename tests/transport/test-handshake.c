/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-http-head.h"
#include "rt-mask.h"
#include "rt-ws-handshake.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="                /* RFC 6455, section 1.3 */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define ACCEPTED "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"

static RtSettings *
make_settings (const char *endpoint, GVariant *headers)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, endpoint);
  rt_config_builder_with_headers (builder, headers);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return rt_settings_new (config);
}

/* --- Key and request --- */

static void
test_key (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *accept = rt_ws_handshake_get_accept (KEY);

  g_assert_cmpstr (accept, ==, ACCEPT);
  for (guint i = 0; i < 1000; i++)
    {
      char *key = rt_ws_handshake_new_key ();
      gsize len;
      g_autofree guchar *bytes = g_base64_decode (key, &len);

      g_assert_cmpuint (strlen (key), ==, 24);
      g_assert_cmpuint (len, ==, 16);
      g_assert_true (g_hash_table_add (seen, key));
    }
}

/* Masks differ, over more than one filling of the pool, and use every bit. */
static void
test_masks (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint32 all = 0;
  guint32 none = G_MAXUINT32;
  const guint count = 5000;

  for (guint i = 0; i < count; i++)
    {
      guint32 mask;
      rt_mask_next ((guint8 *) &mask);
      all |= mask;
      none &= mask;
      g_hash_table_add (seen, GUINT_TO_POINTER (mask));
    }
  g_assert_cmphex (all, ==, G_MAXUINT32);
  g_assert_cmphex (none, ==, 0);
  /* Of so many random ones, three in a thousand runs have one pair that is equal. */
  g_assert_cmpuint (g_hash_table_size (seen), >=, count - 3);
}

static void
test_request (void)
{
  GVariant *headers = g_variant_new_parsed ("{'X-One': 'first', 'X-Two': 'second'}");
  g_autoptr (RtSettings) settings = make_settings ("ws://[::1]:8080/chat%20room?x=1", headers);
  g_auto (RtBuffer) request = { 0 };

  rt_ws_handshake_put_request (&request, settings, KEY);
  g_autofree char *text = g_strndup ((const char *) request.data, request.len);
  g_assert_true (g_str_has_prefix (text, "GET /chat%20room?x=1 HTTP/1.1\r\n"));
  g_assert_true (g_str_has_suffix (text, "\r\n\r\n"));
  g_assert_nonnull (strstr (text, "\r\nHost: [::1]:8080\r\n"));
  g_assert_nonnull (strstr (text, "\r\nUpgrade: websocket\r\n"));
  g_assert_nonnull (strstr (text, "\r\nConnection: Upgrade\r\n"));
  g_assert_nonnull (strstr (text, "\r\nSec-WebSocket-Key: " KEY "\r\n"));
  g_assert_nonnull (strstr (text, "\r\nSec-WebSocket-Version: 13\r\n"));
  g_assert_nonnull (strstr (text, "\r\nSec-WebSocket-Protocol: rt1.json, centrifuge-json\r\n"));
  g_assert_nonnull (strstr (text, "\r\nUser-Agent: Realtime\r\n"));
  g_assert_nonnull (strstr (text, "\r\nX-One: first\r\n"));
  g_assert_nonnull (strstr (text, "\r\nX-Two: second\r\n"));
  g_assert_null (strstr (text, "Origin"));
  g_assert_null (strstr (text, "Extensions"));
  /* Nothing but the last line is empty. */
  g_assert_true (strstr (text, "\r\n\r\n") == text + strlen (text) - 4);
}

static void
test_user_agent (void)
{
  g_autoptr (RtSettings) settings = make_settings ("ws://localhost/", g_variant_new_parsed ("{'user-agent': 'Mine'}"));
  g_auto (RtBuffer) request = { 0 };

  rt_ws_handshake_put_request (&request, settings, KEY);
  g_autofree char *text = g_strndup ((const char *) request.data, request.len);
  g_assert_nonnull (strstr (text, "\r\nuser-agent: Mine\r\n"));
  g_assert_null (strstr (text, "Realtime"));
}

/* --- The head --- */

static void
assert_head_at_every_split (const char *text, gsize head_len, guint status)
{
  for (gsize len = 0; len <= strlen (text); len++)
    {
      g_autoptr (RtHttpHead) head = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *copy = g_memdup2 (text, MAX (len, 1)); /* so that reading too far is noticed */
      gsize used = 0;
      RtHttpHeadResult result = rt_http_head_read (copy, len, &head, &used, &error);

      g_assert_no_error (error);
      g_assert_cmpint (result, ==, len < head_len ? RT_HTTP_HEAD_MORE : RT_HTTP_HEAD_DONE);
      if (result == RT_HTTP_HEAD_DONE)
        {
          g_assert_cmpuint (used, ==, head_len);
          g_assert_cmpuint (head->status, ==, status);
        }
    }
}

static void
test_head_splits (void)
{
  static const char crlf[] = "HTTP/1.1 101 Switching Protocols\r\nA: b\r\nC: d\r\n\r\n";
  static const char lf[] = "HTTP/1.1 200 OK\nA: b\n\n";
  g_autofree char *with_body = g_strconcat (crlf, "\x81\x02hi\r\n\r\n", NULL);

  assert_head_at_every_split (crlf, strlen (crlf), 101);
  assert_head_at_every_split (lf, strlen (lf), 200);
  assert_head_at_every_split (with_body, strlen (crlf), 101);
}

static void
assert_bad_head (const char *data, gsize len, const char *words)
{
  g_autoptr (RtHttpHead) head = NULL;
  g_autoptr (GError) error = NULL;
  gsize used = 0;

  g_assert_cmpint (rt_http_head_read ((const guint8 *) data, len, &head, &used, &error), ==, RT_HTTP_HEAD_BAD);
  g_assert_null (head);
  g_assert_error (error, RT_ERROR, RT_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_bad_heads (void)
{
  static const char with_nul[] = "HTTP/1.1 101 OK\r\nA\0: b\r\n\r\n";
  g_autofree char *filler = g_strnfill (RT_HTTP_HEAD_MAX, 'x');
  g_autofree char *endless = g_strconcat ("HTTP/1.1 101 OK\r\nA: ", filler, NULL);

  assert_bad_head ("S", 1, "did not answer with HTTP");
  assert_bad_head ("SSH-2.0-OpenSSH\r\n", 17, "did not answer with HTTP");
  assert_bad_head ("\x15\x03\x01", 3, "wss://");
  assert_bad_head (with_nul, sizeof with_nul - 1, "not a valid HTTP response");
  assert_bad_head ("HTTP/1.1 abc OK\r\n\r\n", 19, "not a valid HTTP response");
  assert_bad_head ("HTTP/x\r\n\r\n", 10, "not a valid HTTP response");
  assert_bad_head (endless, strlen (endless), "longer than 16384 bytes");
  g_assert_cmpuint (strlen (endless) - RT_HTTP_HEAD_MAX, >, 0);
}

/* --- The answer --- */

typedef struct
{
  const char *head; /* without the empty line */
  int code;         /* -1: accepted */
  const char *words;
} Answer;

static const Answer answers[] = {
  { "HTTP/1.1 101 Switching Protocols\r\n" ACCEPTED, -1, NULL },
  { "HTTP/1.1 101 X\r\nupgrade: h2c, WebSocket\r\nconnection: keep-alive, upgrade\r\nsec-websocket-accept: " ACCEPT
    "\r\n", -1, NULL },
  { "HTTP/1.1 101 X\r\n" ACCEPTED "Sec-WebSocket-Extensions:\r\n", -1, NULL },
  { "HTTP/1.0 101 X\r\n" ACCEPTED, RT_ERROR_PROTOCOL, "not HTTP/1.1" },
  { "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n", RT_ERROR_PROTOCOL, "Upgrade" },
  { "HTTP/1.1 101 X\r\nUpgrade: websocket2\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n",
    RT_ERROR_PROTOCOL, "Upgrade" },
  { "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " ACCEPT "\r\n", RT_ERROR_PROTOCOL, "Connection" },
  { "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: " ACCEPT "\r\n",
    RT_ERROR_PROTOCOL, "Connection" },
  { "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", RT_ERROR_PROTOCOL, "Sec-WebSocket-Accept" },
  { "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " KEY "\r\n",
    RT_ERROR_PROTOCOL, "Sec-WebSocket-Accept" },
  { "HTTP/1.1 101 X\r\n" ACCEPTED "Sec-WebSocket-Accept: " ACCEPT "\r\n", RT_ERROR_PROTOCOL, "Sec-WebSocket-Accept" },
  { "HTTP/1.1 101 X\r\n" ACCEPTED "Sec-WebSocket-Extensions: permessage-deflate\r\n", RT_ERROR_PROTOCOL, "extension" },
  { "HTTP/1.1 101 X\r\n" ACCEPTED "Sec-WebSocket-Protocol: mqtt\r\n", RT_ERROR_PROTOCOL, "\"mqtt\"" },
  { "HTTP/1.1 101 X\r\n" ACCEPTED "Sec-WebSocket-Protocol: rt1.json, centrifuge-json\r\n", RT_ERROR_PROTOCOL,
    "not offered" },
  { "HTTP/1.1 100 Continue\r\n", RT_ERROR_PROTOCOL, "captive portal" },
  { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", RT_ERROR_PROTOCOL, "captive portal" },
  { "HTTP/1.1 204 No Content\r\n", RT_ERROR_PROTOCOL, "captive portal" },
  { "HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\xff\x01\r\n", RT_ERROR_PROTOCOL,
    "redirects to https://elsewhere.test/\\357\\277\\275\\001" },
  { "HTTP/1.1 302 Found\r\n", RT_ERROR_PROTOCOL, "not followed" },
  { "HTTP/1.1 400 Bad Request\r\n", RT_ERROR_PROTOCOL, "400" },
  { "HTTP/1.1 401 Unauthorized\r\n", RT_ERROR_UNAUTHORIZED, "401" },
  { "HTTP/1.1 403 Forbidden\r\n", RT_ERROR_PERMISSION_DENIED, "403" },
  { "HTTP/1.1 404 Not Found\r\n", RT_ERROR_PROTOCOL, "/here" },
  { "HTTP/1.1 407 Proxy\r\n", RT_ERROR_NETWORK, "proxy" },
  { "HTTP/1.1 408 Timeout\r\n", RT_ERROR_NETWORK, "408" },
  { "HTTP/1.1 426 Upgrade Required\r\n", RT_ERROR_PROTOCOL, "426" },
  { "HTTP/1.1 429 Too Many\r\n", RT_ERROR_RATE_LIMITED, "429" },
  { "HTTP/1.1 500 Oops\r\n", RT_ERROR_SERVER, "500" },
  { "HTTP/1.1 503 Busy\r\n", RT_ERROR_SERVER, "503" },
  { "HTTP/1.1 999 What\r\n", RT_ERROR_SERVER, "999" },
};

static RtHttpHead *
read_head (const char *lines)
{
  g_autofree char *text = g_strconcat (lines, "\r\n", NULL);
  g_autoptr (GError) error = NULL;
  RtHttpHead *head = NULL;
  gsize used = 0;

  rt_http_head_read ((const guint8 *) text, strlen (text), &head, &used, &error);
  g_assert_no_error (error);
  g_assert_nonnull (head);
  return head;
}

static void
test_answers (void)
{
  g_autoptr (RtSettings) settings = make_settings ("ws://localhost/here", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (RtHttpHead) head = read_head (answers[i].head);
      g_autoptr (GError) error = NULL;
      RtProfile profile;
      gboolean accepted = rt_ws_handshake_check (head, settings, KEY, &profile, &error);

      g_test_message ("%u: %s", i, error != NULL ? error->message : "accepted");
      g_assert_cmpint (accepted, ==, answers[i].code == -1);
      if (accepted)
        {
          g_assert_no_error (error);
          g_assert_cmpint (profile, ==, RT_PROFILE_CENTRIFUGO);
          continue;
        }
      g_assert_error (error, RT_ERROR, answers[i].code);
      g_assert_nonnull (strstr (error->message, answers[i].words));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_long_location (void)
{
  g_autoptr (RtSettings) settings = make_settings ("ws://localhost/", NULL);
  g_autofree char *filler = g_strnfill (4000, '\x01');
  g_autofree char *lines = g_strconcat ("HTTP/1.1 302 Found\r\nLocation: http://a/", filler, "\r\n", NULL);
  g_autoptr (RtHttpHead) head = read_head (lines);
  g_autoptr (GError) error = NULL;
  RtProfile profile;

  g_assert_false (rt_ws_handshake_check (head, settings, KEY, &profile, &error));
  g_assert_cmpuint (strlen (error->message), <, 500);
}

/* --- Retry-After --- */

static void
test_retry_after (void)
{
  static const struct
  {
    const char *text;
    gint64 seconds; /* -1: not usable */
  } cases[] = {
    { "0", 0 }, { "1", 1 }, { "120", 120 }, { "300", 300 }, { "301", 300 }, { "1000000000", 300 },
    { "99999999999999999999999999", 300 }, { "1e9", -1 }, { "-1", -1 }, { "+5", -1 }, { "5 s", -1 }, { "soon", -1 },
    { "", -1 }, { "Mon, 99 Foo 2020 00:00:00 GMT", -1 },
  };
  g_autoptr (RtHttpHead) without = read_head ("HTTP/1.1 503 X\r\n");

  g_assert_cmpint (rt_http_head_get_retry_after (without), ==, -1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *lines = g_strdup_printf ("HTTP/1.1 503 X\r\nRetry-After: %s\r\n", cases[i].text);
      g_autoptr (RtHttpHead) head = read_head (lines);
      gint64 expected = cases[i].seconds < 0 ? -1 : cases[i].seconds * G_USEC_PER_SEC;

      g_assert_cmpint (rt_http_head_get_retry_after (head), ==, expected);
    }
}

static gint64
get_wait_until (gint64 seconds_from_now)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (rt_clock_real () / G_USEC_PER_SEC + seconds_from_now);
  g_autofree char *text = soup_date_time_to_string (date, SOUP_DATE_HTTP);
  g_autofree char *lines = g_strdup_printf ("HTTP/1.1 503 X\r\nRetry-After: %s\r\n", text);
  g_autoptr (RtHttpHead) head = read_head (lines);

  return rt_http_head_get_retry_after (head);
}

static void
test_retry_after_date (void)
{
  rt_clock_virtual_begin ();
  g_assert_cmpint (get_wait_until (-3600), ==, 0);
  g_assert_cmpint (get_wait_until (3600), ==, 300 * G_USEC_PER_SEC);
  gint64 wait = get_wait_until (100);
  g_assert_cmpint (wait, >, 99 * G_USEC_PER_SEC - 1);
  g_assert_cmpint (wait, <=, 100 * G_USEC_PER_SEC);
  rt_clock_virtual_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Handshake/key", test_key);
  g_test_add_func ("/Rt/Handshake/masks", test_masks);
  g_test_add_func ("/Rt/Handshake/request", test_request);
  g_test_add_func ("/Rt/Handshake/user-agent", test_user_agent);
  g_test_add_func ("/Rt/Handshake/head-splits", test_head_splits);
  g_test_add_func ("/Rt/Handshake/bad-heads", test_bad_heads);
  g_test_add_func ("/Rt/Handshake/answers", test_answers);
  g_test_add_func ("/Rt/Handshake/long-location", test_long_location);
  g_test_add_func ("/Rt/Handshake/retry-after", test_retry_after);
  g_test_add_func ("/Rt/Handshake/retry-after-date", test_retry_after_date);
  return g_test_run ();
}
