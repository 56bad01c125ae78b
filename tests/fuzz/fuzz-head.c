/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "rt-http-head.h"
#include "rt-ws-handshake.h"

/* The head of an HTTP response, and the judgement on it as the answer to a WebSocket handshake. */

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455, section 1.3 */

static void
check_error (const GError *error)
{
  g_assert (error != NULL);
  g_assert (g_utf8_validate (error->message, -1, NULL));
  g_assert (strlen (error->message) < 1024);
}

static void
judge (const RtHttpHead *head)
{
  const RtSettings settings = { .path = (char *) "/connection/websocket" };
  g_autoptr (GError) error = NULL;
  RtProfile profile;
  gint64 wait = rt_http_head_get_retry_after (head);

  g_assert (wait >= -1 && wait <= 300 * G_USEC_PER_SEC);
  if (!rt_ws_handshake_check (head, &settings, KEY, &profile, &error))
    check_error (error);
  else
    g_assert (head->status == 101 && error == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (RtHttpHead) head = NULL;
  g_autoptr (RtHttpHead) again = NULL;
  g_autoptr (GError) error = NULL;
  gsize used = 0;
  gsize used_again = 0;

  switch (rt_http_head_read (data, size, &head, &used, &error))
    {
    case RT_HTTP_HEAD_MORE:
      g_assert (head == NULL && error == NULL && size < RT_HTTP_HEAD_MAX);
      break;
    case RT_HTTP_HEAD_DONE:
      g_assert (used > 0 && used <= MIN (size, RT_HTTP_HEAD_MAX) && error == NULL);
      judge (head);
      /* What follows makes no difference, and without its last byte it is not complete. */
      g_assert (rt_http_head_read (data, used, &again, &used_again, NULL) == RT_HTTP_HEAD_DONE);
      g_assert (used_again == used && again->status == head->status);
      g_clear_pointer (&again, rt_http_head_free);
      g_assert (rt_http_head_read (data, used - 1, &again, &used_again, NULL) == RT_HTTP_HEAD_MORE);
      break;
    case RT_HTTP_HEAD_BAD:
    default:
      g_assert (head == NULL);
      check_error (error);
      break;
    }
  return 0;
}
