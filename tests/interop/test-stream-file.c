/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interop-server.h"
#include "stream-job.h"

/* test-stream-file [--tap] MOCK-SERVE STREAM-FILE: 64 MiB through the project's own server, three processes in all. */

static char **programs;

static void
test_64_mib (gconstpointer transport)
{
  char *command[] = { programs[1], NULL };
  InteropServer *server = interop_server_start (command);

  stream_job_run (programs[2], interop_server_get_url (server), "ann", "bob", transport, 64 * 1024 * 1024);
  interop_server_stop (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc != 3)
    g_error ("usage: test-stream-file MOCK-SERVE STREAM-FILE");
  programs = argv;
  g_test_add_data_func ("/Rt/Stream/file-64-mib", "websocket", test_64_mib);
  return g_test_run ();
}
