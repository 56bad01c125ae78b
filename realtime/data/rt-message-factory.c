/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-factory.h"

#include <string.h>
#include "rt-message-builder-private.h"
#include "rt-message-core.h"
#include "rt-message-private.h"
#include "rt-message-rules.h"

/**
 * RtMessageFactory:
 *
 * Makes messages of one sender, checked as [class@MessageBuilder] checks them.
 *
 * There is a method for each usual kind of message, and [method@MessageFactory.build_message] for one with more parts.
 *
 * Types are open: a program registers the name of a type of its own with
 * [method@MessageFactory.register_type], and with it, where it wants, a function that looks at each message of the
 * type. From then on [method@MessageFactory.create_typed_message] makes such messages; one of a type that nobody
 * registered is refused. Who receives messages can have them looked at in the same way with
 * [method@MessageFactory.validate_message].
 *
 * A factory may be used from any thread, as far as the validators may.
 */

enum
{
  PROP_0,
  PROP_SENDER,
  N_PROPS,
};

enum
{
  SIGNAL_VALIDATION_FAILED,
  N_SIGNALS,
};

/* A registered type, held by the factory and by whoever is about to run its validator. */
typedef struct
{
  RtMessageValidator validator; /* nullable */
  gpointer user_data;
  GDestroyNotify destroy;
} Type;

struct _RtMessageFactory
{
  GObject parent_instance;

  char *sender; /* nullable; never changed after construction */

  GMutex lock;
  GHashTable *types; /* under the lock: name to Type */
};

G_DEFINE_FINAL_TYPE (RtMessageFactory, rt_message_factory, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* --- Types --- */

static void
type_clear (gpointer data)
{
  Type *type = data;

  if (type->destroy != NULL)
    type->destroy (type->user_data);
}

/* Runs code of the program, so never under the lock. */
static void
type_unref (gpointer type)
{
  g_atomic_rc_box_release_full (type, type_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Type, type_unref)

static gboolean
is_builtin (const char *type_name)
{
  return rt_message_type_from_name (type_name) != RT_MESSAGE_TYPE_CUSTOM
         || g_str_equal (type_name, rt_message_type_to_name (RT_MESSAGE_TYPE_CUSTOM));
}

static gboolean
is_type_name (const char *text)
{
  g_auto (RtFaults) faults = { 0 };

  rt_message_rules_type_name (&faults, text);
  return faults.count == 0;
}

/* A reference, or NULL for one of this library's and for one that is not registered, which is a fault. What cannot be a
 * name at all is left to the builder. */
static Type *
find_type (RtMessageFactory *self, const char *type_name, RtFaults *faults)
{
  Type *type;

  if (type_name == NULL || is_builtin (type_name))
    return NULL;
  g_mutex_lock (&self->lock);
  type = g_hash_table_lookup (self->types, type_name);
  if (type != NULL)
    g_atomic_rc_box_acquire (type);
  g_mutex_unlock (&self->lock);
  if (type == NULL && is_type_name (type_name))
    rt_faults_add (faults, "type-name", "“%s” is not registered with this factory", type_name);
  return type;
}

/* --- The object --- */

static void
rt_message_factory_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtMessageFactory *self = RT_MESSAGE_FACTORY (object);

  switch (id)
    {
    case PROP_SENDER:
      g_value_set_string (value, self->sender);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_message_factory_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtMessageFactory *self = RT_MESSAGE_FACTORY (object);

  switch (id)
    {
    case PROP_SENDER:
      self->sender = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_message_factory_finalize (GObject *object)
{
  RtMessageFactory *self = RT_MESSAGE_FACTORY (object);

  g_hash_table_unref (self->types);
  g_mutex_clear (&self->lock);
  g_free (self->sender);

  G_OBJECT_CLASS (rt_message_factory_parent_class)->finalize (object);
}

static void
rt_message_factory_class_init (RtMessageFactoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_message_factory_get_property;
  object_class->set_property = rt_message_factory_set_property;
  object_class->finalize = rt_message_factory_finalize;

  /**
   * RtMessageFactory:sender: (getter get_sender)
   *
   * The sender of every message; %NULL: the client's user.
   */
  properties[PROP_SENDER] = g_param_spec_string ("sender", NULL, NULL, NULL,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * RtMessageFactory::validation-failed:
   * @self: the factory
   * @type_name: the type of the message
   * @error: %RT_ERROR_INVALID_MESSAGE, which the caller gets too
   *
   * Emitted when a validator refused a message, or raised an exception, in the thread that makes or checks the message.
   */
  signals[SIGNAL_VALIDATION_FAILED]
    = g_signal_new ("validation-failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
}

static void
rt_message_factory_init (RtMessageFactory *self)
{
  g_mutex_init (&self->lock);
  self->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, type_unref);
}

/**
 * rt_message_factory_new:
 * @sender: (nullable): the sender of every message, at most 255 bytes; %NULL: the client's user
 *
 * Makes a factory. A sender that no message can have is reported with each message.
 *
 * Returns: (transfer full): the factory
 */
RtMessageFactory *
rt_message_factory_new (const char *sender)
{
  return g_object_new (RT_TYPE_MESSAGE_FACTORY, "sender", sender, NULL);
}

/**
 * rt_message_factory_get_sender: (get-property sender)
 * @self: a factory
 *
 * Gets [property@MessageFactory:sender].
 *
 * Returns: (transfer none) (nullable): the sender
 */
const char *
rt_message_factory_get_sender (RtMessageFactory *self)
{
  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  return self->sender;
}

/* --- Registration --- */

/* Takes @type if the name is free. */
static gboolean
add_type (RtMessageFactory *self, const char *type_name, Type *type)
{
  gboolean is_free;

  g_mutex_lock (&self->lock);
  is_free = !g_hash_table_contains (self->types, type_name);
  if (is_free)
    g_hash_table_insert (self->types, g_strdup (type_name), type);
  g_mutex_unlock (&self->lock);
  return is_free;
}

/**
 * rt_message_factory_register_type:
 * @self: a factory
 * @type_name: a name of 1 to 64 bytes that is none of this library's own
 * @validator: (scope notified) (closure user_data) (destroy destroy) (nullable): looks at each message of the type
 * @user_data: for @validator
 * @destroy: (nullable): frees @user_data
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Registers a type of the program's own. A name is registered once; to replace its validator unregister it first.
 *
 * @destroy is called in the thread that unregisters the type or lets go of the factory; where the validator is running
 * just then, in that one, afterwards; and at once where registering fails.
 *
 * Returns: whether it was registered; else %FALSE with @error set to a text that names every fault
 */
gboolean
rt_message_factory_register_type (RtMessageFactory *self, const char *type_name, RtMessageValidator validator,
                                  gpointer user_data, GDestroyNotify destroy, GError **error)
{
  g_autoptr (Type) type = NULL;
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), FALSE);
  g_return_val_if_fail (type_name != NULL, FALSE);

  type = g_atomic_rc_box_new (Type);
  type->validator = validator;
  type->user_data = user_data;
  type->destroy = destroy;
  rt_message_rules_type_name (&faults, type_name);
  if (is_builtin (type_name))
    rt_faults_add (&faults, "type-name", "“%s” is a type of the library's own", type_name);
  else if (faults.count == 0 && !add_type (self, type_name, type))
    rt_faults_add (&faults, "type-name", "“%s” is registered already", type_name);
  if (!rt_faults_finish (&faults, "The message type", RT_ERROR_INVALID_ARGUMENT, error))
    return FALSE;
  g_steal_pointer (&type);
  return TRUE;
}

/**
 * rt_message_factory_unregister_type:
 * @self: a factory
 * @type_name: a name
 *
 * Takes a type back. Messages of it that exist already stay as they are.
 *
 * Returns: whether it was registered
 */
gboolean
rt_message_factory_unregister_type (RtMessageFactory *self, const char *type_name)
{
  g_autofree char *key = NULL;
  g_autoptr (Type) type = NULL;

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), FALSE);
  g_return_val_if_fail (type_name != NULL, FALSE);

  g_mutex_lock (&self->lock);
  g_hash_table_steal_extended (self->types, type_name, (gpointer *) &key, (gpointer *) &type);
  g_mutex_unlock (&self->lock);
  return type != NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * rt_message_factory_get_type_names:
 * @self: a factory
 *
 * Lists the types that are registered now, without those of this library.
 *
 * Returns: (transfer full) (array zero-terminated=1): their names, sorted
 */
char **
rt_message_factory_get_type_names (RtMessageFactory *self)
{
  char **names;
  guint count;

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  g_mutex_lock (&self->lock);
  names = (char **) g_hash_table_get_keys_as_array (self->types, &count);
  for (guint i = 0; i < count; i++)
    names[i] = g_strdup (names[i]);
  g_mutex_unlock (&self->lock);
  qsort (names, count, sizeof *names, compare_names);
  return names;
}

/* --- Validation --- */

/* Runs code of the program. */
static gboolean
run_validator (RtMessageFactory *self, Type *type, RtMessage *message, GError **error)
{
  g_autoptr (RtMessageFactory) kept = g_object_ref (self);
  g_autoptr (GError) cause = NULL;
  GError *fault;

  if (type == NULL || type->validator == NULL)
    return TRUE;
  if (type->validator (message, type->user_data, &cause) && cause == NULL)
    return TRUE;
  fault = g_error_new (RT_ERROR, RT_ERROR_INVALID_MESSAGE, "The message of the type “%s” is refused: %s",
                       rt_message_get_type_name (message),
                       cause != NULL ? cause->message
                                     : "its validator did not say why, as after an exception");
  g_signal_emit (self, signals[SIGNAL_VALIDATION_FAILED], 0, rt_message_get_type_name (message), fault);
  g_propagate_error (error, fault);
  return FALSE;
}

/* A peer may send what no program can use. */
static gboolean
check_body (RtMessage *message, GError **error)
{
  RtMessageCore *core = rt_message_get_core (message);

  switch (core->body_kind)
    {
    case RT_BODY_TEXT:
      return rt_message_core_get_content (core, error) != NULL;
    case RT_BODY_JSON:
      return rt_message_core_get_data (core, error) != NULL;
    case RT_BODY_B64:
      return rt_message_core_get_bytes (core, error) != NULL;
    default:
      return TRUE;
    }
}

/**
 * rt_message_factory_validate_message:
 * @self: a factory
 * @message: a message, such as one that was received
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Checks a message that comes from elsewhere: whether it is complete and its content can be used, whether its type is
 * registered or this library's own, and what the validator of the type says of it.
 *
 * Returns: whether it is as it must be; else %FALSE with @error set
 */
gboolean
rt_message_factory_validate_message (RtMessageFactory *self, RtMessage *message, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  g_autoptr (Type) type = NULL;

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), FALSE);
  g_return_val_if_fail (RT_IS_MESSAGE (message), FALSE);

  if (!rt_message_validate (message, error) || !check_body (message, error))
    return FALSE;
  type = find_type (self, rt_message_get_type_name (message), &faults);
  return rt_faults_finish (&faults, "The message", RT_ERROR_INVALID_MESSAGE, error)
         && run_validator (self, type, message, error);
}

/* --- Messages --- */

/* Takes the faults that were found before. */
static RtMessage *
build (RtMessageFactory *self, RtMessageBuilder *builder, RtFaults *faults, GError **error)
{
  g_autoptr (Type) type = find_type (self, rt_message_builder_get_type_name (builder), faults);
  g_autoptr (RtMessage) message = rt_message_builder_finish (builder, self->sender, faults, error);

  if (message == NULL || !run_validator (self, type, message, error))
    return NULL;
  return g_steal_pointer (&message);
}

/**
 * rt_message_factory_build_message:
 * @self: a factory
 * @builder: the parts of the message; it is not changed
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of what a builder holds, of the factory's sender unless the builder has one. If it has the name of a
 * type of the program's own, that type has to be registered, and its validator looks at the message.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 */
RtMessage *
rt_message_factory_build_message (RtMessageFactory *self, RtMessageBuilder *builder, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);
  g_return_val_if_fail (RT_IS_MESSAGE_BUILDER (builder), NULL);

  return build (self, builder, &faults, error);
}

/* @content is called @name where it is missing. */
static RtMessage *
build_text (RtMessageFactory *self, RtMessageBuilder *builder, RtMessageType type, const char *channel,
            const char *name, const char *content, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  if (content == NULL)
    rt_faults_add (&faults, name, "is not set");
  rt_message_builder_with_channel (builder, channel);
  rt_message_builder_with_message_type (builder, type);
  rt_message_builder_with_content (builder, content);
  return build (self, builder, &faults, error);
}

/**
 * rt_message_factory_create_text_message:
 * @self: a factory
 * @channel: the name of a channel
 * @content: the text
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of the type TEXT.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_text_message (RtMessageFactory *self, const char *channel, const char *content,
                                        GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  return build_text (self, builder, RT_MESSAGE_TYPE_TEXT, channel, "content", content, error);
}

/**
 * rt_message_factory_create_image_message:
 * @self: a factory
 * @channel: the name of a channel
 * @url: where the picture is
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of the type IMAGE, whose content is the address. The address is not looked at; a receiver must not
 * trust it more than its sender.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_image_message (RtMessageFactory *self, const char *channel, const char *url,
                                         GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  return build_text (self, builder, RT_MESSAGE_TYPE_IMAGE, channel, "url", url, error);
}

/**
 * rt_message_factory_create_file_message:
 * @self: a factory
 * @channel: the name of a channel
 * @url: where the file is
 * @name: (nullable): what it is called
 * @size: its size in bytes, or -1 if that is not known
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of the type FILE, whose content is the address, with what is known of the file as the metadata
 * `name` and `size` (in decimal). To send the file itself use a stream.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_file_message (RtMessageFactory *self, const char *channel, const char *url,
                                        const char *name, gint64 size, GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autofree char *digits = size >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, size) : NULL;

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  rt_message_builder_with_metadata (builder, "name", name);
  rt_message_builder_with_metadata (builder, "size", digits);
  return build_text (self, builder, RT_MESSAGE_TYPE_FILE, channel, "url", url, error);
}

/**
 * rt_message_factory_create_system_message:
 * @self: a factory
 * @channel: the name of a channel
 * @content: the text
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of the type SYSTEM: said by the program, not by a person.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_system_message (RtMessageFactory *self, const char *channel, const char *content,
                                          GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);

  return build_text (self, builder, RT_MESSAGE_TYPE_SYSTEM, channel, "content", content, error);
}

/**
 * rt_message_factory_create_message:
 * @self: a factory
 * @message_type: the type
 * @channel: the name of a channel
 * @content: the text
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message of any type of this library, with text in it.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_message (RtMessageFactory *self, RtMessageType message_type, const char *channel,
                                   const char *content, GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);
  g_return_val_if_fail (message_type <= RT_MESSAGE_TYPE_CUSTOM, NULL);

  return build_text (self, builder, message_type, channel, "content", content, error);
}

/**
 * rt_message_factory_create_typed_message:
 * @self: a factory
 * @type_name: a name that was registered, or one of this library's: `text`, `image`, `file`, `system`, `binary`,
 *   `custom`
 * @channel: the name of a channel
 * @data: (nullable): what it carries; a floating reference is taken
 * @error: return location for %RT_ERROR_INVALID_MESSAGE
 *
 * Makes a message by the name of its type, with data in it, and has the type's validator look at it.
 *
 * Returns: (transfer full): the message, or %NULL with @error set to a text that names every fault
 */
RtMessage *
rt_message_factory_create_typed_message (RtMessageFactory *self, const char *type_name, const char *channel,
                                         GVariant *data, GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_MESSAGE_FACTORY (self), NULL);
  g_return_val_if_fail (type_name != NULL, NULL);

  rt_message_builder_with_type_name (builder, type_name);
  rt_message_builder_with_channel (builder, channel);
  rt_message_builder_with_variant (builder, data);
  return build (self, builder, &faults, error);
}
