/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-history.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

struct _RtFaultHistory
{
  GString *lines;
};

RtFaultHistory *
rt_fault_history_new (void)
{
  RtFaultHistory *self = g_new0 (RtFaultHistory, 1);

  self->lines = g_string_new (NULL);
  return self;
}

void
rt_fault_history_free (RtFaultHistory *self)
{
  g_string_free (self->lines, TRUE);
  g_free (self);
}

void
rt_fault_history_send (RtFaultHistory *self, const char *event, const char *client, const char *channel,
                       const char *id)
{
  g_string_append_printf (self->lines, "{\"e\":\"%s\",\"c\":\"%s\",\"ch\":\"%s\",\"id\":\"%s\"}\n", event, client,
                          channel, id);
}

static void
add_position (RtFaultHistory *self, const char *epoch, guint64 offset)
{
  if (epoch != NULL)
    g_string_append_printf (self->lines, ",\"epoch\":\"%s\",\"offset\":%" G_GUINT64_FORMAT, epoch, offset);
}

void
rt_fault_history_channel (RtFaultHistory *self, const char *event, const char *client, const char *channel,
                          const char *epoch, guint64 offset)
{
  g_string_append_printf (self->lines, "{\"e\":\"%s\",\"c\":\"%s\",\"ch\":\"%s\"", event, client, channel);
  add_position (self, epoch, offset);
  g_string_append (self->lines, "}\n");
}

void
rt_fault_history_recovered (RtFaultHistory *self, const char *client, const char *channel, guint count)
{
  g_string_append_printf (self->lines, "{\"e\":\"recovered\",\"c\":\"%s\",\"ch\":\"%s\",\"count\":%u}\n", client,
                          channel, count);
}

void
rt_fault_history_delivered (RtFaultHistory *self, const char *client, const char *channel, const char *epoch,
                            guint64 offset, const char *id)
{
  g_string_append_printf (self->lines, "{\"e\":\"delivered\",\"c\":\"%s\",\"ch\":\"%s\",\"id\":\"%s\"", client,
                          channel, id);
  add_position (self, epoch, offset);
  g_string_append (self->lines, "}\n");
}

void
rt_fault_history_state (RtFaultHistory *self, const char *client, RtConnectionState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (RT_TYPE_CONNECTION_STATE);

  g_string_append_printf (self->lines, "{\"e\":\"state\",\"c\":\"%s\",\"state\":\"%s\"}\n", client,
                          g_enum_get_value (klass, (int) state)->value_nick);
}

void
rt_fault_history_closed (RtFaultHistory *self, const char *client)
{
  g_string_append_printf (self->lines, "{\"e\":\"closed\",\"c\":\"%s\"}\n", client);
}

gboolean
rt_fault_history_verify (RtFaultHistory *self, const char *journal, gboolean allow_gaps)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "fault", "verify_history.py", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *output = NULL;
  int fd = g_file_open_tmp ("history-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, self->lines->str, (gssize) self->lines->len, &error);
  g_assert_no_error (error);
  const char *argv[] = { "python3", "-B", script, path, journal, allow_gaps ? NULL : "--no-gaps", NULL };
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_test_message ("%s", output);
  return g_spawn_check_wait_status (status, NULL);
}

char *
rt_fault_history_find_id (const char *json)
{
  const char *begin = strstr (json, "\"$rt\":1");
  const char *end;

  if (begin == NULL || (begin = strstr (begin, "\"id\":\"")) == NULL)
    return NULL;
  begin += strlen ("\"id\":\"");
  end = strchr (begin, '"');
  return end != NULL ? g_strndup (begin, (gsize) (end - begin)) : NULL;
}
