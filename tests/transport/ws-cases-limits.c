/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

/* libsoup 3.2.3 bounds frames only, so it lets through what is too long only as a sum. */
static const WsCase limits_cases[] = {
  CASE ("10.4/at-limit", "81:(a*200)", "text:(a*200)", .max_message = 200),
  CASE ("10.4/over-limit", "81:(a*201)", "fault:1009", .max_message = 200),
  CASE ("10.4/over-limit-binary", "82:(a*201)", "fault:1009", .max_message = 200),
  CASE ("10.4/over-limit-header-only", "82=201:", "fault:1009", .max_message = 200),
  CASE ("10.4/over-limit-short-form", "81=11:", "fault:1009", .max_message = 10),
  CASE ("10.4/over-limit-long-form", "81=65536:", "fault:1009", .max_message = 65535),
  CASE ("10.4/over-limit-2-32", "82=0x100000000:", "fault:1009"),
  CASE ("10.4/over-limit-2-32-and-5", "82=0x100000005:hello", "fault:1009"),
  CASE ("10.4/over-limit-63-bits", "82=0x7fffffffffffffff:abc", "fault:1009"),
  CASE ("10.4/over-limit-after-message", "81:(a*200) 81:(b*201)",
        "text:(a*200) fault:1009", .max_message = 200),
  CASE ("10.4/over-limit-bad-text", "81=201:%ff", "fault:1009", .max_message = 200),

  CASE ("10.4/sum-at-limit", "01:(a*100) 80:(b*100)", "text:(a*100)(b*100)", .max_message = 200),
  CASE ("10.4/sum-at-limit-many", "02:(a*50) 00:(b*50) 00:(c*50) 80:(d*50)",
        "binary:(a*50)(b*50)(c*50)(d*50)", .max_message = 200),
  CASE ("10.4/sum-over-limit", "01:(a*100) 80:(b*101)",
        "fault:1009", .soup = "text:(a*100)(b*101)", .max_message = 200),
  CASE ("10.4/sum-over-limit-header-only", "01:(a*100) 80=101:",
        "fault:1009", .soup = "", .max_message = 200),
  CASE ("10.4/sum-over-limit-by-one", "02:(a*200) 00:b", "fault:1009", .soup = "", .max_message = 200),
  CASE ("10.4/sum-over-limit-middle", "02:(a*90) 00:(b*90) 00:(c*90) 80:d",
        "fault:1009", .soup = "binary:(a*90)(b*90)(c*90)d", .max_message = 200),
  CASE ("10.4/sum-at-limit-then-empty", "01:(a*200) 00: 80:", "text:(a*200)", .max_message = 200),
  CASE ("10.4/sum-63-bits", "02:a 80=0x7fffffffffffffff:", "fault:1009"),

  CASE ("10.4/ping-does-not-count", "01:(a*100) 89:(p*125) 80:(b*100)",
        "ping:(p*125) text:(a*100)(b*100)", .max_message = 200),
  CASE ("10.4/ping-above-limit", "89:(p*125)", "ping:(p*125)", .soup = "fault:1009", .max_message = 100),
  CASE ("10.4/close-above-limit", "88:%03%e8(r*100)",
        "close:1000:(r*100)", .soup = "fault:1009", .max_message = 100),
  CASE ("10.4/each-message-anew", "81:(a*200) 01:(b*100) 80:(c*100) 82:(d*200)",
        "text:(a*200) text:(b*100)(c*100) binary:(d*200)", .max_message = 200),
  CASE ("10.4/limit-1", "81:a 81: 81:b 81:cc", "text:a text: text:b fault:1009", .max_message = 1),
};

WS_TABLE (limits);
