/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Certificates for tests, made anew in each process, so that none in the sources can expire. They are for 127.0.0.1,
 * ::1, localhost and realtime.test. Their files go with the process.
 *
 * "ca" is the authority and "intermediate" another, of its making. Of that: "server", "wrong-host", "expired",
 * "not-yet-valid" and "client", each in one file with its key and with "intermediate". "self-signed" stands alone;
 * "other-ca" has made "unknown-ca". "appended" is "server" with "impostor" in its file instead of "intermediate", whose
 * name that has and nothing else. */

/* The path of a PEM file; owned by the library. */
const char   *rt_test_certs_get_path     (const char *name);
/* What tls-pins takes for the key of one; transfer full. */
char         *rt_test_certs_get_pin      (const char *name);
/* A database that holds this one alone; transfer full. */
GTlsDatabase *rt_test_certs_new_database (const char *name);

G_END_DECLS
