/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "seq.h"

G_BEGIN_DECLS

enum
{
  SEQ_CONNECT,
  SEQ_DISCONNECT,
  SEQ_CLOSE,
  SEQ_RESET_SESSION,
  SEQ_PING,
  SEQ_JOIN_CHANNEL,
  SEQ_LEAVE_CHANNEL,
  SEQ_SEND_MESSAGE,
  SEQ_SEND_WITH_OPTIONS,
  SEQ_SEND,
  SEQ_RPC,
  SEQ_CHANNEL_SEND_MESSAGE,
  SEQ_CHANNEL_SEND,
  SEQ_CHANNEL_LEAVE,
  SEQ_HISTORY,
  SEQ_PRESENCE,
  SEQ_PRESENCE_STATS,
  SEQ_LOAD_MORE,
  SEQ_RPC_WITH_TIMEOUT,
  SEQ_NOTIFY,
  SEQ_CHANNEL_SEND_WITH_OPTIONS,
  SEQ_START_STREAM,
  SEQ_N_METHODS,
};

extern const SeqMethod seq_methods[SEQ_N_METHODS];

/* An action that is a call of a method. */
#define SEQ_DEFINE_CALL(id)                     \
  static void                                   \
  act_##id (Seq *seq)                           \
  {                                             \
    seq_call (seq, &seq_methods[SEQ_##id]);     \
  }
#define SEQ_CALL(id, group, weight) { "call " #id, SEQ_GROUP_##group, weight, act_##id }

G_END_DECLS
