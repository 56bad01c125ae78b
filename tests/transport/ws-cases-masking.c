/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

/* A client masks every frame, a server none. Each frame takes the next of several masks, the zero one among
 * them. */
static const WsCase masking_cases[] = {
  CASE ("5.1/wrong-text", "81!:hello", "fault:1002"),
  CASE ("5.1/wrong-text-empty", "81!:", "fault:1002"),
  CASE ("5.1/wrong-text-126", "81!:(a*126)", "fault:1002"),
  CASE ("5.1/wrong-binary", "82!:hello", "fault:1002"),
  CASE ("5.1/wrong-binary-65536", "82!:(a*65536)", "fault:1002"),
  CASE ("5.1/wrong-first-fragment", "01!:hel 80:lo", "fault:1002"),
  CASE ("5.1/wrong-last-fragment", "01:hel 80!:lo", "fault:1002"),
  CASE ("5.1/wrong-close", "88!:", "fault:1002"),
  CASE ("5.1/wrong-close-code", "88!:%03%e8", "fault:1002"),
  CASE ("5.1/wrong-ping", "89!:hello", "fault:1002"),
  CASE ("5.1/wrong-pong", "8a!:", "fault:1002"),
  CASE ("5.1/wrong-after-message", "81:good 81!:bad 81:late", "text:good fault:1002"),
  CASE ("5.1/wrong-second-byte-alone", "81!:hello |2", "fault:1002"),
  CASE ("5.1/wrong-and-too-long", "81!=0x7fffffffffffffff:", "fault:1002"),

  /* Every number of bytes that is left over behind whole words. */
  CASE ("5.3/length-1", "82:1", "binary:1"),
  CASE ("5.3/length-2", "82:12", "binary:12"),
  CASE ("5.3/length-3", "82:123", "binary:123"),
  CASE ("5.3/length-4", "82:1234", "binary:1234"),
  CASE ("5.3/length-5", "82:12345", "binary:12345"),
  CASE ("5.3/length-7", "82:1234567", "binary:1234567"),
  CASE ("5.3/length-8", "82:12345678", "binary:12345678"),
  CASE ("5.3/length-9", "82:123456789", "binary:123456789"),
  CASE ("5.3/length-15", "82:(123*5)", "binary:(123*5)"),
  CASE ("5.3/length-16", "82:(1234*4)", "binary:(1234*4)"),
  CASE ("5.3/length-17", "82:(1234*4)5", "binary:(1234*4)5"),
  CASE ("5.3/length-31", "82:(123*10)4", "binary:(123*10)4"),
  CASE ("5.3/length-33", "82:(123*11)", "binary:(123*11)"),
  CASE ("5.3/length-63", "82:(123*21)", "binary:(123*21)"),
  CASE ("5.3/length-64", "82:(1234*16)", "binary:(1234*16)"),
  CASE ("5.3/length-65", "82:(12345*13)", "binary:(12345*13)"),
  CASE ("5.3/length-91", "82:(1234567*13)", "binary:(1234567*13)"),
  CASE ("5.3/length-1001", "82:(1234567*143)", "binary:(1234567*143)"),
  CASE ("5.3/four-masks", "81:aaaaaaaaa 81:bbbbbbbbb 81:ccccccccc 81:ddddddddd",
        "text:aaaaaaaaa text:bbbbbbbbb text:ccccccccc text:ddddddddd"),
  CASE ("5.3/four-masks-one-message", "01:aaaaaaa 00:bbbbb 00:ccc 80:d", "text:aaaaaaabbbbbcccd"),
  CASE ("5.3/four-masks-control", "89:ping 8a:pong 89: 88:%03%e8bye",
        "ping:ping pong:pong ping: close:1000:bye"),
};

WS_TABLE (masking);
