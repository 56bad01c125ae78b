/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-private.h"

#include <string.h>

/* Takes a value from a key file and puts it into @value, which is of the setting's type. FALSE if it was not
 * to be understood. GLib's own error texts repeat the value, which may be a secret in the wrong line; they
 * are not used. */
typedef gboolean (*ReadFunc) (GKeyFile   *key_file,
                              const char *group,
                              const char *key,
                              GValue     *value,
                              RtFaults   *faults);

static gboolean
read_string (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_key_file_get_string (key_file, group, key, &error);

  if (error != NULL)
    {
      rt_faults_add (faults, key, "is not UTF-8 text, or has a backslash that begins no escape");
      return FALSE;
    }
  g_value_take_string (value, g_steal_pointer (&text));
  return TRUE;
}

static gboolean
read_uint (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autofree char *text = g_key_file_get_value (key_file, group, key, NULL);
  guint64 number = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, G_MAXUINT, &number, NULL))
    {
      rt_faults_add (faults, key, "is not a whole number from 0 to %u", G_MAXUINT);
      return FALSE;
    }
  g_value_set_uint (value, number);
  return TRUE;
}

/* The last part of a value's name, in small letters. */
static gboolean
read_enum (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autofree char *text = g_key_file_get_value (key_file, group, key, NULL);
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  g_autoptr (GString) nicks = g_string_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    {
      if (text != NULL && g_str_equal (g_strstrip (text), klass->values[i].value_nick))
        {
          g_value_set_enum (value, klass->values[i].value);
          return TRUE;
        }
      g_string_append_printf (nicks, "%s%s", i > 0 ? ", " : "", klass->values[i].value_nick);
    }
  rt_faults_add (faults, key, "is none of: %s", nicks->str);
  return FALSE;
}

static gboolean
read_boolean (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  gboolean truth = g_key_file_get_boolean (key_file, group, key, &error);

  if (error != NULL)
    {
      rt_faults_add (faults, key, "is neither true nor false");
      return FALSE;
    }
  g_value_set_boolean (value, truth);
  return TRUE;
}

static gboolean
read_list (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) list = g_key_file_get_string_list (key_file, group, key, NULL, &error);

  if (error != NULL)
    {
      rt_faults_add (faults, key, "is not UTF-8 text, or has a backslash that begins no escape");
      return FALSE;
    }
  for (guint i = 0; list[i] != NULL; i++)
    g_strstrip (list[i]);
  g_value_take_boxed (value, g_steal_pointer (&list));
  return TRUE;
}

/* A list of "Name: value". */
static gboolean
read_headers (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = g_key_file_get_string_list (key_file, group, key, NULL, &error);
  g_auto (GVariantBuilder) headers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  if (error != NULL)
    {
      rt_faults_add (faults, key, "is not UTF-8 text, or has a backslash that begins no escape");
      return FALSE;
    }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');
      if (colon == NULL)
        {
          rt_faults_add (faults, key, "number %u has no colon between name and value", i + 1);
          return FALSE;
        }
      *colon = '\0';
      g_variant_builder_add (&headers, "{ss}", g_strstrip (lines[i]), g_strstrip (colon + 1));
    }
  g_value_set_variant (value, g_variant_builder_end (&headers));
  return TRUE;
}

static gboolean
read_tls_database (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autofree char *path = g_key_file_get_string (key_file, group, key, NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || !g_path_is_absolute (path))
    {
      rt_faults_add (faults, key, "is not an absolute path of a file of certificates");
      return FALSE;
    }
  database = g_tls_file_database_new (path, &error);
  if (database == NULL)
    {
      rt_faults_add (faults, key, "could not be read: %s", error->message);
      return FALSE;
    }
  g_value_set_object (value, database);
  return TRUE;
}

static gboolean
read_tls_certificate (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autofree char *path = g_key_file_get_string (key_file, group, key, NULL);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || !g_path_is_absolute (path))
    {
      rt_faults_add (faults, key, "is not an absolute path of a file with a certificate and its private key");
      return FALSE;
    }
  certificate = g_tls_certificate_new_from_file (path, &error);
  if (certificate == NULL)
    {
      rt_faults_add (faults, key, "could not be read: %s", error->message);
      return FALSE;
    }
  g_value_set_object (value, certificate);
  return TRUE;
}

static gboolean
read_proxy (GKeyFile *key_file, const char *group, const char *key, GValue *value, RtFaults *faults)
{
  g_autofree char *uri = g_key_file_get_string (key_file, group, key, NULL);
  g_autoptr (GProxyResolver) resolver = NULL;

  if (uri == NULL || !g_uri_is_valid (uri, G_URI_FLAGS_NON_DNS, NULL))
    {
      rt_faults_add (faults, key, "is not the URI of a proxy, such as http://proxy.example.org:3128");
      return FALSE;
    }
  resolver = g_simple_proxy_resolver_new (uri, NULL);
  g_value_set_object (value, resolver);
  return TRUE;
}

static ReadFunc
find_reader (GParamSpec *pspec)
{
  static const struct
  {
    GType (*get_type) (void);
    ReadFunc read;
  } others[] = {
    { g_tls_database_get_type, read_tls_database },
    { g_proxy_resolver_get_type, read_proxy },
    { g_strv_get_type, read_list },
    { g_tls_certificate_get_type, read_tls_certificate },
  };

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_STRING:
      return read_string;
    case G_TYPE_UINT:
      return read_uint;
    case G_TYPE_ENUM:
      return read_enum;
    case G_TYPE_BOOLEAN:
      return read_boolean;
    case G_TYPE_VARIANT:
      return read_headers;
    default:
      for (guint i = 0; i < G_N_ELEMENTS (others); i++)
        {
          if (pspec->value_type == others[i].get_type ())
            return others[i].read;
        }
      g_assert_not_reached ();
    }
}

static void
read_setting (RtConfigBuilder *builder,
              GObjectClass *klass,
              GKeyFile *key_file,
              const char *group,
              const char *key,
              RtFaults *faults)
{
  GParamSpec *pspec = g_object_class_find_property (klass, key);
  GValue value = G_VALUE_INIT;

  if (pspec == NULL)
    {
      rt_faults_add (faults, key, "is not a setting");
      return;
    }
  g_value_init (&value, pspec->value_type);
  if (find_reader (pspec) (key_file, group, key, &value, faults))
    rt_config_builder_take_value (builder, pspec->name, &value);
  else
    g_value_unset (&value);
}

/**
 * rt_config_new_from_key_file:
 * @key_file: a loaded key file
 * @group: (nullable): the group of settings; %NULL: the file's first
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Makes a configuration from the keys of a group, each named as the property that it sets.
 *
 * Lists have semicolons between their parts; that of `headers` has `Name: value` for each. `tls-database` is the
 * absolute path of a file of certificates, `tls-certificate` that of one with a certificate and its private key
 * (all PEM); both are read at once. `proxy-resolver` is the URI of a proxy for all connections. A key that is no
 * setting is a fault, since a misspelt one would otherwise have no effect. `rate-policy` is `wait` or `fail`.
 *
 * Returns: (transfer full): the configuration, or %NULL with @error set to a text that names every fault
 */
RtConfig *
rt_config_new_from_key_file (GKeyFile *key_file, const char *group, GError **error)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GTypeClass) klass = g_type_class_ref (RT_TYPE_CONFIG);
  g_autofree char *first = NULL;
  g_auto (GStrv) keys = NULL;
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (key_file != NULL, NULL);

  if (group == NULL)
    group = first = g_key_file_get_start_group (key_file);
  if (group != NULL)
    keys = g_key_file_get_keys (key_file, group, NULL, NULL);
  if (keys == NULL)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG, "The key file has no group “%s”",
                   group != NULL ? group : "");
      return NULL;
    }
  for (guint i = 0; keys[i] != NULL; i++)
    read_setting (builder, G_OBJECT_CLASS (klass), key_file, group, keys[i], &faults);
  return rt_config_builder_finish (builder, &faults, error);
}
