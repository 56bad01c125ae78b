/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message.h"

#include "rt-message-core.h"
#include "rt-message-private.h"

/* What a message says: all of it is the core's. */

/**
 * rt_message_get_message_type: (get-property message-type)
 * @self: a message
 *
 * Gets [property@Message:message-type].
 *
 * Returns: the type
 */
RtMessageType
rt_message_get_message_type (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), RT_MESSAGE_TYPE_CUSTOM);

  return rt_message_core_get_type (rt_message_get_core (self));
}

/**
 * rt_message_get_type_name: (get-property type-name)
 * @self: a message
 *
 * Gets [property@Message:type-name].
 *
 * Returns: the type's name
 */
const char *
rt_message_get_type_name (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_type_name (rt_message_get_core (self));
}

/**
 * rt_message_get_content: (get-property content)
 * @self: a message
 *
 * Gets [property@Message:content].
 *
 * Returns: (nullable): the text, or %NULL if there is none that can be used
 */
const char *
rt_message_get_content (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_content (rt_message_get_core (self), NULL);
}

/**
 * rt_message_get_data: (get-property data)
 * @self: a message
 *
 * Gets [property@Message:data].
 *
 * Returns: (transfer none) (nullable): the data, or %NULL if there is none that can be used
 */
GVariant *
rt_message_get_data (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_data (rt_message_get_core (self), NULL);
}

/**
 * rt_message_get_bytes: (get-property bytes)
 * @self: a message
 *
 * Gets [property@Message:bytes].
 *
 * Returns: (transfer none) (nullable): the bytes, or %NULL if there are none that can be used
 */
GBytes *
rt_message_get_bytes (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_bytes (rt_message_get_core (self), NULL);
}

/**
 * rt_message_dup_content:
 * @self: a message
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Gets the text, or learns why there is none: the message carries something else, or what no string can hold.
 *
 * Returns: (transfer full): the text
 */
char *
rt_message_dup_content (RtMessage *self, GError **error)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return g_strdup (rt_message_core_get_content (rt_message_get_core (self), error));
}

/**
 * rt_message_dup_data:
 * @self: a message
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Gets the data, or learns why there is none: the message carries something else, or JSON that programs
 * cannot use, such as integers over 64 bits, more than 10,000 values or more than 1,024 members in an object.
 *
 * Returns: (transfer full): the data
 */
GVariant *
rt_message_dup_data (RtMessage *self, GError **error)
{
  GVariant *data;

  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  data = rt_message_core_get_data (rt_message_get_core (self), error);
  return data != NULL ? g_variant_ref (data) : NULL;
}

/**
 * rt_message_dup_data_json:
 * @self: a message
 *
 * Gets the JSON text of the data exactly as it was sent, for a program that has a parser of its own.
 *
 * It is one value by the grammar of RFC 8259, in UTF-8, nested at most 64 deep. Nothing else is checked.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL if the message carries no JSON
 */
char *
rt_message_dup_data_json (RtMessage *self)
{
  const char *json;
  gsize len;

  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_json (rt_message_get_core (self), &json, &len) ? g_strndup (json, len) : NULL;
}

/**
 * rt_message_dup_bytes:
 * @self: a message
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Gets the bytes, or learns why there are none: the message carries something else, or wrong base64.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
rt_message_dup_bytes (RtMessage *self, GError **error)
{
  GBytes *bytes;

  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  bytes = rt_message_core_get_bytes (rt_message_get_core (self), error);
  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

/**
 * rt_message_get_priority: (get-property priority)
 * @self: a message
 *
 * Gets [property@Message:priority].
 *
 * Returns: the priority
 */
RtPriority
rt_message_get_priority (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), RT_PRIORITY_NORMAL);

  return rt_message_get_core (self)->priority;
}

/**
 * rt_message_get_ttl: (get-property ttl)
 * @self: a message
 *
 * Gets [property@Message:ttl].
 *
 * Returns: milliseconds, or 0 for ever
 */
guint
rt_message_get_ttl (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), 0);

  return rt_message_get_core (self)->ttl;
}

/**
 * rt_message_get_timestamp: (get-property timestamp)
 * @self: a message
 *
 * Gets [property@Message:timestamp].
 *
 * Returns: UTC microseconds since 1970, or 0 if it is not known
 */
gint64
rt_message_get_timestamp (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), 0);

  return rt_message_get_core (self)->timestamp;
}

/**
 * rt_message_get_metadata: (get-property metadata)
 * @self: a message
 *
 * Gets [property@Message:metadata].
 *
 * Returns: (transfer none): keys and values, `a{ss}`; empty if there are none
 */
GVariant *
rt_message_get_metadata (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_metadata (rt_message_get_core (self));
}

static const char *
look_up (GVariant *pairs, const char *key)
{
  const char *value = NULL;

  g_variant_lookup (pairs, key, "&s", &value);
  return value;
}

/**
 * rt_message_get_metadata_value:
 * @self: a message
 * @key: a key
 *
 * Gets one value of [property@Message:metadata].
 *
 * Returns: (nullable): the value, or %NULL if there is none for @key
 */
const char *
rt_message_get_metadata_value (RtMessage *self, const char *key)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return look_up (rt_message_core_get_metadata (rt_message_get_core (self)), key);
}

/**
 * rt_message_get_tags: (get-property tags)
 * @self: a message
 *
 * Gets [property@Message:tags].
 *
 * Returns: (transfer none): keys and values, `a{ss}`; empty if there are none
 */
GVariant *
rt_message_get_tags (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_tags (rt_message_get_core (self));
}

/**
 * rt_message_get_tag_value:
 * @self: a message
 * @key: a key
 *
 * Gets one value of [property@Message:tags].
 *
 * Returns: (nullable): the value, or %NULL if there is none for @key
 */
const char *
rt_message_get_tag_value (RtMessage *self, const char *key)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return look_up (rt_message_core_get_tags (rt_message_get_core (self)), key);
}
