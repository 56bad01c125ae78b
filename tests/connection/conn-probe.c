/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <stdio.h>
#include <string.h>
#include "rt-config-builder.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-settings.h"
#include "rt-test-virtual.h"

/* --- The diary --- */

static const char *
name_of (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);

  return g_enum_get_value (klass, value)->value_nick;
}

static char *
describe_error (const GError *error)
{
  if (error == NULL)
    return g_strdup ("ok");
  g_assert_cmpuint (strlen (error->message), >, 10);
  if (error->domain == RT_ERROR)
    return g_strdup (name_of (RT_TYPE_ERROR, error->code));
  if (error->domain == RT_SERVER_ERROR)
    return g_strdup_printf ("server-error %d", error->code);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return g_strdup ("cancelled");
}

static void
write_channel_news (GString *diary, const RtNews *news)
{
  const char *name = news->sub->name;

  switch ((int) news->kind)
    {
    case RT_NEWS_JOINED:
      g_string_append_printf (diary, "joined %s %s@%" G_GUINT64_FORMAT "%s%s\n", name, news->text != NULL ? news->text : "",
                              news->offset, news->recoverable ? " recoverable" : "", news->flag ? " recovered" : "");
      break;
    case RT_NEWS_LEFT:
      g_string_append_printf (diary, "left %s %u %s\n", name, news->code, news->error == NULL ? news->text : "error");
      break;
    case RT_NEWS_REJOINING:
      g_string_append_printf (diary, "rejoining %s\n", name);
      break;
    case RT_NEWS_RECOVERED:
      g_string_append_printf (diary, "recovered %s %u\n", name, news->count);
      break;
    case RT_NEWS_GAP:
      g_string_append_printf (diary, "gap %s %u\n", name, news->count);
      break;
    case RT_NEWS_MEMBERS_BEHIND:
      g_string_append_printf (diary, "members-behind %s\n", name);
      break;
    case RT_NEWS_MEMBER_JOINED:
    case RT_NEWS_MEMBER_LEFT:
      g_string_append_printf (diary, "member %s %s %s %s\n", name, news->kind == RT_NEWS_MEMBER_JOINED ? "in" : "out",
                              news->user, news->client);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
write_news (ConnProbe *self, const RtNews *news)
{
  g_autofree char *error = describe_error (news->error);

  switch ((int) news->kind)
    {
    case RT_NEWS_STATE:
      if (news->flag) /* the depth of the queue, which is read where it matters */
        break;
      g_string_append_printf (self->diary, "state %s\n",
                              name_of (RT_TYPE_CONNECTION_STATE, (int) rt_connection_get_state (self->connection)));
      break;
    case RT_NEWS_OVER:
      break; /* for the app half; it follows the state */
    case RT_NEWS_CONNECTED:
      g_string_append_printf (self->diary, "connected %s\n", news->text);
      break;
    case RT_NEWS_DISCONNECTED:
      g_string_append_printf (self->diary, "disconnected %u %s%s\n", news->code, news->text,
                              news->flag ? " will retry" : "");
      break;
    case RT_NEWS_RECONNECTING:
      /* The time is random. */
      self->last_delay = news->delay;
      g_string_append_printf (self->diary, "reconnecting %u\n", news->count);
      break;
    case RT_NEWS_DROPPED:
      g_string_append_printf (self->diary, "dropped %s %s\n", news->user, error);
      break;
    case RT_NEWS_TOKEN:
      g_string_append_printf (self->diary, "token %s\n", news->sub != NULL ? news->sub->name : "in use");
      break;
    case RT_NEWS_ERROR:
      g_string_append_printf (self->diary, "error %s\n", error);
      break;
    default:
      if (news->sub != NULL)
        write_channel_news (self->diary, news);
    }
}

static void
count_held (ConnProbe *self, guint messages, gsize bytes)
{
  if (!self->slow)
    {
      rt_connection_taken (self->connection, messages, bytes);
      return;
    }
  self->held_messages += messages;
  self->held_bytes += bytes;
}

static void
news_cb (gpointer user_data, RtNews *news)
{
  ConnProbe *self = user_data;

  g_assert_true (rt_io_thread_is_current ());
  write_news (self, news);
  count_held (self, 1, news->bytes);
  rt_news_free (news);
}

static void
batch_cb (gpointer user_data, RtBatch *batch)
{
  ConnProbe *self = user_data;

  g_assert_cmpuint (batch->n_entries, >, 0);
  for (guint i = 0; i < batch->n_entries; i++)
    {
      const RtBatchEntry *entry = &batch->entries[i];
      g_string_append_printf (self->diary, "message %s %" G_GUINT64_FORMAT "%s\n", entry->sub->name,
                              entry->publication.offset, entry->is_late ? " late" : "");
    }
  count_held (self, batch->n_entries, batch->bytes);
  rt_batch_free (batch);
}

static void
result_cb (gpointer user_data, RtOp *op)
{
  ConnProbe *self = user_data;
  const char *label = g_hash_table_lookup (self->open_ops, op);
  g_autofree char *error = describe_error (op->error);

  /* Once, and of those that were submitted. */
  g_assert_nonnull (label);
  g_string_append_printf (self->diary, "%s: %s\n", label, error);
  g_hash_table_remove (self->open_ops, op);
  self->completed++;
  rt_op_unref (op);
}

static void
need_token_cb (gpointer user_data, RtTokenRequest *request)
{
  ConnProbe *self = user_data;

  g_string_append_printf (self->diary, "asks for a token%s%s\n", request->sub != NULL ? " of " : "",
                          request->sub != NULL ? request->sub->name : "");
  g_queue_push_tail (&self->requests, request);
}

void
conn_probe_give_token (ConnProbe *self, const char *token, GError *error)
{
  rt_connection_give_token (self->connection, g_queue_pop_head (&self->requests), g_strdup (token), error);
  conn_probe_settle (self);
}

/* --- Making one --- */

RtSettings *
conn_probe_make_settings (const ConnProbeOptions *options)
{
  static const ConnProbeOptions defaults = { 0 };
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  if (options == NULL)
    options = &defaults;
  rt_config_builder_with_endpoint (builder, "ws://localhost");
  rt_config_builder_with_api_key (builder, "key");
  if (options->connect_timeout != 0)
    rt_config_builder_with_connect_timeout (builder, options->connect_timeout);
  if (options->request_timeout != 0)
    rt_config_builder_with_request_timeout (builder, options->request_timeout);
  if (options->shutdown_timeout != 0)
    rt_config_builder_with_shutdown_timeout (builder, options->shutdown_timeout);
  if (options->heartbeat_timeout != 0)
    rt_config_builder_with_heartbeat_timeout (builder, options->heartbeat_timeout);
  if (options->max_message_size != 0)
    rt_config_builder_with_max_message_size (builder, options->max_message_size);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  RtSettings *settings = rt_settings_new (config);
  if (options->max_reconnects != 0)
    settings->max_reconnects = options->max_reconnects;
  if (options->send_queue_limit != 0)
    settings->send_queue_limit = options->send_queue_limit;
  settings->rate_limit = options->rate_limit;
  settings->rate_burst = options->rate_burst != 0 ? options->rate_burst : options->rate_limit;
  settings->rate_policy = options->rate_policy;
  /* Smaller than a configuration may say, so that little is needed to fill it. */
  if (options->receive_queue_limit != 0)
    settings->receive_queue_limit = options->receive_queue_limit;
  if (options->receive_queue_bytes != 0)
    settings->receive_queue_bytes = options->receive_queue_bytes;
  return settings;
}

ConnProbe *
conn_probe_new (const ConnProbeOptions *options)
{
  static const RtConnectionEvents events = {
    .news = news_cb,
    .batch = batch_cb,
    .result = result_cb,
    .need_token = need_token_cb,
  };
  static const ConnProbeOptions defaults = { 0 };
  ConnProbe *self = g_new0 (ConnProbe, 1);

  if (options == NULL)
    options = &defaults;
  g_autoptr (RtSettings) settings = conn_probe_make_settings (options);
  g_autoptr (RtRoutes) routes = rt_routes_new ();
  self->diary = g_string_new (NULL);
  self->open_ops = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i <= options->more_routes; i++)
    {
      g_autofree char *name = i > 0 ? g_strdup_printf ("fake-%u", i) : g_strdup ("fake");
      rt_routes_add (routes, name, options->no_ping ? rt_fake_transport_no_ping () : rt_fake_transport (), NULL, NULL);
    }
  self->connection = rt_connection_new (settings, routes, options->asks_token, &events, self, NULL);
  return self;
}

void
conn_probe_free (ConnProbe *self)
{
  rt_connection_stop (self->connection);
  conn_probe_settle (self);
  g_assert_cmpuint (g_hash_table_size (self->open_ops), ==, 0);
  g_assert_null (rt_fake_transport_get ());
  rt_connection_unref (self->connection);
  conn_probe_settle (self);
  g_queue_clear_full (&self->requests, (GDestroyNotify) rt_token_request_free);
  g_hash_table_unref (self->open_ops);
  g_string_free (self->diary, TRUE);
  g_free (self);
}

ConnProbe *
conn_probe_new_connected (const ConnProbeOptions *options)
{
  ConnProbe *self = conn_probe_new (options);

  conn_probe_do (self, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"pong\":true}}");
  conn_probe_expect (self, "state connecting\nstate connected\nconnected c1\nconnect: ok\n");
  conn_probe_forget (self);
  return self;
}

void
conn_probe_come_back (ConnProbe *self, const char *greeting_members)
{
  RtFakeTransport *line;
  guint id = 0;

  conn_probe_advance (self, self->last_delay + 1);
  line = rt_fake_transport_get ();
  g_assert_nonnull (line);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  g_assert_cmpint (sscanf (g_ptr_array_index (line->messages, 0), "{\"id\":%u,\"connect\":", &id), ==, 1);
  conn_probe_forget (self);
  g_autofree char *greeting = g_strdup_printf ("{\"id\":%u,\"connect\":{\"client\":\"c2\",\"ping\":25%s%s}}", id,
                                               *greeting_members != '\0' ? "," : "", greeting_members);
  rt_fake_transport_receive (greeting);
}

void
conn_probe_settle (ConnProbe *self)
{
  rt_clock_virtual_settle ();
}

void
conn_probe_advance (ConnProbe *self, guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

/* --- Calls --- */

RtOp *
conn_probe_submit (ConnProbe *self, RtOp *op, const char *label)
{
  g_hash_table_insert (self->open_ops, op, g_strdup (label));
  rt_op_ref (op);
  rt_connection_submit (self->connection, op);
  return op;
}

RtOp *
conn_probe_call (ConnProbe *self, RtOpKind kind, const char *channel)
{
  static const char *const labels[] = {
    "connect", "disconnect", "close", "join", "leave", "publish", "rpc", "history", "presence", "stats", "ping",
    "reset", "notify",
  };
  RtOp *op = rt_op_new (kind);
  g_autofree char *label
    = channel != NULL ? g_strdup_printf ("%s %s", labels[kind], channel) : g_strdup (labels[kind]);

  op->channel = g_strdup (channel);
  return conn_probe_submit (self, op, label);
}

RtOp *
conn_probe_publish (ConnProbe *self, const char *channel, const char *id, const char *data)
{
  g_auto (RtBuffer) block = { 0 };
  g_autofree char *label = g_strdup_printf ("publish %s", id);
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_connection_reserve (self->connection, strlen (data), &error));
  RtOp *op = rt_connection_new_publish (self->connection, &block);
  rt_op_begin_publish (&block, channel, id, strlen (data));
  rt_buffer_put (&block, data, strlen (data));
  rt_op_finish_publish (op, &block);
  return conn_probe_submit (self, op, label);
}

RtOp *
conn_probe_join (ConnProbe *self, const char *channel, gboolean recover, const char *epoch, guint64 offset)
{
  RtOp *op = rt_op_new (RT_OP_JOIN);
  g_autofree char *label = g_strdup_printf ("join %s", channel);

  op->channel = g_strdup (channel);
  op->request.join.recover = recover;
  op->request.join.epoch = g_strdup (epoch);
  op->request.join.offset = offset;
  return conn_probe_submit (self, op, label);
}

void
conn_probe_cancel (ConnProbe *self, RtOp *op)
{
  rt_connection_cancel (self->connection, op);
  conn_probe_settle (self);
}

void
conn_probe_do (ConnProbe *self, RtOpKind kind, const char *channel)
{
  g_autoptr (RtOp) op = conn_probe_call (self, kind, channel);

  conn_probe_settle (self);
}

void
conn_probe_do_publish (ConnProbe *self, const char *channel, const char *id)
{
  g_autoptr (RtOp) op = conn_probe_publish (self, channel, id, "{}");

  conn_probe_settle (self);
}

void
conn_probe_do_join (ConnProbe *self, const char *channel, gboolean recover)
{
  g_autoptr (RtOp) op = conn_probe_join (self, channel, recover, NULL, 0);

  conn_probe_settle (self);
}

void
conn_probe_take (ConnProbe *self)
{
  guint messages = self->held_messages;
  gsize bytes = self->held_bytes;

  self->held_messages = 0;
  self->held_bytes = 0;
  rt_connection_taken (self->connection, messages, bytes);
  conn_probe_settle (self);
}

/* --- Looking --- */

void
conn_probe_expect (ConnProbe *self, const char *lines)
{
  g_assert_cmpstr (self->diary->str, ==, lines);
  g_string_truncate (self->diary, 0);
}

void
conn_probe_expect_sent (const char *lines)
{
  RtFakeTransport *transport = rt_fake_transport_get ();
  g_autoptr (GString) sent = g_string_new (NULL);

  g_assert_nonnull (transport);
  g_assert_cmpuint (transport->flushed, ==, transport->messages->len);
  for (guint i = 0; i < transport->messages->len; i++)
    g_string_append_printf (sent, "%s\n", (char *) g_ptr_array_index (transport->messages, i));
  g_assert_cmpstr (sent->str, ==, lines);
  g_ptr_array_set_size (transport->messages, 0);
  transport->flushed = 0;
}

void
conn_probe_forget (ConnProbe *self)
{
  RtFakeTransport *transport = rt_fake_transport_get ();

  g_string_truncate (self->diary, 0);
  if (transport != NULL)
    {
      g_ptr_array_set_size (transport->messages, 0);
      transport->flushed = 0;
    }
}

/* --- Running tests in the I/O thread --- */

typedef struct
{
  GTestFunc test;
  RtWaiter waiter;
} Run;

static gboolean
run_cb (gpointer user_data)
{
  Run *run = user_data;

  run->test ();
  rt_waiter_wake (&run->waiter);
  return G_SOURCE_REMOVE;
}

static void
run_test (gconstpointer data)
{
  Run run = { .test = *(const GTestFunc *) data };
  g_autoptr (GSource) source = g_idle_source_new ();

  rt_test_virtual_begin ();
  rt_waiter_init (&run.waiter);
  g_source_set_static_name (source, "[test] body");
  g_source_set_callback (source, run_cb, &run, NULL);
  g_source_attach (source, rt_io_thread_get_context ());
  rt_waiter_wait (&run.waiter);
  rt_waiter_clear (&run.waiter);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

void
conn_probe_add_test (const char *path, GTestFunc test)
{
  GTestFunc *data = g_new (GTestFunc, 1);

  *data = test;
  g_test_add_data_func_full (path, data, run_test, g_free);
}
