/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-env.h"

RtMockIdentity *
rt_mock_identity_restore (const char *client, const char *user, const char *info)
{
  RtMockIdentity *self = g_rc_box_new0 (RtMockIdentity);

  self->client = g_strdup (client);
  self->user = g_strdup (user);
  self->info = g_strdup (info);
  return self;
}

RtMockIdentity *
rt_mock_identity_new (const char *user, const char *info)
{
  g_autofree char *client = g_uuid_string_random ();

  return rt_mock_identity_restore (client, user, info);
}

RtMockIdentity *
rt_mock_identity_ref (RtMockIdentity *self)
{
  return g_rc_box_acquire (self);
}

static void
identity_clear (gpointer data)
{
  RtMockIdentity *self = data;

  g_free (self->client);
  g_free (self->user);
  g_free (self->info);
}

void
rt_mock_identity_unref (RtMockIdentity *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, identity_clear);
}

void
rt_mock_identity_fill (const RtMockIdentity *self, RtClientInfo *info)
{
  *info = (RtClientInfo) {
    .user = rt_mock_slice (self->user[0] != '\0' ? self->user : NULL),
    .client = rt_mock_slice (self->client),
    .conn_info = rt_mock_slice (self->info),
  };
}
