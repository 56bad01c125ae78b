/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-raw-socket.h"
#include "rt-test.h"

/* A peer that sends without end, in a thread of its own. What it may cost is bounded, and others are served. */

#define BLOCK (256 * 1024)
/* What is in the sockets' buffers on both sides, generously. */
#define IN_BUFFERS (32 * 1024 * 1024)

typedef struct
{
  GSocketConnection *connection;
  GByteArray *block; /* sent again and again */
  GThread *thread;
  gint stopping;  /* atomic */
  gint n_blocks;  /* atomic: sent so far */
  gboolean ended; /* by the server; valid when the thread is joined */
} Flood;

static gpointer
flood_thread (gpointer data)
{
  Flood *flood = data;

  while (!g_atomic_int_get (&flood->stopping))
    {
      if (!rt_raw_socket_write (flood->connection, flood->block->data, flood->block->len))
        {
          flood->ended = !g_atomic_int_get (&flood->stopping);
          break;
        }
      g_atomic_int_inc (&flood->n_blocks);
    }
  return NULL;
}

static void
flood_begin (Flood *flood, RtMockServer *server, guint8 first_byte, const char *payload)
{
  *flood = (Flood) { .connection = rt_raw_socket_open (server), .block = g_byte_array_new () };
  while (flood->block->len < BLOCK)
    rt_raw_socket_add_frame (flood->block, first_byte, payload, strlen (payload));
  flood->thread = g_thread_new ("flood", flood_thread, flood);
}

static void
flood_end (Flood *flood)
{
  g_atomic_int_set (&flood->stopping, TRUE);
  /* It may be blocked in a write. */
  g_socket_shutdown (g_socket_connection_get_socket (flood->connection), TRUE, TRUE, NULL);
  g_thread_join (flood->thread);
  g_object_unref (flood->connection);
  g_byte_array_unref (flood->block);
}

static gboolean
turn_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Others are served while the flood goes on: a reader without a budget would never come to them. */
static void
test_fairness (gconstpointer payload)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, "centrifuge-json", "");
  Flood flood;

  flood_begin (&flood, server, 0x81, payload);
  guint turning = g_idle_add (turn_cb, NULL);
  rt_test_wait_until (g_atomic_int_get (&flood.n_blocks) > 4);
  g_source_remove (turning);
  for (guint i = 0; i < 10; i++)
    rt_raw_client_check (client, "\"rpc\":{\"data\":1}", "\"data\":1");
  flood_end (&flood);
  g_assert_false (flood.ended);
  rt_raw_server_end (server);
}

/* What never becomes a message ends the connection, before it costs more than the limit. */
static void
check_cut_off (guint8 first_byte, guint8 byte, gsize payload_len)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, "centrifuge-json", "");
  g_autofree char *payload = g_strnfill (payload_len, 'x');
  g_autoptr (GByteArray) first = g_byte_array_new ();
  g_autoptr (GByteArray) more = g_byte_array_new ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_open (server);
  gsize written = 0;

  rt_raw_socket_add_frame (first, first_byte, payload, payload_len);
  while (more->len < BLOCK)
    rt_raw_socket_add_frame (more, byte, payload, payload_len);
  gboolean alive = rt_raw_socket_write (connection, first->data, first->len);
  while (alive && rt_raw_socket_write (connection, more->data, more->len))
    {
      written += more->len;
      g_assert_cmpuint (written, <, IN_BUFFERS);
    }
  rt_raw_client_check (client, "\"rpc\":{\"data\":1}", "\"data\":1");
  rt_raw_server_end (server);
}

static void
test_fragments (void)
{
  check_cut_off (0x01, 0x00, 60000);
}

static void
test_tiny_fragments (void)
{
  check_cut_off (0x01, 0x00, 20);
}

/* The server does not read on from a peer that does not take the answers. */
static void
test_pings_unread (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, "centrifuge-json", "");
  g_autoptr (GSocketConnection) connection = rt_raw_socket_open (server);
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr (GByteArray) block = g_byte_array_new ();
  g_autofree char *payload = g_strnfill (120, 'p');
  gsize written = 0;
  guint refused = 0;

  /* Pings, and now and then a message, so that the count of undelivered bytes begins anew. */
  while (block->len < BLOCK)
    rt_raw_socket_add_frame (block, 0x89, payload, 120);
  rt_raw_socket_add_frame (block, 0x81, "{\"send\":{\"data\":1}}", 19);

  /* Full when the server, asked for something else in between, takes no more for many turns. */
  while (refused < 50)
    {
      gssize put = g_socket_send_with_blocking (socket, (const char *) block->data + written % block->len,
                                                block->len - written % block->len, FALSE, NULL, NULL);
      if (put > 0)
        {
          written += put;
          refused = 0;
          g_assert_cmpuint (written, <, IN_BUFFERS);
          continue;
        }
      refused++;
      rt_raw_client_check (client, "\"rpc\":{\"data\":1}", "\"data\":1");
    }
  rt_raw_server_end (server);
}

/* The code of the close frame that ends what a server has sent; 0 if there is none. */
static guint
find_close_code (GByteArray *received)
{
  gsize at = 0;

  while (at + 2 <= received->len)
    {
      const guint8 *head = received->data + at;
      guint64 len = head[1];
      gsize head_len = 2;

      if (len == 126)
        {
          len = ((guint) head[2] << 8) | head[3];
          head_len = 4;
        }
      else if (len == 127)
        {
          len = 0;
          for (guint i = 2; i < 10; i++)
            len = len << 8 | head[i];
          head_len = 10;
        }
      if (head[0] == 0x88)
        return ((guint) head[head_len] << 8) | head[head_len + 1];
      at += head_len + len;
    }
  return 0;
}

/* Who does not read what is published is disconnected before much of it has gathered. */
static void
test_slow_consumer (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_open (server);
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autofree char *text = g_strnfill (60000, '7');
  const char *subscribe = "{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}\n"
                          "{\"id\":3,\"publish\":{\"channel\":\"d\",\"data\":1}}";
  gsize published = 0;
  gboolean gone = FALSE;

  rt_raw_socket_add_frame (frame, 0x81, subscribe, strlen (subscribe));
  g_assert_true (rt_raw_socket_write (connection, frame->data, frame->len));
  g_assert_true (rt_mock_server_wait_for_messages (server, 1, 10000));
  while (!gone)
    {
      g_assert_true (rt_mock_server_publish (server, "c", text, NULL));
      g_auto (GStrv) clients = rt_mock_server_get_clients (server);
      gone = clients[0] == NULL;
      published += strlen (text);
      g_assert_cmpuint (published, <, IN_BUFFERS);
    }
  g_assert_cmpuint (published, >, 1024 * 1024);
  g_autoptr (GByteArray) received = rt_raw_socket_read_all (connection);
  g_assert_cmpuint (find_close_code (received), ==, 3008);
  rt_raw_server_end (server);
}

/* One frame that claims to be larger than memory. */
static void
test_huge_claim (void)
{
  static const guint8 claim[] = { 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0, 0, 0, 0, 'x' };
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_open (server);
  g_autoptr (GByteArray) rest = NULL;

  g_assert_true (rt_raw_socket_write (connection, claim, sizeof claim));
  rest = rt_raw_socket_read_all (connection);
  g_assert_cmpuint (rest->len, <, 1024);
  rt_raw_check_open (server, "centrifuge-json", "");
  rt_raw_server_end (server);
}

/* libsoup says something of each frame, which would be the larger part of the work. */
static void
ignore_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, ignore_cb, NULL);
  g_test_add_data_func ("/Rt/MockFloods/sends", "{\"send\":{\"data\":1}}", test_fairness);
  g_test_add_data_func ("/Rt/MockFloods/blank-messages", "\n", test_fairness);
  g_test_add_func ("/Rt/MockFloods/fragments", test_fragments);
  g_test_add_func ("/Rt/MockFloods/tiny-fragments", test_tiny_fragments);
  g_test_add_func ("/Rt/MockFloods/pings-unread", test_pings_unread);
  g_test_add_func ("/Rt/MockFloods/slow-consumer", test_slow_consumer);
  g_test_add_func ("/Rt/MockFloods/huge-claim", test_huge_claim);
  return g_test_run ();
}
