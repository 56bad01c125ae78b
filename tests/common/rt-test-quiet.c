/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "rt-test-quiet.h"

#include <gio/gio.h>
#include <sched.h>

static GSocket *sender, *receiver; /* for the life of the process */

static GSocket *
make_socket (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, any, FALSE, &error);
  g_assert_no_error (error);
  return socket;
}

static void
pin_threads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, &error);
  const char *name;
  cpu_set_t one;

  g_assert_no_error (error);
  CPU_ZERO (&one);
  CPU_SET (sched_getcpu (), &one);
  while ((name = g_dir_read_name (tasks)) != NULL)
    /* One that has ended meanwhile does not matter. */
    sched_setaffinity ((pid_t) g_ascii_strtoll (name, NULL, 10), sizeof one, &one);
}

void
rt_test_quiet_begin (void)
{
  g_autoptr (GError) error = NULL;

  if (sender != NULL)
    return;
  pin_threads ();
  sender = make_socket ();
  receiver = make_socket ();
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (receiver, NULL);
  g_socket_connect (sender, address, NULL, &error);
  g_assert_no_error (error);
}

void
rt_test_quiet_flush (void)
{
  char byte = 'x';

  g_assert_cmpint (g_socket_send (sender, &byte, 1, NULL, NULL), ==, 1);
  g_assert_cmpint (g_socket_receive (receiver, &byte, 1, NULL, NULL), ==, 1);
}
