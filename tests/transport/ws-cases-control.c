/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

static const WsCase control_cases[] = {
  CASE ("5.5/ping-126", "89:(a*126)", "fault:1002"),
  CASE ("5.5/ping-65536", "89:(a*65536)", "fault:1002"),
  CASE ("5.5/pong-126", "8a:(a*126)", "fault:1002", .soup = "pong:(a*126)"),
  CASE ("5.5/pong-127", "8a:(a*127)", "fault:1002", .soup = "pong:(a*127)"),
  CASE ("5.5/close-126", "88:%03%e8(a*124)", "fault:1002"),
  CASE ("5.5/ping-long-form-16", "89/16:hello", "fault:1002"),
  CASE ("5.5/ping-long-form-64", "89/64:hello", "fault:1002"),
  CASE ("5.5/close-long-form-16", "88/16:%03%e8", "fault:1002"),
  CASE ("5.5/pong-claims-top-bit", "8a=0xffffffffffffffff:", "fault:1002", .soup = "fault:1009"),
  CASE ("5.5/ping-126-inside-message", "01:hel 89:(a*126) 80:lo",
        "fault:1002", .soup = "fault:1002 text:hello"),
  CASE ("5.5/ping-126-second-byte-alone", "89:(a*126) |2", "fault:1002", .soup = ""),

  CASE ("5.5.2/empty", "89:", "ping:"),
  CASE ("5.5.2/one-byte", "89:a", "ping:a"),
  CASE ("5.5.2/longest", "89:(a*125)", "ping:(a*125)"),
  CASE ("5.5.2/bytes", "89:%00%ff%fe%fd%fc%fb%00%ff", "ping:%00%ff%fe%fd%fc%fb%00%ff"),
  CASE ("5.5.2/not-utf8", "89:%c0%80", "ping:%c0%80"),
  CASE ("5.5.2/ten", "89:0 89:1 89:2 89:3 89:4 89:5 89:6 89:7 89:8 89:9",
        "ping:0 ping:1 ping:2 ping:3 ping:4 ping:5 ping:6 ping:7 ping:8 ping:9"),
  CASE ("5.5.2/before-message", "89:now 81:hello", "ping:now text:hello"),
  CASE ("5.5.2/after-message", "81:hello 89:now", "text:hello ping:now"),
  CASE ("5.5.2/between-messages", "81:one 89:now 82:two", "text:one ping:now binary:two"),
  CASE ("5.5.2/without-last-byte", "89=125:(a*124)", ""),
  CASE ("5.5.2/looks-like-frames", "89:%81%05hello%88%00", "ping:%81%05hello%88%00"),

  CASE ("5.5.3/unasked", "8a:hello", "pong:hello"),
  CASE ("5.5.3/unasked-empty", "8a:", "pong:"),
  CASE ("5.5.3/unasked-longest", "8a:(a*125)", "pong:(a*125)"),
  CASE ("5.5.3/unasked-then-ping", "8a:hello 89:now", "pong:hello ping:now"),
  CASE ("5.5.3/not-utf8", "8a:%ff%fe", "pong:%ff%fe"),
  CASE ("5.5.3/ten", "8a:0 8a:1 8a:2 8a:3 8a:4 8a:5 8a:6 8a:7 8a:8 8a:9",
        "pong:0 pong:1 pong:2 pong:3 pong:4 pong:5 pong:6 pong:7 pong:8 pong:9"),
};

WS_TABLE (control);
