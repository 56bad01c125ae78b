/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-member.h"

/**
 * RtMember:
 *
 * Somebody who is on a channel: one connection of one user. Never changes; may be used from any thread.
 */

enum
{
  PROP_0,
  PROP_CLIENT_ID,
  PROP_USER_ID,
  PROP_INFO,
  N_PROPS,
};

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

struct _RtMember
{
  GObject parent_instance;

  char *client_id;
  char *user_id;
  GVariant *info;
};

G_DEFINE_FINAL_TYPE (RtMember, rt_member, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
rt_member_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtMember *self = RT_MEMBER (object);

  switch (id)
    {
    case PROP_CLIENT_ID:
      g_value_set_string (value, self->client_id);
      break;
    case PROP_USER_ID:
      g_value_set_string (value, self->user_id);
      break;
    case PROP_INFO:
      g_value_set_variant (value, self->info);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static char *
dup_text (const GValue *value)
{
  const char *text = g_value_get_string (value);

  return g_strdup (text != NULL ? text : "");
}

static void
rt_member_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtMember *self = RT_MEMBER (object);

  switch (id)
    {
    case PROP_CLIENT_ID:
      self->client_id = dup_text (value);
      break;
    case PROP_USER_ID:
      self->user_id = dup_text (value);
      break;
    case PROP_INFO:
      self->info = g_value_dup_variant (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_member_finalize (GObject *object)
{
  RtMember *self = RT_MEMBER (object);

  g_free (self->client_id);
  g_free (self->user_id);
  g_clear_pointer (&self->info, g_variant_unref);

  G_OBJECT_CLASS (rt_member_parent_class)->finalize (object);
}

static void
rt_member_class_init (RtMemberClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_member_get_property;
  object_class->set_property = rt_member_set_property;
  object_class->finalize = rt_member_finalize;

  /**
   * RtMember:client-id: (getter get_client_id)
   *
   * The connection, as the server names it.
   */
  properties[PROP_CLIENT_ID] = g_param_spec_string ("client-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtMember:user-id: (getter get_user_id)
   *
   * The user, as the server knows them; empty for somebody unnamed.
   */
  properties[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtMember:info: (getter get_info)
   *
   * What the server tells of the connection, in the types of [property@Message:data].
   */
  properties[PROP_INFO] = g_param_spec_variant ("info", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_member_init (RtMember *self)
{
}

/**
 * rt_member_new:
 * @client_id: the connection
 * @user_id: the user, or an empty string
 * @info: (nullable): what more is known; a floating reference is taken
 *
 * Makes a member. A program gets them from a channel; this is for its own lists and tests.
 *
 * Returns: (transfer full): the member
 */
RtMember *
rt_member_new (const char *client_id, const char *user_id, GVariant *info)
{
  g_return_val_if_fail (client_id != NULL, NULL);
  g_return_val_if_fail (user_id != NULL, NULL);

  return g_object_new (RT_TYPE_MEMBER, "client-id", client_id, "user-id", user_id, "info", info, NULL);
}

/**
 * rt_member_get_client_id: (get-property client-id)
 * @self: a member
 *
 * Gets [property@Member:client-id].
 *
 * Returns: the connection's name on the server
 */
const char *
rt_member_get_client_id (RtMember *self)
{
  g_return_val_if_fail (RT_IS_MEMBER (self), NULL);

  return self->client_id;
}

/**
 * rt_member_get_user_id: (get-property user-id)
 * @self: a member
 *
 * Gets [property@Member:user-id].
 *
 * Returns: the user's name on the server, or an empty string
 */
const char *
rt_member_get_user_id (RtMember *self)
{
  g_return_val_if_fail (RT_IS_MEMBER (self), NULL);

  return self->user_id;
}

/**
 * rt_member_get_info: (get-property info)
 * @self: a member
 *
 * Gets [property@Member:info].
 *
 * Returns: (transfer none) (nullable): what more is known
 */
GVariant *
rt_member_get_info (RtMember *self)
{
  g_return_val_if_fail (RT_IS_MEMBER (self), NULL);

  return self->info;
}
