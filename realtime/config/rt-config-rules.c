/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-private.h"

#include <string.h>
#include "rt-endpoint.h"
#include "rt-strategy-name.h"

#define TIMEOUT_MIN 100
#define TIMEOUT_MAX 600000
#define MESSAGE_SIZE_MIN 1024
#define MESSAGE_SIZE_MAX (16 * 1024 * 1024)
#define QUEUE_BYTES_MIN 1024
#define SEND_QUEUE_LIMIT_MAX 1000000
#define RATE_MAX 1000000
#define MAX_LIST 32 /* more strategies or pins are a mistake */
#define PIN_PREFIX "sha256/"
#define PIN_BYTES 32
#define MAX_API_KEY (16 * 1024) /* a connect command must fit what servers read before they know a client */
#define MAX_USER_ID 255
#define MAX_CLIENT_NAME 16 /* this and the next are the server's */
#define MAX_CLIENT_VERSION 64
#define MAX_HEADERS 64
#define MAX_HEADERS_BYTES (16 * 1024)

/* Named by the upgrade, or meant for the next hop alone (RFC 9110 section 7.6.1). */
static const char *const reserved_headers[] = {
  "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
  "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", NULL,
};

static gboolean
is_printable (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (!g_unichar_isprint (g_utf8_get_char (p)))
        return FALSE;
    }
  return TRUE;
}

static void
check_text (RtFaults *faults, const char *name, const char *text, gsize max_bytes)
{
  if (text == NULL)
    return;
  if (!g_utf8_validate (text, -1, NULL))
    rt_faults_add (faults, name, "is not UTF-8");
  else if (!is_printable (text))
    rt_faults_add (faults, name, "holds a character that cannot be printed, such as a line end");
  if (strlen (text) > max_bytes)
    rt_faults_add (faults, name, "has %" G_GSIZE_FORMAT " bytes; at most %" G_GSIZE_FORMAT " are allowed",
                   strlen (text), max_bytes);
}

static void
check_endpoint (RtFaults *faults, const char *text, gboolean allow_insecure)
{
  g_auto (RtEndpoint) endpoint = { 0 };
  const char *fault;

  if (text == NULL || *text == '\0')
    {
      rt_faults_add (faults, "endpoint", "is not set; give the server's address, such as wss://example.org");
      return;
    }
  fault = rt_endpoint_parse (&endpoint, text);
  if (fault != NULL)
    rt_faults_add (faults, "endpoint", "%s", fault);
  else if (!endpoint.secure && !endpoint.loopback && !allow_insecure)
    rt_faults_add (faults, "endpoint",
                   "has no TLS and is not this machine; use wss or https, or set allow-insecure "
                   "if anybody on the way may read the key and the messages");
}

/* RFC 9110 section 5.6.2 */
static gboolean
is_token (const char *text)
{
  if (*text == '\0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_reserved (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (reserved_headers, lower) || g_str_has_prefix (lower, "sec-websocket-");
}

/* RFC 9110 section 5.5: what is printable, blanks and tabs. */
static gboolean
is_header_value (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p) && *p != '\t')
        return FALSE;
    }
  return TRUE;
}

/* A name that is no token may be a value in the wrong place, so it is told by its number only. */
static void
check_header (RtFaults *faults, gsize number, const char *name, const char *value)
{
  if (!is_token (name))
    {
      rt_faults_add (faults, "headers", "the name of number %" G_GSIZE_FORMAT " is not one of HTTP", number);
      return;
    }
  if (is_reserved (name))
    rt_faults_add (faults, "headers", "“%s” is set by the connection itself", name);
  if (!is_header_value (value))
    rt_faults_add (faults, "headers", "the value of “%s” holds a line end or another control character", name);
}

static void
check_headers (RtFaults *faults, GVariant *headers)
{
  GVariantIter iter;
  const char *name, *value;
  gsize number = 0, bytes = 0;

  if (headers == NULL)
    return;
  if (!g_variant_is_of_type (headers, G_VARIANT_TYPE ("a{ss}")))
    {
      rt_faults_add (faults, "headers", "is of the type %s; it must be a{ss}",
                     g_variant_get_type_string (headers));
      return;
    }
  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      check_header (faults, ++number, name, value);
      bytes += strlen (name) + strlen (value);
    }
  if (number > MAX_HEADERS || bytes > MAX_HEADERS_BYTES)
    rt_faults_add (faults, "headers",
                   "are %" G_GSIZE_FORMAT " with %" G_GSIZE_FORMAT " bytes; at most %d with %d are allowed",
                   number, bytes, MAX_HEADERS, MAX_HEADERS_BYTES);
}

static void
check_timeout (RtFaults *faults, const char *name, guint value)
{
  if (value < TIMEOUT_MIN || value > TIMEOUT_MAX)
    rt_faults_add (faults, name, "is %u ms; it must be %d to %d", value, TIMEOUT_MIN, TIMEOUT_MAX);
}

static void
check_reconnect (RtFaults *faults, RtConfig *config)
{
  guint delay = rt_config_get_reconnect_delay (config);
  guint max_delay = rt_config_get_max_reconnect_delay (config);
  guint poll_interval = rt_config_get_poll_interval (config);

  check_timeout (faults, "reconnect-delay", delay);
  check_timeout (faults, "max-reconnect-delay", max_delay);
  if (delay > max_delay)
    rt_faults_add (faults, "reconnect-delay", "is %u ms, which is more than max-reconnect-delay with %u", delay,
                   max_delay);
  check_timeout (faults, "suspend-timeout", rt_config_get_suspend_timeout (config));
  if (poll_interval != 0 && (poll_interval < TIMEOUT_MIN || poll_interval > TIMEOUT_MAX))
    rt_faults_add (faults, "poll-interval", "is %u ms; it must be %d to %d, or 0 for long poll", poll_interval,
                   TIMEOUT_MIN, TIMEOUT_MAX);
}

static void
check_strategies (RtFaults *faults, const char *const *names)
{
  guint count = g_strv_length ((char **) names);

  if (count == 0)
    rt_faults_add (faults, "strategies", "is empty; name at least one, such as websocket");
  if (count > MAX_LIST)
    rt_faults_add (faults, "strategies", "are %u; at most %d are allowed", count, MAX_LIST);
  for (guint i = 0; i < MIN (count, MAX_LIST); i++)
    {
      gboolean repeated = FALSE;

      for (guint j = 0; j < i; j++)
        repeated |= g_str_equal (names[i], names[j]);
      if (!rt_strategy_name_is_valid (names[i]))
        rt_faults_add (faults, "strategies", "the name of number %u is not " RT_STRATEGY_NAME_RULE, i + 1);
      else if (repeated)
        rt_faults_add (faults, "strategies", "“%s” is named twice", names[i]);
    }
}

gboolean
rt_config_parse_pin (const char *text, guint8 digest[32])
{
  g_autofree guint8 *bytes = NULL;
  g_autofree char *again = NULL;
  gsize len = 0;

  if (g_str_has_prefix (text, PIN_PREFIX))
    text += strlen (PIN_PREFIX);
  bytes = g_base64_decode (text, &len);
  if (len != PIN_BYTES)
    return FALSE;
  /* GLib's decoder overlooks what is no base64. */
  again = g_base64_encode (bytes, len);
  if (!g_str_equal (text, again))
    return FALSE;
  memcpy (digest, bytes, PIN_BYTES);
  return TRUE;
}

static void
check_pins (RtFaults *faults, const char *const *pins)
{
  guint count = pins != NULL ? g_strv_length ((char **) pins) : 0;
  guint8 digest[PIN_BYTES];

  if (count > MAX_LIST)
    rt_faults_add (faults, "tls-pins", "are %u; at most %d are allowed", count, MAX_LIST);
  for (guint i = 0; i < MIN (count, MAX_LIST); i++)
    {
      if (!rt_config_parse_pin (pins[i], digest))
        rt_faults_add (faults, "tls-pins",
                       "number %u is not the base64 of a SHA-256, which has 44 characters and ends in '='", i + 1);
    }
}

/* A key on a token (PKCS #11) is known by its address only. */
static void
check_certificate (RtFaults *faults, GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) key = NULL;
  g_autofree char *key_uri = NULL;

  if (certificate == NULL)
    return;
  g_object_get (certificate, "private-key", &key, "private-key-pkcs11-uri", &key_uri, NULL);
  if (key == NULL && key_uri == NULL)
    rt_faults_add (faults, "tls-certificate", "has no private key; load it from a file that holds both");
}

static void
check_limits (RtFaults *faults, RtConfig *config)
{
  guint size = rt_config_get_max_message_size (config);

  if (size != 0 && (size < MESSAGE_SIZE_MIN || size > MESSAGE_SIZE_MAX))
    rt_faults_add (faults, "max-message-size", "is %u bytes; it must be %d to %d, or 0 for the default", size,
                   MESSAGE_SIZE_MIN, MESSAGE_SIZE_MAX);
  if (rt_config_get_send_queue_limit (config) > SEND_QUEUE_LIMIT_MAX)
    rt_faults_add (faults, "send-queue-limit", "is %u; it must be at most %d",
                   rt_config_get_send_queue_limit (config), SEND_QUEUE_LIMIT_MAX);
  if (rt_config_get_send_queue_bytes (config) < QUEUE_BYTES_MIN)
    rt_faults_add (faults, "send-queue-bytes", "is %u; it must be at least %d",
                   rt_config_get_send_queue_bytes (config), QUEUE_BYTES_MIN);
  if (rt_config_get_receive_queue_limit (config) == 0)
    rt_faults_add (faults, "receive-queue-limit", "is 0; it must be at least 1");
  if (rt_config_get_receive_queue_bytes (config) < QUEUE_BYTES_MIN)
    rt_faults_add (faults, "receive-queue-bytes", "is %u; it must be at least %d",
                   rt_config_get_receive_queue_bytes (config), QUEUE_BYTES_MIN);
}

static void
check_rate (RtFaults *faults, RtConfig *config)
{
  guint limit = rt_config_get_rate_limit (config);
  guint burst = rt_config_get_rate_burst (config);

  if (limit > RATE_MAX)
    rt_faults_add (faults, "rate-limit", "is %u messages a second; it must be at most %d, or 0 for none", limit,
                   RATE_MAX);
  if (burst > RATE_MAX)
    rt_faults_add (faults, "rate-burst", "is %u; it must be at most %d, or 0 for as many as in a second", burst,
                   RATE_MAX);
  if (burst != 0 && limit == 0)
    rt_faults_add (faults, "rate-burst", "is %u without a rate-limit, which it belongs to", burst);
}

void
rt_config_collect_faults (RtConfig *self, RtFaults *faults)
{
  check_text (faults, "api-key", rt_config_get_api_key (self), MAX_API_KEY);
  check_endpoint (faults, rt_config_get_endpoint (self), rt_config_get_allow_insecure (self));
  check_text (faults, "user-id", rt_config_get_user_id (self), MAX_USER_ID);
  check_text (faults, "client-name", rt_config_get_client_name (self), MAX_CLIENT_NAME);
  check_text (faults, "client-version", rt_config_get_client_version (self), MAX_CLIENT_VERSION);
  check_headers (faults, rt_config_get_headers (self));
  check_timeout (faults, "connect-timeout", rt_config_get_connect_timeout (self));
  check_timeout (faults, "request-timeout", rt_config_get_request_timeout (self));
  check_timeout (faults, "shutdown-timeout", rt_config_get_shutdown_timeout (self));
  check_timeout (faults, "heartbeat-timeout", rt_config_get_heartbeat_timeout (self));
  check_reconnect (faults, self);
  check_strategies (faults, rt_config_get_strategies (self));
  check_limits (faults, self);
  check_rate (faults, self);
  check_certificate (faults, rt_config_get_tls_certificate (self));
  check_pins (faults, rt_config_get_tls_pins (self));
}
