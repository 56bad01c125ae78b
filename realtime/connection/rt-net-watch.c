/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-net-watch.h"

typedef struct
{
  RtNetWatchFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Receiver;

struct _RtNetWatch
{
  GNetworkMonitor *monitor;
  gulong handler;
};

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
  Receiver *receiver = user_data;

  receiver->func (receiver->user_data, available);
}

/* The closure's last reference is dropped, and this called, when no emission in whatever thread uses it any more. */
static void
receiver_free (gpointer data, GClosure *closure)
{
  Receiver *receiver = data;

  if (receiver->destroy != NULL)
    receiver->destroy (receiver->user_data);
  g_free (receiver);
}

RtNetWatch *
rt_net_watch_new (RtNetWatchFunc func, gpointer user_data, GDestroyNotify destroy)
{
  RtNetWatch *self = g_new0 (RtNetWatch, 1);
  Receiver *receiver = g_new0 (Receiver, 1);

  *receiver = (Receiver) { func, user_data, destroy };
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  self->handler = g_signal_connect_data (self->monitor, "network-changed", G_CALLBACK (network_changed_cb), receiver,
                                         receiver_free, 0);
  return self;
}

void
rt_net_watch_free (RtNetWatch *self)
{
  if (self == NULL)
    return;
  g_signal_handler_disconnect (self->monitor, self->handler);
  g_object_unref (self->monitor);
  g_free (self);
}
