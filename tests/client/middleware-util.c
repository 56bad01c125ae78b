/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "middleware-util.h"

struct _TestMiddleware
{
  char *name;
  GString *trace;
  RtMiddleware *middleware;
  TestDeed deeds[2];
  GPtrArray *held;
  GThread *thread;
};

static const char *
get_text (RtExchange *exchange)
{
  const char *text = rt_message_get_content (rt_exchange_get_message (exchange));

  return text != NULL ? text : "-";
}

static void
completed_cb (RtExchange *exchange, GError *error, gpointer user_data)
{
  TestMiddleware *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  if (error == NULL)
    g_string_append_printf (self->trace, "%s=ok %s ", self->name, get_text (exchange));
  else
    g_string_append_printf (self->trace, "%s=%d %s ", self->name, error->code, get_text (exchange));
}

static void
replace (RtExchange *exchange)
{
  RtMessage *message = rt_exchange_get_message (exchange);
  g_autofree char *text = g_strdup_printf ("<%s>", get_text (exchange));
  g_autoptr (RtMessage) other = rt_message_new_text (rt_message_get_channel (message), text);

  rt_exchange_replace (exchange, other);
}

static void
act (RtExchange *exchange, TestDeed deed)
{
  g_autoptr (GError) error = NULL;

  switch (deed)
    {
    case TEST_PROCEED:
      rt_exchange_proceed (exchange);
      break;
    case TEST_DROP:
      rt_exchange_drop (exchange, "told to");
      break;
    case TEST_FAIL:
      error = g_error_new_literal (RT_ERROR, RT_ERROR_PERMISSION_DENIED, "told to");
      rt_exchange_fail (exchange, error);
      break;
    case TEST_REPLACE:
      replace (exchange);
      break;
    case TEST_HOLD:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
process_cb (RtExchange *exchange, gpointer user_data, GError **error)
{
  TestMiddleware *self = user_data;
  RtDirection direction = rt_exchange_get_direction (exchange);

  g_assert_true (g_thread_self () == self->thread);
  g_string_append_printf (self->trace, "%s%c%s ", self->name, direction == RT_DIRECTION_OUTGOING ? '>' : '<',
                          get_text (exchange));
  g_signal_connect (exchange, "completed", G_CALLBACK (completed_cb), self);
  if (self->deeds[direction] == TEST_HOLD)
    g_ptr_array_add (self->held, g_object_ref (exchange));
  else
    act (exchange, self->deeds[direction]);
  return TRUE;
}

TestMiddleware *
test_middleware_new (const char *name, GString *trace)
{
  TestMiddleware *self = g_new0 (TestMiddleware, 1);

  self->name = g_strdup (name);
  self->trace = trace;
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->thread = g_thread_self ();
  self->middleware = rt_middleware_new_for_func (process_cb, self, NULL);
  return self;
}

RtMiddleware *
test_middleware_get (TestMiddleware *self)
{
  return self->middleware;
}

void
test_middleware_set (TestMiddleware *self, RtDirection direction, TestDeed deed)
{
  self->deeds[direction] = deed;
}

void
test_middleware_release (TestMiddleware *self, const char *text, TestDeed deed)
{
  for (guint i = 0; i < self->held->len; i++)
    {
      RtExchange *exchange = g_ptr_array_index (self->held, i);

      if (g_strcmp0 (get_text (exchange), text) != 0)
        continue;
      g_object_ref (exchange);
      g_ptr_array_remove_index (self->held, i);
      act (exchange, deed);
      g_object_unref (exchange);
      return;
    }
  g_error ("no message \"%s\" is held", text);
}

guint
test_middleware_get_held (TestMiddleware *self)
{
  return self->held->len;
}

/* Whoever is still in use by then would call what is gone. */
void
test_middleware_free (TestMiddleware *self)
{
  g_ptr_array_unref (self->held);
  g_assert_finalize_object (self->middleware);
  g_free (self->name);
  g_free (self);
}
