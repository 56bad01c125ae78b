/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-token-provider.h"

G_BEGIN_DECLS

/* For calls that may not run the caller's main context: the token, if the provider has it at once. A provider that
 * needs to wait for something gives NOT_SUPPORTED, with a text that says to use the "_async" call. */
char *rt_token_provider_get_now (RtTokenProvider *self,
                                 const char      *channel,
                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
