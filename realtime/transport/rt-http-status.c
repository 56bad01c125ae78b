/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-status.h"

#include "rt-error.h"

static GError *
redirect_error_new (const RtHttpHead *head, const char *wanted)
{
  const char *location = rt_http_head_get (head, "Location");
  g_autofree char *target = rt_http_quote (location != NULL ? location : "an address it does not name");

  return g_error_new (
      RT_ERROR, RT_ERROR_PROTOCOL,
      "The server redirects to %s (status %u); redirects are not followed, set the endpoint to where"
      " there is %s",
      target, head->status, wanted);
}

static GError *
client_error_new (const RtHttpHead *head, const char *wanted, const char *path)
{
  switch (head->status)
    {
    case 401:
      return g_error_new_literal (
          RT_ERROR, RT_ERROR_UNAUTHORIZED,
          "The server asks for authorisation (status 401); check the headers and the api key");
    case 403:
      return g_error_new_literal (RT_ERROR, RT_ERROR_PERMISSION_DENIED,
                                  "The server refuses this client (status 403)");
    case 404:
      return g_error_new (
          RT_ERROR, RT_ERROR_PROTOCOL,
          "The server has nothing at %s (status 404), where %s should be; check the path of the endpoint",
          path, wanted);
    case 407:
      return g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK,
                                  "A proxy asks for credentials (status 407); set them in the proxy's address");
    case 408:
      return g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK,
                                  "The server gave up waiting for the request (status 408); try again");
    case 413:
      return g_error_new_literal (
          RT_ERROR, RT_ERROR_TOO_LARGE,
          "The request is larger than the server takes (status 413); send less at a time");
    case 429:
      return g_error_new_literal (RT_ERROR, RT_ERROR_RATE_LIMITED,
                                  "The server takes no more connections for now (status 429); try later");
    default:
      return g_error_new (RT_ERROR, RT_ERROR_PROTOCOL,
                          "The server refuses the request for %s (status %u); check the endpoint", wanted,
                          head->status);
    }
}

GError *
rt_http_status_error_new (const RtHttpHead *head, const char *wanted, const char *path)
{
  if (head->status >= 500)
    return g_error_new (RT_ERROR, RT_ERROR_SERVER,
                        "The server, or a proxy before it, failed with status %u; try later", head->status);
  if (head->status >= 400)
    return client_error_new (head, wanted, path);
  if (head->status >= 300)
    return redirect_error_new (head, wanted);
  return g_error_new (
      RT_ERROR, RT_ERROR_PROTOCOL,
      "The server answered with status %u, and not with %s; is the endpoint right, or does a captive"
      " portal stand between?",
      head->status, wanted);
}
