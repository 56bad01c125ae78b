/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-filter.h"

static void
add_pair_cb (const char *key, const char *value, gpointer builder)
{
  g_variant_builder_add (builder, "{ss}", key, value);
}

/* What a client would read in it: the codec alone knows where the tags are. */
GVariant *
rt_mock_filter_read_tags (const RtCodec *codec, const RtSlice *data)
{
  g_autofree RtDecoder *decoder = g_new0 (RtDecoder, 1);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  g_auto (RtBuffer) frame = { 0 };
  RtPublication publication = { .data = *data };
  RtReply reply = { .kind = RT_PUSH_PUBLICATION, .publications = &publication, .n_publications = 1 };

  codec->write_reply (&frame, &reply);
  rt_decoder_begin (decoder, (const char *) frame.data, frame.len);
  if (codec->next_reply (decoder, &reply) == RT_DECODE_ITEM && reply.n_publications == 1
      && reply.publications[0].envelope.tags.data != NULL)
    rt_json_each_pair (&reply.publications[0].envelope.tags, add_pair_cb, &builder);
  rt_decoder_clear (decoder);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

guint
rt_mock_filter_apply (RtTagsFilter *filter, const RtCodec *codec, RtPublication *publications, guint n)
{
  guint kept = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) tags = rt_mock_filter_read_tags (codec, &publications[i].data);

      if (rt_tags_filter_matches_tags (filter, tags))
        publications[kept++] = publications[i];
    }
  return kept;
}
