/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime-mock/realtime-mock.h>

#include "rt-test.h"

/* A server in a process of its own, that a test can kill and stop: fault-child PORT JOURNAL PING_INTERVAL. It prints
 * the port when it can be connected to, and goes on until it is killed, or its standard input ends. */

int
main (int argc, char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  if (argc != 4)
    g_error ("usage: fault-child PORT JOURNAL PING_INTERVAL");
  rt_test_end_with_parent ();
  rt_mock_server_set_port (server, (guint) g_ascii_strtoull (argv[1], NULL, 10));
  rt_mock_server_set_journal (server, argv[2]);
  rt_mock_server_set_ping_interval (server, (guint) g_ascii_strtoull (argv[3], NULL, 10));
  if (!rt_mock_server_start (server, &error))
    g_error ("%s", error->message);
  g_print ("%u\n", rt_mock_server_get_port (server));
  g_main_loop_run (loop);
  return 0;
}
