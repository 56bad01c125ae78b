/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-facts.h"

#include "rt-client-private.h"

void
rt_stream_facts_install (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const struct
  {
    guint id;
    const char *name;
  } texts[] = {
    { RT_STREAM_PROP_NAME, "name" },
    { RT_STREAM_PROP_CONTENT_TYPE, "content-type" },
    { RT_STREAM_PROP_CHANNEL, "channel" },
    { RT_STREAM_PROP_ID, "id" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_object_class_install_property (object_class, texts[i].id,
                                     g_param_spec_string (texts[i].name, NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, RT_STREAM_PROP_SIZE,
                                   g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags));
}

gboolean
rt_stream_facts_get_property (const RtStreamOpening *opening, const char *channel, guint prop_id, GValue *value)
{
  switch (prop_id)
    {
    case RT_STREAM_PROP_NAME:
      g_value_set_string (value, opening->name);
      return TRUE;
    case RT_STREAM_PROP_CONTENT_TYPE:
      g_value_set_string (value, opening->content_type);
      return TRUE;
    case RT_STREAM_PROP_SIZE:
      g_value_set_int64 (value, opening->size);
      return TRUE;
    case RT_STREAM_PROP_CHANNEL:
      g_value_set_string (value, channel);
      return TRUE;
    case RT_STREAM_PROP_ID:
      g_value_set_string (value, opening->id);
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
rt_stream_facts_may_block (GWeakRef *client, GError **error)
{
  g_autoptr (RtClient) held = g_weak_ref_get (client);
  GError *refusal = held != NULL ? rt_client_refuse_waiting (held) : NULL;

  if (refusal == NULL)
    return TRUE;
  g_propagate_error (error, refusal);
  return FALSE;
}
