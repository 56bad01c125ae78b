/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-blast.h"
#include "bench-socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The other end of the benchmark, in a process of its own: a server of the Centrifuge protocol that knows only what
 * the benchmark needs and does that faster than any client. It prints "listening URL", serves one client after the
 * other, and ends when its standard input is closed.
 *
 * A call is answered, and followed by as many publications as its data says, if it has any. Publications are
 * acknowledged ACK_BATCH at a time in one WebSocket message, or when nothing more has come for ACK_WAIT_MS. */

#define ACK_BATCH 250
#define ACK_WAIT_MS 1

#define OPCODE_TEXT 1
#define OPCODE_CLOSE 8
#define OPCODE_PING 9
#define OPCODE_PONG 10

typedef struct
{
  int fd;
  BenchInput input;
  GString *replies;
  guint pending; /* acknowledgements in replies */
  guint64 offset;
} Conn;

static gboolean
flush_replies (Conn *conn)
{
  gboolean written = TRUE;

  if (conn->replies->len > 0)
    written = bench_put_frame (conn->fd, OPCODE_TEXT, conn->replies->str, conn->replies->len - 1);
  g_string_truncate (conn->replies, 0);
  conn->pending = 0;
  return written;
}

static void
append_id (GString *out, guint64 id)
{
  char digits[20];
  int i = sizeof digits;

  do
    digits[--i] = (char) ('0' + id % 10);
  while ((id /= 10) > 0);
  g_string_append_len (out, digits + i, (gssize) sizeof digits - i);
}

static gboolean
acknowledge (Conn *conn, guint64 id)
{
  g_string_append_len (conn->replies, "{\"id\":", 6);
  append_id (conn->replies, id);
  g_string_append_len (conn->replies, ",\"publish\":{}}\n", 15);
  return ++conn->pending < ACK_BATCH || flush_replies (conn);
}

static gboolean
answer_call (Conn *conn, guint64 id, const char *data, const char *end)
{
  const char *key = g_strstr_len (data, end - data, "\"data\":");
  guint64 count = key != NULL ? g_ascii_strtoull (key + 7, NULL, 10) : 0;
  guint64 last = conn->offset;

  conn->offset += count;
  g_string_append_printf (conn->replies, "{\"id\":%" G_GUINT64_FORMAT ",\"rpc\":{\"data\":null}}\n", id);
  return flush_replies (conn) && bench_blast (conn->fd, last, count);
}

static gboolean
answer (Conn *conn, guint64 id, const char *command, const char *end)
{
  const gsize left = (gsize) (end - command);

  if (left > 9 && memcmp (command, "\"publish\"", 9) == 0)
    return acknowledge (conn, id);
  if (left > 5 && memcmp (command, "\"rpc\"", 5) == 0)
    return answer_call (conn, id, command, end);
  if (left > 9 && memcmp (command, "\"connect\"", 9) == 0)
    g_string_append_printf (conn->replies, "{\"id\":%" G_GUINT64_FORMAT ",\"connect\":{\"client\":\"bench\","
                            "\"ping\":25,\"pong\":true}}\n", id);
  else if (left > 11 && memcmp (command, "\"subscribe\"", 11) == 0)
    g_string_append_printf (conn->replies, "{\"id\":%" G_GUINT64_FORMAT ",\"subscribe\":{\"recoverable\":true,"
                            "\"epoch\":\"bnch\",\"offset\":%" G_GUINT64_FORMAT ",\"positioned\":true}}\n",
                            id, conn->offset);
  else if (left > 13 && memcmp (command, "\"unsubscribe\"", 13) == 0)
    g_string_append_printf (conn->replies, "{\"id\":%" G_GUINT64_FORMAT ",\"unsubscribe\":{}}\n", id);
  else
    return FALSE;
  return flush_replies (conn);
}

/* The id stands first, {"id":7,"publish":{…}}, or last, {"publish":{…},"id":7}. A pong, {}, needs no answer. */
static gboolean
handle_line (Conn *conn, const char *line, const char *end)
{
  const gboolean id_first = end - line > 6 && memcmp (line, "{\"id\":", 6) == 0;
  const char *digit = id_first ? line + 6 : end - 1;
  guint64 id = 0;

  if (end - line < 8)
    return TRUE;
  while (!id_first && g_ascii_isdigit (digit[-1]) && digit - 1 > line)
    digit--;
  for (; digit < end && g_ascii_isdigit (*digit); digit++)
    id = id * 10 + (guint64) (*digit - '0');
  if (id > 0 && answer (conn, id, id_first ? digit + 1 : line + 1, end))
    return TRUE;
  g_printerr ("bench-peer: not understood, or the client is gone: %.*s\n", (int) (end - line), line);
  return FALSE;
}

static gboolean
handle_frame (Conn *conn, const BenchFrame *frame)
{
  const char *line = (const char *) frame->payload;
  const char *end = line + frame->len;

  if (frame->opcode == OPCODE_PING)
    return bench_put_frame (conn->fd, OPCODE_PONG, frame->payload, frame->len);
  if (frame->opcode == OPCODE_CLOSE)
    {
      bench_put_frame (conn->fd, OPCODE_CLOSE, frame->payload, MIN (frame->len, 2));
      return FALSE;
    }
  while (line < end)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      const char *line_end = newline != NULL ? newline : end;

      if (!handle_line (conn, line, line_end))
        return FALSE;
      line = line_end + 1;
    }
  return TRUE;
}

static gboolean
wait_for_input (Conn *conn)
{
  struct pollfd fds[] = { { .fd = conn->fd, .events = POLLIN }, { .fd = STDIN_FILENO } };

  if (conn->pending > 0 && poll (fds, 1, ACK_WAIT_MS) == 0 && !flush_replies (conn))
    return FALSE;
  /* The end of standard input shows as a hang-up, which needs no asking for. */
  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    if (errno != EINTR)
      return FALSE;
  return fds[0].revents != 0;
}

static void
serve (int fd)
{
  Conn conn = { .fd = fd, .replies = g_string_new (NULL), .offset = BENCH_FIRST_OFFSET - 1 };
  gboolean open = bench_upgrade (fd, &conn.input);

  while (open)
    {
      BenchFrame frame;
      gboolean more;

      while (open && bench_next_frame (&conn.input, &frame))
        open = handle_frame (&conn, &frame);
      open = open && bench_read_more (fd, &conn.input, &more) && (more || wait_for_input (&conn));
    }
  g_free (conn.input.data);
  g_string_free (conn.replies, TRUE);
  close (fd);
}

int
main (void)
{
  guint16 port;
  int listener = bench_listen (&port);

  printf ("listening ws://127.0.0.1:%u/connection/websocket\n", port);
  fflush (stdout);
  for (;;)
    {
      struct pollfd fds[] = { { .fd = listener, .events = POLLIN }, { .fd = STDIN_FILENO } };

      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        break;
      if (fds[1].revents != 0)
        break;
      if (fds[0].revents != 0)
        serve (accept (listener, NULL, NULL));
    }
  close (listener);
  return 0;
}
