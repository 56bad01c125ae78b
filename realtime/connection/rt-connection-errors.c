/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"

/* The server's error codes that have an equal here; see docs/errors.md. */
static const struct
{
  guint code;
  RtError error;
} reply_errors[] = {
  { 100, RT_ERROR_SERVER },
  { 101, RT_ERROR_UNAUTHORIZED },
  { 102, RT_ERROR_CHANNEL_NOT_FOUND },
  { 103, RT_ERROR_PERMISSION_DENIED },
  { 104, RT_ERROR_NOT_SUPPORTED },
  { 105, RT_ERROR_INVALID_ARGUMENT },
  { 106, RT_ERROR_TOO_LARGE },
  { 107, RT_ERROR_INVALID_ARGUMENT },
  { 108, RT_ERROR_NOT_SUPPORTED },
  { 109, RT_ERROR_UNAUTHORIZED },
  { 110, RT_ERROR_EXPIRED },
  { 111, RT_ERROR_RATE_LIMITED },
  { 112, RT_ERROR_UNRECOVERABLE },
  { 113, RT_ERROR_RATE_LIMITED },
};

/* What they mean for a channel that was to be joined, and what is to be done. */
static const struct
{
  guint code;
  RtError error;
  const char *advice;
} join_errors[] = {
  { 101, RT_ERROR_UNAUTHORIZED, "it does not know who this is; check the api key or token" },
  { 102, RT_ERROR_CHANNEL_NOT_FOUND, "it has no such channel; check the name" },
  { 103, RT_ERROR_PERMISSION_DENIED, "this user may not join it, or not without a token (option \"token-provider\")" },
  { 105, RT_ERROR_ALREADY_JOINED, "it does not let go of an earlier subscription; connect anew" },
  { 106, RT_ERROR_QUEUE_FULL, "this connection is in as many channels as it may be; leave another one first" },
  { 107, RT_ERROR_INVALID_ARGUMENT, "it cannot make anything of the request; check the channel's name and options" },
  { 108, RT_ERROR_NOT_SUPPORTED, "it does not offer this for the channel; check the options" },
  { 109, RT_ERROR_EXPIRED, "the channel's token is over; set a token provider that has new ones" },
  { 110, RT_ERROR_EXPIRED, "the subscription is over; join with a new token" },
};

static const struct
{
  guint code;
  RtError error;
  const char *text;
} close_errors[] = {
  { 1009, RT_ERROR_TOO_LARGE, "a message was larger than the server takes" },
  { 3000, RT_ERROR_NETWORK, "the server closed the connection" },
  { 3001, RT_ERROR_NETWORK, "the server is shutting down" },
  { 3004, RT_ERROR_SERVER, "the server failed" },
  { 3005, RT_ERROR_UNAUTHORIZED, "the token has expired; connect with a new one" },
  { 3006, RT_ERROR_UNAUTHORIZED, "the token of a channel has expired" },
  { 3008, RT_ERROR_NETWORK, "this client reads too slowly for the server" },
  { 3012, RT_ERROR_TIMED_OUT, "the server had no answer to its ping" },
  { 3013, RT_ERROR_RATE_LIMITED, "too many requests" },
  { 3500, RT_ERROR_UNAUTHORIZED, "the server refuses the api key or token; check the setting \"api-key\"" },
  { 3501, RT_ERROR_PROTOCOL, "the server found a request malformed" },
  { 3502, RT_ERROR_TIMED_OUT, "the server waited too long for the connect command" },
  { 3504, RT_ERROR_RATE_LIMITED, "the server takes no more connections" },
  { 3505, RT_ERROR_RATE_LIMITED, "too many channels" },
  { 3507, RT_ERROR_PERMISSION_DENIED, "the server denies permission" },
  { 3508, RT_ERROR_NOT_SUPPORTED, "the server does not offer this" },
};

/* Peer text that goes into a message: printable, and not without end. */
static char *
quote_peer_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) quoted = g_string_new (NULL);

  for (const char *p = valid; *p != '\0' && quoted->len < 256; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_isprint (c))
        g_string_append_unichar (quoted, c);
      else
        g_string_append_printf (quoted, "\\u%04x", c);
    }
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}

GError *
rt_connection_error_from_reply (const RtReply *reply, const char *what)
{
  g_autofree char *raw = reply->reason.data != NULL ? rt_json_unescape (&reply->reason) : NULL;
  g_autofree char *text = quote_peer_text (raw != NULL ? raw : "no reason given");

  if (reply->code >= RT_SERVER_ERROR_FIRST && reply->code <= RT_SERVER_ERROR_LAST)
    return g_error_new (RT_SERVER_ERROR, (int) reply->code, "%s failed on the server: %s", what, text);
  for (guint i = 0; i < G_N_ELEMENTS (reply_errors); i++)
    if (reply_errors[i].code == reply->code)
      return g_error_new (RT_ERROR, (int) reply_errors[i].error, "The server refused %s: %s (%u)",
                          what, text, reply->code);
  return g_error_new (RT_ERROR, reply->temporary ? RT_ERROR_SERVER : RT_ERROR_FAILED,
                      "The server refused %s: %s (%u)", what, text, reply->code);
}

GError *
rt_connection_error_from_join (const RtReply *reply, const char *channel)
{
  g_autofree char *what = g_strdup_printf ("channel %s", channel);
  g_autoptr (GError) plain = rt_connection_error_from_reply (reply, what);

  for (guint i = 0; i < G_N_ELEMENTS (join_errors); i++)
    if (join_errors[i].code == reply->code)
      return g_error_new (RT_ERROR, (int) join_errors[i].error, "%s: %s", plain->message, join_errors[i].advice);
  return g_steal_pointer (&plain);
}

GError *
rt_connection_error_from_close (guint code, const char *reason)
{
  g_autofree char *text = quote_peer_text (reason != NULL ? reason : "");
  const RtTransportEnd end = { .code = code, .reason = reason, .retry_after = -1, .was_open = TRUE };
  gboolean final = rt_verdict_of_end (&end, 0).kind == RT_VERDICT_TERMINAL;
  const char *meaning = final ? "the server ended the connection for good" : "the connection was lost";
  RtError error = final ? RT_ERROR_FAILED : RT_ERROR_NETWORK;

  for (guint i = 0; i < G_N_ELEMENTS (close_errors); i++)
    if (close_errors[i].code == code)
      {
        meaning = close_errors[i].text;
        error = close_errors[i].error;
      }
  return g_error_new (RT_ERROR, (int) error, "Disconnected: %s (code %u%s%s)",
                      meaning, code, *text != '\0' ? ": " : "", text);
}
