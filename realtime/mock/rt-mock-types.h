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
 *
 * What [method@Server.inject_fault] can make a server do wrong.
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
} RtMockFault;

G_END_DECLS
