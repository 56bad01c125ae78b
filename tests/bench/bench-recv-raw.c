/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"
#include "bench-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The peer's own speed: what it sends is read and counted by its bytes, nothing more. */

#define FRAME_LEN 204

static int
open_line (const char *url)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const char *port = strrchr (url, ':');
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_port = htons ((guint16) g_ascii_strtoull (port != NULL ? port + 1 : "", NULL, 10));
  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    g_error ("cannot connect to %s: %s", url, g_strerror (errno));
  return fd;
}

/* The mask is all zeros, so that the text is sent as it is. */
static void
send_command (int fd, const char *command)
{
  const gsize len = strlen (command);
  guint8 frame[128] = { 0x81, (guint8) (0x80 | len) };

  g_assert (len < 126 - 6);
  memcpy (frame + 6, command, len);
  if (!bench_write_all (fd, frame, len + 6))
    g_error ("the line is gone");
}

static void
read_until (int fd, char *buffer, const char *end_mark)
{
  gsize len = 0;

  do
    {
      gssize got = read (fd, buffer + len, BENCH_READ_SIZE - 1 - len);

      if (got <= 0)
        g_error ("the line is gone");
      len += (gsize) got;
      buffer[len] = '\0';
    }
  while (!g_str_has_suffix (buffer, end_mark));
}

static void
read_blast (int fd, BenchRun *run, char *buffer)
{
  guint64 left = run->awaited * FRAME_LEN;

  while (left > 0)
    {
      gssize got = read (fd, buffer, MIN (left, BENCH_READ_SIZE));

      if (got <= 0)
        g_error ("the line is gone");
      left -= (guint64) got;
    }
  run->done = run->awaited;
}

int
main (int argc, char **argv)
{
  const char *upgrade = "GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                        "Sec-WebSocket-Version: 13\r\n\r\n";
  g_autofree char *buffer = g_malloc (BENCH_READ_SIZE);
  BenchRun run;
  int fd;

  bench_run_init (&run, "recv-raw", argc, argv);
  fd = open_line (run.url);
  if (!bench_write_all (fd, upgrade, strlen (upgrade)))
    g_error ("the line is gone");
  read_until (fd, buffer, "\r\n\r\n");
  while (bench_run_next (&run))
    {
      g_autofree char *command =
          g_strdup_printf ("{\"id\":3,\"rpc\":{\"method\":\"blast\",\"data\":%" G_GUINT64_FORMAT "}}", run.awaited);
      const gsize reply_len = strlen ("\x81\x1b{\"id\":3,\"rpc\":{\"data\":null}}");

      send_command (fd, command);
      if (recv (fd, buffer, reply_len, MSG_WAITALL) != (gssize) reply_len)
        g_error ("the line is gone");
      read_blast (fd, &run, buffer);
    }
  close (fd);
  return bench_run_finish (&run);
}
