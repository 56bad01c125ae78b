/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-log-entry.h"

#include <string.h>
#include "rt-message-private.h"

#define MASK "***"
#define MAX_FIELDS 16
#define MAX_PAIRS 16 /* of metadata */

/* --- Text of others --- */

static gboolean
is_plain (gunichar c)
{
  /* Line ends would forge entries, and what turns the direction of text or cannot be seen would deceive a reader. */
  return g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT && c != '\\';
}

static void
append_escaped (GString *out, const char *p, gsize len)
{
  gunichar c = g_utf8_get_char_validated (p, len);

  if (c == (gunichar) -1 || c == (gunichar) -2)
    g_string_append_printf (out, "\\x%02x", (guchar) *p);
  else if (is_plain (c))
    g_string_append_unichar (out, c);
  else
    g_string_append_printf (out, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
}

char *
rt_log_escape (const char *text, gsize len)
{
  GString *out = g_string_sized_new (MIN (len, RT_LOG_MAX_TEXT) + 1);
  const char *end = text + len;

  for (const char *p = text; p < end;)
    {
      gsize before = out->len;
      gunichar c = g_utf8_get_char_validated (p, end - p);

      append_escaped (out, p, end - p);
      if (out->len > RT_LOG_MAX_TEXT - strlen ("…"))
        {
          g_string_truncate (out, before);
          g_string_append (out, "…");
          break;
        }
      p += c == (gunichar) -1 || c == (gunichar) -2 ? 1 : g_utf8_skip[*(const guchar *) p];
    }
  return g_string_free (out, FALSE);
}

static char *
escape (const char *text)
{
  return rt_log_escape (text, strlen (text));
}

/* --- What is known of a message --- */

/* Of its content as it is carried. */
static gsize
get_size (RtMessage *message)
{
  RtMessageCore *core = rt_message_get_core (message);
  const RtSlice *slice = &core->slices[RT_MESSAGE_TEXT_BODY];

  if (slice->data != NULL)
    return slice->len;
  if (core->texts[RT_MESSAGE_TEXT_BODY] != NULL)
    return strlen (core->texts[RT_MESSAGE_TEXT_BODY]);
  return core->bytes != NULL ? g_bytes_get_size (core->bytes) : 0;
}

static char *
dup_content (RtMessage *message)
{
  RtMessageCore *core = rt_message_get_core (message);
  const char *json;
  gsize len;

  if (core->body_kind == RT_BODY_TEXT)
    {
      const char *content = rt_message_get_content (message);
      return content != NULL ? escape (content) : NULL;
    }
  return rt_message_core_get_json (core, &json, &len) ? rt_log_escape (json, len) : NULL;
}

/* Masked even where others are shown. */
static gboolean
is_secret (const char *key)
{
  static const char *const words[] = { "token", "secret", "password", "passwd", "auth", "cookie", "key", "credential" };
  g_autofree char *lower = g_ascii_strdown (key, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strstr (lower, words[i]) != NULL)
        return TRUE;
    }
  return FALSE;
}

static char *
dup_metadata (RtMessage *message, gboolean show)
{
  g_autoptr (GString) pairs = g_string_new (NULL);
  GVariantIter iter;
  const char *key, *value;
  guint n = 0;

  g_variant_iter_init (&iter, rt_message_get_metadata (message));
  while (n++ < MAX_PAIRS && g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    g_string_append_printf (pairs, "%s%s=%s", pairs->len > 0 ? " " : "", key,
                            show && !is_secret (key) ? value : MASK);
  return pairs->len > 0 ? escape (pairs->str) : NULL;
}

/* --- The entry --- */

typedef struct
{
  GLogField fields[MAX_FIELDS];
  guint n;
  GPtrArray *texts; /* that have to live as long */
} Entry;

static void
add (Entry *entry, const char *key, const char *value)
{
  g_assert (entry->n < MAX_FIELDS);
  entry->fields[entry->n++] = (GLogField) { key, value, -1 };
}

/* Takes @value; NULL adds nothing. */
static void
add_taken (Entry *entry, const char *key, char *value)
{
  if (value == NULL)
    return;
  g_ptr_array_add (entry->texts, value);
  add (entry, key, value);
}

static const char *
get_priority (GLogLevelFlags level)
{
  /* As GLib maps them for the journal. */
  switch ((int) level)
    {
    case G_LOG_LEVEL_WARNING:
      return "4";
    case G_LOG_LEVEL_MESSAGE:
      return "5";
    case G_LOG_LEVEL_INFO:
      return "6";
    default:
      return "7";
    }
}

static void
entry_begin (Entry *entry, const RtLogStyle *style, RtExchange *exchange, const char *phase)
{
  RtMessage *message = rt_exchange_get_message (exchange);
  const char *id = rt_message_get_id (message);

  entry->n = 0;
  entry->texts = g_ptr_array_new_with_free_func (g_free);
  add (entry, "PRIORITY", get_priority (style->level));
  if (style->domain != NULL)
    add (entry, "GLIB_DOMAIN", style->domain);
  add (entry, "RT_PHASE", phase);
  add (entry, "RT_DIRECTION",
       rt_exchange_get_direction (exchange) == RT_DIRECTION_INCOMING ? "incoming" : "outgoing");
  add_taken (entry, "RT_CHANNEL", escape (rt_message_get_channel (message)));
  add_taken (entry, "RT_MESSAGE_ID", id != NULL ? escape (id) : NULL);
  add_taken (entry, "RT_MESSAGE_TYPE", escape (rt_message_get_type_name (message)));
  add_taken (entry, "RT_SIZE", g_strdup_printf ("%" G_GSIZE_FORMAT, get_size (message)));
  add_taken (entry, "RT_METADATA", dup_metadata (message, style->show_metadata));
  if (style->show_content)
    add_taken (entry, "RT_CONTENT", dup_content (message));
}

static const char *
get_field (Entry *entry, const char *key)
{
  for (guint i = 0; i < entry->n; i++)
    {
      if (g_str_equal (entry->fields[i].key, key))
        return entry->fields[i].value;
    }
  return "";
}

static void
append_field (GString *text, Entry *entry, const char *key, const char *format)
{
  const char *value = get_field (entry, key);

  if (*value != '\0')
    g_string_append_printf (text, format, value);
}

/* Takes @what. */
static void
entry_end (Entry *entry, const RtLogStyle *style, char *what)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s message", get_field (entry, "RT_DIRECTION"));
  append_field (text, entry, "RT_MESSAGE_ID", " %s");
  append_field (text, entry, "RT_CHANNEL", " on “%s”");
  append_field (text, entry, "RT_MESSAGE_TYPE", " (%s");
  append_field (text, entry, "RT_SIZE", ", %s bytes)");
  append_field (text, entry, "RT_METADATA", " {%s}");
  append_field (text, entry, "RT_CONTENT", ": %s");
  g_string_append (text, what);
  g_free (what);
  add_taken (entry, "MESSAGE", g_string_free (text, FALSE));
  g_log_structured_array (style->level, entry->fields, entry->n);
  g_ptr_array_unref (entry->texts);
}

void
rt_log_request (const RtLogStyle *style, RtExchange *exchange)
{
  Entry entry;

  entry_begin (&entry, style, exchange, "request");
  entry_end (&entry, style, g_strdup (""));
}

void
rt_log_completion (const RtLogStyle *style, RtExchange *exchange, const GError *error, gint64 duration)
{
  g_autofree char *took = g_strdup_printf ("%" G_GINT64_FORMAT, duration);
  const char *reason = rt_exchange_get_reason (exchange), *outcome = "done";
  g_autofree char *why = NULL;
  Entry entry;

  entry_begin (&entry, style, exchange, "completion");
  add (&entry, "RT_DURATION_US", took);
  if (error != NULL)
    {
      outcome = "failed";
      why = escape (error->message);
      add (&entry, "RT_ERROR", why);
    }
  else if (reason != NULL)
    {
      outcome = "dropped";
      why = escape (reason);
      add (&entry, "RT_REASON", why);
    }
  add (&entry, "RT_OUTCOME", outcome);
  entry_end (&entry, style, g_strdup_printf (" %s after %s µs%s%s", outcome, took, why != NULL ? ": " : "",
                                             why != NULL ? why : ""));
}
