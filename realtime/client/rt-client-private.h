/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-client-chain.h"
#include "rt-client-channels.h"
#include "rt-client-events.h"
#include "rt-client-incoming.h"
#include "rt-client-outgoing.h"
#include "rt-client-tokens.h"
#include "rt-client.h"
#include "rt-connection.h"
#include "rt-streams.h"

G_BEGIN_DECLS

/* rt-client-properties.c */
typedef enum
{
  RT_CLIENT_PROP_0,
  RT_CLIENT_PROP_CONFIG,
  RT_CLIENT_PROP_TOKEN_PROVIDER,
  RT_CLIENT_PROP_STRATEGY_SELECTOR,
  RT_CLIENT_PROP_EVENT_BUS,
  RT_CLIENT_PROP_CHANNELS,
  RT_CLIENT_PROP_STATE,
  RT_CLIENT_PROP_STATE_CODE,
  RT_CLIENT_PROP_STATE_REASON,
  RT_CLIENT_PROP_ATTEMPT,
  RT_CLIENT_PROP_RETRY_IN,
  RT_CLIENT_PROP_CLIENT_ID,
  RT_CLIENT_PROP_TRANSPORT,
  RT_CLIENT_PROP_QUEUED_MESSAGES,
  RT_CLIENT_PROP_QUEUED_BYTES,
  RT_CLIENT_PROP_LATENCY,
  RT_CLIENT_N_PROPS,
} RtClientProperty;

/* What the program was last told of the connection. Only in the client's context. */
typedef struct
{
  RtConnectionStatus status;
  char *client_id;       /* nullable */
  const char *transport; /* nullable; interned */
} RtClientShown;

void       rt_client_install_properties (GObjectClass  *object_class);
/* In the client's context, with no lock held. */
void       rt_client_notify_changes     (RtClient      *self,
                                         RtClientShown *shown,
                                         gboolean       state_changed);
void       rt_client_notify_latency     (RtClient      *self,
                                         gpointer       unused);
void       rt_client_shown_clear        (RtClientShown *shown);

/* rt-client-signals.c: emission, in the client's context with no lock held. */
void       rt_client_install_signals    (GType         type);
void       rt_client_emit_message       (RtClient     *self,
                                         RtChannel    *channel,
                                         RtMessage    *message);
void       rt_client_emit_connected     (RtClient     *self);
void       rt_client_emit_disconnected  (RtClient     *self,
                                         guint         code,
                                         const char   *reason,
                                         gboolean      will_retry);
void       rt_client_emit_reconnecting  (RtClient     *self,
                                         guint         attempt,
                                         guint         delay); /* ms */
/* @data is what was to be sent. */
void       rt_client_emit_dropped       (RtClient     *self,
                                         const char   *channel,
                                         const char   *data,
                                         const GError *error);
/* A middleware has stopped it. */
void       rt_client_emit_stopped       (RtClient     *self,
                                         RtMessage    *message,
                                         RtDirection   direction,
                                         const GError *error);
/* A message that came after its time to live. */
void       rt_client_emit_late          (RtClient     *self,
                                         RtChannel    *channel,
                                         const RtPublication *publication);
void       rt_client_emit_token_refreshed (RtClient   *self,
                                         const char   *channel); /* nullable */
void       rt_client_emit_error         (RtClient     *self,
                                         const GError *error);

/* rt-client.c */
/* In the client's context: the snapshot has changed. */
void       rt_client_notify_state       (RtClient     *self,
                                         gboolean      state_changed);

/* In the client's context: it is closed, and has told everything. */
void       rt_client_end_parts          (RtClient     *self);

/* Any thread. */
void       rt_client_set_latency        (RtClient     *self,
                                         gint64        round_trip); /* µs */

RtConnection *rt_client_get_connection  (RtClient     *self);
const char   *rt_client_get_source      (RtClient     *self); /* the 16 hex digits of this object */
gboolean      rt_client_is_stopped      (RtClient     *self); /* disposed of */
gboolean      rt_client_is_over         (RtClient     *self); /* or closed for good */

const GError *rt_client_get_fault      (RtClient     *self); /* of its configuration; nullable */
RtHandover   *rt_client_get_inbox      (RtClient     *self);
GMainContext *rt_client_get_context    (RtClient     *self);
RtRoutes     *rt_client_get_routes     (RtClient     *self);
RtStreams    *rt_client_get_streams    (RtClient     *self);
RtClientTokens *rt_client_get_tokens   (RtClient     *self);
RtClientChannels *rt_client_get_handles (RtClient    *self);
RtClientEvents   *rt_client_get_events   (RtClient    *self);
RtClientChain    *rt_client_get_chain    (RtClient    *self);
RtClientIncoming *rt_client_get_incoming (RtClient    *self);
RtClientOutgoing *rt_client_get_outgoing (RtClient    *self);
/* The handle of @sub, made if there is none. Any thread. (transfer full) */
RtChannel    *rt_client_ensure_channel (RtClient     *self,
                                        RtSub        *sub);

/* rt-client-inbox.c */
extern const RtConnectionEvents rt_client_connection_events; /* user data: an RtClientUp */
RtHandover *rt_client_inbox_new         (RtClient     *self,
                                         GMainContext *context);
/* What the I/O half holds of its client. */
typedef struct _RtClientUp RtClientUp;

RtClientUp *rt_client_up_new            (RtHandover     *inbox,
                                         RtClientTokens *tokens,
                                         RtStreams      *streams);
void        rt_client_up_free           (RtClientUp     *up);
/* Any thread: calls @func in the client's context after what has been handed up so far. If the client ends before,
 * only @destroy (nullable) is called, in any thread. */
typedef void (*RtClientLaterFunc)       (RtClient     *self,
                                         gpointer      data);
void        rt_client_run_later         (RtClient     *self,
                                         RtClientLaterFunc func,
                                         gpointer      data,
                                         GDestroyNotify destroy);

/* rt-client-news.c: in the client's context, with no lock held. */
void       rt_client_take_news          (RtClient            *self,
                                         RtNews              *news); /* taken */

/* rt-client-call.c: one call on its way. Both take @op, or @error instead where the call is refused at once.
 * @message is the one that a publish is about, NULL where the op has all of it. */
void       rt_client_call_async         (RtClient            *self,
                                         gpointer             source_object,
                                         RtOp                *op,
                                         GError              *error,
                                         RtMessage           *message,
                                         gpointer             source_tag,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gpointer   rt_client_call_finish        (gpointer             source_object,
                                         GAsyncResult        *result,
                                         gpointer             source_tag,
                                         GError             **error);
/* The I/O half has completed @op, which is taken. In the client's context. */
void       rt_client_call_completed     (RtOp                *op);
/* The same without a word of the middleware. */
void       rt_client_call_end           (RtOp                *op);
/* Takes @op, for which nobody waits, or @error: why it is refused. A failure that the program has not brought about
 * itself is told by the signal "error", later and in the client's context. */
void       rt_client_call_unwatched     (RtClient            *self,
                                         RtOp                *op,
                                         GError              *error,
                                         RtMessage           *message,
                                         GCancellable        *cancellable);
/* Takes @op, and blocks until the client's context, which another thread runs, has completed it. */
gpointer   rt_client_call_from_afar     (RtClient            *self,
                                         RtOp                *op,
                                         RtMessage           *message,
                                         GCancellable        *cancellable,
                                         GError             **error);
void       rt_client_call_dropped       (RtOp                *op);
/* Why @op cannot even go down, or @error if that is set. */
GError    *rt_client_refuse_call        (RtClient            *self,
                                         RtOp                *op,
                                         GError              *error);
/* Takes @op, which may be NULL: it did not go down. */
void       rt_client_call_refused       (RtClient            *self,
                                         RtOp                *op);
/* Any thread: @op has come back. */
void       rt_client_call_ended         (RtClient            *self,
                                         const RtOp          *op);
gulong     rt_client_watch_cancellable  (GCancellable        *cancellable,
                                         RtConnection        *connection,
                                         RtOp                *op);
/* After that. If @op is to end the client or its session, nothing more is delivered of it. */
void       rt_client_end_delivery       (RtClient            *self,
                                         RtOp                *op);

/* rt-client-own.c: requests for a channel that the program has not made, in the client's context. Takes @op. @func gets
 * what the call would give, borrowed, or an error; it is not called if the client or the channel ends before. */
typedef void (*RtClientAnswerFunc)      (RtClient            *self,
                                         RtChannel           *channel,
                                         gpointer             result,
                                         const GError        *error,
                                         guint64              data);
void       rt_client_ask                (RtClient            *self,
                                         RtChannel           *channel,
                                         RtOp                *op,
                                         RtClientAnswerFunc   func,
                                         guint64              data);
/* Both take the op. @self is nullable. */
void       rt_client_own_completed      (RtClient            *self,
                                         RtOp                *op);
void       rt_client_own_dropped        (RtOp                *op);

/* rt-client-blocking.c: takes @op, or @refusal. */
gpointer   rt_client_call_sync          (RtClient            *self,
                                         RtOp                *op,
                                         GError              *refusal,
                                         RtMessage           *message,
                                         GCancellable        *cancellable,
                                         GError             **error);

/* Why a call may not wait in this thread for what the connection brings, or NULL. */
GError    *rt_client_refuse_waiting     (RtClient            *self);

/* rt-client-streams.c */
/* In the client's context. TRUE: the message opened a stream, which is told of, and is no message. */
gboolean   rt_client_take_stream        (RtClient            *self,
                                         RtChannel           *channel,
                                         RtMessage           *message);
/* The same where the message that would have opened it was dropped on its way, or failed. */
void       rt_client_decline_stream     (RtClient            *self,
                                         RtMessage           *message,
                                         const char          *reason);
/* Any thread: gives a join back, without waiting for what comes of it, nor keeping the client for that. Takes @channel. */
void       rt_client_give_back          (RtClient            *self,
                                         RtChannel           *channel);
/* Any thread: a stream is over at this end. Takes @error, why it was not read or written to its end, or NULL. */
void       rt_client_tell_stream_closed (RtClient            *self,
                                         const char          *channel,
                                         const RtStreamOpening *opening,
                                         RtDirection          direction,
                                         GError              *error);
/* An op that ends the connection. All streams end before it, and for a new session what is in the middleware, too. */
RtOp      *rt_client_new_end_op         (RtClient            *self,
                                         RtOpKind             kind);

/* rt-client-requests.c: ops for the calls. NULL with error for what is refused at once. */
RtOp      *rt_client_new_channel_op     (RtOpKind            kind,
                                         const char         *channel,
                                         GError            **error);
RtOp      *rt_client_new_join_op        (RtClient           *self,
                                         const char         *channel,
                                         RtChannelOptions   *options,
                                         GError            **error);
RtOp      *rt_client_new_publish_op     (RtClient           *self,
                                         RtMessage          *message, /* complete */
                                         GError            **error);
RtOp      *rt_client_new_text_op        (RtClient           *self,
                                         const char         *channel,
                                         const char         *content,
                                         GError            **error);
RtOp      *rt_client_new_rpc_op         (RtClient           *self,
                                         const char         *method,
                                         GVariant           *data,
                                         GError            **error);
RtOp      *rt_client_new_notify_op      (RtClient           *self,
                                         const char         *method,
                                         GVariant           *data,
                                         GError            **error);
RtMessage *rt_client_new_text           (RtClient           *self,
                                         const char         *channel,
                                         const char         *content,
                                         RtMessageOptions   *options,
                                         GError            **error);

/* rt-client-results.c: what a completed op gives the program. */
typedef struct
{
  guint n_clients;
  guint n_users;
} RtPresenceStats;

/* From what goes out, as a receiver would read it. */
RtMessage     *rt_client_read_sent      (const char         *channel,
                                         const char         *data,
                                         gsize               len,
                                         guint64             offset);
gpointer       rt_client_take_result    (RtClient           *self,
                                         RtOp               *op,
                                         RtMessage          *message,
                                         GError            **error);
GDestroyNotify rt_client_result_free    (RtOpKind            kind);

G_END_DECLS
