/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"

#define DEADLINE_MS 10000

static void
note (ChainProbe *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (ChainProbe *self, const char *format, ...)
{
  va_list args;

  if (self->log->len > 0)
    g_string_append_c (self->log, ' ');
  va_start (args, format);
  g_string_append_vprintf (self->log, format, args);
  va_end (args);
}

static const char *
get_content (RtExchange *exchange)
{
  return rt_message_get_content (rt_exchange_get_message (exchange));
}

static void
passed_cb (RtExchange *exchange, gpointer tag, gpointer user_data)
{
  ChainProbe *self = user_data;

  note (self, "=%s", get_content (exchange));
  if (self->delivered != NULL)
    self->delivered (self->user_data);
  if (self->is_slow && rt_exchange_get_direction (exchange) == RT_DIRECTION_OUTGOING)
    g_ptr_array_add (self->sent, exchange);
  else
    g_assert_false (rt_chain_complete (self->chain, exchange, NULL));
}

static void
ended_cb (RtExchange *exchange, gpointer tag, const GError *error, const char *reason, gpointer user_data)
{
  ChainProbe *self = user_data;

  note (self, error != NULL ? "!%s" : "-%s", (const char *) tag);
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_free (self->reason);
  self->reason = g_strdup (reason);
}

static void
expired_cb (RtExchange *exchange, gpointer tag, const GError *error, gpointer user_data)
{
  ChainProbe *self = user_data;

  note (self, "~%s", (const char *) tag);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
}

static const RtChainClass chain_class = { passed_cb, ended_cb, expired_cb };

ChainProbe *
chain_probe_new (void)
{
  ChainProbe *self = g_new0 (ChainProbe, 1);

  self->chain = rt_chain_new (NULL, &chain_class, self);
  self->log = g_string_new (NULL);
  self->sent = g_ptr_array_new ();
  return self;
}

void
chain_probe_free (ChainProbe *self)
{
  rt_chain_close (self->chain);
  chain_probe_iterate (self);
  rt_chain_unref (self->chain);
  g_string_free (self->log, TRUE);
  g_ptr_array_unref (self->sent);
  g_clear_error (&self->error);
  g_free (self->reason);
  g_free (self);
}

gboolean
chain_probe_run_with (ChainProbe   *self,
                      RtDirection   direction,
                      const char   *channel,
                      const char   *content,
                      GCancellable *cancellable)
{
  g_autoptr (RtMessage) message = rt_message_new_text (channel, content);

  return rt_chain_run (self->chain, direction, message, (gpointer) g_intern_string (content), cancellable, DEADLINE_MS);
}

gboolean
chain_probe_run (ChainProbe *self, RtDirection direction, const char *channel, const char *content)
{
  return chain_probe_run_with (self, direction, channel, content, NULL);
}

void
chain_probe_iterate (ChainProbe *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
chain_probe_assert (ChainProbe *self, const char *log)
{
  g_assert_cmpstr (self->log->str, ==, log);
  g_string_truncate (self->log, 0);
}

/* --- Middlewares --- */

static void
stage_free (gpointer data)
{
  Stage *self = data;

  if (self->gone != NULL)
    *self->gone = TRUE;
  g_ptr_array_unref (self->kept);
  g_free (self);
}

static void
completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  Stage *self = user_data;

  note (self->probe, error != NULL ? "%s.%s!" : "%s.%s", self->name, get_content (exchange));
}

static gboolean
act (Stage *self, StageAct what, RtExchange *exchange, GError **error)
{
  g_autoptr (GError) failure = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "the network is down");
  g_autofree char *content = g_strconcat (get_content (exchange), "+", NULL);
  g_autoptr (RtMessage) other = rt_message_new_text ("other", content);

  switch (what)
    {
    case STAGE_KEEP:
      g_ptr_array_add (self->kept, g_object_ref (exchange));
      return TRUE;
    case STAGE_REPLACE:
      rt_exchange_replace (exchange, other);
      return TRUE;
    case STAGE_DROP:
      rt_exchange_drop (exchange, "not wanted");
      return TRUE;
    case STAGE_FAIL:
      rt_exchange_fail (exchange, failure);
      return TRUE;
    case STAGE_RETURN_ERROR:
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    case STAGE_RETURN_FALSE:
      return FALSE;
    case STAGE_PROCEED_FALSE:
      rt_exchange_proceed (exchange);
      return FALSE;
    case STAGE_PROCEED:
    default:
      rt_exchange_proceed (exchange);
      return TRUE;
    }
}

static gboolean
stage_cb (RtExchange *exchange, gpointer user_data, GError **error)
{
  Stage *self = user_data;
  StageAct what = self->act;

  note (self->probe, "%s:%s", self->name, get_content (exchange));
  if (self->watch)
    g_signal_connect (exchange, "completed", G_CALLBACK (completed_cb), self);
  if (self->inside != NULL)
    self->inside (self->user_data, exchange);
  if (self->n_fail > 0)
    {
      self->n_fail--;
      what = STAGE_FAIL;
    }
  return act (self, what, exchange, error);
}

Stage *
chain_probe_add (ChainProbe *self, const char *name, StageAct what)
{
  Stage *stage = g_new0 (Stage, 1);
  g_autoptr (RtMiddleware) middleware = rt_middleware_new_for_func (stage_cb, stage, stage_free);

  stage->probe = self;
  stage->name = name;
  stage->act = what;
  stage->kept = g_ptr_array_new_with_free_func (g_object_unref);
  stage->middleware = middleware;
  rt_chain_add (self->chain, middleware);
  return stage;
}

RtExchange *
stage_take (Stage *self)
{
  return g_ptr_array_steal_index (self->kept, 0);
}
