/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-world.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include "rt-clock.h"
#include "rt-fault-report.h"
#include "rt-io-thread.h"
#include "rt-test-virtual.h"

/* So often one thing may lead to another, over the network, within a step. */
#define TURNS 3

static char *
report_cb (gpointer user_data)
{
  RtFaultWorld *self = user_data;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->actors->len; i++)
    {
      const RtFaultActor *actor = g_ptr_array_index (self->actors, i);

      g_string_append_printf (
        text, "%s: state %d, %u begun, %u ok, %u failed, %u unknown, %u delivered, %u gaps, %u recovered, "
        "%u connected, %u disconnected (last code %u), %u errors\n",
        actor->name, (int) rt_client_get_state (actor->client), actor->invoked, actor->ok, actor->failed,
        actor->unknown, actor->delivered, actor->gaps, actor->recovered, actor->connected, actor->disconnected,
        actor->last_code, actor->errors);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* In this number they would only cost time. */
static void
ignore_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

/* What GLib starts once for the whole process and keeps must not be taken for something left behind. */
static void
warm_up (void)
{
  g_autoptr (GSource) source = g_unix_signal_source_new (SIGHUP);

  g_main_context_default ();
  g_network_monitor_get_default ();
}

static RtFaultWorld *
world_new (const char *route, guint ping_interval)
{
  RtFaultWorld *self = g_new0 (RtFaultWorld, 1);
  g_autoptr (GError) error = NULL;

  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, ignore_cb, NULL);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_DEBUG, ignore_cb, NULL);
  warm_up ();
  self->threads = rt_test_count_threads ();
  self->fds = rt_test_count_fds ();
  self->route = route;
  self->ping_interval = ping_interval;
  int fd = g_file_open_tmp ("journal-XXXXXX", &self->journal, &error);
  g_assert_no_error (error);
  g_close (fd, NULL);
  self->history = rt_fault_history_new ();
  self->actors = g_ptr_array_new ();
  rt_fault_report_add ("the clients", report_cb, self);
  return self;
}

RtFaultWorld *
rt_fault_world_new (guint64 seed, const char *route, guint ping_interval)
{
  RtFaultWorld *self;
  g_autoptr (GError) error = NULL;

  /* The I/O thread's timers must be made on virtual time. */
  rt_io_thread_shutdown_for_tests ();
  rt_test_virtual_begin ();
  self = world_new (route, ping_interval);
  self->server = rt_mock_server_new ();
  rt_mock_server_set_ping_interval (self->server, ping_interval);
  rt_mock_server_set_journal (self->server, self->journal);
  rt_mock_server_start (self->server, &error);
  g_assert_no_error (error);
  self->proxy = rt_fault_proxy_new (rt_mock_server_get_port (self->server), seed);
  return self;
}

static void
start_child (RtFaultWorld *self)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "fault", "fault-child", NULL);
  g_autofree char *port = g_strdup_printf ("%u", self->child_port);
  g_autofree char *ping = g_strdup_printf ("%u", self->ping_interval);
  g_autoptr (GError) error = NULL;
  gsize len = 0;

  self->child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, port,
                                  self->journal, ping, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->child));
  g_autofree char *line = g_data_input_stream_read_line (output, &len, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  self->child_port = (guint) g_ascii_strtoull (line, NULL, 10);
}

RtFaultWorld *
rt_fault_world_new_child (guint64 seed, guint ping_interval)
{
  RtFaultWorld *self;

  rt_io_thread_shutdown_for_tests ();
  self = world_new ("websocket", ping_interval);
  start_child (self);
  self->proxy = rt_fault_proxy_new (self->child_port, seed);
  return self;
}

static void
passed_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* In real time, whatever happens meanwhile. */
static void
run_for_real (guint ms)
{
  gboolean passed = FALSE;
  g_autoptr (RtTimer) timer = rt_timer_new (NULL, "fault-step", passed_cb, &passed);

  rt_timer_start (timer, rt_clock_now () + RT_CLOCK_MS (ms));
  while (!passed)
    g_main_context_iteration (NULL, TRUE);
}

void
rt_fault_world_run (RtFaultWorld *self, guint ms)
{
  if (self->server == NULL)
    {
      run_for_real (ms);
      return;
    }
  for (guint passed = 0; passed < ms; passed += RT_FAULT_STEP_MS)
    {
      for (guint i = 0; i < TURNS; i++)
        rt_clock_virtual_settle ();
      rt_clock_virtual_advance (RT_CLOCK_MS (MIN (ms - passed, (guint) RT_FAULT_STEP_MS)));
    }
}

void
rt_fault_world_kill (RtFaultWorld *self)
{
  if (self->child != NULL)
    {
      g_subprocess_force_exit (self->child);
      g_subprocess_wait (self->child, NULL, NULL);
      g_clear_object (&self->child);
      return;
    }
  /* One that is killed has no last word, as a stopped one may, also not for who comes back at once. */
  rt_fault_proxy_set_listening (self->proxy, FALSE);
  rt_fault_proxy_strike (self->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
  rt_mock_server_drop_connections (self->server);
  rt_mock_server_stop (self->server);
  rt_fault_proxy_set_listening (self->proxy, TRUE);
}

void
rt_fault_world_restart (RtFaultWorld *self)
{
  g_autoptr (GError) error = NULL;

  if (self->server == NULL)
    {
      start_child (self);
      return;
    }
  rt_mock_server_start (self->server, &error);
  g_assert_no_error (error);
}

void
rt_fault_world_signal (RtFaultWorld *self, int number)
{
  g_subprocess_send_signal (self->child, number);
}

static void
actor_free (RtFaultActor *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  for (guint i = 0; i < self->channels->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->channels, i), self);
  g_ptr_array_unref (self->channels);
  g_hash_table_unref (self->last);
  g_assert_finalize_object (self->client);
  g_clear_error (&self->last_send_error);
  g_array_unref (self->delays);
  g_string_free (self->texts, TRUE);
  g_free (self->name);
  g_free (self);
}

void
rt_fault_world_free (RtFaultWorld *self)
{
  rt_fault_report_remove (self);
  for (guint i = 0; i < self->actors->len; i++)
    actor_free (g_ptr_array_index (self->actors, i));
  g_ptr_array_unref (self->actors);
  rt_fault_proxy_free (self->proxy);
  if (self->child != NULL)
    rt_fault_world_kill (self);
  gboolean is_real = self->server == NULL;
  if (!is_real)
    g_assert_finalize_object (self->server);
  rt_fault_history_free (self->history);
  g_unlink (self->journal);
  g_free (self->journal);
  rt_io_thread_shutdown_for_tests ();
  g_assert_cmpuint (rt_test_count_threads (), <=, self->threads);
  g_assert_cmpuint (rt_test_count_fds (), <=, self->fds);
  if (!is_real)
    rt_clock_virtual_end ();
  g_free (self);
}

void
rt_fault_add_cases (const RtFaultCase *cases, gsize n_cases)
{
  const char *const routes[] = { RT_FAULT_WEBSOCKET, "http-stream", "polling" };

  for (gsize i = 0; i < n_cases; i++)
    for (gsize j = 0; j < (cases[i].scope == RT_FAULT_STREAMS_ONLY ? 2 : 3); j++)
      {
        g_autofree char *path = g_strdup_printf ("/Rt/Fault/%s/%s", cases[i].name, routes[j]);
        g_test_add_data_func (path, routes[j], cases[i].func);
      }
}

/* --- The verdict --- */

/* What the journal has last of a channel. */
static char *
dup_last_id (RtFaultWorld *self, const char *channel)
{
  g_autofree char *text = NULL;
  g_autofree char *mark = g_strdup_printf ("{\"channel\":\"%s\"", channel);

  g_assert_true (g_file_get_contents (self->journal, &text, NULL, NULL));
  char *line = g_strrstr (text, mark);
  if (line == NULL)
    return NULL;
  line[strcspn (line, "\n")] = '\0';
  return rt_fault_history_find_id (line);
}

static gboolean
has_seen_all (RtFaultActor *actor)
{
  for (guint i = 0; i < actor->channels->len; i++)
    {
      const char *name = rt_channel_get_name (g_ptr_array_index (actor->channels, i));
      g_autofree char *last = dup_last_id (actor->world, name);

      if (g_strcmp0 (last, g_hash_table_lookup (actor->last, name)) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_over (RtFaultWorld *self)
{
  for (guint i = 0; i < self->actors->len; i++)
    {
      RtFaultActor *actor = g_ptr_array_index (self->actors, i);

      if (!rt_fault_actor_is_idle (actor) || (!actor->is_closed && !has_seen_all (actor)))
        return FALSE;
    }
  return TRUE;
}

void
rt_fault_world_verify (RtFaultWorld *self, gboolean allow_gaps)
{
  /* What does not come in this time is lost, and the verifier says what it is. */
  guint limit = self->server != NULL ? 180000 : 20000;

  for (guint waited = 0; waited < limit && !is_over (self); waited += RT_FAULT_STEP_MS)
    rt_fault_world_run (self, RT_FAULT_STEP_MS);
  gboolean good = rt_fault_history_verify (self->history, self->journal, allow_gaps);
  g_assert_true (good);
}

/* --- What a client says --- */

static void
connected_cb (RtClient *client, RtFaultActor *self)
{
  self->connected++;
}

static void
disconnected_cb (RtClient *client, guint code, const char *reason, gboolean will_retry, RtFaultActor *self)
{
  self->disconnected++;
  self->last_code = code;
  self->last_will_retry = will_retry;
  g_string_append_printf (self->texts, "%s\n", reason);
  self->lost_at = rt_clock_now ();
}

static void
reconnecting_cb (RtClient *client, guint attempt, guint delay_ms, RtFaultActor *self)
{
  g_array_append_val (self->delays, delay_ms);
}

static void
error_cb (RtClient *client, const GError *error, RtFaultActor *self)
{
  g_assert_nonnull (error);
  self->errors++;
  g_string_append_printf (self->texts, "%s\n", error->message);
}

static void
refreshed_cb (RtClient *client, const char *channel, RtFaultActor *self)
{
  self->refreshed += channel == NULL;
}

static void
state_cb (RtClient *client, GParamSpec *pspec, RtFaultActor *self)
{
  rt_fault_history_state (self->world->history, self->name, rt_client_get_state (client));
}

static void
watch (RtFaultActor *self)
{
  g_signal_connect (self->client, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (self->client, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (self->client, "reconnecting", G_CALLBACK (reconnecting_cb), self);
  g_signal_connect (self->client, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (self->client, "token-refreshed", G_CALLBACK (refreshed_cb), self);
  g_signal_connect (self->client, "notify::state", G_CALLBACK (state_cb), self);
}

static char *
make_url (RtFaultWorld *world)
{
  if (world->host == NULL)
    return rt_fault_proxy_get_url (world->proxy, "ws");
  return g_strdup_printf ("ws://%s:%u/", world->host, rt_fault_proxy_get_port (world->proxy));
}

RtFaultActor *
rt_fault_actor_new_with_tokens (RtFaultWorld *world, const char *name, RtConfigBuilder *settings,
                                RtTokenProvider *tokens)
{
  RtFaultActor *self = g_new0 (RtFaultActor, 1);
  g_autofree char *url = make_url (world);
  g_autoptr (RtConfigBuilder) builder = settings != NULL ? settings : rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  if (world->route != NULL)
    rt_config_builder_with_strategies (builder, (const char *const[]) { world->route, NULL });
  g_autoptr (RtConfig) config = rt_config_builder_build (rt_config_builder_with_endpoint (builder, url), &error);
  g_assert_no_error (error);
  self->world = world;
  self->name = g_strdup (name);
  self->channels = g_ptr_array_new_with_free_func (g_object_unref);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->delays = g_array_new (FALSE, FALSE, sizeof (guint));
  self->texts = g_string_new (NULL);
  self->client = g_object_new (RT_TYPE_CLIENT, "config", config, "token-provider", tokens, NULL);
  watch (self);
  g_ptr_array_add (world->actors, self);
  return self;
}

RtFaultActor *
rt_fault_actor_new (RtFaultWorld *world, const char *name, RtConfigBuilder *settings)
{
  return rt_fault_actor_new_with_tokens (world, name, settings, NULL);
}

void
rt_fault_actor_connect (RtFaultActor *self)
{
  rt_client_connect_async (self->client, NULL, NULL, NULL);
  rt_fault_wait_until (self->world, rt_client_is_connected (self->client));
}

/* --- Channels --- */

static void
message_cb (RtChannel *channel, RtMessage *message, RtFaultActor *self)
{
  g_autofree char *epoch = rt_channel_get_epoch (channel);
  const char *name = rt_channel_get_name (channel);

  self->delivered++;
  g_hash_table_replace (self->last, (gpointer) name, g_strdup (rt_message_get_id (message)));
  rt_fault_history_delivered (self->world->history, self->name, name, epoch, rt_message_get_offset (message),
                              rt_message_get_id (message));
}

static void
recovered_cb (RtChannel *channel, guint count, RtFaultActor *self)
{
  self->recovered++;
  rt_fault_history_recovered (self->world->history, self->name, rt_channel_get_name (channel), count);
}

static void
gap_cb (RtChannel *channel, guint missed, RtFaultActor *self)
{
  g_autofree char *epoch = rt_channel_get_epoch (channel);

  self->gaps++;
  rt_fault_history_channel (self->world->history, "gap", self->name, rt_channel_get_name (channel), epoch,
                            rt_channel_get_offset (channel));
}

/* Its signals are listened to before anything of the channel can be delivered. */
static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtFaultActor *self = user_data;
  g_autoptr (GError) error = NULL;
  RtChannel *channel = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (channel, "recovered", G_CALLBACK (recovered_cb), self);
  g_signal_connect (channel, "gap", G_CALLBACK (gap_cb), self);
  g_ptr_array_add (self->channels, channel);
  g_autofree char *epoch = rt_channel_get_epoch (channel);
  rt_fault_history_channel (self->world->history, "joined", self->name, rt_channel_get_name (channel), epoch,
                            rt_channel_get_offset (channel));
}

void
rt_fault_actor_join (RtFaultActor *self, const char *name)
{
  guint before = self->channels->len;

  rt_client_join_channel_async (self->client, name, NULL, NULL, joined_cb, self);
  rt_fault_wait_until (self->world, self->channels->len > before);
}

/* --- Sends --- */

typedef struct
{
  RtFaultActor *actor;
  RtMessage *message;
} Send;

static void
end_send (RtFaultActor *self, const char *end, RtMessage *message, guint *count)
{
  (*count)++;
  rt_fault_history_send (self->world->history, end, self->name, rt_message_get_channel (message),
                         rt_message_get_id (message));
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Send *send = user_data;
  RtFaultActor *self = send->actor;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_client_send_finish (RT_CLIENT (source), result, &error);

  if (sent != NULL)
    end_send (self, "ok", send->message, &self->ok);
  else if (g_error_matches (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN))
    end_send (self, "unknown", send->message, &self->unknown);
  else
    end_send (self, "fail", send->message, &self->failed);
  if (error != NULL)
    g_test_message ("%s: %s", self->name, error->message);
  g_clear_error (&self->last_send_error);
  self->last_send_error = g_steal_pointer (&error);
  g_object_unref (send->message);
  g_free (send);
}

void
rt_fault_actor_send_with (RtFaultActor *self, const char *channel, GCancellable *cancellable)
{
  Send *send = g_new (Send, 1);
  g_autofree char *text = g_strdup_printf ("%s %u", self->name, ++self->invoked);

  send->actor = self;
  send->message = rt_message_new_text (channel, text);
  rt_fault_history_send (self->world->history, "invoke", self->name, channel, rt_message_get_id (send->message));
  rt_client_send_async (self->client, send->message, cancellable, sent_cb, send);
}

void
rt_fault_actor_send (RtFaultActor *self, const char *channel)
{
  rt_fault_actor_send_with (self, channel, NULL);
}

gboolean
rt_fault_actor_is_idle (RtFaultActor *self)
{
  return self->ok + self->failed + self->unknown == self->invoked;
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtFaultActor *self = user_data;
  g_autoptr (GError) error = NULL;

  rt_client_close_finish (RT_CLIENT (source), result, &error);
  g_assert_no_error (error);
  self->is_closed = TRUE;
}

void
rt_fault_actor_close (RtFaultActor *self)
{
  rt_client_close_async (self->client, NULL, closed_cb, self);
  rt_fault_wait_until (self->world, self->is_closed);
  rt_fault_history_closed (self->world->history, self->name);
}

RtConfigBuilder *
rt_fault_quick_settings (void)
{
  RtConfigBuilder *builder = rt_config_builder_new ();

  rt_config_builder_with_reconnect_delay (builder, 100);
  rt_config_builder_with_max_reconnect_delay (builder, 500);
  return builder;
}

RtFaultActor *
rt_fault_actor_new_in_room (RtFaultWorld *world, const char *name)
{
  RtFaultActor *self = rt_fault_actor_new (world, name, rt_fault_quick_settings ());

  rt_fault_actor_connect (self);
  rt_fault_actor_join (self, "room");
  return self;
}
