/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-link.h"


/* From the accept to the proof of who it is. */
#define AUTH_TIMEOUT RT_CLOCK_MS (10000)
/* From one request to the next. */
#define IDLE_TIMEOUT RT_CLOCK_MS (60000)

#define LINK_KEY "rt-mock-link"

static void
silent_cb (gpointer user_data)
{
  rt_budget_line_close (((RtMockLink *) user_data)->line, FALSE);
}

/* Inside a call of libsoup perhaps: what it used is freed later. */
static void
line_closed_cb (gpointer user_data)
{
  RtMockLink *self = user_data;

  self->closed = TRUE;
  rt_mock_turn_add (self->env->turn, &self->end);
}

RtMockLink *
rt_mock_link_new (RtMockEnv *env, RtMockHub *hub, GSocketConnection *connection)
{
  RtMockLink *self = g_new0 (RtMockLink, 1);

  self->env = env;
  self->hub = hub;
  self->link.data = self;
  self->work.owner = self;
  self->line = rt_budget_line_new (connection, line_closed_cb, self);
  self->auth_deadline = rt_clock_now () + AUTH_TIMEOUT;
  self->timer = rt_timer_new (env->context, "[realtime] mock silence", silent_cb, self);
  rt_timer_start (self->timer, self->auth_deadline);
  return self;
}

/* libsoup hands this object out again with every request. */
void
rt_mock_link_mark (RtMockLink *self, GSocketAddress *remote)
{
  self->remote = g_object_ref (remote);
  g_object_set_data (G_OBJECT (remote), LINK_KEY, self);
}

RtMockLink *
rt_mock_link_find (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return remote != NULL ? g_object_get_data (G_OBJECT (remote), LINK_KEY) : NULL;
}

void
rt_mock_link_free (RtMockLink *self)
{
  /* libsoup may have read more requests than it has handed out. */
  if (self->remote != NULL)
    g_object_set_data (G_OBJECT (self->remote), LINK_KEY, NULL);
  g_clear_object (&self->remote);
  if (self->waiting != NULL)
    {
      if (self->gone != NULL)
        self->gone (self);
      /* libsoup sees that the connection is closed when it wants to write. */
      rt_mock_link_finish (self);
    }
  rt_mock_turn_remove (self->env->turn, &self->work);
  if (self->session != NULL)
    rt_mock_session_free (self->session);
  rt_timer_free (self->timer);
  rt_budget_line_unref (self->line);
  g_free (self);
}

/* --- Requests --- */

void
rt_mock_link_begin (RtMockLink *self)
{
  /* The body of the first has to come in the time for authentication. */
  if (!self->closed && self->requests++ > 0)
    rt_timer_start (self->timer, rt_clock_now () + IDLE_TIMEOUT);
}

void
rt_mock_link_read (RtMockLink *self)
{
  rt_budget_line_delivered (self->line);
  if (!self->closed)
    rt_timer_start (self->timer, rt_clock_now () + IDLE_TIMEOUT);
}

void
rt_mock_link_wait (RtMockLink *self,
                   SoupServerMessage *message,
                   void (*gone) (RtMockLink *self),
                   gpointer data)
{
  g_assert (self->waiting == NULL);
  self->waiting = g_object_ref (message);
  self->gone = gone;
  self->waiting_data = data;
  rt_timer_stop (self->timer);
  soup_server_message_pause (message);
}

void
rt_mock_link_finish (RtMockLink *self)
{
  g_autoptr (SoupServerMessage) message = g_steal_pointer (&self->waiting);

  self->waiting_data = NULL;
  rt_timer_start (self->timer, rt_clock_now () + IDLE_TIMEOUT);
  soup_server_message_unpause (message);
}

GIOStream *
rt_mock_link_steal (RtMockLink *self)
{
  g_autoptr (SoupServerMessage) message = g_steal_pointer (&self->waiting);

  self->waiting_data = NULL;
  return soup_server_message_steal_connection (message);
}

void
rt_mock_link_later (RtMockLink *self, void (*work) (gpointer link))
{
  self->work.run = work;
  rt_mock_turn_add (self->env->turn, &self->work);
}
