/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-event.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-enum-types.h"
#include "rt-event-private.h"

/**
 * RtEvent:
 *
 * Something that happened: to a client, on a channel, or in the program itself.
 *
 * An event never changes once it is made; it may be used from any thread. Its type says what happened, and which of
 * its other properties are set: an event about a message has the message and its channel, one about a member the
 * member and the channel, one about a failure the error.
 *
 * A program makes events of its own with [ctor@Event.new_custom]; their names are best given in levels that are
 * separated by dots, such as `orders.created`, since patterns understand those.
 */

#define MAX_NAME 255

enum
{
  PROP_0,
  PROP_EVENT_TYPE,
  PROP_NAME,
  PROP_TIMESTAMP,
  PROP_MESSAGE,
  PROP_CHANNEL,
  PROP_ERROR,
  PROP_VARIANT,
  PROP_MEMBER,
  N_PROPS,
};

#define FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

struct _RtEvent
{
  GObject parent_instance;

  /* Nothing changes after construction. */
  RtEventType type;
  char *own_name;    /* nullable: CUSTOM only */
  gint64 timestamp;
  RtMessage *message;
  const char *channel; /* the message's, or @own_channel */
  char *own_channel;
  GError *error;
  GVariant *variant;
  RtMember *member;
};

G_DEFINE_FINAL_TYPE (RtEvent, rt_event, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
rt_event_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtEvent *self = RT_EVENT (object);

  switch (id)
    {
    case PROP_EVENT_TYPE:
      g_value_set_enum (value, self->type);
      break;
    case PROP_NAME:
      g_value_set_string (value, rt_event_get_name (self));
      break;
    case PROP_TIMESTAMP:
      g_value_set_int64 (value, self->timestamp);
      break;
    case PROP_MESSAGE:
      g_value_set_object (value, self->message);
      break;
    case PROP_CHANNEL:
      g_value_set_string (value, self->channel);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_VARIANT:
      g_value_set_variant (value, self->variant);
      break;
    case PROP_MEMBER:
      g_value_set_object (value, self->member);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_event_finalize (GObject *object)
{
  RtEvent *self = RT_EVENT (object);

  g_free (self->own_name);
  g_free (self->own_channel);
  g_clear_object (&self->message);
  g_clear_error (&self->error);
  g_clear_pointer (&self->variant, g_variant_unref);
  g_clear_object (&self->member);

  G_OBJECT_CLASS (rt_event_parent_class)->finalize (object);
}

static void
make_origin_specs (void)
{
  /**
   * RtEvent:event-type: (getter get_event_type)
   *
   * What the event is about.
   */
  properties[PROP_EVENT_TYPE]
    = g_param_spec_enum ("event-type", NULL, NULL, RT_TYPE_EVENT_TYPE, RT_EVENT_TYPE_CUSTOM, FLAGS);

  /**
   * RtEvent:name: (getter get_name)
   *
   * The type in words, such as `message-received`, or the name of a custom event.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, FLAGS);

  /**
   * RtEvent:timestamp: (getter get_timestamp)
   *
   * When it was made, by this machine's clock: UTC microseconds since 1970.
   */
  properties[PROP_TIMESTAMP] = g_param_spec_int64 ("timestamp", NULL, NULL, G_MININT64, G_MAXINT64, 0, FLAGS);
}

static void
make_content_specs (void)
{
  /**
   * RtEvent:message: (getter get_message)
   *
   * The message that it is about, if any.
   */
  properties[PROP_MESSAGE] = g_param_spec_object ("message", NULL, NULL, RT_TYPE_MESSAGE, FLAGS);

  /**
   * RtEvent:channel: (getter get_channel)
   *
   * The name of the channel that it is about, if any; that of the message if there is one.
   */
  properties[PROP_CHANNEL] = g_param_spec_string ("channel", NULL, NULL, NULL, FLAGS);

  /**
   * RtEvent:error: (getter get_error)
   *
   * What went wrong, if something did.
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, FLAGS);

  /**
   * RtEvent:variant: (getter get_variant)
   *
   * Details, or what the program gave to an event of its own.
   */
  properties[PROP_VARIANT] = g_param_spec_variant ("variant", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);

  /**
   * RtEvent:member: (getter get_member)
   *
   * Who came or left, if it is about that.
   */
  properties[PROP_MEMBER] = g_param_spec_object ("member", NULL, NULL, RT_TYPE_MEMBER, FLAGS);
}

static void
rt_event_class_init (RtEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_event_get_property;
  object_class->finalize = rt_event_finalize;

  make_origin_specs ();
  make_content_specs ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* One that a script makes without a constructor says of itself no more than that it is there. */
static void
rt_event_init (RtEvent *self)
{
  self->type = RT_EVENT_TYPE_CUSTOM;
  self->timestamp = rt_clock_real ();
}

const char *
rt_event_type_to_nick (RtEventType type)
{
  static const char *const nicks[] = {
    [RT_EVENT_TYPE_CONNECTED] = "connected",
    [RT_EVENT_TYPE_DISCONNECTED] = "disconnected",
    [RT_EVENT_TYPE_RECONNECTING] = "reconnecting",
    [RT_EVENT_TYPE_MESSAGE_RECEIVED] = "message-received",
    [RT_EVENT_TYPE_MESSAGE_SENT] = "message-sent",
    [RT_EVENT_TYPE_MESSAGE_DROPPED] = "message-dropped",
    [RT_EVENT_TYPE_CHANNEL_JOINED] = "channel-joined",
    [RT_EVENT_TYPE_CHANNEL_LEFT] = "channel-left",
    [RT_EVENT_TYPE_MEMBER_JOINED] = "member-joined",
    [RT_EVENT_TYPE_MEMBER_LEFT] = "member-left",
    [RT_EVENT_TYPE_STREAM_OPENED] = "stream-opened",
    [RT_EVENT_TYPE_STREAM_CLOSED] = "stream-closed",
    [RT_EVENT_TYPE_RECOVERED] = "recovered",
    [RT_EVENT_TYPE_GAP] = "gap",
    [RT_EVENT_TYPE_TOKEN_REFRESHED] = "token-refreshed",
    [RT_EVENT_TYPE_ERROR] = "error",
    [RT_EVENT_TYPE_CUSTOM] = "custom",
  };

  return nicks[type];
}

void
rt_event_check_name (RtFaults *faults, const char *name)
{
  gsize len = name != NULL ? strlen (name) : 0;

  if (len == 0)
    rt_faults_add (faults, "name", "is not set");
  else if (len > MAX_NAME)
    rt_faults_add (faults, "name", "has %" G_GSIZE_FORMAT " bytes; at most %d are allowed", len, MAX_NAME);
  if (len > 0 && !g_utf8_validate (name, -1, NULL))
    rt_faults_add (faults, "name", "is not UTF-8");
}

RtEvent *
rt_event_new_from_parts (const RtEventParts *parts)
{
  RtEvent *self = g_object_new (RT_TYPE_EVENT, NULL);

  self->type = parts->type;
  if (parts->type == RT_EVENT_TYPE_CUSTOM)
    self->own_name = g_strdup (parts->name);
  if (parts->message != NULL)
    {
      self->message = g_object_ref (parts->message);
      self->channel = rt_message_get_channel (parts->message);
    }
  else if (parts->channel != NULL)
    {
      self->own_channel = g_strdup (parts->channel);
      self->channel = self->own_channel;
    }
  if (parts->error != NULL)
    self->error = g_error_copy (parts->error);
  if (parts->variant != NULL)
    self->variant = g_variant_ref_sink (parts->variant);
  if (parts->member != NULL)
    self->member = g_object_ref (parts->member);
  return self;
}

/**
 * rt_event_new:
 * @event_type: the type; for CUSTOM use [ctor@Event.new_custom]
 * @variant: (nullable): details; a floating reference is taken
 *
 * Makes an event of a type of this library. A client makes its own; this is for what a program puts on an event bus
 * itself, and for its tests.
 *
 * Returns: (transfer full): the event
 */
RtEvent *
rt_event_new (RtEventType event_type, GVariant *variant)
{
  RtEventParts parts = { .type = event_type, .variant = variant };

  g_return_val_if_fail (event_type < RT_EVENT_TYPE_CUSTOM, NULL);

  return rt_event_new_from_parts (&parts);
}

/**
 * rt_event_new_custom:
 * @name: the name, 1 to 255 bytes of UTF-8
 * @variant: (nullable): details; a floating reference is taken
 *
 * Makes an event of the program's own. Where the name comes from elsewhere use
 * [method@EventFactory.create_custom_event], which reports a bad one as an error.
 *
 * Returns: (transfer full): the event
 */
RtEvent *
rt_event_new_custom (const char *name, GVariant *variant)
{
  RtEventParts parts = { .type = RT_EVENT_TYPE_CUSTOM, .name = name, .variant = variant };

  g_return_val_if_fail (name != NULL && *name != '\0' && strlen (name) <= MAX_NAME, NULL);
  g_return_val_if_fail (g_utf8_validate (name, -1, NULL), NULL);

  return rt_event_new_from_parts (&parts);
}

/**
 * rt_event_get_event_type: (get-property event-type)
 * @self: an event
 *
 * Gets [property@Event:event-type].
 *
 * Returns: the type
 */
RtEventType
rt_event_get_event_type (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), RT_EVENT_TYPE_CUSTOM);

  return self->type;
}

/**
 * rt_event_get_name: (get-property name)
 * @self: an event
 *
 * Gets [property@Event:name].
 *
 * Returns: (transfer none): the name
 */
const char *
rt_event_get_name (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->own_name != NULL ? self->own_name : rt_event_type_to_nick (self->type);
}

/**
 * rt_event_get_timestamp: (get-property timestamp)
 * @self: an event
 *
 * Gets [property@Event:timestamp].
 *
 * Returns: UTC microseconds since 1970
 */
gint64
rt_event_get_timestamp (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), 0);

  return self->timestamp;
}

/**
 * rt_event_get_message: (get-property message)
 * @self: an event
 *
 * Gets [property@Event:message].
 *
 * Returns: (transfer none) (nullable): the message
 */
RtMessage *
rt_event_get_message (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->message;
}

/**
 * rt_event_get_channel: (get-property channel)
 * @self: an event
 *
 * Gets [property@Event:channel].
 *
 * Returns: (transfer none) (nullable): the name of the channel
 */
const char *
rt_event_get_channel (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->channel;
}

/**
 * rt_event_get_error: (get-property error)
 * @self: an event
 *
 * Gets [property@Event:error].
 *
 * Returns: (transfer none) (nullable): the error
 */
const GError *
rt_event_get_error (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->error;
}

/**
 * rt_event_get_variant: (get-property variant)
 * @self: an event
 *
 * Gets [property@Event:variant].
 *
 * Returns: (transfer none) (nullable): the details
 */
GVariant *
rt_event_get_variant (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->variant;
}

/**
 * rt_event_get_member: (get-property member)
 * @self: an event
 *
 * Gets [property@Event:member].
 *
 * Returns: (transfer none) (nullable): the member
 */
RtMember *
rt_event_get_member (RtEvent *self)
{
  g_return_val_if_fail (RT_IS_EVENT (self), NULL);

  return self->member;
}
