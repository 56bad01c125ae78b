/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-line-connector.h"
#include "rt-raw-peer.h"
#include "rt-test-certs.h"
#include "rt-test.h"

/* A proxy resolver that notes what it was asked, and knows no proxy. */

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GObject)

struct _TestResolver
{
  GObject parent_instance;

  char *uri;
};

static void test_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestResolver, test_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, test_resolver_iface_init))

static gboolean
test_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static void
free_list (gpointer list)
{
  g_strfreev (list);
}

static void
test_resolver_lookup_async (GProxyResolver *resolver, const char *uri, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  static const char *const direct[] = { "direct://", NULL };
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  TestResolver *self = TEST_RESOLVER (resolver);

  g_free (self->uri);
  self->uri = g_strdup (uri);
  g_task_return_pointer (task, g_strdupv ((char **) direct), free_list);
}

static char **
test_resolver_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = test_resolver_is_supported;
  iface->lookup_async = test_resolver_lookup_async;
  iface->lookup_finish = test_resolver_lookup_finish;
}

static void
test_resolver_finalize (GObject *object)
{
  g_free (TEST_RESOLVER (object)->uri);
  G_OBJECT_CLASS (test_resolver_parent_class)->finalize (object);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_resolver_finalize;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* --- One attempt --- */

typedef struct
{
  RtSettings *settings;
  TestResolver *resolver;
  RtLineConnector *connector;
  guint calls;
  gboolean free_inside;
  GIOStream *stream;
  GSocket *socket;
  gboolean direct;
  gboolean tls_refused;
  GError *error;
} Attempt;

static void
done_cb (const RtLine *line, gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->calls++;
  attempt->tls_refused = line->tls_refused;
  if (line->error != NULL)
    attempt->error = g_error_copy (line->error);
  else
    {
      attempt->stream = g_object_ref (line->stream);
      attempt->socket = g_object_ref (line->socket);
      attempt->direct = line->direct;
    }
  if (attempt->free_inside)
    g_clear_pointer (&attempt->connector, rt_line_connector_free);
}

static Attempt *
attempt_new (RtRawPeer *peer, const char *scheme)
{
  Attempt *self = g_new0 (Attempt, 1);
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u/", scheme, rt_raw_peer_get_port (peer));
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");
  g_autoptr (RtConfig) config = NULL;

  self->resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  config = g_object_new (RT_TYPE_CONFIG, "endpoint", url, "tls-database", database, "proxy-resolver", self->resolver,
                         NULL);
  self->settings = rt_settings_new (config);
  self->connector = rt_line_connector_start (self->settings, scheme, g_main_context_default (), done_cb, self);
  g_assert_cmpuint (self->calls, ==, 0);
  return self;
}

static void
attempt_free (Attempt *self)
{
  g_clear_pointer (&self->connector, rt_line_connector_free);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  rt_settings_unref (self->settings);
  g_object_add_weak_pointer (G_OBJECT (self->resolver), (gpointer *) &self->resolver);
  g_object_unref (self->resolver);
  /* What is under way below ends in its own time. */
  rt_test_poll_until (self->resolver == NULL);
  g_assert_cmpuint (self->calls, <=, 1);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

static int greeters; /* atomic: scripts that run */

static void
greet_script (RtRawPeer *peer, gpointer user_data)
{
  if (rt_raw_peer_accept (peer))
    {
      rt_raw_peer_send_string (peer, "hello");
      rt_raw_peer_wait_end (peer);
    }
  g_atomic_int_add (&greeters, -1);
}

static RtRawPeer *
greeter_new (gboolean secure)
{
  g_atomic_int_inc (&greeters);
  return secure ? rt_raw_peer_new_tls (rt_test_certs_get_path ("server"), greet_script, NULL)
                : rt_raw_peer_new (greet_script, NULL);
}

static const struct
{
  const char *scheme;
  gboolean secure;
} schemes[] = { { "http", FALSE }, { "https", TRUE }, { "ws", FALSE }, { "wss", TRUE } };

/* --- Tests --- */

/* The stream stays when the connector goes, wherever that is. */
static void
test_schemes (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (schemes); i++)
    {
      const char *scheme = schemes[i / 2].scheme;
      g_autoptr (RtRawPeer) peer = greeter_new (schemes[i / 2].secure);
      g_autoptr (Attempt) attempt = attempt_new (peer, scheme);
      g_autofree char *asked = g_strdup_printf ("%s://127.0.0.1:%u", scheme, rt_raw_peer_get_port (peer));
      g_autoptr (GError) error = NULL;
      char greeting[5];

      attempt->free_inside = i % 2 == 0;
      rt_test_wait_until (attempt->calls == 1);
      g_assert_no_error (attempt->error);
      g_assert_cmpstr (attempt->resolver->uri, ==, asked);
      g_assert_cmpint (attempt->direct, ==, !schemes[i / 2].secure);
      g_clear_pointer (&attempt->connector, rt_line_connector_free);
      g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (attempt->stream), greeting,
                                              sizeof greeting, NULL, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (greeting, sizeof greeting, "hello", 5);
    }
}

static void
test_cancel (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autoptr (RtRawPeer) peer = greeter_new (schemes[i].secure);
      g_autoptr (Attempt) attempt = attempt_new (peer, schemes[i].scheme);

      rt_line_connector_cancel (attempt->connector);
      g_assert_cmpuint (attempt->calls, ==, 0);
      rt_test_wait_until (attempt->calls == 1);
      g_assert_error (attempt->error, RT_ERROR, RT_ERROR_NETWORK);
      g_assert_false (attempt->tls_refused);
      rt_raw_peer_visit (peer); /* for a script that nobody has visited yet */
      rt_test_poll_until (g_atomic_int_get (&greeters) == 0);
    }
}

/* Let go of after a number of turns of the main loop: nothing is told, and the peer sees the end of the line. */
static void
test_free (void)
{
  for (guint turns = 0; turns < 12; turns++)
    {
      g_autoptr (RtRawPeer) peer = greeter_new (TRUE);
      g_autoptr (Attempt) attempt = attempt_new (peer, "https");

      for (guint i = 0; i < turns && attempt->calls == 0; i++)
        g_main_context_iteration (NULL, i < 3);
      guint calls = attempt->calls;
      g_clear_pointer (&attempt->connector, rt_line_connector_free);
      if (calls > 0 && attempt->socket != NULL)
        g_socket_close (attempt->socket, NULL);
      rt_raw_peer_visit (peer);
      rt_test_poll_until (g_atomic_int_get (&greeters) == 0);
      g_assert_cmpuint (attempt->calls, ==, calls);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/LineConnector/schemes", test_schemes);
  g_test_add_func ("/Rt/LineConnector/cancel", test_cancel);
  g_test_add_func ("/Rt/LineConnector/free", test_free);
  return g_test_run ();
}
