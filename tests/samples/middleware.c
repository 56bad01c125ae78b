/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Middleware: what every message goes through, on its way out and in. */
#include <realtime-mock/realtime-mock.h>

typedef struct
{
  const char *name;
  GString *order; /* in which they were asked, and told of the end */
} Witness;

static void
completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  Witness *witness = user_data;

  g_string_append_printf (witness->order, "%s completed, ", witness->name);
}

/* A middleware that is a function: it sees the message on its way, and how that ended. */
static gboolean
witness_func (RtExchange *exchange, gpointer user_data, GError **error)
{
  Witness *witness = user_data;

  if (rt_exchange_get_direction (exchange) == RT_DIRECTION_OUTGOING)
    {
      g_string_append_printf (witness->order, "%s, ", witness->name);
      g_signal_connect (exchange, "completed", G_CALLBACK (completed_cb), witness);
    }
  rt_exchange_proceed (exchange);
  return TRUE;
}

static gboolean
is_text (RtMessage *message, gpointer user_data)
{
  return rt_message_get_message_type (message) == RT_MESSAGE_TYPE_TEXT;
}

/* What was added first is outermost: Request → Logging → Recovery → Timeout → Handler → Response. */
static void
use_all (RtClient *client, Witness *outer, Witness *inner)
{
  g_autoptr (RtMiddleware) first = rt_middleware_new_for_func (witness_func, outer, NULL);
  g_autoptr (RtMiddleware) logging = rt_logging_middleware_new ();
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (5000);
  g_autoptr (RtMiddleware) filter = rt_filter_middleware_new (is_text, NULL, NULL);
  g_autoptr (RtMiddleware) last = rt_middleware_new_for_func (witness_func, inner, NULL);

  rt_filter_middleware_set_directions (RT_FILTER_MIDDLEWARE (filter), RT_DIRECTIONS_INCOMING);
  rt_client_use (client, first);
  rt_client_use (client, logging);
  rt_client_use (client, RT_MIDDLEWARE (recovery));
  rt_client_use (client, timeout);
  rt_client_use (client, filter);
  rt_client_use (client, last);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (rt_message_get_content (message)));
}

/* The image is sent, but what comes in is filtered. */
static void
talk (RtClient *client, GPtrArray *heard)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("user-123");
  g_autoptr (RtMessage) image
    = rt_message_factory_create_image_message (factory, "general", "https://example.com/img.jpg", &error);
  g_autoptr (RtChannel) channel = rt_client_join_channel_sync (client, "general", NULL, NULL, &error);

  g_assert_no_error (error);
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), heard);
  rt_client_send_async (client, image, NULL, NULL, NULL);
  rt_client_send_message_async (client, "general", "Hello!", NULL, NULL, NULL);
  while (heard->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (g_ptr_array_index (heard, 0), ==, "Hello!");
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GPtrArray) heard = g_ptr_array_new_with_free_func (g_free);
  Witness outer = { "outer", order }, inner = { "inner", order };

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, &error);
  g_autoptr (RtClient) client = rt_client_new (config);

  use_all (client, &outer, &inner);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  talk (client, heard);
  g_assert_true (g_str_has_prefix (order->str, "outer, inner, "));
  while (strstr (order->str, "inner completed, outer completed, ") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  return 0;
}
