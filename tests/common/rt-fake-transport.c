/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fake-transport.h"

#include <string.h>
#include "rt-io-thread.h"

/* The next transport always lies where the one before did: who compares pointers only takes it for the same. */
static RtFakeTransport the_transport;
static guint opened;

static RtFakeTransport *
get_live (RtTransport *transport)
{
  RtFakeTransport *self = (RtFakeTransport *) transport;

  g_assert_true (rt_io_thread_is_current ());
  g_assert_true (self->in_use);
  return self;
}

static RtTransport *
open_with_class (const RtTransportClass *klass, const RtTransportEvents *events, gpointer user_data)
{
  g_assert_true (rt_io_thread_is_current ());
  g_assert_false (the_transport.in_use);
  the_transport = (RtFakeTransport) {
    .parent.klass = klass,
    .events = events,
    .user_data = user_data,
    .in_use = TRUE,
    .generation = ++opened,
    .messages = g_ptr_array_new_with_free_func (g_free),
  };
  return &the_transport.parent;
}

static RtTransport *
fake_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events, gpointer user_data)
{
  g_assert_true (context == rt_io_thread_get_context ());
  return open_with_class (rt_fake_transport (), events, user_data);
}

static RtTransport *
fake_open_no_ping (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
                   gpointer user_data)
{
  return open_with_class (rt_fake_transport_no_ping (), events, user_data);
}

static void
fake_send (RtTransport *transport, const guint8 *data, gsize len)
{
  RtFakeTransport *self = get_live (transport);

  g_assert_true (self->was_open);
  g_assert_false (self->closing);
  g_assert_false (self->ended);
  g_assert_cmpuint (len, >, 0);
  g_ptr_array_add (self->messages, g_strndup ((const char *) data, len));
}

static void
fake_flush (RtTransport *transport)
{
  RtFakeTransport *self = get_live (transport);

  self->flushes++;
  self->flushed = self->messages->len;
}

static gsize
fake_get_queued (RtTransport *transport)
{
  return get_live (transport)->queued;
}

static gboolean
fake_ping (RtTransport *transport)
{
  RtFakeTransport *self = get_live (transport);

  if (!self->was_open || self->closing || self->ended || !self->parent.klass->bidirectional_ping)
    return FALSE;
  self->pings++;
  return TRUE;
}

static void
fake_pause (RtTransport *transport, gboolean paused)
{
  RtFakeTransport *self = get_live (transport);

  self->paused = paused;
  self->pauses += paused ? 1 : 0;
}

static void
fake_close (RtTransport *transport, guint code, const char *reason)
{
  RtFakeTransport *self = get_live (transport);

  g_assert_nonnull (reason);
  self->closing = TRUE;
  self->close_code = code;
  self->flushed = self->messages->len;
}

static void
report_end (RtFakeTransport *self, const RtTransportEnd *end)
{
  g_assert_false (self->ended);
  self->ended = TRUE;
  self->events->closed (self->user_data, end);
}

static void
fake_abort (RtTransport *transport, const GError *error)
{
  RtFakeTransport *self = get_live (transport);
  RtTransportEnd end = {
    .code = self->closing ? self->close_code : 1006,
    .reason = "",
    .error = error,
    .retry_after = -1,
    .was_open = self->was_open,
  };

  if (!self->ended)
    report_end (self, &end);
}

static void
fake_free (RtTransport *transport)
{
  RtFakeTransport *self = get_live (transport);

  self->in_use = FALSE;
  g_clear_pointer (&self->messages, g_ptr_array_unref);
}

const RtTransportClass *
rt_fake_transport (void)
{
  static const RtTransportClass klass = {
    .name = "fake",
    .bidirectional_ping = TRUE,
    .open = fake_open,
    .send = fake_send,
    .flush = fake_flush,
    .get_queued = fake_get_queued,
    .ping = fake_ping,
    .pause = fake_pause,
    .close = fake_close,
    .abort = fake_abort,
    .free = fake_free,
  };

  return &klass;
}

const RtTransportClass *
rt_fake_transport_no_ping (void)
{
  static const RtTransportClass klass = {
    .name = "fake",
    .bidirectional_ping = FALSE,
    .open = fake_open_no_ping,
    .send = fake_send,
    .flush = fake_flush,
    .get_queued = fake_get_queued,
    .ping = fake_ping,
    .pause = fake_pause,
    .close = fake_close,
    .abort = fake_abort,
    .free = fake_free,
  };

  return &klass;
}

/* --- What happens on it --- */

RtFakeTransport *
rt_fake_transport_get (void)
{
  return the_transport.in_use ? &the_transport : NULL;
}

guint
rt_fake_transport_count_opened (void)
{
  return opened;
}

static gboolean
is_same (guint generation)
{
  return the_transport.in_use && the_transport.generation == generation;
}

void
rt_fake_transport_opened (RtProfile profile)
{
  RtFakeTransport *self = get_live (&the_transport.parent);

  g_assert_false (self->was_open);
  self->was_open = TRUE;
  self->events->opened (self->user_data, profile);
}

static void
receive_one (guint generation, const char *message)
{
  RtFakeTransport *self = &the_transport;

  if (!is_same (generation))
    return;
  /* A copy that ends with the message, so that a sanitizer sees who reads on, or keeps it. */
  g_autofree guint8 *copy = g_memdup2 (message, strlen (message));
  self->events->received (self->user_data, copy, strlen (message));
}

static void
end_turn (guint generation)
{
  if (is_same (generation))
    the_transport.events->turn_end (the_transport.user_data);
}

void
rt_fake_transport_receive (const char *message)
{
  rt_fake_transport_receive_turn (message, NULL);
}

void
rt_fake_transport_receive_turn (const char *first, ...)
{
  RtFakeTransport *self = get_live (&the_transport.parent);
  guint generation = self->generation;
  va_list args;

  g_assert_true (self->was_open);
  self->events->activity (self->user_data);
  va_start (args, first);
  for (const char *message = first; message != NULL; message = va_arg (args, const char *))
    receive_one (generation, message);
  va_end (args);
  end_turn (generation);
}

void
rt_fake_transport_pong (gint64 round_trip)
{
  RtFakeTransport *self = get_live (&the_transport.parent);
  guint generation = self->generation;

  self->events->activity (self->user_data);
  self->events->pong (self->user_data, round_trip);
  end_turn (generation);
}

void
rt_fake_transport_drained (void)
{
  RtFakeTransport *self = get_live (&the_transport.parent);

  self->events->drained (self->user_data);
}

void
rt_fake_transport_closed (guint code, const char *reason)
{
  RtFakeTransport *self = get_live (&the_transport.parent);
  RtTransportEnd end = {
    .code = code, .reason = reason, .clean = code != 1006, .retry_after = -1, .was_open = self->was_open,
  };

  report_end (self, &end);
}

void
rt_fake_transport_failed (const GError *error, guint http_status)
{
  RtFakeTransport *self = get_live (&the_transport.parent);
  RtTransportEnd end = {
    .code = 1006, .reason = "", .error = error, .http_status = http_status, .retry_after = -1, .was_open = self->was_open,
  };

  report_end (self, &end);
}

void
rt_fake_transport_ended (const RtTransportEnd *end)
{
  RtFakeTransport *self = get_live (&the_transport.parent);
  RtTransportEnd whole = *end;

  whole.was_open = self->was_open;
  report_end (self, &whole);
}
