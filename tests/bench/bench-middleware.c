/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What middlewares cost a message: bench-middleware STAGES MESSAGES sends so many messages through a chain of so many
 * middlewares that let them go on. To be run under a counter of instructions, as by tests/middleware/test_cost.py. */
#include <stdlib.h>

#include "rt-chain.h"

static gboolean
proceed (RtExchange *exchange, gpointer user_data, GError **error)
{
  rt_exchange_proceed (exchange);
  return TRUE;
}

static void
passed (RtExchange *exchange, gpointer tag, gpointer user_data)
{
  RtChain **chain = user_data;

  rt_chain_complete (*chain, exchange, NULL);
}

static void
ended (RtExchange *exchange, gpointer tag, const GError *error, const char *reason, gpointer user_data)
{
  g_assert_not_reached ();
}

int
main (int argc, char **argv)
{
  static const RtChainClass klass = { passed, ended, NULL };
  guint n_stages = argc > 1 ? atoi (argv[1]) : 3, n_messages = argc > 2 ? atoi (argv[2]) : 10000000;
  g_autoptr (RtMessage) message = rt_message_new_text ("news", "some words of text");
  RtChain *chain;
  gint64 begun;

  chain = rt_chain_new (NULL, &klass, &chain);
  for (guint i = 0; i < n_stages; i++)
    {
      g_autoptr (RtMiddleware) middleware = rt_middleware_new_for_func (proceed, NULL, NULL);
      rt_chain_add (chain, middleware);
    }
  begun = g_get_monotonic_time ();
  for (guint i = 0; i < n_messages; i++)
    rt_chain_run (chain, RT_DIRECTION_INCOMING, message, NULL, NULL, 10000);
  g_print ("%.1f ns a message\n", (g_get_monotonic_time () - begun) * 1000.0 / n_messages);
  rt_chain_close (chain);
  rt_chain_unref (chain);
  return 0;
}
