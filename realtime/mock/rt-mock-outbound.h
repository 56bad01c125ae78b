/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keeps account of what is on the way to a client, which libsoup's queue does not tell, to find out who is too
 * slow. What no publication alone can fill is what the client itself has asked for (a recovery comes in one
 * frame), so it counts apart. */

#define RT_MOCK_OUTBOUND_LARGE_FRAME (128 * 1024)
#define RT_MOCK_OUTBOUND_MAX (1024 * 1024)
#define RT_MOCK_OUTBOUND_MAX_LARGE (64 * 1024 * 1024)

typedef struct
{
  guint64 sent;      /* bytes given away so far */
  GQueue large;      /* of large frames that are not wholly written, oldest first */
  gsize large_bytes; /* of those */
} RtMockOutbound;

void     rt_mock_outbound_init      (RtMockOutbound *self);
void     rt_mock_outbound_clear     (RtMockOutbound *self);
/* Something of @payload bytes, and of @size with what is put around it, is on the way. */
void     rt_mock_outbound_add       (RtMockOutbound *self,
                                     gsize           payload,
                                     gsize           size);
/* The same for a message of @payload bytes that is given to libsoup. */
void     rt_mock_outbound_add_frame (RtMockOutbound *self,
                                     gsize           payload);
/* Whether too much is on the way, @written bytes having gone out so far. */
gboolean rt_mock_outbound_is_over   (RtMockOutbound *self,
                                     guint64         written);

G_END_DECLS
