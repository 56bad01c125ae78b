/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-outlet.h"

#include "rt-mock-call-private.h"
#include "rt-mock-server-private.h"

/* A program whose main loop does not turn gets so many signals later, and the rest not at all. */
#define MAX_WAITING 65536
#define TOO_MANY_REQUESTS 111

struct _RtMockOutlet
{
  gatomicrefcount refs;
  /* To ask for handlers with, in the server's thread, which ends before the object does. */
  RtMockServer *server;
  GWeakRef weak;
  const guint *signals;
  RtMockMailbox *mailbox;
};

typedef struct
{
  RtMockOutlet *outlet;
  RtMockSignal signal;
  char *first; /* the client's id, or the channel */
  char *second; /* a message's data */
  /* Of a request: */
  RtMockCore *core;
  char *user;
  char *method;
  guint32 id;
} Event;

static RtMockOutlet *
outlet_ref (RtMockOutlet *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
outlet_unref (RtMockOutlet *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_weak_ref_clear (&self->weak);
  rt_mock_mailbox_unref (self->mailbox);
  g_free (self);
}

RtMockOutlet *
rt_mock_outlet_new (RtMockServer *server, const guint *signals)
{
  RtMockOutlet *self = g_new0 (RtMockOutlet, 1);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  g_atomic_ref_count_init (&self->refs);
  self->server = server;
  g_weak_ref_init (&self->weak, server);
  self->signals = signals;
  self->mailbox = rt_mock_mailbox_new (context, "[realtime] mock signals");
  return self;
}

void
rt_mock_outlet_close (RtMockOutlet *self)
{
  rt_mock_mailbox_close (self->mailbox);
  outlet_unref (self);
}

/* --- In the program's context --- */

static void
emit_rpc (RtMockServer *server, Event *event)
{
  RtMockRequest request = { event->first, event->id, event->user, event->method, event->second };
  g_autoptr (RtMockCall) call = rt_mock_call_new (event->core, &request);

  g_signal_emit (server, event->outlet->signals[RT_MOCK_SIGNAL_RPC], 0, call);
}

static void
emit_cb (gpointer data)
{
  Event *event = data;
  g_autoptr (RtMockServer) server = g_weak_ref_get (&event->outlet->weak);

  if (server == NULL)
    return;
  switch (event->signal)
    {
    case RT_MOCK_SIGNAL_RPC:
      emit_rpc (server, event);
      break;
    case RT_MOCK_SIGNAL_MESSAGE:
      g_signal_emit (server, event->outlet->signals[event->signal], 0, event->first, event->second);
      break;
    case RT_MOCK_SIGNAL_CLIENT_CONNECTED:
    case RT_MOCK_SIGNAL_CLIENT_DISCONNECTED:
      g_signal_emit (server, event->outlet->signals[event->signal], 0, event->first);
      break;
    case RT_MOCK_N_SIGNALS:
    default:
      g_assert_not_reached ();
    }
}

static void
free_event (gpointer data)
{
  Event *event = data;

  outlet_unref (event->outlet);
  g_clear_pointer (&event->core, rt_mock_core_unref);
  g_free (event->first);
  g_free (event->second);
  g_free (event->user);
  g_free (event->method);
  g_free (event);
}

/* --- In the server's thread --- */

static gboolean
is_wanted (RtMockOutlet *self, RtMockSignal signal)
{
  return g_signal_has_handler_pending (self->server, self->signals[signal], 0, FALSE);
}

static gboolean
is_full (RtMockOutlet *self)
{
  return rt_mock_mailbox_count (self->mailbox) >= MAX_WAITING;
}

static Event *
new_event (RtMockOutlet *self, RtMockSignal signal, const char *first)
{
  Event *event = g_new0 (Event, 1);

  event->outlet = outlet_ref (self);
  event->signal = signal;
  event->first = g_strdup (first);
  return event;
}

static void
post_event (RtMockOutlet *self, Event *event)
{
  rt_mock_mailbox_post (self->mailbox, emit_cb, event, free_event);
}

static void
outlet_connected (gpointer user_data, const char *client)
{
  RtMockOutlet *self = user_data;

  if (is_wanted (self, RT_MOCK_SIGNAL_CLIENT_CONNECTED) && !is_full (self))
    post_event (self, new_event (self, RT_MOCK_SIGNAL_CLIENT_CONNECTED, client));
}

static void
outlet_disconnected (gpointer user_data, const char *client)
{
  RtMockOutlet *self = user_data;

  if (is_wanted (self, RT_MOCK_SIGNAL_CLIENT_DISCONNECTED) && !is_full (self))
    post_event (self, new_event (self, RT_MOCK_SIGNAL_CLIENT_DISCONNECTED, client));
}

static void
outlet_message (gpointer user_data, const char *channel, GBytes *data)
{
  RtMockOutlet *self = user_data;
  gsize size;
  const char *text = g_bytes_get_data (data, &size);

  if (!is_wanted (self, RT_MOCK_SIGNAL_MESSAGE) || is_full (self))
    return;
  Event *event = new_event (self, RT_MOCK_SIGNAL_MESSAGE, channel);
  event->second = g_strndup (text, size);
  post_event (self, event);
}

static gboolean
outlet_request (gpointer user_data, const RtMockRequest *request)
{
  RtMockOutlet *self = user_data;
  RtMockCore *core;

  if (!is_wanted (self, RT_MOCK_SIGNAL_RPC))
    return FALSE;
  core = rt_mock_server_ref_core (self->server);
  if (core == NULL)
    return FALSE;
  if (is_full (self))
    {
      rt_mock_core_answer (core, request->client, request->id, NULL, TOO_MANY_REQUESTS, "too many requests");
      rt_mock_core_unref (core);
      return TRUE;
    }
  Event *event = new_event (self, RT_MOCK_SIGNAL_RPC, request->client);
  event->second = g_strdup (request->data);
  event->core = core;
  event->user = g_strdup (request->user);
  event->method = g_strdup (request->method);
  event->id = request->id;
  post_event (self, event);
  return TRUE;
}

const RtMockEvents rt_mock_outlet_events = {
  .connected = outlet_connected,
  .disconnected = outlet_disconnected,
  .message = outlet_message,
  .request = outlet_request,
};
