/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-position.h"
#include "rt-tags-filter.h"
#include "rt-token-provider.h"
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_CHANNEL_OPTIONS (rt_channel_options_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtChannelOptions, rt_channel_options, RT, CHANNEL_OPTIONS, GObject)

RT_AVAILABLE_IN_1_0
RtChannelOptions *rt_channel_options_new            (void) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
gboolean          rt_channel_options_get_recover    (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_recover    (RtChannelOptions *self,
                                                     gboolean          recover);
RT_AVAILABLE_IN_1_0
RtPosition       *rt_channel_options_get_since      (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_since      (RtChannelOptions *self,
                                                     RtPosition       *since);
RT_AVAILABLE_IN_1_0
gboolean          rt_channel_options_get_join_leave (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_join_leave (RtChannelOptions *self,
                                                     gboolean          join_leave);
RT_AVAILABLE_IN_1_0
gboolean          rt_channel_options_get_positioned (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_positioned (RtChannelOptions *self,
                                                     gboolean          positioned);
RT_AVAILABLE_IN_1_0
RtTokenProvider  *rt_channel_options_get_token_provider (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_token_provider (RtChannelOptions *self,
                                                     RtTokenProvider  *token_provider);
RT_AVAILABLE_IN_1_0
GVariant         *rt_channel_options_get_data       (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_data       (RtChannelOptions *self,
                                                     GVariant         *data);
RT_AVAILABLE_IN_1_0
RtTagsFilter     *rt_channel_options_get_tags_filter (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_tags_filter (RtChannelOptions *self,
                                                     RtTagsFilter     *tags_filter);
RT_AVAILABLE_IN_1_0
guint             rt_channel_options_get_messages_limit (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_messages_limit (RtChannelOptions *self,
                                                     guint             messages_limit);
RT_AVAILABLE_IN_1_0
guint             rt_channel_options_get_prefill    (RtChannelOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_channel_options_set_prefill    (RtChannelOptions *self,
                                                     guint             prefill);

G_END_DECLS
