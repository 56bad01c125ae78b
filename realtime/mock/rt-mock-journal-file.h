/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-codec.h"

G_BEGIN_DECLS

/* A file of what was published, a line of JSON a record, from which a server that was killed goes on. Opened in any
 * thread, then only in the server's. */

typedef struct _RtMockJournalFile RtMockJournalFile;

/* Without an offset and data, the record begins the channel, with nothing in it. Strings are as in the codec. */
typedef struct
{
  RtSlice channel;
  RtSlice epoch;
  RtSlice id;     /* by which the publication is recognised when it comes again; absent: not */
  RtSlice user;   /* of the publisher, likewise: */
  RtSlice client; /* absent: the server itself */
  RtSlice info;   /* raw; absent: none */
  RtSlice data;   /* raw */
  guint64 offset; /* 0 without history */
  gint64 time;    /* UTC µs */
} RtMockRecord;

typedef void (*RtMockRecordFunc) (const RtMockRecord *record,
                                  gpointer            user_data);

/* Makes the file or checks what is in it; a last line that was not written wholly is dropped. It stays locked for
 * other servers until it is closed. */
RtMockJournalFile *rt_mock_journal_file_open   (const char         *path,
                                                GError            **error);
void               rt_mock_journal_file_close  (RtMockJournalFile  *self);
/* Calls @func for every record, oldest first. */
void               rt_mock_journal_file_replay (RtMockJournalFile  *self,
                                                RtMockRecordFunc    func,
                                                gpointer            user_data);
/* FALSE: the file takes no more, and nothing of the record is in it. */
gboolean           rt_mock_journal_file_append (RtMockJournalFile  *self,
                                                const RtMockRecord *record);
/* Waits until what was appended is on the disk. FALSE: nobody may rely on it. */
gboolean           rt_mock_journal_file_sync   (RtMockJournalFile  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtMockJournalFile, rt_mock_journal_file_close)

G_END_DECLS
