/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 ("HS256", RFC 7518 section 3.2). */

typedef enum
{
  RT_MOCK_TOKEN_VALID,
  RT_MOCK_TOKEN_INVALID,
  RT_MOCK_TOKEN_EXPIRED,
} RtMockTokenVerdict;

typedef struct
{
  char *user;     /* "sub" */
  char *info;     /* "info", raw JSON; nullable */
  char *channel;  /* "channel", of a token for one; nullable */
  char **channels; /* "channels", to be subscribed to at once; nullable */
  gint64 expires; /* "exp", µs since 1970; 0: never */
} RtMockClaims;

void               rt_mock_claims_clear  (RtMockClaims *self);
/* @now is UTC in µs. @claims is filled unless the token is invalid. */
RtMockTokenVerdict rt_mock_token_verify  (const char   *token,
                                          const char   *secret,
                                          gint64        now,
                                          RtMockClaims *claims);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtMockClaims, rt_mock_claims_clear)

G_END_DECLS
