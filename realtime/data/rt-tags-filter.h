/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-message.h"
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RtTagsComparison:
 * @RT_TAGS_COMPARISON_EQUAL: the tag is the value
 * @RT_TAGS_COMPARISON_STARTS_WITH: the tag begins with the value
 * @RT_TAGS_COMPARISON_ENDS_WITH: the tag ends with the value
 * @RT_TAGS_COMPARISON_CONTAINS: the value is somewhere in the tag
 * @RT_TAGS_COMPARISON_LESS: the tag is less than the value, both as decimal numbers
 * @RT_TAGS_COMPARISON_LESS_OR_EQUAL: the tag is at most the value
 * @RT_TAGS_COMPARISON_GREATER: the tag is greater than the value
 * @RT_TAGS_COMPARISON_GREATER_OR_EQUAL: the tag is at least the value
 *
 * How a tag is compared with a value. A tag that a message does not have, or that is no number where numbers are
 * compared, fits nothing.
 */
typedef enum
{
  RT_TAGS_COMPARISON_EQUAL,
  RT_TAGS_COMPARISON_STARTS_WITH,
  RT_TAGS_COMPARISON_ENDS_WITH,
  RT_TAGS_COMPARISON_CONTAINS,
  RT_TAGS_COMPARISON_LESS,
  RT_TAGS_COMPARISON_LESS_OR_EQUAL,
  RT_TAGS_COMPARISON_GREATER,
  RT_TAGS_COMPARISON_GREATER_OR_EQUAL,
} RtTagsComparison;

#define RT_TYPE_TAGS_FILTER (rt_tags_filter_get_type ())

typedef struct _RtTagsFilter RtTagsFilter;

RT_AVAILABLE_IN_1_0
GType         rt_tags_filter_get_type      (void);
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_new_compare   (const char         *key,
                                            RtTagsComparison    comparison,
                                            const char         *value) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_new_one_of    (const char         *key,
                                            const char *const  *values) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_new_exists    (const char         *key) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_new_from_json (const char         *json,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_both          (RtTagsFilter       *self,
                                            RtTagsFilter       *other) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_either        (RtTagsFilter       *self,
                                            RtTagsFilter       *other) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_negate        (RtTagsFilter       *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean      rt_tags_filter_matches       (RtTagsFilter       *self,
                                            RtMessage          *message);
RT_AVAILABLE_IN_1_0
gboolean      rt_tags_filter_matches_tags  (RtTagsFilter       *self,
                                            GVariant           *tags);
RT_AVAILABLE_IN_1_0
char         *rt_tags_filter_to_json       (RtTagsFilter       *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtTagsFilter *rt_tags_filter_copy          (RtTagsFilter       *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
void          rt_tags_filter_free          (RtTagsFilter       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtTagsFilter, rt_tags_filter_free)

G_END_DECLS
