/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "rt-fault-quiet.h"

#include <gio/gio.h>
#include <sched.h>
#include "rt-clock.h"

struct _RtFaultQuiet
{
  cpu_set_t before;
  GSocket *sender;
  GSocket *receiver;
};

static GSocket *
make_socket (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;
  GSocket *socket
    = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, any, FALSE, &error);
  g_assert_no_error (error);
  return socket;
}

RtFaultQuiet *
rt_fault_quiet_begin (void)
{
  RtFaultQuiet *self = g_new0 (RtFaultQuiet, 1);
  g_autoptr (GError) error = NULL;
  cpu_set_t one;

  g_assert_cmpint (sched_getaffinity (0, sizeof self->before, &self->before), ==, 0);
  CPU_ZERO (&one);
  CPU_SET (sched_getcpu (), &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  self->sender = make_socket ();
  self->receiver = make_socket ();
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->receiver, NULL);
  g_socket_connect (self->sender, address, NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
rt_fault_quiet_end (RtFaultQuiet *self)
{
  g_assert_cmpint (sched_setaffinity (0, sizeof self->before, &self->before), ==, 0);
  g_object_unref (self->sender);
  g_object_unref (self->receiver);
  g_free (self);
}

void
rt_fault_quiet_wait (RtFaultQuiet *self)
{
  char byte = 'x';

  g_assert_cmpint (g_socket_send (self->sender, &byte, 1, NULL, NULL), ==, 1);
  g_assert_cmpint (g_socket_receive (self->receiver, &byte, 1, NULL, NULL), ==, 1);
  rt_clock_virtual_settle ();
}
