/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>
#include <realtime-mock/realtime-mock.h>

G_BEGIN_DECLS

/* A client that is nothing but libsoup's WebSocket and JSON as text, so that the server is not judged by code that
 * shares its mistakes. Runs in the thread-default main context. */
typedef struct
{
  SoupSession *session;
  SoupMessage *message;
  SoupWebsocketConnection *websocket; /* NULL if refused */
  GQueue lines;                       /* received and not yet taken */
  guint n_frames;                     /* WebSocket messages received */
  gboolean done;                      /* the upgrade was answered */
  gboolean closed;
  guint close_code; /* 0: the line was lost */
  char *close_reason;
  guint last_id;
} RtRawClient;

/* Upgrades and waits for the answer. @protocols is nullable, like @origin. */
RtRawClient *rt_raw_client_new            (RtMockServer       *server,
                                           const char *const  *protocols,
                                           const char         *origin);
void         rt_raw_client_free           (RtRawClient        *self);
/* With a profile ("rt1.json" or "centrifuge-json") and a token: upgraded, and let in. */
RtRawClient *rt_raw_client_open           (RtMockServer       *server,
                                           const char         *protocol,
                                           const char         *token);

/* The same, and it leaves again. */
void         rt_raw_check_open            (RtMockServer       *server,
                                           const char         *protocol,
                                           const char         *token);

void         rt_raw_client_send           (RtRawClient        *self,
                                           const char         *format,
                                           ...) G_GNUC_PRINTF (2, 3);
/* The next line, waited for. Pings are left out. */
char        *rt_raw_client_take           (RtRawClient        *self);
/* The same, and asserts that it contains @part. */
char        *rt_raw_client_expect         (RtRawClient        *self,
                                           const char         *part);
/* Sends {"id":N,<command>} and takes the line that answers it, with all that comes before appended to @before. */
char        *rt_raw_client_ask            (RtRawClient        *self,
                                           const char         *command,
                                           GPtrArray          *before);
/* The same, and asserts that the answer contains @part. */
void         rt_raw_client_check          (RtRawClient        *self,
                                           const char         *command,
                                           const char         *part);
void         rt_raw_client_wait_closed    (RtRawClient        *self,
                                           guint               code);
/* The text of a string member of @line, the first of that name. */
char        *rt_raw_get_string            (const char         *line,
                                           const char         *member);

#define rt_raw_assert_has(line, part)                                                    \
  G_STMT_START                                                                           \
  {                                                                                      \
    if (strstr ((line), (part)) == NULL)                                                 \
      g_error ("%s:%d: “%s” is not in: %s", __FILE__, __LINE__, (part), (line));         \
  }                                                                                      \
  G_STMT_END

#define rt_raw_assert_has_not(line, part)                                                \
  G_STMT_START                                                                           \
  {                                                                                      \
    if (strstr ((line), (part)) != NULL)                                                 \
      g_error ("%s:%d: “%s” is in: %s", __FILE__, __LINE__, (part), (line));             \
  }                                                                                      \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtRawClient, rt_raw_client_free)

/* A started server with the default settings; asserts that it starts. */
RtMockServer *rt_raw_server_start         (void);
/* Stops it and asserts that nothing else holds it. */
void          rt_raw_server_end           (RtMockServer       *server);

G_END_DECLS
