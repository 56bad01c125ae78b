/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-logging-middleware.h"

#include "rt-clock.h"
#include "rt-enum-types.h"
#include "rt-log-entry.h"

/**
 * RtLoggingMiddleware:
 *
 * Writes each message that passes into the log, on its way and when its outcome is known.
 *
 * The entries are structured ones of GLib ([func@GLib.log_structured_array]), with the fields `RT_PHASE` (`request` or
 * `completion`), `RT_DIRECTION`, `RT_CHANNEL`, `RT_MESSAGE_ID`, `RT_MESSAGE_TYPE`, `RT_SIZE` (bytes of the content),
 * `RT_METADATA`, and on completion `RT_OUTCOME` (`done`, `dropped` or `failed`), `RT_DURATION_US`, and `RT_ERROR` or
 * `RT_REASON`. `MESSAGE` says the same in a line.
 *
 * By default there is nothing in an entry that could be a secret: no content, no sender, and of metadata only the keys.
 * What peers wrote is escaped, so that it cannot forge entries, and cut to 256 bytes a field.
 *
 * The first of the middlewares is the right place for it, since it sees there what came and what was made of it.
 */

enum
{
  PROP_0,
  PROP_LOG_DOMAIN,
  PROP_LEVEL,
  PROP_SHOW_CONTENT,
  PROP_SHOW_METADATA,
  N_PROPS,
};

#define SETTABLE (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)
#define DEFAULT_DOMAIN "Realtime"

struct _RtLoggingMiddleware
{
  GObject parent_instance;

  char *log_domain;
  RtLogLevel level;
  gboolean show_content;
  gboolean show_metadata;
};

static void rt_logging_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtLoggingMiddleware, rt_logging_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_logging_middleware_iface_init))

static GParamSpec *properties[N_PROPS];

/* --- Messages --- */

/* An exchange whose outcome is waited for. */
typedef struct
{
  RtLoggingMiddleware *middleware;
  gint64 begun;
} Entry;

static void
entry_free (gpointer data, GClosure *closure)
{
  Entry *entry = data;

  g_object_unref (entry->middleware);
  g_free (entry);
}

static RtLogStyle
get_style (RtLoggingMiddleware *self)
{
  static const GLogLevelFlags levels[]
    = { G_LOG_LEVEL_DEBUG, G_LOG_LEVEL_INFO, G_LOG_LEVEL_MESSAGE, G_LOG_LEVEL_WARNING };

  return (RtLogStyle) { self->log_domain, levels[self->level], self->show_content, self->show_metadata };
}

static void
completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  Entry *entry = user_data;
  RtLogStyle style = get_style (entry->middleware);

  rt_log_completion (&style, exchange, error, rt_clock_now () - entry->begun);
}

static gboolean
rt_logging_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  RtLoggingMiddleware *self = RT_LOGGING_MIDDLEWARE (middleware);
  RtLogStyle style = get_style (self);
  Entry *entry;

  /* One that no client made. */
  if (rt_exchange_get_message (exchange) == NULL)
    {
      rt_exchange_proceed (exchange);
      return TRUE;
    }
  entry = g_new0 (Entry, 1);
  entry->middleware = g_object_ref (self);
  entry->begun = rt_clock_now ();
  rt_log_request (&style, exchange);
  g_signal_connect_data (exchange, "completed", G_CALLBACK (completed_cb), entry, entry_free, 0);
  rt_exchange_proceed (exchange);
  return TRUE;
}

/* --- The object --- */

static void
rt_logging_middleware_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtLoggingMiddleware *self = RT_LOGGING_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_LOG_DOMAIN:
      g_value_set_string (value, self->log_domain);
      break;
    case PROP_LEVEL:
      g_value_set_enum (value, self->level);
      break;
    case PROP_SHOW_CONTENT:
      g_value_set_boolean (value, self->show_content);
      break;
    case PROP_SHOW_METADATA:
      g_value_set_boolean (value, self->show_metadata);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_logging_middleware_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtLoggingMiddleware *self = RT_LOGGING_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_LOG_DOMAIN:
      rt_logging_middleware_set_log_domain (self, g_value_get_string (value));
      break;
    case PROP_LEVEL:
      rt_logging_middleware_set_level (self, g_value_get_enum (value));
      break;
    case PROP_SHOW_CONTENT:
      rt_logging_middleware_set_show_content (self, g_value_get_boolean (value));
      break;
    case PROP_SHOW_METADATA:
      rt_logging_middleware_set_show_metadata (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_logging_middleware_finalize (GObject *object)
{
  RtLoggingMiddleware *self = RT_LOGGING_MIDDLEWARE (object);

  g_free (self->log_domain);

  G_OBJECT_CLASS (rt_logging_middleware_parent_class)->finalize (object);
}

static void
rt_logging_middleware_class_init (RtLoggingMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_logging_middleware_get_property;
  object_class->set_property = rt_logging_middleware_set_property;
  object_class->finalize = rt_logging_middleware_finalize;

  /**
   * RtLoggingMiddleware:log-domain: (getter get_log_domain) (setter set_log_domain)
   *
   * The domain of the entries; %NULL: none.
   */
  properties[PROP_LOG_DOMAIN] = g_param_spec_string ("log-domain", NULL, NULL, DEFAULT_DOMAIN, SETTABLE);

  /**
   * RtLoggingMiddleware:level: (getter get_level) (setter set_level)
   *
   * The level of the entries.
   */
  properties[PROP_LEVEL]
    = g_param_spec_enum ("level", NULL, NULL, RT_TYPE_LOG_LEVEL, RT_LOG_LEVEL_INFO, SETTABLE);

  /**
   * RtLoggingMiddleware:show-content: (getter get_show_content) (setter set_show_content)
   *
   * Whether text and JSON that messages carry are in the entries, as the field `RT_CONTENT`.
   */
  properties[PROP_SHOW_CONTENT] = g_param_spec_boolean ("show-content", NULL, NULL, FALSE, SETTABLE);

  /**
   * RtLoggingMiddleware:show-metadata: (getter get_show_metadata) (setter set_show_metadata)
   *
   * Whether the values of metadata are in the entries. Those whose keys sound like secrets (such as `token` and
   * `password`) never are.
   */
  properties[PROP_SHOW_METADATA] = g_param_spec_boolean ("show-metadata", NULL, NULL, FALSE, SETTABLE);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_logging_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_logging_middleware_process;
}

static void
rt_logging_middleware_init (RtLoggingMiddleware *self)
{
  self->log_domain = g_strdup (DEFAULT_DOMAIN);
  self->level = RT_LOG_LEVEL_INFO;
}

/**
 * rt_logging_middleware_new:
 *
 * Makes a middleware that writes messages into the log.
 *
 * Returns: (transfer full) (type RtLoggingMiddleware): the middleware
 */
RtMiddleware *
rt_logging_middleware_new (void)
{
  return g_object_new (RT_TYPE_LOGGING_MIDDLEWARE, NULL);
}

/**
 * rt_logging_middleware_get_log_domain: (get-property log-domain)
 * @self: the middleware
 *
 * Gets [property@LoggingMiddleware:log-domain].
 *
 * Returns: (nullable): the domain
 */
const char *
rt_logging_middleware_get_log_domain (RtLoggingMiddleware *self)
{
  g_return_val_if_fail (RT_IS_LOGGING_MIDDLEWARE (self), NULL);

  return self->log_domain;
}

/**
 * rt_logging_middleware_set_log_domain: (set-property log-domain)
 * @self: the middleware
 * @log_domain: (nullable): the new value
 *
 * Sets [property@LoggingMiddleware:log-domain].
 */
void
rt_logging_middleware_set_log_domain (RtLoggingMiddleware *self, const char *log_domain)
{
  g_return_if_fail (RT_IS_LOGGING_MIDDLEWARE (self));

  if (g_strcmp0 (self->log_domain, log_domain) == 0)
    return;
  g_free (self->log_domain);
  self->log_domain = g_strdup (log_domain);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOG_DOMAIN]);
}

/**
 * rt_logging_middleware_get_level: (get-property level)
 * @self: the middleware
 *
 * Gets [property@LoggingMiddleware:level].
 *
 * Returns: the level
 */
RtLogLevel
rt_logging_middleware_get_level (RtLoggingMiddleware *self)
{
  g_return_val_if_fail (RT_IS_LOGGING_MIDDLEWARE (self), RT_LOG_LEVEL_INFO);

  return self->level;
}

/**
 * rt_logging_middleware_set_level: (set-property level)
 * @self: the middleware
 * @level: the new value
 *
 * Sets [property@LoggingMiddleware:level].
 */
void
rt_logging_middleware_set_level (RtLoggingMiddleware *self, RtLogLevel level)
{
  g_return_if_fail (RT_IS_LOGGING_MIDDLEWARE (self));
  g_return_if_fail (level <= RT_LOG_LEVEL_WARNING);

  if (self->level == level)
    return;
  self->level = level;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LEVEL]);
}

/**
 * rt_logging_middleware_get_show_content: (get-property show-content)
 * @self: the middleware
 *
 * Gets [property@LoggingMiddleware:show-content].
 *
 * Returns: %TRUE if content is shown
 */
gboolean
rt_logging_middleware_get_show_content (RtLoggingMiddleware *self)
{
  g_return_val_if_fail (RT_IS_LOGGING_MIDDLEWARE (self), FALSE);

  return self->show_content;
}

/**
 * rt_logging_middleware_set_show_content: (set-property show-content)
 * @self: the middleware
 * @show_content: the new value
 *
 * Sets [property@LoggingMiddleware:show-content].
 */
void
rt_logging_middleware_set_show_content (RtLoggingMiddleware *self, gboolean show_content)
{
  g_return_if_fail (RT_IS_LOGGING_MIDDLEWARE (self));

  if (self->show_content == !!show_content)
    return;
  self->show_content = !!show_content;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_CONTENT]);
}

/**
 * rt_logging_middleware_get_show_metadata: (get-property show-metadata)
 * @self: the middleware
 *
 * Gets [property@LoggingMiddleware:show-metadata].
 *
 * Returns: %TRUE if the values of metadata are shown
 */
gboolean
rt_logging_middleware_get_show_metadata (RtLoggingMiddleware *self)
{
  g_return_val_if_fail (RT_IS_LOGGING_MIDDLEWARE (self), FALSE);

  return self->show_metadata;
}

/**
 * rt_logging_middleware_set_show_metadata: (set-property show-metadata)
 * @self: the middleware
 * @show_metadata: the new value
 *
 * Sets [property@LoggingMiddleware:show-metadata].
 */
void
rt_logging_middleware_set_show_metadata (RtLoggingMiddleware *self, gboolean show_metadata)
{
  g_return_if_fail (RT_IS_LOGGING_MIDDLEWARE (self));

  if (self->show_metadata == !!show_metadata)
    return;
  self->show_metadata = !!show_metadata;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_METADATA]);
}
