/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "rt-ws-codec.h"

/* What comes of a peer's bytes must not depend on how they are cut into chunks, nor on the budget. The first
 * byte chooses the role (bit 0) and the limit (bits 1 and 2), the second the cuts; the rest is what the peer
 * sends. */

typedef struct
{
  RtWsRole role;
  gsize max_message;
  guint cuts; /* 0: all in one chunk */
  guint budget;
} Plan;

static void
record (RtBuffer *trace, const void *data, gsize len)
{
  rt_buffer_put (trace, &len, sizeof len);
  rt_buffer_put (trace, data, len);
}

static void
record_event (RtBuffer *trace, RtWsEvent *event)
{
  guint8 opcode = (guint8) event->opcode;

  g_assert (opcode == RT_WS_TEXT || opcode == RT_WS_BINARY || (opcode >= RT_WS_CLOSE && opcode <= RT_WS_PONG));
  g_assert (opcode < RT_WS_CLOSE || event->len <= 125);
  record (trace, &opcode, 1);
  record (trace, &event->close_code, sizeof event->close_code);
  record (trace, event->data, event->len);
  g_free (event->owned);
}

/* Feeds one chunk; FALSE after a fault. */
static gboolean
feed (RtWsParser *parser, const Plan *plan, const guint8 *data, gsize len, RtBuffer *trace)
{
  /* Of exactly its size, so that the sanitizer sees any step outside. */
  g_autofree guint8 *chunk = g_malloc (MAX (len, 1));
  gsize at = 0;
  RtWsStatus status;

  memcpy (chunk, data, len);
  do
    {
      gsize used = 0;
      guint budget = plan->budget;
      RtWsEvent event;

      status = rt_ws_parser_next (parser, chunk + at, len - at, &used, &budget, &event);
      g_assert (used <= len - at && budget <= plan->budget);
      at += used;
      if (status == RT_WS_EVENT)
        record_event (trace, &event);
      g_assert (rt_ws_parser_get_held (parser) <= plan->max_message);
    }
  while (status == RT_WS_EVENT || status == RT_WS_BUDGET);
  g_assert (at == len);
  return status != RT_WS_FAULT;
}

static void
run (const Plan *plan, const guint8 *data, gsize len, RtBuffer *trace)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (plan->role, plan->max_message);
  guint random = plan->cuts;
  gboolean good = TRUE;

  for (gsize at = 0; good && at < len;)
    {
      gsize part = len - at;

      if (plan->cuts > 0)
        {
          random = random * 1103515245 + 12345;
          part = MIN (part, 1 + (random >> 16) % plan->cuts);
        }
      good = feed (parser, plan, data + at, part, trace);
      at += part;
    }

  const char *text = NULL;
  guint16 fault = rt_ws_parser_get_fault (parser, &text);
  g_assert ((fault != 0) == !good && (text != NULL) == !good);
  g_assert (good || rt_ws_parser_get_held (parser) == 0);
  record (trace, &fault, sizeof fault);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const gsize limits[] = { 1, 125, 70000, 1024 * 1024 };
  g_auto (RtBuffer) whole = { NULL, 0, 0 };

  if (size < 2)
    return 0;
  Plan plan = { data[0] & 1 ? RT_WS_SERVER : RT_WS_CLIENT, limits[data[0] >> 1 & 3], 0, G_MAXUINT };
  guint cuts[] = { 1, 2 + data[1] };
  run (&plan, data + 2, size - 2, &whole);
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_auto (RtBuffer) parts = { NULL, 0, 0 };

      plan.cuts = cuts[i];
      plan.budget = 1 + i;
      run (&plan, data + 2, size - 2, &parts);
      g_assert (parts.len == whole.len && memcmp (parts.data, whole.data, whole.len) == 0);
    }
  return 0;
}
