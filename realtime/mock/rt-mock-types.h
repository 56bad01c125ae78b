/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_MOCK_INSIDE) && !defined(RT_MOCK_COMPILATION)
#error "Only <realtime-mock/realtime-mock.h> can be included directly."
#endif

#include <realtime/realtime.h>

G_BEGIN_DECLS

/**
 * RtMockFault:
 * @RT_MOCK_FAULT_DROP_PUBLICATION: a publication is acknowledged, but neither kept nor delivered
 * @RT_MOCK_FAULT_LOSE_PUSH: a publication is kept under its offset, but not delivered to those who have joined
 * @RT_MOCK_FAULT_LOSE_REPLY: a command is carried out, but its reply is not sent
 * @RT_MOCK_FAULT_ERROR_REPLY: a command is not carried out, and answered with the temporary error 100
 * @RT_MOCK_FAULT_STALL: the server neither reads nor writes nor answers, until the faults are cleared;
 *   connections are accepted, and stay silent
 * @RT_MOCK_FAULT_REFUSE: an upgrade or other request is refused with the HTTP status 503 and `Retry-After: 1`, or
 *   with what [method@Server.inject_refusal] has asked for
 * @RT_MOCK_FAULT_LOSE_RESPONSE: what an HTTP request asks for is done, but its connection is reset instead of a
 *   response; over HTTP alone, and not where there was nothing to say
 * @RT_MOCK_FAULT_DROP_CONNECTION: a command is carried out, but its connection is reset before the reply
 * @RT_MOCK_FAULT_DELAY: what a client is to be sent waits for [property@Server:delay] first, and what comes
 *   after it, too
 * @RT_MOCK_FAULT_DUPLICATE: a reply or push is sent twice
 * @RT_MOCK_FAULT_CORRUPT: a reply or push is sent as something that is no JSON
 * @RT_MOCK_FAULT_TRUNCATE: only the first half of a reply or push is sent
 * @RT_MOCK_FAULT_EXPIRE_TOKEN: a token or key that a client connects, refreshes or joins with has expired (error 109)
 * @RT_MOCK_FAULT_NEW_EPOCH: a channel forgets what was published on it, and begins a new epoch, before a client joins
 *   it
 * @RT_MOCK_FAULT_RATE_LIMIT: a publication is refused as one too many, with the temporary error 111
 *
 * What [method@Server.inject_fault] can make a server do wrong. Pings are never counted as replies.
 */
typedef enum
{
  RT_MOCK_FAULT_DROP_PUBLICATION,
  RT_MOCK_FAULT_LOSE_PUSH,
  RT_MOCK_FAULT_LOSE_REPLY,
  RT_MOCK_FAULT_ERROR_REPLY,
  RT_MOCK_FAULT_STALL,
  RT_MOCK_FAULT_REFUSE,
  RT_MOCK_FAULT_LOSE_RESPONSE,
  RT_MOCK_FAULT_DROP_CONNECTION,
  RT_MOCK_FAULT_DELAY,
  RT_MOCK_FAULT_DUPLICATE,
  RT_MOCK_FAULT_CORRUPT,
  RT_MOCK_FAULT_TRUNCATE,
  RT_MOCK_FAULT_EXPIRE_TOKEN,
  RT_MOCK_FAULT_NEW_EPOCH,
  RT_MOCK_FAULT_RATE_LIMIT,
} RtMockFault;

G_END_DECLS
