/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

struct _RtCliSession
{
  RtClient *client;
  GMainLoop *loop;
  RtCliReadyFunc ready;
  gpointer user_data;
  RtCliExit code;
  gboolean ending; /* the client is being closed: what it reports now is no news */
};

RtClient *
rt_cli_session_get_client (RtCliSession *self)
{
  return self->client;
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtCliSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_client_close_finish (self->client, result, &error) && self->code == RT_CLI_DONE)
    {
      rt_cli_print_error (error);
      self->code = rt_cli_exit_for_error (error);
    }
  g_main_loop_quit (self->loop);
}

void
rt_cli_session_end (RtCliSession *self, RtCliExit code)
{
  if (self->ending)
    return;
  self->ending = TRUE;
  self->code = code;
  rt_client_close_async (self->client, NULL, closed_cb, self);
}

void
rt_cli_session_fail (RtCliSession *self, const GError *error)
{
  if (self->ending)
    return;
  rt_cli_print_error (error);
  /* In this state the server has said its last word. */
  rt_cli_session_end (self, rt_client_get_state (self->client) == RT_CONNECTION_STATE_FAILED
                              ? RT_CLI_REFUSED
                              : rt_cli_exit_for_error (error));
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtCliSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_client_connect_finish (self->client, result, &error))
    rt_cli_session_fail (self, error);
  else if (!self->ending)
    self->ready (self, self->user_data);
}

/* A channel was lost, or the connection for good. What the client mends by itself is told by disconnected_cb(). */
static void
error_cb (RtClient *client, const GError *error, gpointer user_data)
{
  if (!rt_error_is_retryable (error))
    rt_cli_session_fail (user_data, error);
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, gpointer user_data)
{
  RtCliSession *self = user_data;
  g_autofree char *text = rt_cli_escape (reason);

  if (will_retry && !self->ending)
    g_printerr (_ ("connection lost (%u %s), connecting again\n"), code, text);
}

static gboolean
interrupted_cb (gpointer user_data)
{
  rt_cli_session_end (user_data, RT_CLI_DONE);
  return G_SOURCE_CONTINUE;
}

static RtConfig *
make_config (const RtCliOptions *options, GError **error)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();

  rt_config_builder_with_endpoint (builder, options->arguments[0]);
  rt_config_builder_with_client_name (builder, "realtime-command");
  rt_config_builder_with_allow_insecure (builder, options->insecure);
  if (options->api_key != NULL)
    rt_config_builder_with_api_key (builder, options->api_key);
  return rt_config_builder_build (builder, error);
}

RtCliExit
rt_cli_session_run (const RtCliOptions *options, RtCliReadyFunc ready, gpointer user_data)
{
  RtCliSession self = { .ready = ready, .user_data = user_data };
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = make_config (options, &error);

  if (config == NULL)
    {
      rt_cli_print_error (error);
      return rt_cli_exit_for_error (error);
    }
  self.loop = g_main_loop_new (NULL, FALSE);
  self.client = rt_client_new (config);
  g_signal_connect (self.client, "error", G_CALLBACK (error_cb), &self);
  g_signal_connect (self.client, "disconnected", G_CALLBACK (disconnected_cb), &self);
  guint interrupt_id = g_unix_signal_add (SIGINT, interrupted_cb, &self);
  guint terminate_id = g_unix_signal_add (SIGTERM, interrupted_cb, &self);

  rt_client_connect_async (self.client, NULL, connected_cb, &self);
  g_main_loop_run (self.loop);

  g_source_remove (interrupt_id);
  g_source_remove (terminate_id);
  g_signal_handlers_disconnect_by_data (self.client, &self);
  g_clear_object (&self.client);
  g_clear_pointer (&self.loop, g_main_loop_unref);
  return self.code;
}
