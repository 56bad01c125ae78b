/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-call-private.h"

#define INTERNAL_SERVER_ERROR 100

/**
 * RtMockCall:
 *
 * A remote procedure call of a client, waiting for the program's answer.
 *
 * It comes with [signal@Server::rpc] and is answered by exactly one of [method@Call.reply] and
 * [method@Call.fail], at once or later, from any thread. One that is dropped without an answer fails with the
 * protocol's error 100, so that the client does not wait for ever.
 */
struct _RtMockCall
{
  GObject parent_instance;

  /* Immutable after construction. */
  RtMockCore *core;
  char *client_id;
  char *user_id;
  char *method;
  char *data;
  guint32 id;

  gint answered; /* atomic */
};

G_DEFINE_FINAL_TYPE (RtMockCall, rt_mock_call, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_CLIENT_ID,
  PROP_USER_ID,
  PROP_METHOD,
  PROP_DATA,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
rt_mock_call_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtMockCall *self = RT_MOCK_CALL (object);

  switch (prop_id)
    {
    case PROP_CLIENT_ID:
      g_value_set_string (value, self->client_id);
      break;
    case PROP_USER_ID:
      g_value_set_string (value, self->user_id);
      break;
    case PROP_METHOD:
      g_value_set_string (value, self->method);
      break;
    case PROP_DATA:
      g_value_set_string (value, self->data);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

/* Whether the caller is the one that answers. */
static gboolean
take_answer (RtMockCall *self)
{
  return g_atomic_int_compare_and_exchange (&self->answered, FALSE, TRUE);
}

static void
rt_mock_call_finalize (GObject *object)
{
  RtMockCall *self = RT_MOCK_CALL (object);

  if (self->core != NULL && take_answer (self))
    rt_mock_core_answer (self->core, self->client_id, self->id, NULL, INTERNAL_SERVER_ERROR,
                         "internal server error");
  g_clear_pointer (&self->core, rt_mock_core_unref);
  g_free (self->client_id);
  g_free (self->user_id);
  g_free (self->method);
  g_free (self->data);
  G_OBJECT_CLASS (rt_mock_call_parent_class)->finalize (object);
}

static void
rt_mock_call_class_init (RtMockCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = rt_mock_call_get_property;
  object_class->finalize = rt_mock_call_finalize;

  /**
   * RtMockCall:client-id:
   *
   * The id of the connection that the call came on.
   */
  properties[PROP_CLIENT_ID] = g_param_spec_string ("client-id", NULL, NULL, NULL, flags);
  /**
   * RtMockCall:user-id:
   *
   * The user of that connection, empty if it has none.
   */
  properties[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, flags);
  /**
   * RtMockCall:method:
   *
   * The name of the procedure, up to 255 bytes.
   */
  properties[PROP_METHOD] = g_param_spec_string ("method", NULL, NULL, NULL, flags);
  /**
   * RtMockCall:data:
   *
   * What the client sent with it, as JSON; %NULL if nothing.
   */
  properties[PROP_DATA] = g_param_spec_string ("data", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_mock_call_init (RtMockCall *self)
{
}

RtMockCall *
rt_mock_call_new (RtMockCore *core, const RtMockRequest *request)
{
  RtMockCall *self = g_object_new (RT_MOCK_TYPE_CALL, NULL);

  self->core = rt_mock_core_ref (core);
  self->client_id = g_strdup (request->client);
  self->user_id = g_strdup (request->user);
  self->method = g_strdup (request->method);
  self->data = g_strdup (request->data);
  self->id = request->id;
  return self;
}

/**
 * rt_mock_call_get_client_id: (attributes org.gtk.Method.get_property=client-id)
 * @self: a call
 *
 * Gets the id of the connection that the call came on.
 *
 * Returns: the id, as in [method@Server.get_clients]
 */
const char *
rt_mock_call_get_client_id (RtMockCall *self)
{
  g_return_val_if_fail (RT_MOCK_IS_CALL (self), NULL);
  return self->client_id;
}

/**
 * rt_mock_call_get_user_id: (attributes org.gtk.Method.get_property=user-id)
 * @self: a call
 *
 * Gets the user of that connection.
 *
 * Returns: the user's id, empty if there is none
 */
const char *
rt_mock_call_get_user_id (RtMockCall *self)
{
  g_return_val_if_fail (RT_MOCK_IS_CALL (self), NULL);
  return self->user_id;
}

/**
 * rt_mock_call_get_method: (attributes org.gtk.Method.get_property=method)
 * @self: a call
 *
 * Gets the name of the procedure.
 *
 * Returns: the name, up to 255 bytes
 */
const char *
rt_mock_call_get_method (RtMockCall *self)
{
  g_return_val_if_fail (RT_MOCK_IS_CALL (self), NULL);
  return self->method;
}

/**
 * rt_mock_call_get_data: (attributes org.gtk.Method.get_property=data)
 * @self: a call
 *
 * Gets what the client sent with the call.
 *
 * Returns: (nullable): JSON, or %NULL if there is nothing
 */
const char *
rt_mock_call_get_data (RtMockCall *self)
{
  g_return_val_if_fail (RT_MOCK_IS_CALL (self), NULL);
  return self->data;
}

/**
 * rt_mock_call_reply:
 * @self: a call that is not answered yet
 * @json: (nullable): the result as JSON, or %NULL for none
 * @error: return location for an error
 *
 * Answers the call with a result.
 *
 * Text that is not JSON gives %RT_ERROR_INVALID_ARGUMENT, and the call still waits. A client that is gone
 * meanwhile is no error. May be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
rt_mock_call_reply (RtMockCall *self, const char *json, GError **error)
{
  RtJsonFault fault;

  g_return_val_if_fail (RT_MOCK_IS_CALL (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (json != NULL && !rt_json_check (json, strlen (json), &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The reply is not JSON: %s at byte %" G_GSIZE_FORMAT, fault.text, fault.offset);
      return FALSE;
    }
  gboolean first = take_answer (self);
  g_return_val_if_fail (first, FALSE);
  rt_mock_core_answer (self->core, self->client_id, self->id, json, 0, NULL);
  return TRUE;
}

/**
 * rt_mock_call_fail:
 * @self: a call that is not answered yet
 * @code: the error's number: 400 to 1999 are the application's own, those below 400 the protocol's
 * @message: a text for the client
 *
 * Answers the call with an error. May be called from any thread.
 */
void
rt_mock_call_fail (RtMockCall *self, guint code, const char *message)
{
  g_return_if_fail (RT_MOCK_IS_CALL (self));
  g_return_if_fail (code > 0 && code < 2000);
  g_return_if_fail (message != NULL && g_utf8_validate (message, -1, NULL));

  gboolean first = take_answer (self);
  g_return_if_fail (first);
  rt_mock_core_answer (self->core, self->client_id, self->id, NULL, code, message);
}
