/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-pipe.h"

#include <string.h>

/* At a rate, writes come so often in a second. */
#define WRITES_PER_SECOND 20

typedef struct
{
  GByteArray *bytes;
  gsize at;
  gint64 due;
} Chunk;

static void
chunk_free (gpointer data)
{
  Chunk *chunk = data;

  g_byte_array_unref (chunk->bytes);
  g_free (chunk);
}

void
rt_fault_pipe_init (RtFaultPipe *self, RtFaultDirection direction, GMainContext *context, guint64 seed,
                    RtTimerFunc due, gpointer owner)
{
  const guint32 seeds[] = { (guint32) seed, (guint32) (seed >> 32) };

  self->owner = owner;
  self->direction = direction;
  self->parser = rt_fault_parser_new (direction == RT_FAULT_UP);
  self->rand = g_rand_new_with_seed_array (seeds, G_N_ELEMENTS (seeds));
  self->timer = rt_timer_new (context, "fault-pipe", due, self);
  g_queue_init (&self->chunks);
}

void
rt_fault_pipe_stop (RtFaultPipe *self)
{
  g_clear_pointer (&self->timer, rt_timer_free);
}

void
rt_fault_pipe_clear (RtFaultPipe *self)
{
  rt_fault_pipe_stop (self);
  rt_fault_pipe_drop (self);
  rt_fault_parser_free (self->parser);
  g_rand_free (self->rand);
}

gboolean
rt_fault_pipe_is_empty (const RtFaultPipe *self)
{
  return g_queue_is_empty ((GQueue *) &self->chunks);
}

void
rt_fault_pipe_add (RtFaultPipe *self, const guint8 *data, gsize len)
{
  Chunk *chunk;

  if (len == 0)
    return;
  chunk = g_new0 (Chunk, 1);
  chunk->bytes = g_byte_array_sized_new ((guint) len);
  g_byte_array_append (chunk->bytes, data, (guint) len);
  chunk->due = self->not_before;
  g_queue_push_tail (&self->chunks, chunk);
  self->queued += len;
}

void
rt_fault_pipe_drop (RtFaultPipe *self)
{
  g_queue_clear_full (&self->chunks, chunk_free);
  self->queued = 0;
  g_clear_pointer (&self->held, rt_fault_unit_free);
}

/* --- Writing --- */

gboolean
rt_fault_pipe_peek (RtFaultPipe *self, const guint8 **data, gsize *len)
{
  Chunk *chunk = g_queue_peek_head (&self->chunks);
  gint64 due;

  if (chunk == NULL)
    return FALSE;
  due = MAX (chunk->due, self->next_write);
  if (due > rt_clock_now () || rt_timer_is_active (self->timer))
    {
      rt_timer_start (self->timer, due);
      return FALSE;
    }
  *data = chunk->bytes->data + chunk->at;
  *len = chunk->bytes->len - chunk->at;
  if (self->slice != 0)
    *len = MIN (*len, self->slice);
  if (self->rate != 0)
    *len = MIN (*len, MAX (self->rate / WRITES_PER_SECOND, 1));
  return TRUE;
}

void
rt_fault_pipe_consume (RtFaultPipe *self, gsize len)
{
  Chunk *chunk = g_queue_peek_head (&self->chunks);

  chunk->at += len;
  self->queued -= len;
  if (chunk->at == chunk->bytes->len)
    chunk_free (g_queue_pop_head (&self->chunks));
  if (self->rate != 0)
    self->next_write = rt_clock_now () + (gint64) len * G_USEC_PER_SEC / self->rate;
  /* The next slice is written in another turn of the loop, so that the other side can read this one alone. */
  else if (self->slice != 0 && !g_queue_is_empty (&self->chunks))
    rt_timer_start (self->timer, rt_clock_now ());
}

void
rt_fault_pipe_slow (RtFaultPipe *self, const RtFaultRule *rule)
{
  if (rule->action == RT_FAULT_SLICE)
    self->slice = rule->n;
  else if (rule->action == RT_FAULT_RATE)
    self->rate = rule->n;
  else
    self->not_before = MAX (self->not_before, rt_clock_now () + RT_CLOCK_MS (rule->n));
}

/* --- Units --- */

static void
add_unit (RtFaultPipe *self, const RtFaultUnit *unit)
{
  rt_fault_pipe_add (self, unit->raw->data, unit->raw->len);
}

void
rt_fault_pipe_end_hold (RtFaultPipe *self)
{
  if (self->held == NULL)
    return;
  add_unit (self, self->held);
  g_clear_pointer (&self->held, rt_fault_unit_free);
}

static void
put_line (GByteArray *bytes, const char *text)
{
  /* Over HTTP each message is a line. */
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  rt_fault_put_chunk (bytes, line, strlen (line));
}

static void
add_message (RtFaultPipe *self, RtFaultUnitKind kind, guint8 opcode, const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (kind == RT_FAULT_UNIT_FRAME)
    rt_fault_put_frame (bytes, self->direction == RT_FAULT_UP, opcode, text, strlen (text));
  else if (kind == RT_FAULT_UNIT_BODY)
    put_line (bytes, text);
  else
    g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
  rt_fault_pipe_add (self, bytes->data, bytes->len);
}

void
rt_fault_pipe_inject (RtFaultPipe *self, const char *text)
{
  RtFaultUnitKind kind = rt_fault_parser_get_kind (self->parser);

  if (kind != RT_FAULT_UNIT_RAW)
    add_message (self, kind, 1, text);
}

void
rt_fault_pipe_say_close (RtFaultPipe *self, guint code, const char *reason)
{
  RtFaultUnitKind kind = rt_fault_parser_get_kind (self->parser);

  if (kind == RT_FAULT_UNIT_FRAME)
    {
      guint8 payload[125] = { (guint8) (code >> 8), (guint8) code };
      gsize len = MIN (strlen (reason), sizeof payload - 2);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      memcpy (payload + 2, reason, len);
      rt_fault_put_frame (bytes, FALSE, 8, payload, code != 0 ? len + 2 : 0);
      rt_fault_pipe_add (self, bytes->data, bytes->len);
    }
  else if (kind == RT_FAULT_UNIT_BODY)
    {
      g_autofree char *text
        = g_strdup_printf ("{\"push\":{\"disconnect\":{\"code\":%u,\"reason\":\"%s\"}}}", code, reason);
      add_message (self, kind, 0, text);
    }
}

/* A unit of the same kind with another payload. */
static void
add_like (RtFaultPipe *self, const RtFaultUnit *unit, const char *text)
{
  gboolean is_whole_body = unit->kind == RT_FAULT_UNIT_BODY && unit->payload_at == 0;

  add_message (self, is_whole_body ? RT_FAULT_UNIT_RAW : unit->kind, unit->opcode, text);
}

static void
corrupt (RtFaultPipe *self, RtFaultUnit *unit, guint bit)
{
  gsize bits = 8 * unit->text->len;

  if (bits == 0)
    return;
  if (bit == 0)
    bit = 1 + (guint) g_rand_int_range (self->rand, 0, (gint32) bits);
  bit = (bit - 1) % (guint) bits;
  unit->raw->data[unit->payload_at + bit / 8] ^= (guint8) (1 << bit % 8);
}

static void
let_held_go (RtFaultPipe *self)
{
  if (self->held != NULL && --self->held_for == 0)
    rt_fault_pipe_end_hold (self);
}

void
rt_fault_pipe_take (RtFaultPipe *self, RtFaultUnit *taken, const RtFaultRule *rule)
{
  g_autoptr (RtFaultUnit) unit = taken;

  switch (rule != NULL ? (guint) rule->action : RT_FAULT_PASS)
    {
    case RT_FAULT_SWAP:
      if (self->held == NULL)
        {
          self->held = g_steal_pointer (&unit);
          self->held_for = MAX (rule->n, 1);
          return;
        }
      add_unit (self, unit);
      break;
    case RT_FAULT_DROP:
      break;
    case RT_FAULT_DUPLICATE:
      add_unit (self, unit);
      add_unit (self, unit);
      break;
    case RT_FAULT_CORRUPT:
      corrupt (self, unit, rule->n);
      add_unit (self, unit);
      break;
    case RT_FAULT_TRUNCATE:
      rt_fault_pipe_add (self, unit->raw->data, MIN (rule->n, unit->raw->len));
      break;
    case RT_FAULT_REPLACE:
      add_like (self, unit, rule->text);
      break;
    case RT_FAULT_INJECT:
      add_like (self, unit, rule->text);
      add_unit (self, unit);
      break;
    case RT_FAULT_RAW:
      rt_fault_pipe_add (self, (const guint8 *) rule->text, rule->n);
      add_unit (self, unit);
      break;
    case RT_FAULT_DELAY:
    case RT_FAULT_SLICE:
    case RT_FAULT_RATE:
      rt_fault_pipe_slow (self, rule);
      add_unit (self, unit);
      break;
    default:
      add_unit (self, unit);
      break;
    }
  let_held_go (self);
}
