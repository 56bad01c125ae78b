/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-codec.h"
#include "rt-mock-faults.h"
#include "rt-mock-journal-file.h"
#include "rt-mock-journal.h"
#include "rt-mock-options.h"
#include "rt-mock-turn.h"

G_BEGIN_DECLS

/* A request of a client that the program may answer. Strings are borrowed. */
typedef struct
{
  const char *client;
  guint32 id;
  const char *user;
  const char *method;
  const char *data; /* JSON; NULL if none */
} RtMockRequest;

/* The way up, called in the server's thread. */
typedef struct
{
  void     (*connected)    (gpointer             user_data,
                            const char          *client);
  void     (*disconnected) (gpointer             user_data,
                            const char          *client);
  void     (*message)      (gpointer             user_data,
                            const char          *channel,
                            GBytes              *data);
  /* FALSE: the program does not answer requests. */
  gboolean (*request)      (gpointer             user_data,
                            const RtMockRequest *request);
} RtMockEvents;

/* What all parts of a running server share. */
typedef struct
{
  GMainContext *context; /* that of the server's thread */
  RtMockOptions options;
  RtMockJournal *journal;
  RtMockJournalFile *file; /* NULL: nothing is kept */
  RtMockFaults *faults;
  RtMockTurn *turn;
  const RtCodec *codec;
  char *node; /* the name of this run of the server */
  const RtMockEvents *events;
  gpointer events_data;
} RtMockEnv;

/* Who a client is, for as long as anything of it is remembered. Counted, only in the server's thread. */
typedef struct
{
  char *client;
  char *user; /* "" if unknown */
  char *info; /* raw JSON; nullable */
} RtMockIdentity;

RtMockIdentity *rt_mock_identity_new   (const char           *user,
                                        const char           *info);
/* One that was here before. @info is nullable. */
RtMockIdentity *rt_mock_identity_restore (const char         *client,
                                          const char         *user,
                                          const char         *info);
RtMockIdentity *rt_mock_identity_ref   (RtMockIdentity       *self);
void            rt_mock_identity_unref (RtMockIdentity       *self);
void            rt_mock_identity_fill  (const RtMockIdentity *self,
                                        RtClientInfo         *info);

/* @text, NULL for an absent one, as it is. */
static inline RtSlice
rt_mock_slice (const char *text)
{
  RtSlice slice = { text, text != NULL ? strlen (text) : 0, 0 };
  return slice;
}

G_END_DECLS
