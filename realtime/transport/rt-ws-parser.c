/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-codec.h"

#include "rt-utf8.h"
#include "rt-ws-xor.h"

#define MAX_HEADER 14
#define MAX_CONTROL 125
#define FIRST_CAPACITY 4096

#define FIN 0x80
#define RSV 0x70
#define OPCODE 0x0f
#define CONTROL 0x08
#define MASKED 0x80
#define LENGTH 0x7f

typedef enum
{
  STATE_HEADER,  /* before a frame, or inside its header */
  STATE_PAYLOAD, /* the header is known */
  STATE_CLOSED,  /* a close frame came: the rest is discarded */
  STATE_FAULT,
} State;

struct _RtWsParser
{
  gsize max_message;
  gboolean masked; /* whether the peer's frames must be */
  State state;

  /* A header that the end of a chunk cut in two. */
  guint8 header[MAX_HEADER];
  guint header_len;

  /* The frame whose payload is being read. */
  RtWsOpcode opcode;
  gboolean fin;
  guint8 mask[4];
  gsize frame_len;
  gsize left; /* of frame_len */

  /* The message being read; control frames come between its fragments. */
  RtWsOpcode message_opcode; /* CONTINUATION where none is open */
  RtBuffer message;          /* what cannot be given out from the chunk */
  RtUtf8 utf8;               /* of a text; between two, it is complete */

  guint8 control[MAX_CONTROL]; /* a control frame that comes in pieces */

  guint16 fault;
  const char *fault_text;
};

RtWsParser *
rt_ws_parser_new (RtWsRole role, gsize max_message)
{
  RtWsParser *self = g_new0 (RtWsParser, 1);

  self->max_message = max_message;
  self->masked = role == RT_WS_SERVER;
  return self;
}

void
rt_ws_parser_free (RtWsParser *self)
{
  rt_buffer_clear (&self->message);
  g_free (self);
}

guint16
rt_ws_parser_get_fault (RtWsParser *self, const char **text)
{
  if (text != NULL)
    *text = self->fault_text;
  return self->fault;
}

gsize
rt_ws_parser_get_held (RtWsParser *self)
{
  return self->message.capacity;
}

/* Always FALSE, so that a check can return it. */
static gboolean
set_fault (RtWsParser *self, guint16 code, const char *text)
{
  self->state = STATE_FAULT;
  self->fault = code;
  self->fault_text = text;
  rt_buffer_clear (&self->message);
  return FALSE;
}

static gboolean
check_first_byte (RtWsParser *self, guint8 byte)
{
  guint opcode = byte & OPCODE;

  if ((byte & RSV) != 0)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a reserved bit is set without an extension");
  if (opcode > RT_WS_PONG || (opcode > RT_WS_BINARY && opcode < RT_WS_CLOSE))
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a frame has a reserved opcode");
  if ((opcode & CONTROL) != 0)
    {
      if ((byte & FIN) == 0)
        return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a control frame is fragmented");
      return TRUE;
    }
  if (opcode == RT_WS_CONTINUATION && self->message_opcode == RT_WS_CONTINUATION)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a fragment continues no message");
  if (opcode != RT_WS_CONTINUATION && self->message_opcode != RT_WS_CONTINUATION)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a message starts inside another one");
  return TRUE;
}

static gboolean
check_second_byte (RtWsParser *self, guint8 first, guint8 byte)
{
  guint length = byte & LENGTH;

  if (((byte & MASKED) != 0) != self->masked)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR,
                      self->masked ? "a client's frame is not masked" : "a server's frame is masked");
  if ((first & CONTROL) != 0 && length > MAX_CONTROL)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a control frame is longer than 125 bytes");
  if ((first & OPCODE) == RT_WS_CLOSE && length == 1)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a close frame holds half a close code");
  return TRUE;
}

static inline guint64
read_length (const guint8 *header)
{
  guint length = header[1] & LENGTH;

  if (length == 126)
    return (guint64) header[2] << 8 | header[3];
  if (length == 127)
    {
      guint64 big_endian;
      memcpy (&big_endian, header + 2, sizeof big_endian);
      return GUINT64_FROM_BE (big_endian);
    }
  return length;
}

static gboolean
check_length (RtWsParser *self, const guint8 *header)
{
  guint form = header[1] & LENGTH;
  guint64 length = read_length (header);

  if ((length >> 63) != 0)
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a frame's length has its highest bit set");
  if ((form == 126 && length <= 125) || (form == 127 && length <= G_MAXUINT16))
    return set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a frame's length is not in its shortest form");
  /* message.len never exceeds max_message, so this cannot wrap. */
  if ((header[0] & CONTROL) == 0 && length > self->max_message - self->message.len)
    return set_fault (self, RT_WS_CLOSE_TOO_LARGE, "a message is longer than the limit");
  return TRUE;
}

/* Checks as much of a header as there is. Returns how long it is, as far as can be told (more than @have: get
 * more first), or 0 after a fault. */
static inline guint
check_header (RtWsParser *self, const guint8 *header, gsize have)
{
  guint size = 2;

  if (have >= 1 && !check_first_byte (self, header[0]))
    return 0;
  if (have < 2)
    return size;
  if (!check_second_byte (self, header[0], header[1]))
    return 0;
  if ((header[1] & LENGTH) == 126)
    size += 2;
  else if ((header[1] & LENGTH) == 127)
    size += 8;
  if (have < size)
    return size;
  if (!check_length (self, header))
    return 0;
  return self->masked ? size + 4 : size;
}

static inline void
begin_frame (RtWsParser *self, const guint8 *header, guint size)
{
  self->header_len = 0;
  self->state = STATE_PAYLOAD;
  self->opcode = header[0] & OPCODE;
  self->fin = (header[0] & FIN) != 0;
  self->frame_len = self->left = (gsize) read_length (header);
  if (self->masked)
    memcpy (self->mask, header + size - 4, 4);
  if (self->opcode == RT_WS_TEXT || self->opcode == RT_WS_BINARY)
    self->message_opcode = self->opcode;
}

/* Reads a header, or what there is of one. Returns the bytes used; state tells the outcome. */
static inline gsize
read_header (RtWsParser *self, const guint8 *data, gsize len, guint *budget)
{
  gsize used = 0;
  guint size;

  if (self->header_len == 0)
    {
      (*budget)--;
      size = check_header (self, data, len);
      if (size == 0)
        return 0;
      if (size <= len)
        {
          begin_frame (self, data, size);
          return size;
        }
    }
  while ((size = check_header (self, self->header, self->header_len)) > self->header_len && used < len)
    self->header[self->header_len++] = data[used++];
  if (size != 0 && size == self->header_len)
    begin_frame (self, self->header, size);
  return used;
}

/* Room for @more bytes: doubled with what arrives, so that a header alone claims no memory, and never above
 * what the message can still become. */
static void
reserve_message (RtWsParser *self, gsize more)
{
  RtBuffer *message = &self->message;
  gsize needed = message->len + more;
  gsize bound = self->fin ? needed + self->left : self->max_message;

  if (needed <= message->capacity)
    return;
  message->capacity = MIN (bound, MAX (needed, MAX (FIRST_CAPACITY, message->capacity * 2)));
  message->data = g_realloc (message->data, message->capacity);
}

static RtWsStatus
end_message (RtWsParser *self, guint8 *data, gsize len, RtWsEvent *event)
{
  if (self->message_opcode == RT_WS_TEXT && !rt_utf8_is_complete (&self->utf8))
    {
      set_fault (self, RT_WS_CLOSE_BAD_DATA, "a text message ends inside a character");
      return RT_WS_FAULT;
    }
  event->opcode = self->message_opcode;
  event->data = data;
  event->len = len;
  if (self->message.len > 0)
    {
      event->len = self->message.len;
      /* Many small ones may be kept; the room to grow is not part of their price. */
      event->data = event->owned = g_realloc (self->message.data, self->message.len);
      memset (&self->message, 0, sizeof self->message);
    }
  self->message_opcode = RT_WS_CONTINUATION;
  return RT_WS_EVENT;
}

/* @data is the next piece of a text's or binary's frame, unmasked; self->left does not count it any more. */
static inline RtWsStatus
read_data (RtWsParser *self, guint8 *data, gsize len, RtWsEvent *event)
{
  gboolean last = self->fin && self->left == 0;

  if (self->message_opcode == RT_WS_TEXT && !rt_utf8_feed (&self->utf8, data, len))
    {
      set_fault (self, RT_WS_CLOSE_BAD_DATA, "a text message is not UTF-8");
      return RT_WS_FAULT;
    }
  /* All of a message that lies in one piece is given out where it lies. */
  if (len > 0 && !(last && self->message.len == 0))
    {
      reserve_message (self, len);
      memcpy (self->message.data + self->message.len, data, len);
      self->message.len += len;
    }
  if (self->left == 0)
    self->state = STATE_HEADER;
  return last ? end_message (self, data, len, event) : RT_WS_MORE;
}

static RtWsStatus
end_close (RtWsParser *self, RtWsEvent *event)
{
  RtUtf8 utf8 = { 0, 0, 0 };

  event->close_code = RT_WS_CLOSE_NO_STATUS;
  if (event->len > 0)
    {
      event->close_code = (guint16) (event->data[0] << 8 | event->data[1]);
      event->data += 2;
      event->len -= 2;
      if (!rt_ws_close_code_valid (event->close_code))
        {
          set_fault (self, RT_WS_CLOSE_PROTOCOL_ERROR, "a close frame has an invalid close code");
          return RT_WS_FAULT;
        }
    }
  if (!rt_utf8_feed (&utf8, event->data, event->len) || !rt_utf8_is_complete (&utf8))
    {
      set_fault (self, RT_WS_CLOSE_BAD_DATA, "the reason in a close frame is not UTF-8");
      return RT_WS_FAULT;
    }
  self->state = STATE_CLOSED;
  self->message_opcode = RT_WS_CONTINUATION;
  rt_buffer_clear (&self->message);
  return RT_WS_EVENT;
}

static RtWsStatus
read_control (RtWsParser *self, guint8 *data, gsize len, RtWsEvent *event)
{
  gsize before = self->frame_len - self->left - len;

  if (before > 0 || self->left > 0)
    {
      if (len > 0)
        memcpy (self->control + before, data, len);
      if (self->left > 0)
        return RT_WS_MORE;
      data = event->owned = g_memdup2 (self->control, self->frame_len);
    }
  self->state = STATE_HEADER;
  event->opcode = self->opcode;
  event->data = data;
  event->len = self->frame_len;
  if (self->opcode != RT_WS_CLOSE)
    return RT_WS_EVENT;
  RtWsStatus status = end_close (self, event);
  if (status == RT_WS_FAULT)
    g_clear_pointer (&event->owned, g_free);
  return status;
}

/* Takes what there is of the payload. @len is 0 only where nothing is left to come. */
static inline RtWsStatus
read_payload (RtWsParser *self, guint8 *data, gsize len, RtWsEvent *event)
{
  if (self->masked)
    rt_ws_xor (data, data, len, self->mask, self->frame_len - self->left);
  self->left -= len;
  memset (event, 0, sizeof *event);
  if ((self->opcode & CONTROL) != 0)
    return read_control (self, data, len, event);
  return read_data (self, data, len, event);
}

/* The common case in one go: between two messages, a server's whole message in a single frame that lies in
 * the chunk. Returns how long the frame is; 0 where it is anything else, or wrong: the general way finds out. */
static inline gsize
read_whole_message (RtWsParser *self, guint8 *data, gsize len, RtWsEvent *event)
{
  RtUtf8 utf8 = { 0, 0, 0 };

  if (len < 4 || self->masked || self->state != STATE_HEADER || self->header_len > 0
      || self->message_opcode != RT_WS_CONTINUATION)
    return 0;

  guint opcode = data[0] ^ FIN;
  gsize length = data[1];
  gsize size = 2;
  if (opcode != RT_WS_TEXT && opcode != RT_WS_BINARY)
    return 0;
  if (length == 126)
    {
      size = 4;
      length = (gsize) data[2] << 8 | data[3];
      if (length <= 125)
        return 0;
    }
  else if (length > 126)
    return 0;
  if (length > len - size || length > self->max_message)
    return 0;
  if (opcode == RT_WS_TEXT && !(rt_utf8_feed (&utf8, data + size, length) && rt_utf8_is_complete (&utf8)))
    return 0;
  *event = (RtWsEvent){ .opcode = opcode, .data = data + size, .len = length };
  return size + length;
}

/* A step of the general way: a header, a piece of payload, or what there is of them. */
static RtWsStatus
read_step (RtWsParser *self, guint8 *data, gsize len, gsize *used, guint *budget, RtWsEvent *event)
{
  if (self->state == STATE_HEADER)
    {
      if (self->header_len == 0 && *budget == 0)
        return RT_WS_BUDGET;
      *used += read_header (self, data, len, budget);
      return self->state == STATE_FAULT ? RT_WS_FAULT : RT_WS_MORE;
    }
  gsize take = MIN (self->left, len);
  *used += take;
  return read_payload (self, data, take, event);
}

RtWsStatus
rt_ws_parser_next (RtWsParser *self, guint8 *data, gsize len, gsize *used, guint *budget, RtWsEvent *event)
{
  RtWsStatus status = RT_WS_MORE;

  *used = *budget > 0 ? read_whole_message (self, data, len, event) : 0;
  if (*used > 0)
    {
      (*budget)--;
      return RT_WS_EVENT;
    }
  /* An empty payload is complete without any more bytes. */
  while (status == RT_WS_MORE && self->state < STATE_CLOSED
         && (*used < len || (self->state == STATE_PAYLOAD && self->left == 0)))
    status = read_step (self, data + *used, len - *used, used, budget, event);
  /* What follows a close frame or a fault is nobody's. */
  if (self->state >= STATE_CLOSED)
    *used = len;
  return self->state == STATE_FAULT ? RT_WS_FAULT : status;
}
