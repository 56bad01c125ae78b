/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include "rt-error.h"

static gboolean
retryable (GQuark domain, int code)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");

  return rt_error_is_retryable (error);
}

static void
test_retryable (void)
{
  static const RtError temporary[] = {
    RT_ERROR_NOT_CONNECTED, RT_ERROR_RATE_LIMITED, RT_ERROR_TIMED_OUT, RT_ERROR_NETWORK,
    RT_ERROR_QUEUE_FULL, RT_ERROR_OUTCOME_UNKNOWN, RT_ERROR_SERVER,
  };

  for (int code = RT_ERROR_FAILED; code <= RT_ERROR_ALREADY_JOINED; code++)
    {
      gboolean expected = FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (temporary); i++)
        expected |= (int) temporary[i] == code;
      g_assert_cmpint (retryable (RT_ERROR, code), ==, expected);
    }
  g_assert_false (retryable (RT_SERVER_ERROR, 400));
  g_assert_false (retryable (G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void
test_quarks (void)
{
  g_assert_cmpstr (g_quark_to_string (RT_ERROR), ==, "rt-error-quark");
  g_assert_cmpstr (g_quark_to_string (RT_SERVER_ERROR), ==, "rt-server-error-quark");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Error/retryable", test_retryable);
  g_test_add_func ("/Rt/Error/quarks", test_quarks);
  return g_test_run ();
}
