/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-stream-opening.h"

G_BEGIN_DECLS

/* What both ends of a stream show of it, and what both refuse. */

enum
{
  RT_STREAM_PROP_NAME = 1,
  RT_STREAM_PROP_CONTENT_TYPE,
  RT_STREAM_PROP_SIZE,
  RT_STREAM_PROP_CHANNEL,
  RT_STREAM_PROP_ID,
  RT_STREAM_PROP_OWN, /* the first of those that only one of them has */
};

/* Installs them all but its own. */
void     rt_stream_facts_install      (GObjectClass          *object_class);
/* FALSE: it is none of them. */
gboolean rt_stream_facts_get_property (const RtStreamOpening *opening,
                                       const char            *channel,
                                       guint                  prop_id,
                                       GValue                *value);
/* A blocking call in the context of a strategy of the program's own would wait for itself. @client: of an RtClient. */
gboolean rt_stream_facts_may_block    (GWeakRef              *client,
                                       GError               **error);

G_END_DECLS
