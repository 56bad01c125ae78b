/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-verdict.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-json-fields.h"

/* What a server that goes away without saying more would have its clients spread over. */
#define DEFAULT_SPREAD RT_CLOCK_MS (10000)

/* No close code at all, or one that says no more than that the line is gone (RFC 6455, 7.4.1). */
#define CODE_NONE 0
#define CODE_NO_STATUS 1005
#define CODE_ABNORMAL 1006

typedef enum
{
  FLAG_SPREAD = 1 << 0,
  FLAG_NEW_TOKEN = 1 << 1,
  FLAG_RESYNC = 1 << 2,
} Flags;

typedef struct
{
  guint first;
  guint last;
  RtVerdictKind kind;
  Flags flags;
} Row;

/* What is in none is worth another try. */
static const Row close_codes[] = {
  { 1002, 1003, RT_VERDICT_FAULT, 0 },
  { 1007, 1007, RT_VERDICT_FAULT, 0 },
  { 1008, 1008, RT_VERDICT_TERMINAL, 0 },
  { 1009, 1009, RT_VERDICT_MESSAGE, 0 },
  { 1010, 1010, RT_VERDICT_FAULT, 0 },
  { 1012, 1013, RT_VERDICT_RETRY, FLAG_SPREAD },
  { 3001, 3001, RT_VERDICT_RETRY, FLAG_SPREAD }, /* shutdown */
  { 3005, 3005, RT_VERDICT_RETRY, FLAG_NEW_TOKEN }, /* expired */
  { 3011, 3011, RT_VERDICT_RETRY, FLAG_SPREAD }, /* go elsewhere */
  { 3014, 3014, RT_VERDICT_RETRY, FLAG_NEW_TOKEN | FLAG_RESYNC }, /* state invalidated */
  { 3500, 3500, RT_VERDICT_TOKEN, 0 }, /* invalid token */
  { 3501, 3999, RT_VERDICT_TERMINAL, 0 },
  { 4500, 4999, RT_VERDICT_TERMINAL, 0 },
};

static const Row statuses[] = {
  { 400, 400, RT_VERDICT_REFUSED, 0 },
  { 401, 401, RT_VERDICT_TOKEN, 0 },
  { 402, 406, RT_VERDICT_REFUSED, 0 },
  { 407, 408, RT_VERDICT_RETRY, 0 }, /* of a proxy that may be set right; timeout */
  { 409, 424, RT_VERDICT_REFUSED, 0 },
  { 425, 425, RT_VERDICT_RETRY, 0 }, /* too early */
  { 426, 428, RT_VERDICT_REFUSED, 0 },
  { 429, 429, RT_VERDICT_RETRY, 0 }, /* too many requests */
  { 430, 499, RT_VERDICT_REFUSED, 0 },
};

static const Row reply_codes[] = {
  { 100, 100, RT_VERDICT_RETRY, 0 }, /* internal error */
  { 101, 101, RT_VERDICT_TOKEN, 0 }, /* unauthorized */
  { 109, 109, RT_VERDICT_TOKEN, FLAG_NEW_TOKEN }, /* token expired */
  { 111, 111, RT_VERDICT_RETRY, 0 }, /* too many requests */
};

static RtVerdict
look_up (const Row *rows, gsize n_rows, guint code, RtVerdictKind otherwise)
{
  RtVerdict verdict = { .kind = otherwise, .floor = -1, .spread = -1 };

  for (gsize i = 0; i < n_rows; i++)
    if (code >= rows[i].first && code <= rows[i].last)
      {
        verdict.kind = rows[i].kind;
        verdict.new_token = (rows[i].flags & FLAG_NEW_TOKEN) != 0;
        verdict.resync = (rows[i].flags & FLAG_RESYNC) != 0;
        verdict.spread = (rows[i].flags & FLAG_SPREAD) != 0 ? DEFAULT_SPREAD : -1;
        break;
      }
  return verdict;
}

/* --- The reason --- */

typedef struct
{
  RtSlice reconnect; /* raw */
} Advice;

static gboolean
slice_is (const RtSlice *raw, const char *text)
{
  return raw->len == strlen (text) && memcmp (raw->data, text, raw->len) == 0;
}

/* Servers from before there were ranges of codes say in the reason whether to come again:
 * {"reason":"…","reconnect":false}. */
static void
heed_reason (RtVerdict *verdict, const char *reason)
{
  static const RtField fields[] = { RT_FIELD ("reconnect", RT_FIELD_RAW, Advice, reconnect) };
  static const RtFields table = RT_FIELDS (fields);
  Advice advice = { .reconnect = { NULL, 0, 0 } };
  RtScan scan;

  if (reason == NULL || reason[0] != '{')
    return;
  rt_scan_init (&scan, reason, reason, strlen (reason));
  if (!rt_fields_read (&scan, &table, &advice) || !rt_scan_finish (&scan) || advice.reconnect.data == NULL)
    return;
  if (slice_is (&advice.reconnect, "false"))
    verdict->kind = RT_VERDICT_TERMINAL;
  else if (slice_is (&advice.reconnect, "true") && verdict->kind == RT_VERDICT_TERMINAL)
    verdict->kind = RT_VERDICT_RETRY;
}

/* --- The whole --- */

static RtVerdict
judge_code (const RtTransportEnd *end)
{
  RtVerdict verdict = look_up (close_codes, G_N_ELEMENTS (close_codes), end->code, RT_VERDICT_RETRY);

  /* Then it was this end that closed, over a message of the server's. */
  if (verdict.kind == RT_VERDICT_MESSAGE && end->error != NULL)
    verdict.kind = RT_VERDICT_FAULT;
  heed_reason (&verdict, end->reason);
  return verdict;
}

RtVerdict
rt_verdict_of_end (const RtTransportEnd *end, guint spread)
{
  gboolean has_code = end->code != CODE_NONE && end->code != CODE_NO_STATUS && end->code != CODE_ABNORMAL;
  RtVerdict verdict;

  if (end->tls_refused)
    return (RtVerdict) { .kind = RT_VERDICT_TERMINAL, .floor = -1, .spread = -1 };
  if (has_code || end->was_open || end->http_status == 0)
    verdict = judge_code (end);
  else
    verdict = look_up (statuses, G_N_ELEMENTS (statuses), end->http_status, RT_VERDICT_RETRY);
  verdict.floor = end->retry_after;
  if (spread > 0)
    verdict.spread = RT_CLOCK_MS (spread);
  return verdict;
}

RtVerdict
rt_verdict_of_reply (guint code, gboolean temporary)
{
  RtVerdict verdict = look_up (reply_codes, G_N_ELEMENTS (reply_codes), code, RT_VERDICT_TERMINAL);

  /* An expired token does not get better by waiting, whatever else is said. */
  if (temporary && !verdict.new_token)
    verdict.kind = RT_VERDICT_RETRY;
  return verdict;
}
