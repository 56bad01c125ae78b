/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a fuzz target defines: libFuzzer calls it with inputs it invents, replay.c with those of the corpus. */
int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);
