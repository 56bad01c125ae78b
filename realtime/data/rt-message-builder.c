/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-builder.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-message-builder-private.h"
#include "rt-message-private.h"
#include "rt-message-rules.h"
#include "rt-payload.h"

/**
 * RtMessageBuilder:
 *
 * Puts a [class@Message] together, part by part.
 *
 * Each `with_` method takes one part and returns the builder, so that calls can be chained; %NULL takes a
 * part back. [method@MessageBuilder.build] checks everything at once. A builder can build many times; each
 * message gets an id of its own, unless one was given. It belongs to one thread at a time.
 *
 * A message that carries JSON and of which nothing else is said is published as that JSON alone, so that
 * programs which know nothing of this library understand it. Its receivers know no id, sender or timestamp of
 * it.
 */

#define TYPE_NOT_GIVEN (-1)

/* Keys and values, and what stands in their place after options of a wrong type. */
typedef struct
{
  GHashTable *values;
  GVariant *wrong;
} Pairs;

struct _RtMessageBuilder
{
  GObject parent_instance;

  char *channel;
  char *content;
  char *json;
  GVariant *variant;
  GBytes *bytes;
  int message_type; /* or TYPE_NOT_GIVEN */
  char *type_name;
  char *sender;
  char *id;
  RtPriority priority;
  guint ttl;
  Pairs metadata;
  Pairs tags;
};

G_DEFINE_FINAL_TYPE (RtMessageBuilder, rt_message_builder, G_TYPE_OBJECT)

static void
pairs_clear (Pairs *pairs)
{
  g_hash_table_unref (pairs->values);
  g_clear_pointer (&pairs->wrong, g_variant_unref);
}

static void
rt_message_builder_finalize (GObject *object)
{
  RtMessageBuilder *self = RT_MESSAGE_BUILDER (object);

  g_free (self->channel);
  g_free (self->content);
  g_free (self->json);
  g_clear_pointer (&self->variant, g_variant_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->type_name);
  g_free (self->sender);
  g_free (self->id);
  pairs_clear (&self->metadata);
  pairs_clear (&self->tags);

  G_OBJECT_CLASS (rt_message_builder_parent_class)->finalize (object);
}

static void
rt_message_builder_class_init (RtMessageBuilderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_message_builder_finalize;
}

static void
rt_message_builder_init (RtMessageBuilder *self)
{
  self->message_type = TYPE_NOT_GIVEN;
  self->priority = RT_PRIORITY_NORMAL;
  self->metadata.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->tags.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * rt_message_builder_new:
 *
 * Makes a builder without any part.
 *
 * Returns: (transfer full): the builder
 */
RtMessageBuilder *
rt_message_builder_new (void)
{
  return g_object_new (RT_TYPE_MESSAGE_BUILDER, NULL);
}

static RtMessageBuilder *
set_text (RtMessageBuilder *self, char **field, const char *text)
{
  char *copy = g_strdup (text);

  g_free (*field);
  *field = copy;
  return self;
}

/**
 * rt_message_builder_with_channel:
 * @self: a builder
 * @channel: (nullable): the name of the channel, 1 to 255 bytes of printable ASCII; no message is without
 *
 * Sets [property@Message:channel].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_channel (RtMessageBuilder *self, const char *channel)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->channel, channel);
}

/**
 * rt_message_builder_with_content:
 * @self: a builder
 * @content: (nullable): the text, UTF-8
 *
 * Sets [property@Message:content]. A message carries text, data or bytes, and no two of them.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_content (RtMessageBuilder *self, const char *content)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->content, content);
}

/**
 * rt_message_builder_with_json:
 * @self: a builder
 * @json: (nullable): one JSON value
 *
 * Sets [property@Message:data] by its JSON text, which is sent as it is.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_json (RtMessageBuilder *self, const char *json)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->json, json);
}

/**
 * rt_message_builder_with_variant:
 * @self: a builder
 * @data: (nullable): a value that JSON can express; a floating reference is taken
 *
 * Sets [property@Message:data]. Receivers, and the message itself, have it in the types in which JSON comes
 * back, such as `x` for any integer and `av` for any array. What JSON cannot express is a fault: an integer over
 * 9223372036854775807, a number that is infinite or none, a dictionary that holds a key twice.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_variant (RtMessageBuilder *self, GVariant *data)
{
  g_autoptr (GVariant) old = NULL;

  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  old = g_steal_pointer (&self->variant);
  self->variant = data != NULL ? g_variant_ref_sink (data) : NULL;
  return self;
}

/**
 * rt_message_builder_with_bytes:
 * @self: a builder
 * @bytes: (nullable): the bytes
 *
 * Sets [property@Message:bytes]. They travel as base64, which takes a third more.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_bytes (RtMessageBuilder *self, GBytes *bytes)
{
  g_autoptr (GBytes) old = NULL;

  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  old = g_steal_pointer (&self->bytes);
  self->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  return self;
}

/**
 * rt_message_builder_with_message_type:
 * @self: a builder
 * @message_type: the type
 *
 * Sets [property@Message:message-type]. If it is not given, a message with text is TEXT, one with bytes
 * BINARY, and any other CUSTOM.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_message_type (RtMessageBuilder *self, RtMessageType message_type)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);
  g_return_val_if_fail (message_type <= RT_MESSAGE_TYPE_CUSTOM, self);

  self->message_type = message_type;
  return self;
}

/**
 * rt_message_builder_with_type_name:
 * @self: a builder
 * @type_name: (nullable): the name of a type of the program's own, 1 to 64 bytes
 *
 * Sets [property@Message:type-name], and makes the message one of the type CUSTOM unless the name is that of
 * another.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_type_name (RtMessageBuilder *self, const char *type_name)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->type_name, type_name);
}

/**
 * rt_message_builder_with_sender:
 * @self: a builder
 * @sender: (nullable): a name, at most 255 bytes; %NULL: the client's user
 *
 * Sets [property@Message:sender].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_sender (RtMessageBuilder *self, const char *sender)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->sender, sender);
}

/**
 * rt_message_builder_with_priority:
 * @self: a builder
 * @priority: the priority
 *
 * Sets [property@Message:priority].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_priority (RtMessageBuilder *self, RtPriority priority)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);
  g_return_val_if_fail (priority <= RT_PRIORITY_URGENT, self);

  self->priority = priority;
  return self;
}

/**
 * rt_message_builder_with_ttl:
 * @self: a builder
 * @ttl: milliseconds, or 0 for ever
 *
 * Sets [property@Message:ttl].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_ttl (RtMessageBuilder *self, guint ttl)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  self->ttl = ttl;
  return self;
}

static void
set_pair (Pairs *pairs, const char *key, const char *value)
{
  if (value != NULL)
    g_hash_table_replace (pairs->values, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (pairs->values, key);
}

/**
 * rt_message_builder_with_metadata:
 * @self: a builder
 * @key: the key
 * @value: (nullable): the value; %NULL takes the key back
 *
 * Adds to [property@Message:metadata].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_metadata (RtMessageBuilder *self, const char *key, const char *value)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);
  g_return_val_if_fail (key != NULL, self);

  set_pair (&self->metadata, key, value);
  return self;
}

/**
 * rt_message_builder_with_tag:
 * @self: a builder
 * @key: the key
 * @value: (nullable): the value; %NULL takes the key back
 *
 * Adds to [property@Message:tags].
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_tag (RtMessageBuilder *self, const char *key, const char *value)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);
  g_return_val_if_fail (key != NULL, self);

  set_pair (&self->tags, key, value);
  return self;
}

/**
 * rt_message_builder_with_id:
 * @self: a builder
 * @id: (nullable): a decimal number from 1 to 9223372036854775807; %NULL: a new one for each message
 *
 * Sets [property@Message:id]. Receivers drop what a client sends again with the same id.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_id (RtMessageBuilder *self, const char *id)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return set_text (self, &self->id, id);
}

static void
set_pairs (Pairs *pairs, GVariant *values)
{
  GVariantIter iter;
  const char *key, *value;

  g_hash_table_remove_all (pairs->values);
  g_clear_pointer (&pairs->wrong, g_variant_unref);
  if (values == NULL)
    return;
  if (!g_variant_is_of_type (values, G_VARIANT_TYPE ("a{ss}")))
    {
      pairs->wrong = g_variant_ref (values);
      return;
    }
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    set_pair (pairs, key, value);
}

/**
 * rt_message_builder_with_options:
 * @self: a builder
 * @options: (nullable): options; %NULL changes nothing
 *
 * Sets everything that options hold: priority, time to live, type or the name of one, metadata and tags. Options whose
 * type is TEXT, the default, leave the type to what the message carries.
 *
 * Returns: (transfer none): the builder
 */
RtMessageBuilder *
rt_message_builder_with_options (RtMessageBuilder *self, RtMessageOptions *options)
{
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);
  g_return_val_if_fail (options == NULL || RT_IS_MESSAGE_OPTIONS (options), self);

  if (options == NULL)
    return self;
  self->priority = rt_message_options_get_priority (options);
  self->ttl = rt_message_options_get_ttl (options);
  /* TEXT is what options say that say nothing: the type then is that of what the message carries. */
  RtMessageType type = rt_message_options_get_message_type (options);
  self->message_type = type != RT_MESSAGE_TYPE_TEXT ? (int) type : TYPE_NOT_GIVEN;
  if (rt_message_options_get_type_name (options) != NULL)
    set_text (self, &self->type_name, rt_message_options_get_type_name (options));
  set_pairs (&self->metadata, rt_message_options_get_metadata (options));
  set_pairs (&self->tags, rt_message_options_get_tags (options));
  return self;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* In the order of the keys. NULL if there are none, or a fault was found. */
static GVariant *
build_pairs (Pairs *pairs, const char *name, RtFaults *faults)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  g_autofree char **keys = NULL;
  guint count, before = faults->count;
  GVariant *built;

  if (pairs->wrong != NULL)
    rt_faults_add (faults, name, "is of the type %s; it must be a{ss}",
                   g_variant_get_type_string (pairs->wrong));
  keys = (char **) g_hash_table_get_keys_as_array (pairs->values, &count);
  if (count > RT_JSON_MAX_PAYLOAD_MEMBERS)
    rt_faults_add (faults, name, "has %u keys; at most %d are allowed", count, RT_JSON_MAX_PAYLOAD_MEMBERS);
  for (guint i = 0; i < count; i++)
    rt_message_rules_pair (faults, name, keys[i], g_hash_table_lookup (pairs->values, keys[i]));
  if (count == 0 || faults->count != before)
    return NULL;

  qsort (keys, count, sizeof *keys, compare_keys);
  for (guint i = 0; i < count; i++)
    g_variant_builder_add (&builder, "{ss}", keys[i], g_hash_table_lookup (pairs->values, keys[i]));
  built = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_variant_get_data (built); /* see rt_payload_pairs () */
  return built;
}

static char *
build_json (RtMessageBuilder *self, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  if (self->variant != NULL)
    {
      json = rt_payload_from_variant (self->variant, &error);
      if (error != NULL)
        rt_faults_add (faults, "variant", "%s", error->message);
      return g_steal_pointer (&json);
    }
  json = g_strstrip (g_strdup (self->json));
  if (!rt_payload_check (json, strlen (json), &error))
    rt_faults_add (faults, "json", "%s", error->message);
  return g_steal_pointer (&json);
}

static void
build_body (RtMessageBuilder *self, RtMessageCore *core, RtFaults *faults)
{
  gpointer bodies[] = { self->content, self->json, self->variant, self->bytes };
  guint given = 0;

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    given += bodies[i] != NULL;
  rt_message_rules_content (faults, self->content);
  if (given > 1)
    {
      rt_faults_add (faults, "content", "is given beside json, variant or bytes, or two of those are: "
                     "a message carries only one of them");
      return;
    }
  if (self->content != NULL)
    {
      core->body_kind = RT_BODY_TEXT;
      core->texts[RT_MESSAGE_TEXT_BODY] = g_strdup (self->content);
    }
  else if (self->json != NULL || self->variant != NULL)
    {
      core->body_kind = RT_BODY_JSON;
      core->texts[RT_MESSAGE_TEXT_BODY] = build_json (self, faults);
    }
  else if (self->bytes != NULL)
    {
      core->body_kind = RT_BODY_B64;
      core->bytes = g_bytes_ref (self->bytes);
    }
}

static void
build_type (RtMessageBuilder *self, RtMessageCore *core, RtFaults *faults)
{
  RtMessageType named;

  core->type = self->message_type;
  if (core->type == TYPE_NOT_GIVEN)
    core->type = rt_message_type_of_body (core->body_kind);
  if (self->type_name == NULL)
    return;
  rt_message_rules_type_name (faults, self->type_name);
  named = rt_message_type_from_name (self->type_name);
  if (self->message_type != TYPE_NOT_GIVEN && self->message_type != (int) named)
    rt_faults_add (faults, "type-name", "is not that of the type %s, which is given too",
                   rt_message_type_to_name (self->message_type));
  core->type = named;
  if (named == RT_MESSAGE_TYPE_CUSTOM && !g_str_equal (self->type_name, rt_message_type_to_name (named)))
    core->texts[RT_MESSAGE_TEXT_TYPE_NAME] = g_strdup (self->type_name);
}

/* Data of a program that looks like this library's own mark must go inside a real one. Escapes may hide
 * it. */
static gboolean
may_look_marked (const char *json)
{
  return strstr (json, "$rt") != NULL || strstr (json, "\\u0024") != NULL || strstr (json, "$\\u0072") != NULL
         || strstr (json, "$r\\u0074") != NULL;
}

/* Real servers take a bare null for no data at all, and end the connection. */
static gboolean
is_bare (RtMessageBuilder *self, RtMessageCore *core)
{
  const char *json = core->texts[RT_MESSAGE_TEXT_BODY];

  return core->body_kind == RT_BODY_JSON && json != NULL && core->type == RT_MESSAGE_TYPE_CUSTOM
         && core->texts[RT_MESSAGE_TEXT_TYPE_NAME] == NULL && core->priority == RT_PRIORITY_NORMAL
         && core->ttl == 0 && core->metadata == NULL && core->tags == NULL && self->id == NULL
         && core->texts[RT_MESSAGE_TEXT_SENDER] == NULL && !may_look_marked (json) && strcmp (json, "null") != 0;
}

const char *
rt_message_builder_get_type_name (RtMessageBuilder *self)
{
  return self->type_name;
}

RtMessage *
rt_message_builder_finish (RtMessageBuilder *self, const char *sender, RtFaults *faults, GError **error)
{
  g_autoptr (RtMessageCore) core = rt_message_core_new ();

  if (self->sender != NULL)
    sender = self->sender;
  rt_message_rules_channel (faults, self->channel);
  rt_message_rules_sender (faults, sender);
  rt_message_rules_id (faults, self->id);
  build_body (self, core, faults);
  build_type (self, core, faults);
  core->priority = self->priority;
  core->ttl = self->ttl;
  core->timestamp = rt_clock_real ();
  core->texts[RT_MESSAGE_TEXT_SENDER] = g_strdup (sender);
  core->texts[RT_MESSAGE_TEXT_ID] = self->id != NULL ? g_strdup (self->id) : rt_message_next_id ();
  core->metadata = build_pairs (&self->metadata, "metadata", faults);
  core->tags = build_pairs (&self->tags, "tags", faults);
  core->bare = is_bare (self, core);
  core->checked = TRUE;
  if (!rt_faults_finish (faults, "The message", RT_ERROR_INVALID_MESSAGE, error))
    return NULL;
  return rt_message_new_take (g_ref_string_new (self->channel), g_steal_pointer (&core), 0);
}

/**
 * rt_message_builder_build:
 * @self: a builder
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes the message, and checks every part.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_builder_build (RtMessageBuilder *self, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (self), NULL);

  return rt_message_builder_finish (self, NULL, &faults, error);
}
