/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* The command's exit codes, as its help states them. */
typedef enum
{
  RT_CLI_DONE = 0,
  RT_CLI_FAILED = 1,  /* network or server */
  RT_CLI_USAGE = 2,   /* what the user gave is wrong */
  RT_CLI_REFUSED = 3, /* the server does not want this */
} RtCliExit;

/* --- Options --- */

typedef struct
{
  gboolean json;
  gboolean insecure;
  int port;
  int ping_interval; /* ms */
  char *journal;     /* a path; NULL if none */
  char *api_key;    /* from the option or the environment; NULL if none */
  char **arguments; /* what is not an option */
} RtCliOptions;

/* What a command's help says, and which of the options besides the common ones it has. */
typedef struct
{
  const char *name;
  const char *arguments; /* untranslated names, as "URL CHANNEL…" */
  const char *summary;   /* marked with N_() */
  RtCliExit (*run) (const RtCliOptions *options);
  guint min_arguments;
  guint max_arguments;
  gboolean is_server;
} RtCliCommand;

gboolean rt_cli_options_parse (RtCliOptions       *self,
                               const RtCliCommand *command,
                               char              **argv,
                               GError            **error);
void     rt_cli_options_clear (RtCliOptions       *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtCliOptions, rt_cli_options_clear)

/* --- Output: always one line, flushed --- */

char     *rt_cli_escape          (const char   *text);
void      rt_cli_print_listening (const char   *url,
                                  gboolean      json);
void      rt_cli_print_received  (RtMessage    *message,
                                  gboolean      json);
void      rt_cli_print_sent      (RtMessage    *message,
                                  gboolean      json);
void      rt_cli_print_error     (const GError *error);
RtCliExit rt_cli_exit_for_error  (const GError *error);

/* --- Session: a client that runs until something ends it --- */

typedef struct _RtCliSession RtCliSession;
typedef void (*RtCliReadyFunc) (RtCliSession *session,
                                gpointer      user_data);

/* Connects as @options say, calls @ready, and returns when rt_cli_session_end() was called, a signal of the system or
 * the server ended it, with the client closed. */
RtCliExit rt_cli_session_run        (const RtCliOptions *options,
                                     RtCliReadyFunc      ready,
                                     gpointer            user_data);
RtClient *rt_cli_session_get_client (RtCliSession       *self); /* transfer none */
void      rt_cli_session_end        (RtCliSession       *self,
                                     RtCliExit           code);
/* Ends it with the code for @error, which is printed; the first error alone counts. */
void      rt_cli_session_fail       (RtCliSession       *self,
                                     const GError       *error);

/* --- Commands --- */

RtCliExit rt_cli_serve  (const RtCliOptions *options);
RtCliExit rt_cli_listen (const RtCliOptions *options);
RtCliExit rt_cli_send   (const RtCliOptions *options);

G_END_DECLS
