/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <realtime/realtime.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "rt-json-fields.h"
#include "rt-json-members.h"

struct _RtMockJournalFile
{
  int fd;
  char *path;
  off_t size;      /* of the whole records */
  gboolean dirty;  /* something is not on the disk yet */
  gboolean broken; /* something never got there */
  RtBuffer line;   /* scratch */
};

/* --- Records --- */

static const RtField record_fields[] = {
  RT_FIELD ("channel", RT_FIELD_STRING, RtMockRecord, channel),
  RT_FIELD ("epoch", RT_FIELD_STRING, RtMockRecord, epoch),
  RT_FIELD ("offset", RT_FIELD_UINT64, RtMockRecord, offset),
  RT_FIELD ("id", RT_FIELD_STRING, RtMockRecord, id),
  RT_FIELD ("time", RT_FIELD_INT64, RtMockRecord, time),
  RT_FIELD ("user", RT_FIELD_STRING, RtMockRecord, user),
  RT_FIELD ("client", RT_FIELD_STRING, RtMockRecord, client),
  RT_FIELD ("info", RT_FIELD_RAW, RtMockRecord, info),
  RT_FIELD ("data", RT_FIELD_RAW, RtMockRecord, data),
};
static const RtFields record_table = RT_FIELDS (record_fields);

static gboolean
read_record (const char *line, gsize len, RtMockRecord *record)
{
  RtJsonFault fault;
  RtScan scan;

  *record = (RtMockRecord) { 0 };
  if (!rt_json_check (line, len, &fault))
    return FALSE;
  rt_scan_init (&scan, line, line, len);
  rt_scan_space (&scan);
  return rt_fields_read (&scan, &record_table, record) && record->channel.data != NULL && record->epoch.data != NULL;
}

static void
write_record (RtBuffer *out, const RtMockRecord *record)
{
  RtMembers members = rt_members_open (out);

  rt_members_string (&members, RT_KEY ("channel"), &record->channel);
  rt_members_string (&members, RT_KEY ("epoch"), &record->epoch);
  rt_members_uint (&members, RT_KEY ("offset"), record->offset);
  rt_members_string (&members, RT_KEY ("id"), &record->id);
  rt_members_int (&members, RT_KEY ("time"), record->time);
  rt_members_string (&members, RT_KEY ("user"), &record->user);
  rt_members_string (&members, RT_KEY ("client"), &record->client);
  rt_members_raw (&members, RT_KEY ("info"), &record->info);
  rt_members_raw (&members, RT_KEY ("data"), &record->data);
  rt_members_close (&members);
  rt_buffer_put_byte (out, '\n');
}

/* --- Reading --- */

static void
set_system_error (GError **error, const char *path, const char *what)
{
  int code = errno;

  g_set_error (error, RT_ERROR, RT_ERROR_FAILED, "The journal %s could not be %s: %s", path, what,
               g_strerror (code));
}

/* Calls @func for each whole record, and notes where they end. FALSE at one that is none; *@line is its number. */
static gboolean
each_record (RtMockJournalFile *self, FILE *file, RtMockRecordFunc func, gpointer user_data, guint64 *line)
{
  char *text = NULL;
  size_t capacity = 0;
  ssize_t len;
  gboolean whole = TRUE;

  self->size = 0;
  *line = 0;
  while (whole && (len = getline (&text, &capacity, file)) > 0)
    {
      RtMockRecord record;

      (*line)++;
      whole = text[len - 1] == '\n' && read_record (text, (gsize) len - 1, &record);
      if (whole && func != NULL)
        func (&record, user_data);
      if (whole)
        self->size += len;
    }
  free (text);
  return whole;
}

/* The last line may be torn, wherever the server was killed; any other is damage. */
static gboolean
check_file (RtMockJournalFile *self, FILE *file, GError **error)
{
  guint64 line;

  gboolean whole = each_record (self, file, NULL, NULL, &line);
  if (ferror (file))
    {
      set_system_error (error, self->path, "read");
      return FALSE;
    }
  if (whole)
    return TRUE;
  /* Only a line without its end was torn by a crash: the end is written last. */
  if (fgetc (file) != EOF || (fseek (file, -1, SEEK_END) == 0 && fgetc (file) == '\n'))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_FAILED,
                   "Line %" G_GUINT64_FORMAT " of the journal %s is damaged; put the file aside, or mend it", line,
                   self->path);
      return FALSE;
    }
  if (ftruncate (self->fd, self->size) == 0)
    return TRUE;
  set_system_error (error, self->path, "cut at its last whole line");
  return FALSE;
}

/* Reads from the beginning, whatever the descriptor's own position. */
static FILE *
open_reader (RtMockJournalFile *self)
{
  int fd = fcntl (self->fd, F_DUPFD_CLOEXEC, 0);
  FILE *file = fd >= 0 ? fdopen (fd, "r") : NULL;

  if (file == NULL && fd >= 0)
    close (fd);
  if (file != NULL)
    rewind (file);
  return file;
}

RtMockJournalFile *
rt_mock_journal_file_open (const char *path, GError **error)
{
  g_autoptr (RtMockJournalFile) self = g_new0 (RtMockJournalFile, 1);

  self->path = g_strdup (path);
  self->fd = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (self->fd < 0)
    {
      set_system_error (error, path, "opened");
      return NULL;
    }
  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      set_system_error (error, path, "locked: another server may be using it");
      return NULL;
    }
  FILE *file = open_reader (self);
  if (file == NULL)
    {
      set_system_error (error, path, "read");
      return NULL;
    }
  gboolean good = check_file (self, file, error);
  fclose (file);
  return good ? g_steal_pointer (&self) : NULL;
}

void
rt_mock_journal_file_close (RtMockJournalFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  rt_buffer_clear (&self->line);
  g_free (self->path);
  g_free (self);
}

void
rt_mock_journal_file_replay (RtMockJournalFile *self, RtMockRecordFunc func, gpointer user_data)
{
  FILE *file = open_reader (self);
  guint64 line;

  if (file == NULL)
    return;
  each_record (self, file, func, user_data, &line);
  fclose (file);
}

/* --- Writing --- */

static gboolean
write_line (RtMockJournalFile *self)
{
  gsize written = 0;

  while (written < self->line.len)
    {
      ssize_t put = write (self->fd, self->line.data + written, self->line.len - written);
      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return FALSE;
      written += (gsize) put;
    }
  return TRUE;
}

gboolean
rt_mock_journal_file_append (RtMockJournalFile *self, const RtMockRecord *record)
{
  if (self->broken)
    return FALSE;
  self->line.len = 0;
  write_record (&self->line, record);
  if (write_line (self))
    {
      self->size += (off_t) self->line.len;
      self->dirty = TRUE;
      return TRUE;
    }
  /* Half a line before another one would be damage. */
  if (ftruncate (self->fd, self->size) != 0)
    self->broken = TRUE;
  return FALSE;
}

gboolean
rt_mock_journal_file_sync (RtMockJournalFile *self)
{
  if (self->dirty && fdatasync (self->fd) != 0)
    self->broken = TRUE;
  self->dirty = FALSE;
  return !self->broken;
}
