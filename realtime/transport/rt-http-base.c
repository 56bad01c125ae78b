/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-base.h"

#include "rt-http-status.h"
#include "rt-ws-codec.h"

static void
later_cb (gpointer user_data)
{
  g_autoptr (RtHttpBase) self = rt_http_base_ref (user_data);

  if (!self->opened)
    {
      self->opened = TRUE;
      self->events->opened (self->user_data, RT_PROFILE_RT1);
    }
  if (!self->ended)
    self->klass->turn (self);
}

void
rt_http_base_init (RtHttpBase *self,
                   const RtTransportClass *transport_class,
                   const RtHttpBaseClass *klass,
                   RtSettings *settings,
                   GMainContext *context,
                   const RtTransportEvents *events,
                   gpointer user_data)
{
  self->parent.klass = transport_class;
  self->klass = klass;
  self->refs = 1;
  self->settings = rt_settings_ref (settings);
  self->context = g_main_context_ref (context);
  self->events = events;
  self->user_data = user_data;
  self->later = rt_timer_new (context, "[realtime] http", later_cb, self);
  rt_http_base_later (self);
}

RtHttpBase *
rt_http_base_ref (RtHttpBase *self)
{
  self->refs++;
  return self;
}

void
rt_http_base_unref (RtHttpBase *self)
{
  if (--self->refs > 0)
    return;
  self->klass->finalize (self);
  g_main_context_unref (self->context);
  g_free (self->own_reason);
  g_free (self);
}

void
rt_http_base_later (RtHttpBase *self)
{
  rt_timer_start (self->later, rt_clock_now ());
}

/* --- The end --- */

static void
release (RtHttpBase *self)
{
  self->ended = TRUE;
  g_clear_pointer (&self->later, rt_timer_free);
  self->klass->release (self);
}

/* The one place that reports closed. */
static void
end (RtHttpBase *self, const RtTransportEnd *end)
{
  if (self->ended)
    return;
  release (self);
  self->events->closed (self->user_data, end);
}

void
rt_http_base_fail (RtHttpBase *self, guint code, const GError *error, gint64 retry_after, gboolean tls_refused)
{
  RtTransportEnd how = {
    .code = code,
    .reason = "",
    .error = error,
    .retry_after = retry_after,
    .tls_refused = tls_refused,
    .was_open = self->was_open,
  };

  if (self->closing)
    rt_http_base_close (self, FALSE);
  else
    end (self, &how);
}

static void
end_with_status (RtHttpBase *self, guint code, const GError *error, guint status, gint64 retry_after)
{
  RtTransportEnd how = {
    .code = code,
    .reason = "",
    .error = error,
    .http_status = status,
    .retry_after = retry_after,
    .was_open = self->was_open,
  };

  if (self->closing)
    rt_http_base_close (self, FALSE);
  else
    end (self, &how);
}

void
rt_http_base_refuse (RtHttpBase *self, guint code, const RtHttpHead *head)
{
  g_autofree char *path = g_strconcat (self->settings->http_prefix, self->klass->path, NULL);
  g_autoptr (GError) error = rt_http_status_error_new (head, self->klass->wanted, path);

  end_with_status (self, code, error, head->status, rt_http_head_get_retry_after (head));
}

void
rt_http_base_disown (RtHttpBase *self, guint status)
{
  const RtHttpHead head = { .status = status };
  g_autoptr (GError) error = rt_http_status_error_new (&head, self->klass->wanted, self->klass->path);

  end_with_status (self, RT_WS_CLOSE_ABNORMAL, error, status, -1);
}

void
rt_http_base_close (RtHttpBase *self, gboolean clean)
{
  g_autofree char *reason = g_strdup (self->own_reason);
  RtTransportEnd how = {
    .code = self->own_code,
    .reason = reason,
    .clean = clean,
    .retry_after = -1,
    .was_open = self->was_open,
  };

  end (self, &how);
}

/* --- The transport table --- */

gboolean
rt_http_base_begin_close (RtTransport *transport, guint code, const char *reason)
{
  RtHttpBase *self = (RtHttpBase *) transport;

  if (self->closing || self->ended)
    return FALSE;
  self->closing = TRUE;
  self->own_code = (guint16) code;
  self->own_reason = g_strdup (reason != NULL ? reason : "");
  self->opened = TRUE; /* or will never be */
  return TRUE;
}

void
rt_http_base_abort (RtTransport *transport, const GError *error)
{
  g_autoptr (RtHttpBase) self = rt_http_base_ref ((RtHttpBase *) transport);
  RtTransportEnd how = {
    .code = self->closing ? self->own_code : RT_WS_CLOSE_ABNORMAL,
    .reason = "",
    .error = error,
    .retry_after = -1,
    .was_open = self->was_open,
  };

  end (self, &how);
}

void
rt_http_base_free (RtTransport *transport)
{
  RtHttpBase *self = (RtHttpBase *) transport;

  if (!self->ended)
    release (self);
  g_clear_pointer (&self->settings, rt_settings_unref);
  rt_http_base_unref (self);
}
