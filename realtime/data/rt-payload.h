/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-buffer.h"
#include "rt-json.h"

G_BEGIN_DECLS

/* Between JSON text and what programs work with. JSON to GVariant: object a{sv}, array av, string s, boolean
 * b, integer x, other number d, null mv. */

/* A full reference; NULL with INVALID_MESSAGE for what no GVariant can hold, or what is over the limits. */
GVariant *rt_payload_to_variant    (const char  *json,
                                    gsize        len,
                                    GError     **error);
/* JSON text; NULL with INVALID_MESSAGE for what JSON cannot express. A floating @variant stays so. */
char     *rt_payload_from_variant  (GVariant    *variant,
                                    GError     **error);
/* Whether @json is one value that rt_payload_to_variant () takes. */
gboolean  rt_payload_check         (const char  *json,
                                    gsize        len,
                                    GError     **error);

/* A flat object of strings as a{ss}, in serialised form; the empty one where @object is not such an
 * object. */
GVariant *rt_payload_pairs         (const RtSlice *object);
GVariant *rt_payload_no_pairs      (void); /* borrowed */
void      rt_payload_put_pairs     (RtBuffer    *out,
                                    GVariant    *pairs);

/* RFC 4648 section 4, padded, nothing else in between. NULL if @text is not that. */
GBytes   *rt_payload_decode_base64 (const char  *text);

G_END_DECLS
