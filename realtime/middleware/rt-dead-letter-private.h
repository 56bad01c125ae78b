/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-dead-letter.h"

G_BEGIN_DECLS

RtDeadLetter *rt_dead_letter_new (RtMessage    *message,
                                  RtDirection   direction,
                                  guint         attempts,
                                  const GError *error);

G_END_DECLS
