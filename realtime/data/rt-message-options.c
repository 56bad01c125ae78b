/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-options.h"

#include "rt-enum-types.h"

/**
 * RtMessageOptions:
 *
 * What may be said about a text that is sent, beside the text.
 *
 * A send reads the options at once, so that they can be changed or used again afterwards. Belongs to one
 * thread at a time.
 */

enum
{
  PROP_0,
  PROP_PRIORITY,
  PROP_TTL,
  PROP_MESSAGE_TYPE,
  PROP_TYPE_NAME,
  PROP_METADATA,
  PROP_TAGS,
  N_PROPS,
};

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

struct _RtMessageOptions
{
  GObject parent_instance;

  RtPriority priority;
  guint ttl;
  RtMessageType message_type;
  char *type_name; /* nullable */
  GVariant *metadata;
  GVariant *tags;
};

G_DEFINE_FINAL_TYPE (RtMessageOptions, rt_message_options, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
rt_message_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtMessageOptions *self = RT_MESSAGE_OPTIONS (object);

  switch (id)
    {
    case PROP_PRIORITY:
      g_value_set_enum (value, self->priority);
      break;
    case PROP_TTL:
      g_value_set_uint (value, self->ttl);
      break;
    case PROP_MESSAGE_TYPE:
      g_value_set_enum (value, self->message_type);
      break;
    case PROP_TYPE_NAME:
      g_value_set_string (value, self->type_name);
      break;
    case PROP_METADATA:
      g_value_set_variant (value, self->metadata);
      break;
    case PROP_TAGS:
      g_value_set_variant (value, self->tags);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_message_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtMessageOptions *self = RT_MESSAGE_OPTIONS (object);

  switch (id)
    {
    case PROP_PRIORITY:
      rt_message_options_set_priority (self, g_value_get_enum (value));
      break;
    case PROP_TTL:
      rt_message_options_set_ttl (self, g_value_get_uint (value));
      break;
    case PROP_MESSAGE_TYPE:
      rt_message_options_set_message_type (self, g_value_get_enum (value));
      break;
    case PROP_TYPE_NAME:
      rt_message_options_set_type_name (self, g_value_get_string (value));
      break;
    case PROP_METADATA:
      rt_message_options_set_metadata (self, g_value_get_variant (value));
      break;
    case PROP_TAGS:
      rt_message_options_set_tags (self, g_value_get_variant (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_message_options_finalize (GObject *object)
{
  RtMessageOptions *self = RT_MESSAGE_OPTIONS (object);

  g_free (self->type_name);
  g_clear_pointer (&self->metadata, g_variant_unref);
  g_clear_pointer (&self->tags, g_variant_unref);

  G_OBJECT_CLASS (rt_message_options_parent_class)->finalize (object);
}

static void
rt_message_options_class_init (RtMessageOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_message_options_get_property;
  object_class->set_property = rt_message_options_set_property;
  object_class->finalize = rt_message_options_finalize;

  /**
   * RtMessageOptions:priority: (getter get_priority) (setter set_priority)
   *
   * Which of several waiting messages goes first.
   */
  properties[PROP_PRIORITY]
    = g_param_spec_enum ("priority", NULL, NULL, RT_TYPE_PRIORITY, RT_PRIORITY_NORMAL, FLAGS);

  /**
   * RtMessageOptions:ttl: (getter get_ttl) (setter set_ttl)
   *
   * For how many milliseconds the message is worth something; 0: for ever.
   */
  properties[PROP_TTL] = g_param_spec_uint ("ttl", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);

  /**
   * RtMessageOptions:message-type: (getter get_message_type) (setter set_message_type)
   *
   * What the message is about.
   */
  properties[PROP_MESSAGE_TYPE] = g_param_spec_enum ("message-type", NULL, NULL, RT_TYPE_MESSAGE_TYPE,
                                                     RT_MESSAGE_TYPE_TEXT, FLAGS);

  /**
   * RtMessageOptions:type-name: (getter get_type_name) (setter set_type_name)
   *
   * The name of a type of the program's own, 1 to 64 bytes, which makes the message one of the type CUSTOM; %NULL: that
   * of [property@MessageOptions:message-type]. A wrong name fails the send that uses it.
   */
  properties[PROP_TYPE_NAME] = g_param_spec_string ("type-name", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessageOptions:metadata: (getter get_metadata) (setter set_metadata)
   *
   * What the program adds, as `a{ss}`; %NULL: nothing. Another type fails the send that uses it.
   */
  properties[PROP_METADATA] = g_param_spec_variant ("metadata", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);

  /**
   * RtMessageOptions:tags: (getter get_tags) (setter set_tags)
   *
   * By what the message may be found or filtered, as `a{ss}`; %NULL: nothing. Another type fails the send
   * that uses it.
   */
  properties[PROP_TAGS] = g_param_spec_variant ("tags", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_message_options_init (RtMessageOptions *self)
{
  self->priority = RT_PRIORITY_NORMAL;
}

/**
 * rt_message_options_new:
 *
 * Makes options that say nothing beyond the defaults.
 *
 * Returns: (transfer full): the options
 */
RtMessageOptions *
rt_message_options_new (void)
{
  return g_object_new (RT_TYPE_MESSAGE_OPTIONS, NULL);
}

/**
 * rt_message_options_get_priority: (get-property priority)
 * @self: options
 *
 * Gets [property@MessageOptions:priority].
 *
 * Returns: the priority
 */
RtPriority
rt_message_options_get_priority (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), RT_PRIORITY_NORMAL);

  return self->priority;
}

/**
 * rt_message_options_set_priority: (set-property priority)
 * @self: options
 * @priority: the priority
 *
 * Sets [property@MessageOptions:priority].
 */
void
rt_message_options_set_priority (RtMessageOptions *self, RtPriority priority)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));
  g_return_if_fail (priority <= RT_PRIORITY_URGENT);

  if (self->priority == priority)
    return;
  self->priority = priority;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRIORITY]);
}

/**
 * rt_message_options_get_ttl: (get-property ttl)
 * @self: options
 *
 * Gets [property@MessageOptions:ttl].
 *
 * Returns: milliseconds, or 0 for ever
 */
guint
rt_message_options_get_ttl (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), 0);

  return self->ttl;
}

/**
 * rt_message_options_set_ttl: (set-property ttl)
 * @self: options
 * @ttl: milliseconds, or 0 for ever
 *
 * Sets [property@MessageOptions:ttl].
 */
void
rt_message_options_set_ttl (RtMessageOptions *self, guint ttl)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));

  if (self->ttl == ttl)
    return;
  self->ttl = ttl;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TTL]);
}

/**
 * rt_message_options_get_message_type: (get-property message-type)
 * @self: options
 *
 * Gets [property@MessageOptions:message-type].
 *
 * Returns: the type
 */
RtMessageType
rt_message_options_get_message_type (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), RT_MESSAGE_TYPE_TEXT);

  return self->message_type;
}

/**
 * rt_message_options_set_message_type: (set-property message-type)
 * @self: options
 * @message_type: the type
 *
 * Sets [property@MessageOptions:message-type].
 */
void
rt_message_options_set_message_type (RtMessageOptions *self, RtMessageType message_type)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));
  g_return_if_fail (message_type <= RT_MESSAGE_TYPE_CUSTOM);

  if (self->message_type == message_type)
    return;
  self->message_type = message_type;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE_TYPE]);
}

/**
 * rt_message_options_get_type_name: (get-property type-name)
 * @self: options
 *
 * Gets [property@MessageOptions:type-name].
 *
 * Returns: (nullable): the name
 */
const char *
rt_message_options_get_type_name (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), NULL);

  return self->type_name;
}

/**
 * rt_message_options_set_type_name: (set-property type-name)
 * @self: options
 * @type_name: (nullable): the name of a type of the program's own, or %NULL
 *
 * Sets [property@MessageOptions:type-name].
 */
void
rt_message_options_set_type_name (RtMessageOptions *self, const char *type_name)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));

  if (g_strcmp0 (self->type_name, type_name) == 0)
    return;
  g_free (self->type_name);
  self->type_name = g_strdup (type_name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TYPE_NAME]);
}

/* TRUE if it changed. */
static gboolean
set_variant (GVariant **field, GVariant *value)
{
  g_autoptr (GVariant) taken = value != NULL ? g_variant_ref_sink (value) : NULL;

  if (*field == taken || (*field != NULL && taken != NULL && g_variant_equal (*field, taken)))
    return FALSE;
  g_clear_pointer (field, g_variant_unref);
  *field = g_steal_pointer (&taken);
  return TRUE;
}

/**
 * rt_message_options_get_metadata: (get-property metadata)
 * @self: options
 *
 * Gets [property@MessageOptions:metadata].
 *
 * Returns: (transfer none) (nullable): keys and values
 */
GVariant *
rt_message_options_get_metadata (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), NULL);

  return self->metadata;
}

/**
 * rt_message_options_set_metadata: (set-property metadata)
 * @self: options
 * @metadata: (nullable): keys and values, `a{ss}`; a floating reference is taken
 *
 * Sets [property@MessageOptions:metadata].
 */
void
rt_message_options_set_metadata (RtMessageOptions *self, GVariant *metadata)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));

  if (set_variant (&self->metadata, metadata))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_METADATA]);
}

/**
 * rt_message_options_get_tags: (get-property tags)
 * @self: options
 *
 * Gets [property@MessageOptions:tags].
 *
 * Returns: (transfer none) (nullable): keys and values
 */
GVariant *
rt_message_options_get_tags (RtMessageOptions *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_OPTIONS (self), NULL);

  return self->tags;
}

/**
 * rt_message_options_set_tags: (set-property tags)
 * @self: options
 * @tags: (nullable): keys and values, `a{ss}`; a floating reference is taken
 *
 * Sets [property@MessageOptions:tags].
 */
void
rt_message_options_set_tags (RtMessageOptions *self, GVariant *tags)
{
  g_return_if_fail (RT_IS_MESSAGE_OPTIONS (self));

  if (set_variant (&self->tags, tags))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TAGS]);
}
