/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>

/* Messages whose time to live is over when they come, by the server's clock. */

#define HOUR G_GINT64_CONSTANT (3600000)

/* Connected, the server's clock being @ahead ms ahead of this machine's, and joined to "room". */
static ConnProbe *
new_joined (gint64 ahead)
{
  ConnProbe *probe = conn_probe_new (NULL);
  g_autofree char *greeting = NULL;

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  greeting = g_strdup_printf ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"time\":%" G_GINT64_FORMAT "}}",
                              rt_clock_real () / 1000 + ahead);
  rt_fake_transport_receive (greeting);
  conn_probe_do_join (probe, "room", TRUE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"E\"}}");
  conn_probe_forget (probe);
  return probe;
}

static char *
publication (guint offset, gint64 timestamp, const char *ttl)
{
  return g_strdup_printf ("{\"data\":{\"$rt\":1,\"id\":\"%u\",\"src\":\"00000000000000aa\",\"type\":\"text\",\"ts\":%"
                          G_GINT64_FORMAT ",\"ttl\":%s,\"text\":\"x\"},\"offset\":%u}",
                          offset, timestamp, ttl, offset);
}

/* @age: how old it is by the server's clock, ms. */
static void
receive (guint offset, gint64 server_now, gint64 age, const char *ttl)
{
  g_autofree char *content = publication (offset, server_now - age * 1000, ttl);
  g_autofree char *push = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"pub\":%s}}", content);

  rt_fake_transport_receive (push);
}

static void
test_server_time (void)
{
  static const gint64 leads[] = { 0, HOUR, -HOUR };

  for (guint i = 0; i < G_N_ELEMENTS (leads); i++)
    {
      g_autoptr (ConnProbe) probe = new_joined (leads[i]);
      gint64 now = rt_clock_real () / 1000 * 1000 + leads[i] * 1000;

      receive (1, now, 999, "1000");
      receive (2, now, 1000, "1000");
      receive (3, now, 10 * HOUR, "0");
      receive (4, now, -HOUR, "1");
      conn_probe_expect (probe, "message room 1\nmessage room 2 late\nmessage room 3\nmessage room 4\n");
      /* Nobody who sets this machine's clock makes a message old. */
      rt_clock_virtual_set_real (rt_clock_real () + 1000 * HOUR * 24);
      conn_probe_advance (probe, 500);
      receive (5, now, 499, "1000");
      receive (6, now, 500, "1000");
      conn_probe_expect (probe, "message room 5\nmessage room 6 late\n");
      /* The server's clock goes on while the machine sleeps. */
      rt_clock_virtual_skip (RT_CLOCK_MS (HOUR));
      receive (7, now, 0, "60000");
      g_assert_nonnull (strstr (probe->diary->str, "message room 7 late\n"));
    }
}

/* No server's word: this machine's clock counts. */
static void
test_no_server_time (void)
{
  static const char *const times[] = { "0", "9223372036854775807", "253402300800000" };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new (NULL);
      g_autofree char *greeting
        = g_strdup_printf ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"time\":%s}}", times[i]);

      conn_probe_do (probe, RT_OP_CONNECT, NULL);
      rt_fake_transport_opened (RT_PROFILE_RT1);
      g_test_message ("%s", times[i]);
      rt_fake_transport_receive (greeting);
      conn_probe_do_join (probe, "room", FALSE);
      rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
      conn_probe_forget (probe);
      receive (0, rt_clock_real (), 999, "1000");
      conn_probe_expect (probe, "message room 0\n");
      rt_clock_virtual_set_real (rt_clock_real () + RT_CLOCK_MS (2));
      receive (0, rt_clock_real (), 1000, "1000");
      conn_probe_forget (probe);
    }
}

/* Whatever numbers a peer writes. */
static void
test_strange_numbers (void)
{
  static const struct
  {
    gint64 timestamp;
    const char *ttl;
    const char *line;
  } cases[] = {
    { 0, "1", "message room 1\n" },
    { G_MAXINT64, "1", "message room 1\n" },
    { G_MININT64, "1", "message room 1\n" }, /* somebody else's data, not a message with a time to live */
    { 1, "1", "message room 1 late\n" },
    { 1, "18446744073709551615", "message room 1\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = new_joined (0);
      g_autofree char *content = publication (1, cases[i].timestamp, cases[i].ttl);
      g_autofree char *push = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"pub\":%s}}", content);

      rt_fake_transport_receive (push);
      conn_probe_expect (probe, cases[i].line);
    }
}

/* What was missed may be too late by now. That is no gap, and the position goes on behind it. */
static void
test_recovered (void)
{
  g_autoptr (ConnProbe) probe = new_joined (0);
  gint64 now = rt_clock_real () / 1000 * 1000;

  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  g_autofree char *late = publication (1, now - RT_CLOCK_MS (60000), "1000");
  g_autofree char *good = publication (2, now, "60000");
  g_autofree char *last = publication (3, now - RT_CLOCK_MS (60000), "1000");
  g_autofree char *reply
    = g_strdup_printf ("{\"id\":4,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"recovered\":true,"
                       "\"was_recovering\":true,\"epoch\":\"E\",\"offset\":3,\"publications\":[%s,%s,%s]}}",
                       late, good, last);
  conn_probe_forget (probe);
  rt_fake_transport_receive (reply);
  g_assert_nonnull (strstr (probe->diary->str, "message room 1 late\nmessage room 2\nmessage room 3 late\n"));
  g_assert_null (strstr (probe->diary->str, "gap"));
  conn_probe_forget (probe);
  receive (4, now, 0, "60000");
  conn_probe_expect (probe, "message room 4\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Lateness/server-time", test_server_time);
  conn_probe_add_test ("/Rt/Lateness/no-server-time", test_no_server_time);
  conn_probe_add_test ("/Rt/Lateness/strange-numbers", test_strange_numbers);
  conn_probe_add_test ("/Rt/Lateness/recovered", test_recovered);
  return g_test_run ();
}
