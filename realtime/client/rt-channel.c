/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-channel-private.h"

#include "rt-client.h"
#include "rt-enum-types.h"
#include "rt-stream-reader.h"

/**
 * RtChannel:
 *
 * A joined channel of a client.
 *
 * Channels come from [method@Client.join_channel_async]; joining one twice gives the same object. A server may also join
 * a client by itself: such a channel appears in [property@Client:channels], and can be left like any other. While the
 * connection is lost a channel stays wanted, and is joined again on the next one: what was missed comes first, in
 * order, then [signal@Channel::recovered]; or, where the server does not have it any more, [signal@Channel::gap].
 *
 * Signals are emitted in the client's context. Methods may be called from any thread. A channel that was left stays
 * so: joining again gives a new object.
 */
struct _RtChannel
{
  GObject parent_instance;

  /* Immutable. */
  RtSub *sub;
  GWeakRef client;

  gint muted;      /* atomic */
  guint64 offset;  /* atomic; written in the client's context */
  gint recoverable; /* atomic */
  GQuark detail;   /* only in the client's context */

  RtChannelModels models;

  GMutex lock;
  char *epoch;         /* guarded by lock */
  gboolean positioned; /* guarded by lock; the position has been set, and moves with what is delivered */
};

G_DEFINE_FINAL_TYPE (RtChannel, rt_channel, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_NAME,
  PROP_STATE,
  PROP_CLIENT,
  PROP_RECOVERABLE,
  PROP_EPOCH,
  PROP_OFFSET,
  PROP_MESSAGES,
  PROP_MEMBERS,
  PROP_MEMBERS_SYNCED,
  N_PROPS,
};

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_JOINED,
  SIGNAL_LEFT,
  SIGNAL_MEMBER_JOINED,
  SIGNAL_MEMBER_LEFT,
  SIGNAL_RECOVERED,
  SIGNAL_GAP,
  SIGNAL_STREAM_OPENED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
rt_channel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtChannel *self = RT_CHANNEL (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, rt_channel_get_name (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) rt_channel_get_state (self));
      break;
    case PROP_CLIENT:
      g_value_take_object (value, rt_channel_get_client (self));
      break;
    case PROP_RECOVERABLE:
      g_value_set_boolean (value, rt_channel_get_recoverable (self));
      break;
    case PROP_EPOCH:
      g_value_take_string (value, rt_channel_get_epoch (self));
      break;
    case PROP_OFFSET:
      g_value_set_uint64 (value, rt_channel_get_offset (self));
      break;
    case PROP_MESSAGES:
      g_value_set_object (value, rt_channel_get_messages (self));
      break;
    case PROP_MEMBERS:
      g_value_set_object (value, rt_channel_get_members (self));
      break;
    case PROP_MEMBERS_SYNCED:
      g_value_set_boolean (value, rt_channel_get_members_synced (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_channel_finalize (GObject *object)
{
  RtChannel *self = RT_CHANNEL (object);

  rt_channel_models_clear (&self->models);
  rt_sub_unref (self->sub);
  g_weak_ref_clear (&self->client);
  g_free (self->epoch);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (rt_channel_parent_class)->finalize (object);
}

static void
install_model_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * RtChannel:messages: (getter get_messages)
   *
   * The last messages of the channel, oldest first: a bounded list model of [class@Message].
   */
  properties[PROP_MESSAGES] = g_param_spec_object ("messages", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  /**
   * RtChannel:members: (getter get_members)
   *
   * Who is in the channel: a live list model of [class@Member].
   */
  properties[PROP_MEMBERS] = g_param_spec_object ("members", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  /**
   * RtChannel:members-synced: (getter get_members_synced)
   *
   * Whether [property@Channel:members] is complete.
   */
  properties[PROP_MEMBERS_SYNCED] = g_param_spec_boolean ("members-synced", NULL, NULL, FALSE, flags);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * RtChannel:name: (getter get_name)
   *
   * The channel's name.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * RtChannel:state: (getter get_state)
   *
   * The state of the channel. The notification follows in the client's context.
   */
  properties[PROP_STATE]
    = g_param_spec_enum ("state", NULL, NULL, RT_TYPE_CHANNEL_STATE, RT_CHANNEL_STATE_LEFT, flags);
  /**
   * RtChannel:client: (getter get_client)
   *
   * The client, or %NULL when it is gone. A channel does not keep its client alive.
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, RT_TYPE_CLIENT, flags);
  /**
   * RtChannel:recoverable: (getter get_recoverable)
   *
   * Whether the server keeps messages for those who were away.
   */
  properties[PROP_RECOVERABLE] = g_param_spec_boolean ("recoverable", NULL, NULL, FALSE, flags);
  /**
   * RtChannel:epoch: (getter get_epoch)
   *
   * The name of the stream of messages that [property@Channel:offset] counts in, or %NULL.
   */
  properties[PROP_EPOCH] = g_param_spec_string ("epoch", NULL, NULL, NULL, flags);
  /**
   * RtChannel:offset: (getter get_offset)
   *
   * The offset of the last message that was delivered, 0 if none is known. Notified when the channel is joined, not
   * with every message.
   */
  properties[PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  install_model_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_delivery_signals (GType type)
{
  /**
   * RtChannel::message:
   * @self: the channel
   * @message: the message
   *
   * Emitted for each message of the channel, in the server's order.
   */
  signals[SIGNAL_MESSAGE]
    = g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1,
                    RT_TYPE_MESSAGE);
  g_signal_set_va_marshaller (signals[SIGNAL_MESSAGE], type, g_cclosure_marshal_VOID__OBJECTv);
  /**
   * RtChannel::recovered:
   * @self: the channel
   * @count: how many messages had been missed
   *
   * Emitted after what was missed has been delivered.
   */
  signals[SIGNAL_RECOVERED]
    = g_signal_new ("recovered", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  /**
   * RtChannel::gap:
   * @self: the channel
   * @missed: how many messages are missing, 0 if that is not known
   *
   * Emitted before the next message where some are missing and cannot be had again.
   */
  signals[SIGNAL_GAP]
    = g_signal_new ("gap", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
install_membership_signals (GType type)
{
  /**
   * RtChannel::joined:
   * @self: the channel
   * @recovered: whether the channel goes on where it was
   *
   * Emitted when the server delivers the channel, the first time and after each reconnection.
   */
  signals[SIGNAL_JOINED]
    = g_signal_new ("joined", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  /**
   * RtChannel::left:
   * @self: the channel
   * @code: the server's code, 0 where this side left
   * @reason: the server's reason, maybe empty
   *
   * Emitted when the channel is over; it is the last signal of this object.
   */
  signals[SIGNAL_LEFT] = g_signal_new ("left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                       G_TYPE_UINT, G_TYPE_STRING);
  /**
   * RtChannel::member-joined:
   * @self: the channel
   * @member: who
   *
   * Emitted when somebody joins the channel, this client included.
   */
  signals[SIGNAL_MEMBER_JOINED]
    = g_signal_new ("member-joined", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, RT_TYPE_MEMBER);
  /**
   * RtChannel::member-left:
   * @self: the channel
   * @member: who
   *
   * Emitted when somebody leaves the channel.
   */
  signals[SIGNAL_MEMBER_LEFT]
    = g_signal_new ("member-left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, RT_TYPE_MEMBER);
}

static void
install_stream_signals (GType type)
{
  /**
   * RtChannel::stream-opened:
   * @self: the channel
   * @reader: the end to read from
   *
   * Emitted when somebody else begins to send a stream on the channel. A handler keeps the reader, and reads it or has
   * it read; if nobody does, the stream is declined for this client.
   */
  signals[SIGNAL_STREAM_OPENED] = g_signal_new ("stream-opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 1, RT_TYPE_STREAM_READER);
}

static void
rt_channel_class_init (RtChannelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_channel_get_property;
  object_class->finalize = rt_channel_finalize;
  install_properties (object_class);
  install_delivery_signals (G_TYPE_FROM_CLASS (klass));
  install_membership_signals (G_TYPE_FROM_CLASS (klass));
  install_stream_signals (G_TYPE_FROM_CLASS (klass));
}

static void
rt_channel_init (RtChannel *self)
{
  g_mutex_init (&self->lock);
  rt_channel_models_init (&self->models);
}

RtChannel *
rt_channel_new (RtClient *client, RtSub *sub)
{
  RtChannel *self = g_object_new (RT_TYPE_CHANNEL, NULL);

  self->sub = rt_sub_ref (sub);
  g_weak_ref_init (&self->client, client);
  return self;
}

/**
 * rt_channel_get_name: (get-property name)
 * @self: a channel
 *
 * The channel's name.
 *
 * Returns: (transfer none): the name
 */
const char *
rt_channel_get_name (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return self->sub->name;
}

/**
 * rt_channel_get_state: (get-property state)
 * @self: a channel
 *
 * The state of the channel, from any thread.
 *
 * Returns: the state
 */
RtChannelState
rt_channel_get_state (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), RT_CHANNEL_STATE_LEFT);
  return rt_sub_get_state (self->sub);
}

/**
 * rt_channel_get_epoch: (get-property epoch)
 * @self: a channel
 *
 * The name of the stream of messages that the offset counts in.
 *
 * Returns: (transfer full) (nullable): the epoch, or %NULL if the server told none
 */
char *
rt_channel_get_epoch (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_mutex_lock (&self->lock);
  char *epoch = g_strdup (self->epoch);
  g_mutex_unlock (&self->lock);
  return epoch;
}

/**
 * rt_channel_get_offset: (get-property offset)
 * @self: a channel
 *
 * The offset of the last message that was delivered. Together with the epoch it is a position to join from in a
 * later run of the program.
 *
 * Returns: the offset, 0 if none is known
 */
guint64
rt_channel_get_offset (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), 0);
  return __atomic_load_n (&self->offset, __ATOMIC_RELAXED);
}

/**
 * rt_channel_get_recoverable: (get-property recoverable)
 * @self: a channel
 *
 * Whether the server keeps messages for those who were away.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_channel_get_recoverable (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  return g_atomic_int_get (&self->recoverable);
}

/**
 * rt_channel_get_client: (get-property client)
 * @self: a channel
 *
 * The client that the channel belongs to.
 *
 * Returns: (transfer full) (nullable): the client, or %NULL when it is gone
 */
RtClient *
rt_channel_get_client (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return g_weak_ref_get (&self->client);
}

/* --- For the other files of this folder --- */

RtSub *
rt_channel_get_sub (RtChannel *self)
{
  return self->sub;
}

char *
rt_channel_get_ref_name (RtChannel *self)
{
  return self->sub->name;
}

void
rt_channel_init_position (RtChannel *self, const char *epoch, guint64 offset, gboolean recoverable)
{
  g_mutex_lock (&self->lock);
  if (!self->positioned)
    {
      self->epoch = g_strdup (epoch);
      rt_channel_set_offset (self, offset);
      g_atomic_int_set (&self->recoverable, recoverable);
      self->positioned = TRUE;
    }
  g_mutex_unlock (&self->lock);
}

void
rt_channel_mute (RtChannel *self)
{
  g_atomic_int_set (&self->muted, TRUE);
}

gboolean
rt_channel_is_muted (RtChannel *self)
{
  return g_atomic_int_get (&self->muted);
}

const gint *
rt_channel_get_muted (RtChannel *self)
{
  return &self->muted;
}

/* Programs make the quark by connecting to a detail, maybe later than the first message. */
GQuark
rt_channel_get_detail (RtChannel *self)
{
  if (self->detail == 0)
    self->detail = g_quark_try_string (self->sub->name);
  return self->detail;
}

void
rt_channel_set_offset (RtChannel *self, guint64 offset)
{
  __atomic_store_n (&self->offset, offset, __ATOMIC_RELAXED);
}

void
rt_channel_set_position (RtChannel *self, const char *epoch, guint64 offset)
{
  g_mutex_lock (&self->lock);
  g_free (self->epoch);
  self->epoch = g_strdup (epoch);
  self->positioned = TRUE;
  g_mutex_unlock (&self->lock);
  rt_channel_set_offset (self, offset);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EPOCH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OFFSET]);
}

/* Who looks at the list of messages from a handler finds this one in it. */
void
rt_channel_emit_message (RtChannel *self, RtMessage *message)
{
  rt_channel_models_take_message (self, message);
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

void
rt_channel_take_joined (RtChannel *self, const char *epoch, guint64 offset, gboolean recoverable, gboolean recovered)
{
  g_atomic_int_set (&self->recoverable, recoverable);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  rt_channel_set_position (self, epoch, offset);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECOVERABLE]);
  rt_channel_models_joined (self);
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[SIGNAL_JOINED], 0, recovered);
}

void
rt_channel_take_left (RtChannel *self, guint code, const char *reason)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  rt_channel_models_left (self);
  g_signal_emit (self, signals[SIGNAL_LEFT], 0, code, reason);
}

void
rt_channel_take_rejoining (RtChannel *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  rt_channel_models_rejoining (self);
}

RtChannelModels *
rt_channel_get_models (RtChannel *self)
{
  return &self->models;
}

void
rt_channel_notify_members_synced (RtChannel *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMBERS_SYNCED]);
}

void
rt_channel_emit_recovered (RtChannel *self, guint count)
{
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[SIGNAL_RECOVERED], 0, count);
}

void
rt_channel_emit_gap (RtChannel *self, guint missed)
{
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[SIGNAL_GAP], 0, missed);
}

void
rt_channel_emit_member (RtChannel *self, gboolean joined, RtMember *member)
{
  if (!rt_channel_is_muted (self))
    rt_channel_models_take_member (self, joined, member);
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[joined ? SIGNAL_MEMBER_JOINED : SIGNAL_MEMBER_LEFT], 0, member);
}

void
rt_channel_emit_stream (RtChannel *self, RtStreamReader *reader)
{
  if (!rt_channel_is_muted (self))
    g_signal_emit (self, signals[SIGNAL_STREAM_OPENED], 0, reader);
}
