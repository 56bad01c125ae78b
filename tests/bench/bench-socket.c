/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 6455, section 1.3. */
#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define PROTOCOL "centrifuge-json"
#define BUFFER_SIZE (2 * BENCH_READ_SIZE)

int
bench_listen (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, len) != 0 || listen (fd, 16) != 0
      || getsockname (fd, (struct sockaddr *) &address, &len) != 0)
    g_error ("cannot listen: %s", g_strerror (errno));
  *port = ntohs (address.sin_port);
  return fd;
}

gboolean
bench_write_all (int fd, const void *data, gsize len)
{
  const guint8 *bytes = data;

  while (len > 0)
    {
      gssize written = send (fd, bytes, len, MSG_NOSIGNAL);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      bytes += written;
      len -= (gsize) written;
    }
  return TRUE;
}

gboolean
bench_read_more (int fd, BenchInput *input, gboolean *more)
{
  gssize got;

  if (input->data == NULL)
    input->data = g_malloc (BUFFER_SIZE);
  if (input->start > 0)
    {
      memmove (input->data, input->data + input->start, input->end - input->start);
      input->end -= input->start;
      input->start = 0;
    }
  if (input->end == BUFFER_SIZE)
    return FALSE; /* a frame larger than anything the benchmark sends */
  do
    got = recv (fd, input->data + input->end, MIN (BENCH_READ_SIZE, BUFFER_SIZE - input->end),
                MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  *more = got > 0;
  if (*more)
    input->end += (gsize) got;
  return *more || (got < 0 && errno == EAGAIN);
}

static void
unmask (guint8 *payload, gsize len, const guint8 mask[4])
{
  guint64 wide;
  gsize i = 0;

  memcpy (&wide, mask, 4);
  memcpy ((guint8 *) &wide + 4, mask, 4);
  for (; i + 8 <= len; i += 8)
    {
      guint64 word;

      memcpy (&word, payload + i, 8);
      word ^= wide;
      memcpy (payload + i, &word, 8);
    }
  for (; i < len; i++)
    payload[i] ^= mask[i % 4];
}

gboolean
bench_next_frame (BenchInput *input, BenchFrame *frame)
{
  guint8 *bytes = input->data + input->start;
  gsize available = input->end - input->start;
  gsize header = 6; /* with the mask, which a client must send */
  gsize len;

  if (available < 2)
    return FALSE;
  len = bytes[1] & 0x7f;
  if (len == 126)
    header += 2;
  else if (len == 127)
    header += 8;
  if (available < header)
    return FALSE;
  if (len >= 126)
    {
      gsize digits = header - 6;

      len = 0;
      for (gsize i = 0; i < digits; i++)
        len = len << 8 | bytes[2 + i];
    }
  if (available - header < len)
    return FALSE;
  frame->opcode = bytes[0] & 0x0f;
  frame->payload = bytes + header;
  frame->len = len;
  unmask (frame->payload, len, bytes + header - 4);
  input->start += header + len;
  return TRUE;
}

gboolean
bench_put_frame (int fd, guint opcode, const void *payload, gsize len)
{
  g_autofree guint8 *frame = g_malloc (len + 10);
  gsize header_len = 2;

  frame[0] = (guint8) (0x80 | opcode);
  frame[1] = (guint8) len;
  if (len >= 126)
    {
      gsize digits = len <= G_MAXUINT16 ? 2 : 8;

      frame[1] = digits == 2 ? 126 : 127;
      for (gsize i = 0; i < digits; i++)
        frame[1 + digits - i] = (guint8) (len >> (8 * i));
      header_len += digits;
    }
  memcpy (frame + header_len, payload, len);
  return bench_write_all (fd, frame, header_len + len);
}

static char *
find_header (const char *head, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);

  for (guint i = 1; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (colon == NULL)
        continue;
      *colon = '\0';
      if (g_ascii_strcasecmp (lines[i], name) == 0)
        return g_strdup (g_strstrip (colon + 1));
    }
  return NULL;
}

gboolean
bench_upgrade (int fd, BenchInput *input)
{
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *head = NULL;
  g_autofree char *key = NULL;
  g_autofree char *offered = NULL;
  g_autofree char *accept_key = NULL;
  g_autofree char *answer = NULL;
  guint8 digest[20];
  gsize digest_len = sizeof digest;
  const char *end;
  gboolean more;
  int on = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  do
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };

      if (poll (&wait, 1, -1) < 0 || !bench_read_more (fd, input, &more))
        return FALSE;
      end = g_strstr_len ((char *) input->data, (gssize) input->end, "\r\n\r\n");
    }
  while (end == NULL);
  head = g_strndup ((char *) input->data, (gsize) (end - (char *) input->data));
  input->start = (gsize) (end - (char *) input->data) + 4;
  key = find_header (head, "Sec-WebSocket-Key");
  if (key == NULL)
    return FALSE;
  g_checksum_update (sha1, (guchar *) key, -1);
  g_checksum_update (sha1, (guchar *) WEBSOCKET_GUID, -1);
  g_checksum_get_digest (sha1, digest, &digest_len);
  accept_key = g_base64_encode (digest, digest_len);
  offered = find_header (head, "Sec-WebSocket-Protocol");
  answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n%s\r\n", accept_key,
                            offered != NULL && strstr (offered, PROTOCOL) != NULL
                                ? "Sec-WebSocket-Protocol: " PROTOCOL "\r\n" : "");
  return bench_write_all (fd, answer, strlen (answer));
}
