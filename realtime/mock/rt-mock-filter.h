/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-env.h"

G_BEGIN_DECLS

/* Filters of publications by the tags that stand inside them. */

/* The tags in @data, a publication's, as a{ss}. (transfer full) */
GVariant *rt_mock_filter_read_tags (const RtCodec *codec,
                                    const RtSlice *data);
/* Keeps those of @publications that fit @filter, in order. Returns how many. */
guint     rt_mock_filter_apply     (RtTagsFilter  *filter,
                                    const RtCodec *codec,
                                    RtPublication *publications,
                                    guint          n);

G_END_DECLS
