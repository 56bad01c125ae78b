/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-protocol.h"
#include "rt-tags-filter.h"

G_BEGIN_DECLS

/* So that it is JSON that can be read. */
#define RT_TAGS_FILTER_MAX_DEPTH 24

typedef enum
{
  RT_TAGS_FILTER_COMPARE,
  RT_TAGS_FILTER_ONE_OF,
  RT_TAGS_FILTER_EXISTS,
  RT_TAGS_FILTER_ALL, /* from here on of nodes */
  RT_TAGS_FILTER_ANY,
  RT_TAGS_FILTER_NOT,
} RtTagsFilterKind;

/* Immutable once it is handed out. */
struct _RtTagsFilter
{
  gatomicrefcount refs;
  RtTagsFilterKind kind;
  RtTagsComparison comparison;
  char *key;
  char *value;
  char **values;
  GPtrArray *nodes;
  guint depth;
};

RtTagsFilter *rt_tags_filter_new_group   (RtTagsFilterKind     kind);
/* Takes @taken. */
void     rt_tags_filter_add              (RtTagsFilter        *self,
                                          RtTagsFilter        *taken);

/* On @pairs, an a{ss}. Any thread. */
gboolean rt_tags_filter_fits             (RtTagsFilter        *self,
                                          GVariant            *pairs);
/* By the tags of the message that it would become. Any thread. */
gboolean rt_tags_filter_fits_publication (RtTagsFilter        *self,
                                          const RtPublication *publication);

/* rt-decimal.c: FALSE if one of them is no decimal number; else *order is below, at or above 0 as @a is to @b. */
gboolean rt_decimal_compare              (const char          *a,
                                          const char          *b,
                                          int                 *order);

G_END_DECLS
