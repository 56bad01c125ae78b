/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Patterns over names that are made of levels: "*" stands for one level, "**" for any number of them, also none.
 * A set of patterns is a trie; matching costs at most (levels of the name) × (nodes of the trie), whatever the name. */

#define RT_PATTERN_MAX 255 /* bytes */

/* What separates levels. Centrifugo separates a namespace by a colon; paths are common, too. */
#define RT_PATTERN_NAME_SEPARATORS "."
#define RT_PATTERN_CHANNEL_SEPARATORS ".:/"

typedef struct _RtPatternSet RtPatternSet;
typedef struct _RtPatternNode RtPatternNode;

/* One whole pattern, with what the set's user keeps there. */
typedef void (*RtPatternFunc) (GQueue   *values,
                               gpointer  user_data);

gboolean       rt_pattern_check          (const char     *pattern,
                                          const char     *separators,
                                          GError        **error);
gboolean       rt_pattern_matches        (const char     *pattern,
                                          const char     *separators,
                                          const char     *name);

/* @separators is static, of at most three characters. A set has no lock of its own. */
RtPatternSet  *rt_pattern_set_new        (const char     *separators);
void           rt_pattern_set_free       (RtPatternSet   *self);
/* @pattern has been checked. Equal patterns have one node. */
RtPatternNode *rt_pattern_set_insert     (RtPatternSet   *self,
                                          const char     *pattern);
GQueue        *rt_pattern_node_get_values (RtPatternNode *node);
/* To be called when values were taken out: @node goes if nothing needs it any more. */
void           rt_pattern_set_prune      (RtPatternSet   *self,
                                          RtPatternNode  *node);
gboolean       rt_pattern_set_is_empty   (RtPatternSet   *self);
/* Calls @func once for each pattern with values that fits @name. It must not change the set. */
void           rt_pattern_set_match      (RtPatternSet   *self,
                                          const char     *name,
                                          RtPatternFunc   func,
                                          gpointer        user_data);
/* Nodes looked at by all matching so far, for tests. */
guint64        rt_pattern_set_get_steps  (RtPatternSet   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtPatternSet, rt_pattern_set_free)

G_END_DECLS
