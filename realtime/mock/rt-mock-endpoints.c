/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-endpoints.h"

#include "rt-json-fields.h"
#include "rt-mock-http.h"
#include "rt-mock-link.h"
#include "rt-mock-stream.h"

/* --- Streams --- */

typedef struct
{
  RtMockStreamKind kind;
  char *command; /* connect, and perhaps more */
} StreamRequest;

static void
free_stream_request (StreamRequest *request)
{
  g_free (request->command);
  g_free (request);
}

static void
stream_gone (RtMockLink *link)
{
  free_stream_request (link->waiting_data);
}

/* Not inside libsoup, which lets go of a connection at once. */
static void
begin_stream_cb (gpointer owner)
{
  RtMockLink *link = owner;
  StreamRequest *request = link->waiting_data;

  if (link->waiting == NULL)
    return;
  g_autoptr (GIOStream) stream = rt_mock_link_steal (link);
  RtMockCarrier *carrier = rt_mock_stream_new (stream, link->line, &request->kind);
  RtProfile profile = request->kind.rt1 ? RT_PROFILE_RT1 : RT_PROFILE_CENTRIFUGO;

  link->session = rt_mock_session_new (link->env, link->hub, carrier, profile, link->auth_deadline);
  rt_mock_stream_begin (carrier);
  rt_mock_session_update (link->session);
  rt_mock_session_take (link->session, request->command, strlen (request->command));
  free_stream_request (request);
}

/* Takes the command, which is nullable. */
static void
begin_stream (SoupServerMessage *message, gboolean events, char *command)
{
  RtMockLink *link = rt_mock_link_find (message);
  StreamRequest *request;

  if (link == NULL || command == NULL || command[0] == '\0')
    {
      rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, "There is no connect command.\n");
      g_free (command);
      return;
    }
  request = g_new0 (StreamRequest, 1);
  request->kind.events = events;
  request->kind.rt1 = rt_mock_http_offers_rt1 (message);
  request->kind.chunked = soup_server_message_get_http_version (message) != SOUP_HTTP_1_0;
  request->command = command;
  rt_mock_link_wait (link, message, stream_gone, request);
  rt_mock_link_later (link, begin_stream_cb);
}

static char *
dup_body (SoupServerMessage *message)
{
  gsize len;
  const char *body = rt_mock_http_get_body (message, &len);

  /* What is behind a NUL was no JSON. */
  return body != NULL ? g_strndup (body, len) : NULL;
}

static void
http_stream_cb (SoupServer *server,
                SoupServerMessage *message,
                const char *path,
                GHashTable *query,
                gpointer user_data)
{
  g_autofree char *body = dup_body (message);

  if (body != NULL)
    begin_stream (message, FALSE, g_steal_pointer (&body));
}

static char *
dup_query_command (SoupServerMessage *message)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autoptr (GHashTable) params = NULL;

  if (query == NULL)
    return NULL;
  params = g_uri_parse_params (query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  return params != NULL ? g_strdup (g_hash_table_lookup (params, "cf_connect")) : NULL;
}

static void
sse_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  g_autofree char *body = NULL;

  if (soup_server_message_get_method (message) == SOUP_METHOD_GET)
    {
      begin_stream (message, TRUE, dup_query_command (message));
      return;
    }
  body = dup_body (message);
  if (body != NULL)
    begin_stream (message, TRUE, g_steal_pointer (&body));
}

/* --- Commands to a stream --- */

typedef struct
{
  RtSlice session;
  RtSlice node;
  RtSlice data;
} Emulation;

static const RtField emulation_fields[] = {
  RT_FIELD ("session", RT_FIELD_STRING, Emulation, session),
  RT_FIELD ("node", RT_FIELD_STRING, Emulation, node),
  RT_FIELD ("data", RT_FIELD_STRING, Emulation, data),
};
static const RtFields emulation_table = RT_FIELDS (emulation_fields);

static gboolean
read_emulation (const char *body, gsize len, Emulation *emulation)
{
  RtJsonFault fault;
  RtScan scan;

  *emulation = (Emulation) { 0 };
  if (!rt_json_check (body, len, &fault))
    return FALSE;
  rt_scan_init (&scan, body, body, len);
  rt_scan_space (&scan);
  return rt_fields_read (&scan, &emulation_table, emulation) && emulation->session.data != NULL &&
         emulation->data.data != NULL;
}

static RtMockSession *
find_session (RtMockLink *link, const Emulation *emulation)
{
  g_autofree char *key = rt_json_unescape (&emulation->session);

  if (key == NULL || !rt_slice_equals (&emulation->node, link->env->node))
    return NULL;
  return rt_mock_hub_find_by_key (link->hub, key);
}

static void
emulation_cb (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              GHashTable *query,
              gpointer user_data)
{
  RtMockLink *link = rt_mock_link_find (message);
  gsize len;
  const char *body = rt_mock_http_get_body (message, &len);
  Emulation emulation;

  if (body == NULL || link == NULL)
    return;
  rt_mock_link_read (link);
  g_autofree char *data = read_emulation (body, len, &emulation) ? rt_json_unescape (&emulation.data) : NULL;
  if (data == NULL)
    {
      rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, "This is no object with session, node and data.\n");
      return;
    }
  RtMockSession *session = find_session (link, &emulation);
  if (session == NULL)
    {
      rt_mock_http_respond (message, SOUP_STATUS_NOT_FOUND, "There is no such session.\n");
      return;
    }
  rt_mock_http_offers_rt1 (message);
  rt_mock_session_take (session, data, strlen (data));
  if (rt_mock_faults_take (link->env->faults, RT_MOCK_FAULT_LOSE_RESPONSE))
    rt_budget_line_close (link->line, TRUE);
  else
    rt_mock_http_respond (message, SOUP_STATUS_NO_CONTENT, NULL);
}

/* --- Polls --- */

/* What browsers let no page send elsewhere without asking first (and would be told no). */
static gboolean
is_from_program (SoupServerMessage *message)
{
  const char *type =
      soup_message_headers_get_content_type (soup_server_message_get_request_headers (message), NULL);

  return g_strcmp0 (type, "application/json") == 0 && rt_mock_http_offers_rt1 (message);
}

/* FALSE: it is there, but no number. */
static gboolean
read_number (SoupServerMessage *message, const char *name, gboolean *found, guint64 *number)
{
  const char *text = soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);

  *found = text != NULL;
  *number = 0;
  return text == NULL || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, number, NULL);
}

static gboolean
read_poll (SoupServerMessage *message, RtMockPollRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean has_wait;
  guint64 wait;

  request->session = soup_message_headers_get_one (headers, "X-Rt-Session");
  request->close = g_strcmp0 (soup_message_headers_get_one (headers, "X-Rt-Close"), "1") == 0;
  if (!read_number (message, "X-Rt-Ack", &request->is_poll, &request->ack) ||
      !read_number (message, "X-Rt-Wait", &has_wait, &wait) ||
      !read_number (message, "X-Rt-Command", &request->has_batch, &request->batch))
    return FALSE;
  request->wait = MIN (wait, G_MAXUINT);
  return !request->has_batch || request->batch > 0;
}

static void
poll_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  RtMockLink *link = rt_mock_link_find (message);
  RtMockPollRequest request = { 0 };

  request.body = rt_mock_http_get_body (message, &request.len);
  if (request.body == NULL || link == NULL)
    return;
  rt_mock_link_read (link);
  if (is_from_program (message) && read_poll (message, &request))
    rt_mock_polls_take (user_data, link, message, &request);
  else
    rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, "This is no request of the profile rt1.\n");
}

void
rt_mock_endpoints_add (SoupServer *server, RtMockPolls *polls)
{
  soup_server_add_handler (server, RT_MOCK_HTTP_STREAM_PATH, http_stream_cb, NULL, NULL);
  soup_server_add_handler (server, RT_MOCK_SSE_PATH, sse_cb, NULL, NULL);
  soup_server_add_handler (server, RT_MOCK_EMULATION_PATH, emulation_cb, NULL, NULL);
  soup_server_add_handler (server, RT_MOCK_POLL_PATH, poll_cb, polls, NULL);
}
