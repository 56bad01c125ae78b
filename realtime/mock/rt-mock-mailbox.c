/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-mailbox.h"

/* So many a dispatch: the sockets of the loop have their turn in between. */
#define BATCH 64

typedef struct
{
  RtMockMailFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Mail;

struct _RtMockMailbox
{
  gatomicrefcount refs;
  GSource *source; /* immutable after construction */
  GMutex lock;
  GQueue queue;    /* guarded by lock */
  gboolean closed; /* guarded by lock */
};

static gboolean
mailbox_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs mailbox_funcs = { NULL, NULL, mailbox_dispatch, NULL, NULL, NULL };

static RtMockMailbox *
mailbox_ref (RtMockMailbox *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
finish_mail (Mail *mail)
{
  if (mail->destroy != NULL)
    mail->destroy (mail->data);
  g_free (mail);
}

static Mail *
take_mail (RtMockMailbox *self)
{
  g_mutex_lock (&self->lock);
  Mail *mail = g_queue_pop_head (&self->queue);
  g_mutex_unlock (&self->lock);
  return mail;
}

static gboolean
mailbox_cb (gpointer user_data)
{
  RtMockMailbox *self = mailbox_ref (user_data);

  /* Unset before taking: a post that comes in between sets it again. */
  g_source_set_ready_time (self->source, -1);
  for (guint i = 0; i < BATCH; i++)
    {
      Mail *mail = take_mail (self);
      if (mail == NULL)
        break;
      mail->func (mail->data);
      finish_mail (mail);
    }
  g_mutex_lock (&self->lock);
  if (!self->closed && !g_queue_is_empty (&self->queue))
    g_source_set_ready_time (self->source, 0);
  g_mutex_unlock (&self->lock);
  rt_mock_mailbox_unref (self);
  return G_SOURCE_CONTINUE;
}

RtMockMailbox *
rt_mock_mailbox_new (GMainContext *context, const char *name)
{
  RtMockMailbox *self = g_new0 (RtMockMailbox, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_queue_init (&self->queue);
  self->source = g_source_new (&mailbox_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, name);
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, mailbox_cb, mailbox_ref (self), (GDestroyNotify) rt_mock_mailbox_unref);
  g_source_attach (self->source, context);
  return self;
}

void
rt_mock_mailbox_unref (RtMockMailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_assert (g_queue_is_empty (&self->queue));
  g_source_unref (self->source);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
rt_mock_mailbox_post (RtMockMailbox *self, RtMockMailFunc func, gpointer data, GDestroyNotify destroy)
{
  Mail *mail = g_new (Mail, 1);

  *mail = (Mail) { func, data, destroy };
  g_mutex_lock (&self->lock);
  gboolean accepted = !self->closed;
  if (accepted)
    {
      g_queue_push_tail (&self->queue, mail);
      g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);
  if (!accepted)
    finish_mail (mail);
  return accepted;
}

typedef struct
{
  RtMockMailFunc func;
  gpointer data;
  GMutex lock;
  GCond cond;
  gboolean ran;  /* guarded by lock */
  gboolean done; /* guarded by lock */
} Call;

static void
call_run (gpointer data)
{
  Call *call = data;

  call->func (call->data);
  g_mutex_lock (&call->lock);
  call->ran = TRUE;
  g_mutex_unlock (&call->lock);
}

static void
call_done (gpointer data)
{
  Call *call = data;

  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
}

gboolean
rt_mock_mailbox_call (RtMockMailbox *self, RtMockMailFunc func, gpointer data)
{
  Call call = { .func = func, .data = data };

  g_mutex_init (&call.lock);
  g_cond_init (&call.cond);
  rt_mock_mailbox_post (self, call_run, &call, call_done);
  g_mutex_lock (&call.lock);
  while (!call.done)
    g_cond_wait (&call.cond, &call.lock);
  g_mutex_unlock (&call.lock);
  g_mutex_clear (&call.lock);
  g_cond_clear (&call.cond);
  return call.ran;
}

guint
rt_mock_mailbox_count (RtMockMailbox *self)
{
  g_mutex_lock (&self->lock);
  guint count = g_queue_get_length (&self->queue);
  g_mutex_unlock (&self->lock);
  return count;
}

void
rt_mock_mailbox_close (RtMockMailbox *self)
{
  Mail *mail;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
  mailbox_ref (self);
  while ((mail = take_mail (self)) != NULL)
    finish_mail (mail);
  g_source_destroy (self->source);
  rt_mock_mailbox_unref (self);
}
