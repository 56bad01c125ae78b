/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime-mock/realtime-mock.h>
#include <realtime/realtime.h>
#include "rt-test.h"

G_BEGIN_DECLS

/* What the tests of the client share. It uses the public API alone, so that public tests can have it, too. */

/* A running server that takes everybody. */
RtMockServer *client_util_start_server (void);
/* A client of @server, with settings of RtConfig: names and values, ended by NULL. Without "strategies" among them it
 * knows WebSockets alone, so that nothing comes of one but what the test is about. */
RtClient     *client_util_new_client   (RtMockServer *server,
                                        const char   *first_setting,
                                        ...);
RtClient     *client_util_new_for_url  (const char   *url,
                                        const char   *first_setting,
                                        ...);
/* The same, connected. */
RtClient     *client_util_connect      (RtMockServer *server);
RtChannel    *client_util_join         (RtClient     *client,
                                        const char   *name);
guint         client_util_count_clients (RtMockServer *server);
/* Publishes the texts "FIRST" to "LAST" as the server, each as {"text":"N"}. */
void          client_util_publish      (RtMockServer *server,
                                        const char   *channel,
                                        guint         first,
                                        guint         last);
/* The number in a message published so. */
guint         client_util_get_number   (RtMessage    *message);
/* Drops the last reference and checks that it was the last. */
void          client_util_finalize     (RtClient     *client);
/* Breaks all lines of @server, which takes nobody until it is mended; that returns when @client is connected. */
void          client_util_cut          (RtMockServer *server);
void          client_util_mend         (RtMockServer *server,
                                        RtClient     *client);

/* How an asynchronous call ended. Zeroed to begin with. */
typedef struct
{
  guint count; /* of completions */
  GObject *source;
  GAsyncResult *result;
  GThread *thread;
} ClientReply;

void          client_reply_cb          (GObject      *source,
                                        GAsyncResult *result,
                                        gpointer      user_data);
void          client_reply_wait        (ClientReply  *self);
/* Forgets the result, for the next use. */
void          client_reply_clear       (ClientReply  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClientReply, client_reply_clear)

/* Everything that a client and its channels emit, one line each, and asserts that it is emitted in the context
 * which the log was made for. */
typedef struct _ClientLog ClientLog;

ClientLog    *client_log_new           (RtClient     *client);
void          client_log_add_channel   (ClientLog    *self,
                                        RtChannel    *channel);
void          client_log_free          (ClientLog    *self);
/* Lines are "connected", "disconnected CODE RETRY", "reconnecting ATTEMPT", "error DOMAIN-CODE", "state N", "message
 * CHANNEL TEXT", "dropped CHANNEL TEXT DOMAIN-CODE", "token CHANNEL" ("-" for the connection's), and of channels "CHANNEL message TEXT", "CHANNEL joined RECOVERED", "CHANNEL left CODE", "CHANNEL member-joined USER",
 * "CHANNEL member-left USER", "CHANNEL recovered N", "CHANNEL gap N", "CHANNEL state N". */
guint         client_log_count         (ClientLog    *self,
                                        const char   *prefix);
/* All lines that begin with one of @prefixes, separated by "; ". */
char         *client_log_list          (ClientLog    *self,
                                        const char   *first_prefix,
                                        ...) G_GNUC_NULL_TERMINATED;
void          client_log_clear         (ClientLog    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ClientLog, client_log_free)

G_END_DECLS
