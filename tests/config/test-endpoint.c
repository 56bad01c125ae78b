/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-endpoint.h"

typedef struct
{
  const char *text;
  gboolean secure;
  gboolean loopback;
  const char *host;
  guint16 port;
  const char *host_header;
  const char *path;
} Good;

static const Good good[] = {
  { "ws://localhost", FALSE, TRUE, "localhost", 80, "localhost", "/connection/websocket" },
  { "WS://LocalHost:8000/", FALSE, TRUE, "LocalHost", 8000, "LocalHost:8000", "/connection/websocket" },
  { "wss://example.org", TRUE, FALSE, "example.org", 443, "example.org", "/connection/websocket" },
  { "https://example.org:443/x", TRUE, FALSE, "example.org", 443, "example.org", "/x" },
  { "http://example.org:443/x", FALSE, FALSE, "example.org", 443, "example.org:443", "/x" },
  { "http://127.9.9.9/a/b?c=d&e", FALSE, TRUE, "127.9.9.9", 80, "127.9.9.9", "/a/b?c=d&e" },
  { "wss://h?x=1", TRUE, FALSE, "h", 443, "h", "/connection/websocket?x=1" },
  { "wss://h/?x=1", TRUE, FALSE, "h", 443, "h", "/connection/websocket?x=1" },
  { "wss://h/%7Euser/%2F", TRUE, FALSE, "h", 443, "h", "/%7Euser/%2F" },
  { "ws://[::1]:7/x", FALSE, TRUE, "::1", 7, "[::1]:7", "/x" },
  { "wss://[2001:db8::1]", TRUE, FALSE, "2001:db8::1", 443, "[2001:db8::1]", "/connection/websocket" },
  { "wss://example.org.:65535", TRUE, FALSE, "example.org.", 65535, "example.org.:65535",
    "/connection/websocket" },
  { "ws://localhost.", FALSE, TRUE, "localhost.", 80, "localhost.", "/connection/websocket" },
  { "wss://xn--bcher-kva.example", TRUE, FALSE, "xn--bcher-kva.example", 443, "xn--bcher-kva.example",
    "/connection/websocket" },
  { "ws://10.0.0.1", FALSE, FALSE, "10.0.0.1", 80, "10.0.0.1", "/connection/websocket" },
  { "ws://localhost.example.org", FALSE, FALSE, "localhost.example.org", 80, "localhost.example.org",
    "/connection/websocket" },
};

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (RtEndpoint) endpoint = { 0 };
      g_test_message ("%s", good[i].text);
      g_assert_cmpstr (rt_endpoint_parse (&endpoint, good[i].text), ==, NULL);
      g_assert_cmpint (endpoint.secure, ==, good[i].secure);
      g_assert_cmpint (endpoint.loopback, ==, good[i].loopback);
      g_assert_cmpstr (endpoint.host, ==, good[i].host);
      g_assert_cmpuint (endpoint.port, ==, good[i].port);
      g_assert_cmpstr (endpoint.host_header, ==, good[i].host_header);
      g_assert_cmpstr (endpoint.path, ==, good[i].path);
    }
}

static const struct
{
  const char *text;
  const char *says;
} bad[] = {
  { "", "scheme" },
  { "localhost", "scheme" },
  { "//localhost", "scheme" },
  { "localhost:8000", "begin it with" },
  { "ftp://localhost", "scheme other than" },
  { "wss+unix://localhost", "scheme other than" },
  { "wss:", "host" },
  { "wss:/path", "host" },
  { "wss://", "host" },
  { "wss://:8000", "host" },
  { "wss://user@example.org", "user" },
  { "wss://user:password@example.org", "user" },
  { "wss://@example.org", "user" },
  { "wss://example.org/#top", "fragment" },
  { "wss://example.org#", "fragment" },
  { "wss://exa_mple.org", "host" },
  { "wss://exam%70le.org", "host" },
  { "wss://example..org", "host" },
  { "wss://.example.org", "host" },
  { "wss://127.1", "host" },
  { "wss://2130706433", "host" },
  { "wss://0x7f000001", "host" },
  { "wss://256.1.1.1", "host" },
  { "wss://1.2.3.4.5", "host" },
  { "wss://[::1", "URI" },
  { "wss://[::g]", "URI" },
  { "wss://[fe80::1%25eth0]", "host" },
  { "wss://example.org:0", "port 0" },
  { "wss://example.org:65536", "URI" },
  { "wss://example.org:-1", "URI" },
  { "wss://example.org:8x", "URI" },
  { "wss://example.org/a b", "percent-encode" },
  { "wss://example.org/a\r\nX: y", "percent-encode" },
  { "wss://example.org/\t", "percent-encode" },
  { "wss://example.org/\xc3\xa9", "percent-encode" },
  { "wss://b\xc3\xbc" "cher.example", "percent-encode" },
  { "wss://example.org/%zz", "URI" },
  { " wss://example.org", "percent-encode" },
  { "wss://example.org\\@evil.example", "percent-encode" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (RtEndpoint) endpoint = { 0 };
      const char *fault = rt_endpoint_parse (&endpoint, bad[i].text);

      g_test_message ("%s: %s", bad[i].text, fault);
      g_assert_nonnull (fault);
      g_assert_nonnull (strstr (fault, bad[i].says));
      g_assert_null (endpoint.host);
    }
}

static void
test_long (void)
{
  g_auto (RtEndpoint) endpoint = { 0 };
  g_autofree char *label = g_strnfill (254, 'a');
  g_autofree char *long_host = g_strconcat ("wss://", label, NULL);
  g_autofree char *path = g_strnfill (3000, 'a');
  g_autofree char *long_path = g_strconcat ("wss://h/", path, NULL);

  g_assert_nonnull (strstr (rt_endpoint_parse (&endpoint, long_host), "host"));
  g_assert_nonnull (strstr (rt_endpoint_parse (&endpoint, long_path), "2048"));
  long_host[6 + 253] = '\0';
  g_assert_null (rt_endpoint_parse (&endpoint, long_host));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Endpoint/good", test_good);
  g_test_add_func ("/Rt/Endpoint/bad", test_bad);
  g_test_add_func ("/Rt/Endpoint/long", test_long);
  return g_test_run ();
}
