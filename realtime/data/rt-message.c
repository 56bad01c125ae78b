/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-message-core.h"
#include "rt-message-private.h"
#include "rt-message-rules.h"

/**
 * RtMessage:
 *
 * What is said on a channel.
 *
 * A message never changes once it is made; it may be used from any thread. Its content is text
 * ([property@Message:content]), data ([property@Message:data]) or bytes ([property@Message:bytes]), one of
 * the three or none. [ctor@Message.new_text] makes the usual one, [class@MessageBuilder] any other.
 *
 * Of a received message nothing is parsed until it is asked for. A peer may send what no program can use; the
 * property is then %NULL, and the `dup_` method of the same name says why. A message from a program that
 * knows nothing of this library is of the type [enum@MessageType].CUSTOM, its data is the JSON as it was
 * sent, and it has neither id nor timestamp.
 */

enum
{
  PROP_0,
  PROP_ID,
  PROP_CHANNEL,
  PROP_SENDER,
  PROP_USER_ID,
  PROP_CLIENT_ID,
  PROP_MESSAGE_TYPE,
  PROP_TYPE_NAME,
  PROP_CONTENT,
  PROP_DATA,
  PROP_BYTES,
  PROP_PRIORITY,
  PROP_TTL,
  PROP_TIMESTAMP,
  PROP_METADATA,
  PROP_TAGS,
  PROP_OFFSET,
  N_PROPS,
};

#define DATALIST_BITS 7 /* of a pointer: a lock and two flags */

#define FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

struct _RtMessage
{
  GObject parent_instance;

  char *channel; /* GRefString */
  RtMessageCore *core;
  char *sender;  /* nullable: in place of the core's, see rt_message_complete () */
  guint64 offset;
};

G_DEFINE_FINAL_TYPE (RtMessage, rt_message, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

/* What a message consists of that a script makes without a constructor. They live for ever and are not
 * counted. */
static char *blank_channel;
static RtMessageCore *blank_core;

/* A switch of its own, since the other one is long. */
static void
get_content_property (RtMessage *self, guint id, GValue *value)
{
  switch (id)
    {
    case PROP_CONTENT:
      g_value_set_string (value, rt_message_get_content (self));
      break;
    case PROP_DATA:
      g_value_set_variant (value, rt_message_get_data (self));
      break;
    case PROP_BYTES:
      g_value_set_boxed (value, rt_message_get_bytes (self));
      break;
    case PROP_METADATA:
      g_value_set_variant (value, rt_message_get_metadata (self));
      break;
    case PROP_TAGS:
      g_value_set_variant (value, rt_message_get_tags (self));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
rt_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtMessage *self = RT_MESSAGE (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, rt_message_get_id (self));
      break;
    case PROP_CHANNEL:
      g_value_set_string (value, self->channel);
      break;
    case PROP_SENDER:
      g_value_set_string (value, rt_message_get_sender (self));
      break;
    case PROP_USER_ID:
      g_value_set_string (value, rt_message_get_user_id (self));
      break;
    case PROP_CLIENT_ID:
      g_value_set_string (value, rt_message_get_client_id (self));
      break;
    case PROP_MESSAGE_TYPE:
      g_value_set_enum (value, rt_message_get_message_type (self));
      break;
    case PROP_TYPE_NAME:
      g_value_set_string (value, rt_message_get_type_name (self));
      break;
    case PROP_PRIORITY:
      g_value_set_enum (value, self->core->priority);
      break;
    case PROP_TTL:
      g_value_set_uint (value, self->core->ttl);
      break;
    case PROP_TIMESTAMP:
      g_value_set_int64 (value, self->core->timestamp);
      break;
    case PROP_OFFSET:
      g_value_set_uint64 (value, self->offset);
      break;
    case PROP_CONTENT:
    case PROP_DATA:
    case PROP_BYTES:
    case PROP_METADATA:
    case PROP_TAGS:
      get_content_property (self, id, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_message_finalize (GObject *object)
{
  RtMessage *self = RT_MESSAGE (object);

  if (self->core != blank_core)
    {
      g_ref_string_release (self->channel);
      rt_message_core_unref (self->core);
    }
  g_free (self->sender);

  G_OBJECT_CLASS (rt_message_parent_class)->finalize (object);
}

static void
make_origin_specs (void)
{
  /**
   * RtMessage:id: (getter get_id)
   *
   * The decimal text of a [class@Snowflake], the same over every attempt to send; %NULL for a foreign
   * message.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:channel: (getter get_channel)
   *
   * The name of the channel.
   */
  properties[PROP_CHANNEL] = g_param_spec_string ("channel", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:sender: (getter get_sender)
   *
   * Who says to have sent it; for a message that does not say, the user that the server told. %NULL: unknown.
   */
  properties[PROP_SENDER] = g_param_spec_string ("sender", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:user-id: (getter get_user_id)
   *
   * The user whom the server knows to have published it; %NULL where the server did not tell.
   */
  properties[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:client-id: (getter get_client_id)
   *
   * The connection by which it was published; %NULL where the server did not tell.
   */
  properties[PROP_CLIENT_ID] = g_param_spec_string ("client-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:timestamp: (getter get_timestamp)
   *
   * When it was made, by the sender's clock: UTC microseconds since 1970; 0 for a foreign message.
   */
  properties[PROP_TIMESTAMP] = g_param_spec_int64 ("timestamp", NULL, NULL, G_MININT64, G_MAXINT64, 0, FLAGS);

  /**
   * RtMessage:offset: (getter get_offset)
   *
   * Its place in the channel's history; 0 where there is none, or the server did not tell.
   */
  properties[PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0, FLAGS);
}

static void
make_content_specs (void)
{
  /**
   * RtMessage:message-type: (getter get_message_type)
   *
   * What the message is about.
   */
  properties[PROP_MESSAGE_TYPE] = g_param_spec_enum ("message-type", NULL, NULL, RT_TYPE_MESSAGE_TYPE,
                                                     RT_MESSAGE_TYPE_TEXT, FLAGS);

  /**
   * RtMessage:type-name: (getter get_type_name)
   *
   * The name of the type: a program's own, or one of `text`, `image`, `file`, `system`, `binary` and
   * `custom`.
   */
  properties[PROP_TYPE_NAME] = g_param_spec_string ("type-name", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:content: (getter get_content)
   *
   * The text, if the message carries text.
   */
  properties[PROP_CONTENT] = g_param_spec_string ("content", NULL, NULL, NULL, FLAGS);

  /**
   * RtMessage:data: (getter get_data)
   *
   * The JSON, if the message carries JSON: an object as `a{sv}`, an array as `av`, a string as `s`, a boolean
   * as `b`, an integer as `x`, another number as `d`, null as `mv` with nothing in it.
   */
  properties[PROP_DATA] = g_param_spec_variant ("data", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);

  /**
   * RtMessage:bytes: (getter get_bytes)
   *
   * The bytes, if the message carries bytes.
   */
  properties[PROP_BYTES] = g_param_spec_boxed ("bytes", NULL, NULL, G_TYPE_BYTES, FLAGS);
}

static void
make_attribute_specs (void)
{
  /**
   * RtMessage:priority: (getter get_priority)
   *
   * Which of several waiting messages goes first.
   */
  properties[PROP_PRIORITY]
    = g_param_spec_enum ("priority", NULL, NULL, RT_TYPE_PRIORITY, RT_PRIORITY_NORMAL, FLAGS);

  /**
   * RtMessage:ttl: (getter get_ttl)
   *
   * For how many milliseconds it is worth something; 0: for ever.
   */
  properties[PROP_TTL] = g_param_spec_uint ("ttl", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);

  /**
   * RtMessage:metadata: (getter get_metadata)
   *
   * What the sender's program adds, as `a{ss}`.
   */
  properties[PROP_METADATA]
    = g_param_spec_variant ("metadata", NULL, NULL, G_VARIANT_TYPE ("a{ss}"), NULL, FLAGS);

  /**
   * RtMessage:tags: (getter get_tags)
   *
   * By what it may be found or filtered, as `a{ss}`: the sender's tags, or if there are none those that the
   * server added.
   */
  properties[PROP_TAGS] = g_param_spec_variant ("tags", NULL, NULL, G_VARIANT_TYPE ("a{ss}"), NULL, FLAGS);
}

static void
rt_message_class_init (RtMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_message_get_property;
  object_class->finalize = rt_message_finalize;

  make_origin_specs ();
  make_content_specs ();
  make_attribute_specs ();
  g_object_class_install_properties (object_class, N_PROPS, properties);

  blank_channel = g_ref_string_new ("");
  blank_core = rt_message_core_new ();
}

static void
rt_message_init (RtMessage *self)
{
  self->channel = blank_channel;
  self->core = blank_core;
}

RtMessage *
rt_message_new_take (char *channel, RtMessageCore *core, guint64 offset)
{
  RtMessage *self = g_object_new (RT_TYPE_MESSAGE, NULL);

  self->channel = channel;
  self->core = core;
  self->offset = offset;
  return self;
}

RtMessageCore *
rt_message_get_core (RtMessage *message)
{
  return message->core;
}

RtMessage *
rt_message_new_incoming (char *channel, const RtPublication *publication)
{
  return rt_message_new_take (g_ref_string_acquire (channel), rt_message_core_new_incoming (publication),
                              publication->offset);
}

/* A message that is still reachable must never change. One reference, ours, means that nobody else has a
 * counted way to it; weak references, and what bindings attach, are in the data list of the object, whose
 * lowest bits are flags. */
static gboolean
is_unused (RtMessage *message)
{
  GObject *object = G_OBJECT (message);

  return g_atomic_int_get (&object->ref_count) == 1
         && ((gsize) g_atomic_pointer_get (&object->qdata) & ~(gsize) DATALIST_BITS) == 0;
}

RtMessage *
rt_message_renew (RtMessage *used, char *channel, const RtPublication *publication)
{
  g_autoptr (RtMessage) last = used;

  if (last == NULL || last->core == blank_core || !is_unused (last))
    return rt_message_new_incoming (channel, publication);
  if (last->channel != channel)
    {
      g_ref_string_release (last->channel);
      last->channel = g_ref_string_acquire (channel);
    }
  rt_message_core_unref (last->core);
  last->core = rt_message_core_new_incoming (publication);
  last->offset = publication->offset;
  g_clear_pointer (&last->sender, g_free);
  return g_steal_pointer (&last);
}

RtMessage *
rt_message_with_offset (RtMessage *message, guint64 offset)
{
  RtMessage *copy;

  if (offset == 0 || offset == message->offset)
    return g_object_ref (message);
  copy = rt_message_new_take (g_ref_string_acquire (message->channel), rt_message_core_ref (message->core),
                              offset);
  copy->sender = g_strdup (message->sender);
  return copy;
}

RtMessage *
rt_message_complete (RtMessage *message, const char *sender)
{
  const char *own = rt_message_get_sender (message);
  gboolean has_id = rt_message_get_id (message) != NULL;
  char id[RT_MESSAGE_ID_SIZE];

  if (has_id && (sender == NULL || *sender == '\0' || own != NULL))
    return g_object_ref (message);
  /* One that another program has sent without it, or that was read from JSON without. */
  gint64 now = has_id ? 0 : rt_clock_real ();
  RtMessageCore *core = has_id ? rt_message_core_ref (message->core)
                               : rt_message_core_with_id (message->core, rt_message_put_next_id (id, now), now);
  RtMessage *copy = rt_message_new_take (g_ref_string_acquire (message->channel), core, message->offset);
  copy->sender = own != NULL ? g_strdup (own) : sender != NULL && *sender != '\0' ? g_strdup (sender) : NULL;
  return copy;
}

/**
 * rt_message_new_text:
 * @channel: the name of the channel, 1 to 255 bytes of printable ASCII
 * @content: the text, UTF-8
 *
 * Makes a message that carries text.
 *
 * Nothing is checked here: sending it fails with %RT_ERROR_INVALID_MESSAGE if the channel's name or the text
 * is wrong. See [method@Message.validate].
 *
 * Returns: (transfer full): the message
 */
RtMessage *
rt_message_new_text (const char *channel, const char *content)
{
  char id[RT_MESSAGE_ID_SIZE];
  RtMessageCore *core;

  g_return_val_if_fail (channel != NULL, NULL);
  g_return_val_if_fail (content != NULL, NULL);

  core = rt_message_core_new_text (rt_message_put_next_id (id, rt_clock_real ()), content);
  core->timestamp = rt_clock_real ();
  return rt_message_new_take (g_ref_string_new (channel), core, 0);
}

/**
 * rt_message_validate:
 * @self: a message
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Checks whether the message can be sent. One that a [class@MessageBuilder] built always can.
 *
 * Returns: %TRUE if it can; else @error names every fault
 */
gboolean
rt_message_validate (RtMessage *self, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  const char *content;

  g_return_val_if_fail (RT_IS_MESSAGE (self), FALSE);

  if (self->core->checked)
    return TRUE;
  rt_message_rules_channel (&faults, self->channel);
  content = self->core->body_kind == RT_BODY_TEXT ? self->core->texts[RT_MESSAGE_TEXT_BODY] : NULL;
  rt_message_rules_content (&faults, content);
  return rt_faults_finish (&faults, "The message", RT_ERROR_INVALID_MESSAGE, error);
}

/**
 * rt_message_is_expired:
 * @self: a message
 *
 * Tells whether the message's time to live is over, by this machine's clock and the sender's timestamp.
 *
 * Returns: %TRUE if it has a time to live and that has passed
 */
gboolean
rt_message_is_expired (RtMessage *self)
{
  gint64 end;

  g_return_val_if_fail (RT_IS_MESSAGE (self), FALSE);

  if (self->core->ttl == 0 || self->core->timestamp == 0)
    return FALSE;
  /* A peer names the timestamp, so the sum may be past all times. */
  if (__builtin_add_overflow (self->core->timestamp, RT_CLOCK_MS (self->core->ttl), &end))
    return FALSE;
  return rt_clock_real () >= end;
}

/**
 * rt_message_get_id: (get-property id)
 * @self: a message
 *
 * Gets [property@Message:id].
 *
 * Returns: (nullable): decimal digits, or %NULL for a foreign message
 */
const char *
rt_message_get_id (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_text (self->core, RT_MESSAGE_TEXT_ID);
}

/**
 * rt_message_get_channel: (get-property channel)
 * @self: a message
 *
 * Gets [property@Message:channel].
 *
 * Returns: the channel's name
 */
const char *
rt_message_get_channel (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return self->channel;
}

/**
 * rt_message_get_sender: (get-property sender)
 * @self: a message
 *
 * Gets [property@Message:sender].
 *
 * Returns: (nullable): the sender's name, if it is known
 */
const char *
rt_message_get_sender (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  if (self->sender != NULL)
    return self->sender;
  return rt_message_core_get_text (self->core, RT_MESSAGE_TEXT_SENDER);
}

/**
 * rt_message_get_user_id: (get-property user-id)
 * @self: a message
 *
 * Gets [property@Message:user-id].
 *
 * Returns: (nullable): the user's name on the server
 */
const char *
rt_message_get_user_id (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_text (self->core, RT_MESSAGE_TEXT_USER);
}

/**
 * rt_message_get_client_id: (get-property client-id)
 * @self: a message
 *
 * Gets [property@Message:client-id].
 *
 * Returns: (nullable): the connection's name on the server
 */
const char *
rt_message_get_client_id (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), NULL);

  return rt_message_core_get_text (self->core, RT_MESSAGE_TEXT_CLIENT);
}

/**
 * rt_message_get_offset: (get-property offset)
 * @self: a message
 *
 * Gets [property@Message:offset].
 *
 * Returns: the place in the channel's history, or 0
 */
guint64
rt_message_get_offset (RtMessage *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE (self), 0);

  return self->offset;
}
