/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-util.h"

G_BEGIN_DECLS

/* Every public call that waits, in a table, for the tests that go through all of them. */

/* What the calls work on. */
typedef struct
{
  RtMockServer *server;
  RtClient *client;
  RtChannel *room;    /* "room", which was joined */
  RtHistory *history; /* a page of room's, of which more can be loaded */
} ClientSetup;

typedef struct
{
  const char *name;
  void     (*start)  (ClientSetup         *setup,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data);
  gboolean (*finish) (GObject             *source,
                      GAsyncResult        *result,
                      GError             **error);
  gboolean (*sync)   (ClientSetup         *setup,
                      GCancellable        *cancellable,
                      GError             **error);
} ClientCall;

extern const ClientCall client_calls[];
extern const guint n_client_calls;

const ClientCall *client_calls_find    (const char  *name);

/* A connected client that has joined "room", in which there are three messages. */
void              client_setup_init    (ClientSetup *self,
                                        RtClient    *client);
/* Also checks that nothing keeps the client. */
void              client_setup_clear   (ClientSetup *self);

G_END_DECLS
