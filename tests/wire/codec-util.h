/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-codec.h"

G_BEGIN_DECLS

/* The first frame of @text. */
RtDecodeStatus decode_reply        (RtDecoder       *decoder,
                                    const char      *text,
                                    RtReply         *reply);
RtDecodeStatus decode_command      (RtDecoder       *decoder,
                                    const char      *text,
                                    RtCommand       *command);

/* Member by member, with all that they point to. */
void           assert_same_slice   (const RtSlice   *a,
                                    const RtSlice   *b);
void           assert_same_reply   (const RtReply   *a,
                                    const RtReply   *b);
void           assert_same_command (const RtCommand *a,
                                    const RtCommand *b);

G_END_DECLS
