/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

struct _RtClientLink
{
  RtChain *chain; /* borrowed: it is what calls */
  GWeakRef client;
  RtClient *running; /* the same, while somebody holds it: a weak reference costs more than a middleware */
};

/* --- What comes out of the chain --- */

static RtClient *
get_client (RtClientLink *link)
{
  return link->running != NULL ? g_object_ref (link->running) : g_weak_ref_get (&link->client);
}

static void
passed_cb (RtExchange *exchange, gpointer tag, gpointer user_data)
{
  g_autoptr (RtClient) self = get_client (user_data);

  if (self == NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client is gone");
      rt_chain_forget (((RtClientLink *) user_data)->chain, exchange, error);
      return;
    }
  if (rt_exchange_get_direction (exchange) == RT_DIRECTION_INCOMING)
    rt_client_incoming_passed (self, exchange, tag);
  else
    rt_client_outgoing_passed (self, exchange, tag);
}

static void
ended_cb (RtExchange *exchange, gpointer tag, const GError *error, const char *reason, gpointer user_data)
{
  g_autoptr (RtClient) self = get_client (user_data);

  if (self == NULL)
    return;
  if (rt_exchange_get_direction (exchange) == RT_DIRECTION_INCOMING)
    rt_client_incoming_ended (self, exchange, tag, error, reason);
  else
    rt_client_outgoing_ended (self, tag, error, reason);
}

static void
expired_cb (RtExchange *exchange, gpointer tag, const GError *error, gpointer user_data)
{
  g_autoptr (RtClient) self = get_client (user_data);

  if (self != NULL && rt_exchange_get_direction (exchange) == RT_DIRECTION_OUTGOING)
    rt_client_outgoing_expired (self, tag, error);
}

static const RtChainClass chain_class = { .passed = passed_cb, .ended = ended_cb, .expired = expired_cb };

/* --- Making and ending it --- */

void
rt_client_chain_init (RtClientChain *self, RtClient *client, GMainContext *context)
{
  self->link = g_new0 (RtClientLink, 1);
  g_weak_ref_init (&self->link->client, client);
  self->link->chain = self->chain = rt_chain_new (context, &chain_class, self->link);
}

void
rt_client_chain_end (RtClientChain *self)
{
  rt_chain_close (self->chain);
}

static void
link_free (gpointer data)
{
  RtClientLink *link = data;

  g_weak_ref_clear (&link->client);
  g_free (link);
}

static gboolean
release_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* If this is another thread, the context's may just be about to call. */
void
rt_client_chain_clear (RtClientChain *self, GMainContext *context)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  rt_chain_unref (self->chain);
  g_source_set_static_name (source, "[realtime] end of the middleware");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, release_cb, self->link, link_free);
  g_source_attach (source, context);
}

gboolean
rt_client_run_chain (RtClient *self, RtDirection direction, RtMessage *message, gpointer tag, GCancellable *cancellable)
{
  RtClientChain *own = rt_client_get_chain (self);
  RtClient *outer = own->link->running;

  own->link->running = self;
  gboolean settled = rt_chain_run (own->chain, direction, message, tag, cancellable,
                                   rt_config_get_request_timeout (rt_client_get_config (self)));
  own->link->running = outer;
  return settled;
}

GError *
rt_client_stopped_error (const char *reason)
{
  return g_error_new (RT_ERROR, RT_ERROR_FAILED, "A middleware dropped the message: %s",
                      reason != NULL ? reason : "it gave no reason");
}

/* --- For the program --- */

/**
 * rt_client_use:
 * @self: a client
 * @middleware: a middleware
 *
 * Lets every message, sent and received, pass through @middleware, inside of those that are in use already: the first one
 * added is the outermost. It may be called from any thread and at any time; messages under way keep to the
 * middleware they began with.
 *
 * Middleware runs in the client's context, see [iface@Middleware]. When the client is closed it lets go of it. On a client
 * that was closed this does nothing.
 */
void
rt_client_use (RtClient *self, RtMiddleware *middleware)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (RT_IS_MIDDLEWARE (middleware));
  rt_chain_add (rt_client_get_chain (self)->chain, middleware);
}

/**
 * rt_client_remove_middleware:
 * @self: a client
 * @middleware: a middleware
 *
 * Takes @middleware out of use, the outermost place of it if it is in use several times. It may be called from any
 * thread, and by the middleware itself; what it is at work on it still finishes.
 *
 * Returns: %TRUE if it was in use
 */
gboolean
rt_client_remove_middleware (RtClient *self, RtMiddleware *middleware)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (RT_IS_MIDDLEWARE (middleware), FALSE);
  return rt_chain_remove (rt_client_get_chain (self)->chain, middleware);
}
