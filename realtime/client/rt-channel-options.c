/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-channel-options.h"

#include "rt-sub.h"

/**
 * RtChannelOptions:
 *
 * How a channel is to be joined.
 *
 * Given to [method@Client.join_channel_async] and read during the call; changes afterwards have no effect.
 * A channel that is joined already keeps the options it was joined with.
 */
struct _RtChannelOptions
{
  GObject parent_instance;

  gboolean recover;
  gboolean join_leave;
  gboolean positioned;
  RtPosition *since;
  RtTokenProvider *token_provider; /* nullable */
  GVariant *data;                  /* nullable */
  RtTagsFilter *tags_filter;       /* nullable */
  guint messages_limit;
  guint prefill;
};

G_DEFINE_FINAL_TYPE (RtChannelOptions, rt_channel_options, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_RECOVER,
  PROP_SINCE,
  PROP_JOIN_LEAVE,
  PROP_POSITIONED,
  PROP_TOKEN_PROVIDER,
  PROP_DATA,
  PROP_TAGS_FILTER,
  PROP_MESSAGES_LIMIT,
  PROP_PREFILL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
rt_channel_options_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtChannelOptions *self = RT_CHANNEL_OPTIONS (object);

  switch (prop_id)
    {
    case PROP_RECOVER:
      g_value_set_boolean (value, self->recover);
      break;
    case PROP_SINCE:
      g_value_set_boxed (value, self->since);
      break;
    case PROP_JOIN_LEAVE:
      g_value_set_boolean (value, self->join_leave);
      break;
    case PROP_POSITIONED:
      g_value_set_boolean (value, self->positioned);
      break;
    case PROP_TOKEN_PROVIDER:
      g_value_set_object (value, self->token_provider);
      break;
    case PROP_DATA:
      g_value_set_variant (value, self->data);
      break;
    case PROP_TAGS_FILTER:
      g_value_set_boxed (value, self->tags_filter);
      break;
    case PROP_MESSAGES_LIMIT:
      g_value_set_uint (value, self->messages_limit);
      break;
    case PROP_PREFILL:
      g_value_set_uint (value, self->prefill);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_channel_options_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  RtChannelOptions *self = RT_CHANNEL_OPTIONS (object);

  switch (prop_id)
    {
    case PROP_RECOVER:
      rt_channel_options_set_recover (self, g_value_get_boolean (value));
      break;
    case PROP_SINCE:
      rt_channel_options_set_since (self, g_value_get_boxed (value));
      break;
    case PROP_JOIN_LEAVE:
      rt_channel_options_set_join_leave (self, g_value_get_boolean (value));
      break;
    case PROP_POSITIONED:
      rt_channel_options_set_positioned (self, g_value_get_boolean (value));
      break;
    case PROP_TOKEN_PROVIDER:
      rt_channel_options_set_token_provider (self, g_value_get_object (value));
      break;
    case PROP_DATA:
      rt_channel_options_set_data (self, g_value_get_variant (value));
      break;
    case PROP_TAGS_FILTER:
      rt_channel_options_set_tags_filter (self, g_value_get_boxed (value));
      break;
    case PROP_MESSAGES_LIMIT:
      rt_channel_options_set_messages_limit (self, g_value_get_uint (value));
      break;
    case PROP_PREFILL:
      rt_channel_options_set_prefill (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_channel_options_finalize (GObject *object)
{
  RtChannelOptions *self = RT_CHANNEL_OPTIONS (object);

  g_clear_pointer (&self->since, rt_position_free);
  g_clear_object (&self->token_provider);
  g_clear_pointer (&self->data, g_variant_unref);
  g_clear_pointer (&self->tags_filter, rt_tags_filter_free);
  G_OBJECT_CLASS (rt_channel_options_parent_class)->finalize (object);
}

static void
install_server_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * RtChannelOptions:data: (getter get_data) (setter set_data)
   *
   * What the server's application is told with each join, or %NULL.
   */
  properties[PROP_DATA] = g_param_spec_variant ("data", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  /**
   * RtChannelOptions:tags-filter: (getter get_tags_filter) (setter set_tags_filter)
   *
   * Which messages are wanted, by their tags, or %NULL for all.
   */
  properties[PROP_TAGS_FILTER] = g_param_spec_boxed ("tags-filter", NULL, NULL, RT_TYPE_TAGS_FILTER, flags);
}

static void
install_list_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * RtChannelOptions:messages-limit: (getter get_messages_limit) (setter set_messages_limit)
   *
   * How many messages [property@Channel:messages] keeps; 0 for none.
   */
  properties[PROP_MESSAGES_LIMIT]
    = g_param_spec_uint ("messages-limit", NULL, NULL, 0, G_MAXUINT, RT_SUB_MESSAGES_LIMIT, flags);
  /**
   * RtChannelOptions:prefill: (getter get_prefill) (setter set_prefill)
   *
   * How many earlier messages [property@Channel:messages] begins with.
   */
  properties[PROP_PREFILL] = g_param_spec_uint ("prefill", NULL, NULL, 0, G_MAXUINT, 0, flags);
}

static void
rt_channel_options_class_init (RtChannelOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_channel_options_get_property;
  object_class->set_property = rt_channel_options_set_property;
  object_class->finalize = rt_channel_options_finalize;

  /**
   * RtChannelOptions:recover: (getter get_recover) (setter set_recover)
   *
   * Whether what was missed while the connection was lost is asked for.
   */
  properties[PROP_RECOVER] = g_param_spec_boolean (
    "recover", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * RtChannelOptions:since: (getter get_since) (setter set_since)
   *
   * The position after which messages are wanted, or %NULL for new ones only.
   */
  properties[PROP_SINCE]
    = g_param_spec_boxed ("since", NULL, NULL, RT_TYPE_POSITION,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * RtChannelOptions:join-leave: (getter get_join_leave) (setter set_join_leave)
   *
   * Whether the server is asked to tell who joins and leaves.
   */
  properties[PROP_JOIN_LEAVE] = g_param_spec_boolean (
    "join-leave", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * RtChannelOptions:positioned: (getter get_positioned) (setter set_positioned)
   *
   * Whether the server is asked to watch that no message is lost on its own side.
   */
  properties[PROP_POSITIONED] = g_param_spec_boolean (
    "positioned", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * RtChannelOptions:token-provider: (getter get_token_provider) (setter set_token_provider)
   *
   * Where the channel's own tokens come from, for a channel that a server lets nobody join without, or %NULL. It is
   * asked in the client's context, before each join and each time that a token is about to expire.
   */
  properties[PROP_TOKEN_PROVIDER]
    = g_param_spec_object ("token-provider", NULL, NULL, RT_TYPE_TOKEN_PROVIDER,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  install_server_properties ();
  install_list_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_channel_options_init (RtChannelOptions *self)
{
  self->recover = TRUE;
  self->join_leave = TRUE;
  self->positioned = TRUE;
  self->messages_limit = RT_SUB_MESSAGES_LIMIT;
}

/**
 * rt_channel_options_new:
 *
 * Makes options with the defaults: recover, positions and news of members are asked for.
 *
 * Returns: (transfer full): new options
 */
RtChannelOptions *
rt_channel_options_new (void)
{
  return g_object_new (RT_TYPE_CHANNEL_OPTIONS, NULL);
}

static void
set_flag (RtChannelOptions *self, gboolean *flag, gboolean value, guint prop)
{
  value = !!value;
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

/**
 * rt_channel_options_get_recover: (get-property recover)
 * @self: the options
 *
 * Whether what was missed while the connection was lost is asked for.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_channel_options_get_recover (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), FALSE);
  return self->recover;
}

/**
 * rt_channel_options_set_recover: (set-property recover)
 * @self: the options
 * @recover: whether to recover
 *
 * Sets whether what was missed while the connection was lost is asked for.
 */
void
rt_channel_options_set_recover (RtChannelOptions *self, gboolean recover)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  set_flag (self, &self->recover, recover, PROP_RECOVER);
}

/**
 * rt_channel_options_get_since: (get-property since)
 * @self: the options
 *
 * The position after which messages are wanted.
 *
 * Returns: (transfer none) (nullable): the position, or %NULL
 */
RtPosition *
rt_channel_options_get_since (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), NULL);
  return self->since;
}

/**
 * rt_channel_options_set_since: (set-property since)
 * @self: the options
 * @since: (nullable): a position, or %NULL for new messages only
 *
 * Sets the position after which messages are wanted, such as one that the program kept from an earlier run.
 */
void
rt_channel_options_set_since (RtChannelOptions *self, RtPosition *since)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  RtPosition *copy = since != NULL ? rt_position_copy (since) : NULL;
  g_clear_pointer (&self->since, rt_position_free);
  self->since = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SINCE]);
}

/**
 * rt_channel_options_get_join_leave: (get-property join-leave)
 * @self: the options
 *
 * Whether the server is asked to tell who joins and leaves.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_channel_options_get_join_leave (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), FALSE);
  return self->join_leave;
}

/**
 * rt_channel_options_set_join_leave: (set-property join-leave)
 * @self: the options
 * @join_leave: whether to be told
 *
 * Sets whether the server is asked to tell who joins and leaves.
 */
void
rt_channel_options_set_join_leave (RtChannelOptions *self, gboolean join_leave)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  set_flag (self, &self->join_leave, join_leave, PROP_JOIN_LEAVE);
}

/**
 * rt_channel_options_get_positioned: (get-property positioned)
 * @self: the options
 *
 * Whether the server is asked to watch that no message is lost on its own side.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_channel_options_get_positioned (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), FALSE);
  return self->positioned;
}

/**
 * rt_channel_options_set_positioned: (set-property positioned)
 * @self: the options
 * @positioned: whether to watch
 *
 * Sets whether the server is asked to watch that no message is lost on its own side.
 */
void
rt_channel_options_set_positioned (RtChannelOptions *self, gboolean positioned)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  set_flag (self, &self->positioned, positioned, PROP_POSITIONED);
}

/**
 * rt_channel_options_get_token_provider: (get-property token-provider)
 * @self: the options
 *
 * Where the channel's own tokens come from.
 *
 * Returns: (transfer none) (nullable): the provider, or %NULL
 */
RtTokenProvider *
rt_channel_options_get_token_provider (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), NULL);
  return self->token_provider;
}

/**
 * rt_channel_options_set_token_provider: (set-property token-provider)
 * @self: the options
 * @token_provider: (nullable): a provider, or %NULL for a channel that needs no token
 *
 * Sets where the channel's own tokens come from. The client keeps the provider as long as the channel is wanted.
 */
void
rt_channel_options_set_token_provider (RtChannelOptions *self, RtTokenProvider *token_provider)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  g_return_if_fail (token_provider == NULL || RT_IS_TOKEN_PROVIDER (token_provider));
  if (g_set_object (&self->token_provider, token_provider))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOKEN_PROVIDER]);
}

static void
set_number (RtChannelOptions *self, guint *number, guint value, guint prop)
{
  if (*number == value)
    return;
  *number = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

/**
 * rt_channel_options_get_messages_limit: (get-property messages-limit)
 * @self: the options
 *
 * How many messages [property@Channel:messages] keeps.
 *
 * Returns: the number, 0 for none
 */
guint
rt_channel_options_get_messages_limit (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), 0);
  return self->messages_limit;
}

/**
 * rt_channel_options_set_messages_limit: (set-property messages-limit)
 * @self: the options
 * @messages_limit: the number, 0 for none
 *
 * Sets how many messages [property@Channel:messages] keeps. By default these are 1,000.
 */
void
rt_channel_options_set_messages_limit (RtChannelOptions *self, guint messages_limit)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  set_number (self, &self->messages_limit, messages_limit, PROP_MESSAGES_LIMIT);
}

/**
 * rt_channel_options_get_prefill: (get-property prefill)
 * @self: the options
 *
 * How many earlier messages [property@Channel:messages] begins with.
 *
 * Returns: the number
 */
guint
rt_channel_options_get_prefill (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), 0);
  return self->prefill;
}

/**
 * rt_channel_options_set_prefill: (set-property prefill)
 * @self: the options
 * @prefill: the number, 0 for none
 *
 * Sets how many messages from before the join [property@Channel:messages] begins with. They are asked for when the
 * channel is joined for the first time (and again with the next join, if there is no answer), and put before everything
 * that has been delivered since; no signal tells of them. A server gives what it has kept, and not more at a time than
 * it likes, which is often 300.
 */
void
rt_channel_options_set_prefill (RtChannelOptions *self, guint prefill)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  set_number (self, &self->prefill, prefill, PROP_PREFILL);
}

/**
 * rt_channel_options_get_data: (get-property data)
 * @self: the options
 *
 * What the server's application is told with each join.
 *
 * Returns: (transfer none) (nullable): the data, or %NULL
 */
GVariant *
rt_channel_options_get_data (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), NULL);
  return self->data;
}

/**
 * rt_channel_options_set_data: (set-property data)
 * @self: the options
 * @data: (nullable): what JSON can express, or %NULL; a floating reference is consumed
 *
 * Sets what the server's application is told with each join, such as why, or in which language. Joining fails with
 * %RT_ERROR_INVALID_MESSAGE if JSON cannot express it.
 */
void
rt_channel_options_set_data (RtChannelOptions *self, GVariant *data)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  GVariant *own = data != NULL ? g_variant_ref_sink (data) : NULL;
  g_clear_pointer (&self->data, g_variant_unref);
  self->data = own;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DATA]);
}

/**
 * rt_channel_options_get_tags_filter: (get-property tags-filter)
 * @self: the options
 *
 * Which messages are wanted, by their tags.
 *
 * Returns: (transfer none) (nullable): the filter, or %NULL
 */
RtTagsFilter *
rt_channel_options_get_tags_filter (RtChannelOptions *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL_OPTIONS (self), NULL);
  return self->tags_filter;
}

/**
 * rt_channel_options_set_tags_filter: (set-property tags-filter)
 * @self: the options
 * @tags_filter: (nullable): a filter, or %NULL for all messages
 *
 * Sets which messages are wanted. The server is asked to leave the others out; where it does not, this side does. A
 * message that does not fit is not delivered, is in no list of messages, and is no gap.
 *
 * A server of another make looks only at the tags that it gave a publication itself, not at those that a client has put
 * into a message. What came with [method@Channel.history_async] is not filtered.
 */
void
rt_channel_options_set_tags_filter (RtChannelOptions *self, RtTagsFilter *tags_filter)
{
  g_return_if_fail (RT_IS_CHANNEL_OPTIONS (self));
  RtTagsFilter *own = tags_filter != NULL ? rt_tags_filter_copy (tags_filter) : NULL;
  g_clear_pointer (&self->tags_filter, rt_tags_filter_free);
  self->tags_filter = own;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TAGS_FILTER]);
}
