/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib.h>

/* The libraries are built with hidden visibility: what is public says so, and since when. */
#define _RT_EXTERN __attribute__ ((visibility ("default"))) extern

#define RT_AVAILABLE_IN_1_0 _RT_EXTERN
