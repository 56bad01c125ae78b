/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-raw-socket.h"

#include <string.h>

GSocketConnection *
rt_raw_socket_connect (RtMockServer *server)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_client_connect_to_host (client, "127.0.0.1", rt_mock_server_get_port (server), NULL, &error);

  g_assert_no_error (error);
  return connection;
}

gboolean
rt_raw_socket_write (GSocketConnection *connection, const void *data, gsize len)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  return g_output_stream_write_all (output, data, len, NULL, NULL, NULL);
}

void
rt_raw_socket_add_frame (GByteArray *out, guint8 first_byte, const void *payload, gsize len)
{
  guint8 head[14] = { first_byte };
  gsize head_len = 2;

  if (len < 126)
    {
      head[1] = 0x80 | len;
    }
  else if (len < 65536)
    {
      head[1] = 0x80 | 126;
      head[head_len++] = len >> 8;
      head[head_len++] = len & 0xff;
    }
  else
    {
      head[1] = 0x80 | 127;
      for (int shift = 56; shift >= 0; shift -= 8)
        head[head_len++] = ((guint64) len >> shift) & 0xff;
    }
  g_byte_array_append (out, head, head_len + 4);
  g_byte_array_append (out, payload, len);
}

/* Reads up to the end of what @until ends with; what follows is lost, so the server must be waiting by then. */
static void
read_until (GSocketConnection *connection, const char *until)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GString) text = g_string_new (NULL);

  while (strstr (text->str, until) == NULL)
    {
      char byte;
      g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, NULL), ==, 1);
      if (byte != '\0')
        g_string_append_c (text, byte);
    }
}

GSocketConnection *
rt_raw_socket_open (RtMockServer *server)
{
  static const char request[] = "GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  static const char connect[] = "{\"id\":1,\"connect\":{}}";
  GSocketConnection *connection = rt_raw_socket_connect (server);
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  g_assert_true (rt_raw_socket_write (connection, request, strlen (request)));
  read_until (connection, "\r\n\r\n");
  rt_raw_socket_add_frame (frame, 0x81, connect, strlen (connect));
  g_assert_true (rt_raw_socket_write (connection, frame->data, frame->len));
  read_until (connection, "\"time\":");
  read_until (connection, "}}");
  return connection;
}

GByteArray *
rt_raw_socket_read_all (GSocketConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GByteArray *all = g_byte_array_new ();
  guint8 buffer[65536];
  gssize got;

  while ((got = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (all, buffer, got);
  return all;
}
