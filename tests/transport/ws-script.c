/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

#include <stdlib.h>

static const WsTable *const tables[] = {
  &ws_table_framing, &ws_table_masking, &ws_table_fragments, &ws_table_control,
  &ws_table_close, &ws_table_utf8, &ws_table_limits,
};

/* Taken in turn. The first is the one of the RFC's own examples. */
static const guint8 masks[][4] = {
  { 0x37, 0xfa, 0x21, 0x3d },
  { 0x00, 0x00, 0x00, 0x00 },
  { 0xff, 0xff, 0xff, 0xff },
  { 0x80, 0x01, 0x7f, 0xc3 },
};

void
ws_each_case (WsCaseFunc func, gpointer user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    for (gsize j = 0; j < tables[i]->n_cases; j++)
      func (&tables[i]->cases[j], user_data);
}

static guint8
hex_byte (const char *text)
{
  g_assert (g_ascii_isxdigit (text[0]) && g_ascii_isxdigit (text[1]));
  return (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
}

/* Decodes up to one of @stops or the end; returns where that is. */
static const char *
decode (const char *text, const char *stops, GByteArray *out)
{
  while (*text != '\0' && strchr (stops, *text) == NULL)
    {
      guint8 byte = (guint8) *text;

      if (byte == '(')
        {
          g_autoptr (GByteArray) piece = g_byte_array_new ();
          char *end;

          text = decode (text + 1, "*", piece);
          for (guint64 n = g_ascii_strtoull (text + 1, &end, 10); n > 0; n--)
            g_byte_array_append (out, piece->data, piece->len);
          g_assert (*end == ')');
          text = end + 1;
          continue;
        }
      if (byte == '%')
        {
          byte = hex_byte (text + 1);
          text += 2;
        }
      text++;
      g_byte_array_append (out, &byte, 1);
    }
  return text;
}

typedef struct
{
  guint8 first;
  guint form; /* bits of the length; 0: the shortest */
  gboolean claims;
  guint64 claimed;
  gboolean flip_mask;
} Head;

/* Reads all before the colon. */
static const char *
read_head (const char *text, Head *head)
{
  char *end;

  memset (head, 0, sizeof *head);
  head->first = hex_byte (text);
  text += 2;
  while (*text != ':')
    {
      char what = *text++;

      if (what == '!')
        {
          head->flip_mask = TRUE;
          continue;
        }
      g_assert (what == '/' || what == '=');
      guint64 value = g_ascii_strtoull (text, &end, 0);
      text = end;
      if (what == '/')
        head->form = (guint) value;
      else
        {
          head->claims = TRUE;
          head->claimed = value;
        }
    }
  return text + 1;
}

static void
append_length (GByteArray *out, guint8 mask_bit, guint64 length, guint form)
{
  if (form == 0)
    form = length <= 125 ? 7 : length <= G_MAXUINT16 ? 16 : 64;
  guint8 byte = mask_bit | (form == 7 ? (guint8) length : form == 16 ? 126 : 127);
  g_byte_array_append (out, &byte, 1);
  for (guint bits = form == 7 ? 0 : form; bits > 0;)
    {
      bits -= 8;
      byte = (guint8) (length >> bits);
      g_byte_array_append (out, &byte, 1);
    }
}

static const char *
compile_frame (const char *text, RtWsRole role, guint number, GByteArray *out)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  const guint8 *mask = masks[number % G_N_ELEMENTS (masks)];
  Head head;

  text = read_head (text, &head);
  text = decode (text, " ", payload);
  gboolean masked = (role == RT_WS_CLIENT) != head.flip_mask;

  g_byte_array_append (out, &head.first, 1);
  append_length (out, masked ? 0x80 : 0, head.claims ? head.claimed : payload->len, head.form);
  if (masked)
    {
      g_byte_array_append (out, mask, 4);
      for (guint i = 0; i < payload->len; i++)
        payload->data[i] ^= mask[i % 4];
    }
  g_byte_array_append (out, payload->data, payload->len);
  return text;
}

GBytes *
ws_compile (const char *sent, RtWsRole role, GArray *borders)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint number = 0;

  while (*sent != '\0')
    {
      if (*sent == '|')
        {
          g_byte_array_set_size (out, (guint) atoi (sent + 1));
          break;
        }
      sent = compile_frame (sent, role, number++, out);
      while (*sent == ' ')
        sent++;
      if (borders != NULL)
        {
          gsize border = out->len;
          g_array_append_val (borders, border);
        }
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

void
ws_describe (GString *outcome, const char *kind, const guint8 *data, gsize len)
{
  static const char digits[] = "0123456789abcdef";
  gsize plain = 0;

  if (outcome->len > 0)
    g_string_append_c (outcome, ' ');
  g_string_append (outcome, kind);
  g_string_append_c (outcome, ':');
  for (gsize i = 0; i <= len; i++)
    {
      if (i < len && g_ascii_isalnum (data[i]))
        continue;
      g_string_append_len (outcome, (const char *) data + plain, (gssize) (i - plain));
      plain = i + 1;
      if (i < len)
        {
          char escape[3] = { '%', digits[data[i] >> 4], digits[data[i] & 15] };
          g_string_append_len (outcome, escape, sizeof escape);
        }
    }
}

static const char *
kind_of (RtWsOpcode opcode)
{
  switch (opcode)
    {
    case RT_WS_TEXT:
      return "text";
    case RT_WS_BINARY:
      return "binary";
    case RT_WS_PING:
      return "ping";
    case RT_WS_PONG:
      return "pong";
    case RT_WS_CONTINUATION:
    case RT_WS_CLOSE:
    default:
      g_assert_not_reached ();
    }
}

void
ws_describe_event (GString *outcome, const RtWsEvent *event)
{
  char kind[16] = "";

  if (event->opcode == RT_WS_CLOSE)
    g_snprintf (kind, sizeof kind, "close:%u", event->close_code);
  ws_describe (outcome, *kind != '\0' ? kind : kind_of (event->opcode), event->data, event->len);
}

char *
ws_normalize (const char *outcome)
{
  g_auto (GStrv) tokens = g_strsplit (outcome, " ", -1);
  GString *normal = g_string_new (NULL);

  for (guint i = 0; tokens[i] != NULL; i++)
    {
      g_autoptr (GByteArray) payload = g_byte_array_new ();
      char *colon;

      if (*tokens[i] == '\0')
        continue;
      if (g_str_has_prefix (tokens[i], "fault:"))
        {
          g_string_append_printf (normal, "%s%s", normal->len > 0 ? " " : "", tokens[i]);
          continue;
        }
      colon = strchr (tokens[i], ':');
      if (g_str_has_prefix (tokens[i], "close:"))
        colon = strchr (colon + 1, ':');
      g_assert_nonnull (colon);
      decode (colon + 1, "", payload);
      *colon = '\0';
      ws_describe (normal, tokens[i], payload->data, payload->len);
    }
  return g_string_free (normal, FALSE);
}

void
ws_feed (RtWsParser *parser, guint8 *chunk, gsize len, GString *outcome)
{
  gboolean was_faulty = rt_ws_parser_get_fault (parser, NULL) != 0;
  gsize at = 0;

  for (;;)
    {
      gsize used;
      guint budget = 1;
      RtWsEvent event;
      RtWsStatus status = rt_ws_parser_next (parser, chunk + at, len - at, &used, &budget, &event);

      g_assert_cmpuint (used, <=, len - at);
      at += used;
      if (status == RT_WS_EVENT)
        {
          ws_describe_event (outcome, &event);
          g_free (event.owned);
          continue;
        }
      if (status == RT_WS_BUDGET)
        {
          g_assert_cmpuint (budget, ==, 0);
          continue;
        }
      if (status == RT_WS_FAULT && !was_faulty)
        {
          const char *text = NULL;
          guint16 fault = rt_ws_parser_get_fault (parser, &text);

          g_assert_nonnull (text);
          g_string_append_printf (outcome, "%sfault:%u", outcome->len > 0 ? " " : "", fault);
        }
      g_assert_cmpuint (at, ==, len);
      return;
    }
}
