/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-channel.h"
#include "rt-client.h"
#include "rt-stream-output.h"
#include "rt-stream-reader.h"
#include "rt-stream.h"
#include "rt-streams.h"

G_BEGIN_DECLS

/* Takes @out. @opening has its name, content type and size. @joined, nullable, is to be left at the end; taken. */
RtStream       *rt_stream_new        (RtClient              *client,
                                      RtStreamOut           *out,
                                      const char            *channel,
                                      const RtStreamOpening *opening,
                                      RtChannel             *joined);
RtStreamOutput *rt_stream_get_output (RtStream              *self);
/* The opening did not go out. */
void            rt_stream_not_opened (RtStream              *self,
                                      const GError          *error);

/* Takes @in. */
RtStreamReader *rt_stream_reader_new (RtClient              *client,
                                      RtStreamIn            *in,
                                      const char            *sender);

G_END_DECLS
