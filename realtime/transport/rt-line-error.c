/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-line-error.h"

#include "rt-error.h"

static GError *
connect_error_new (const RtSettings *settings, const GError *cause)
{
  const char *host = settings->host_header;

  if (cause->domain == G_RESOLVER_ERROR)
    return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                        "The name of the server %s was not found (%s); check the endpoint and the network",
                        host, cause->message);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                        "%s refused the connection; check that the server runs and that the port is right",
                        host);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED))
    return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                        "The proxy did not connect to %s (%s); give a name and password that it takes in its URI, "
                        "such as http://name:password@proxy.example.org:3128",
                        host, cause->message);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED))
    return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                        "The proxy did not connect to %s (%s); check the proxy settings or set proxy-resolver",
                        host, cause->message);
  return g_error_new (RT_ERROR, RT_ERROR_NETWORK, "No connection to %s could be made (%s); check the network",
                      host, cause->message);
}

static const char *
describe_certificate (GTlsCertificateFlags errors)
{
  if ((errors & G_TLS_CERTIFICATE_REVOKED) != 0)
    return "it was revoked";
  if ((errors & G_TLS_CERTIFICATE_EXPIRED) != 0)
    return "it has expired; renew it, or check this computer's clock";
  if ((errors & G_TLS_CERTIFICATE_NOT_ACTIVATED) != 0)
    return "it is not valid yet; check the clocks";
  if ((errors & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    return "it was made for another host; check the endpoint";
  if ((errors & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return "it is self-signed, or its authority is not known here; set tls-database to one that holds it";
  if ((errors & G_TLS_CERTIFICATE_INSECURE) != 0)
    return "its algorithm is considered insecure";
  return "it cannot be verified";
}

static GError *
certificate_required_new (const RtSettings *settings)
{
  return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                      settings->tls_certificate != NULL
                      ? "%s did not take the client certificate; check tls-certificate"
                      : "%s asks for a client certificate; set tls-certificate",
                      settings->host_header);
}

static GError *
tls_error_new (const RtSettings *settings, GTlsCertificateFlags errors, const GError *cause)
{
  const char *host = settings->host_header;

  if (errors != 0)
    return g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The certificate of %s was refused: %s", host,
                        describe_certificate (errors));
  if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    return certificate_required_new (settings);
  return g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                      "No TLS connection to %s could be made (%s); check that the endpoint is one for wss://",
                      host, cause->message);
}

GError *
rt_line_error_new (const RtSettings *settings, RtLineStep step, GTlsCertificateFlags tls_errors,
                   const GError *cause)
{
  if (cause != NULL && cause->domain == RT_ERROR)
    return g_error_copy (cause);
  if (step == RT_LINE_STEP_CONNECT)
    return connect_error_new (settings, cause);
  if (step == RT_LINE_STEP_TLS)
    return tls_error_new (settings, tls_errors, cause);
  /* In TLS 1.3 a server judges the client's certificate when the client believes the handshake to be over. */
  if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    return certificate_required_new (settings);
  return g_error_new (RT_ERROR, RT_ERROR_NETWORK, "%s closed the connection before it had answered (%s)",
                      settings->host_header, cause != NULL ? cause->message : "without a word");
}
