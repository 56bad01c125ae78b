/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-endpoint.h"

#include <string.h>

#define DEFAULT_PATH "/connection/websocket"
#define MAX_LENGTH 2048
#define MAX_HOST 253

typedef struct
{
  char *scheme;
  char *userinfo;
  char *host;
  char *fragment;
  int port;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->scheme);
  g_free (parts->userinfo);
  g_free (parts->host);
  g_free (parts->fragment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

/* What RFC 3986 lets stand in a URI. Anything else would reach the request line as it is. */
static gboolean
has_uri_characters (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || strchr ("\"<>\\^`{|}", *p) != NULL)
        return FALSE;
    }
  return TRUE;
}

static const char *
check_scheme (const char *scheme, gboolean *secure)
{
  if (scheme == NULL)
    return "has no scheme: begin it with wss:// (or ws://, https://, http://)";
  *secure = g_ascii_strcasecmp (scheme, "wss") == 0 || g_ascii_strcasecmp (scheme, "https") == 0;
  if (!*secure && g_ascii_strcasecmp (scheme, "ws") != 0 && g_ascii_strcasecmp (scheme, "http") != 0)
    return "has a scheme other than wss, ws, https and http: begin it with one of these, such as wss://";
  return NULL;
}

/* The resolver takes a name whose last label is a number for an old way to write an IPv4 address ("127.1",
 * "0x7f000001"), of which one cannot see whether it is this machine. */
static gboolean
ends_in_number (const char *host)
{
  const char *dot = strrchr (host, '.');
  const char *last = dot != NULL ? dot + 1 : host;

  if (g_ascii_strncasecmp (last, "0x", 2) == 0)
    return TRUE;
  return *last != '\0' && strspn (last, "0123456789") == strlen (last);
}

static gboolean
is_host_name (const char *host)
{
  gsize len = strlen (host);

  if (len > MAX_HOST || host[0] == '.' || strstr (host, "..") != NULL)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isalnum (host[i]) && host[i] != '.' && host[i] != '-')
        return FALSE;
    }
  return !ends_in_number (host);
}

/* GUri decodes a host, so that what is checked would not be what was written. */
static gboolean
is_encoded (const char *text)
{
  const char *authority = strstr (text, "://") + strlen ("://");

  return memchr (authority, '%', strcspn (authority, "/?")) != NULL;
}

static const char *
check_host (const char *text, const char *host, gboolean *loopback, gboolean *brackets)
{
  g_autoptr (GInetAddress) address = NULL;

  if (host == NULL || *host == '\0')
    return "has no host";
  if (strspn (host, "0123456789abcdefABCDEF:.") == strlen (host))
    address = g_inet_address_new_from_string (host);
  if (address != NULL)
    {
      *loopback = g_inet_address_get_is_loopback (address);
      *brackets = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;
      return NULL;
    }
  if (!is_host_name (host) || is_encoded (text))
    return "has a host that is neither a name of letters, digits, '-' and '.' nor an IP address";
  *loopback = g_ascii_strcasecmp (host, "localhost") == 0 || g_ascii_strcasecmp (host, "localhost.") == 0;
  return NULL;
}

/* Path and query as they stand in @text: GUri decodes what could stand there undecoded. */
static char *
make_path (const char *text)
{
  const char *rest = strstr (text, "://") + strlen ("://");

  rest += strcspn (rest, "/?");
  if (*rest == '/' && (rest[1] == '\0' || rest[1] == '?'))
    rest++;
  return *rest == '/' ? g_strdup (rest) : g_strconcat (DEFAULT_PATH, rest, NULL);
}

static void
fill (RtEndpoint *self, const char *text, Parts *parts, gboolean brackets)
{
  guint16 default_port = self->secure ? 443 : 80;
  g_autofree char *host = NULL;

  host = brackets ? g_strdup_printf ("[%s]", parts->host) : g_strdup (parts->host);
  self->port = parts->port > 0 ? parts->port : default_port;
  self->host = g_steal_pointer (&parts->host);
  if (self->port == default_port)
    self->host_header = g_steal_pointer (&host);
  else
    self->host_header = g_strdup_printf ("%s:%u", host, self->port);
  self->path = make_path (text);
}

const char *
rt_endpoint_parse (RtEndpoint *self, const char *text)
{
  g_auto (Parts) parts = { 0 };
  const char *fault;
  gboolean brackets = FALSE;

  memset (self, 0, sizeof *self);
  if (strlen (text) > MAX_LENGTH)
    return "is longer than 2048 bytes";
  if (!has_uri_characters (text))
    return "holds characters that no URI may hold; percent-encode them";
  if (!g_uri_split (text, G_URI_FLAGS_ENCODED, &parts.scheme, &parts.userinfo, &parts.host, &parts.port,
                    NULL, NULL, &parts.fragment, NULL))
    return "is not a URI such as wss://example.org";
  fault = check_scheme (parts.scheme, &self->secure);
  if (fault != NULL)
    return fault;
  if (parts.userinfo != NULL)
    return "names a user; give what the server is to know as api-key";
  if (parts.fragment != NULL)
    return "has a fragment (#), which means nothing to a server";
  fault = check_host (text, parts.host, &self->loopback, &brackets);
  if (fault != NULL)
    return fault;
  if (parts.port == 0)
    return "has the port 0";
  fill (self, text, &parts, brackets);
  return NULL;
}

void
rt_endpoint_clear (RtEndpoint *self)
{
  g_free (self->host);
  g_free (self->host_header);
  g_free (self->path);
  memset (self, 0, sizeof *self);
}
