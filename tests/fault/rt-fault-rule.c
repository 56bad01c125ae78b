/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-rule.h"

typedef struct
{
  RtFaultRule rule;
  char *contains;
  char *text;
  char *headers;
  guint matched;
} Entry;

struct _RtFaultRules
{
  GPtrArray *entries;
};

static const char *const names[] = {
  [RT_FAULT_PASS] = "pass",         [RT_FAULT_REFUSE] = "refuse",       [RT_FAULT_HOLD] = "hold",
  [RT_FAULT_FIN] = "fin",           [RT_FAULT_RST] = "rst",             [RT_FAULT_BLACKHOLE] = "blackhole",
  [RT_FAULT_DELAY] = "delay",       [RT_FAULT_SLICE] = "slice",         [RT_FAULT_RATE] = "rate",
  [RT_FAULT_DROP] = "drop",         [RT_FAULT_DUPLICATE] = "duplicate", [RT_FAULT_SWAP] = "swap",
  [RT_FAULT_CORRUPT] = "corrupt",   [RT_FAULT_TRUNCATE] = "truncate",   [RT_FAULT_REPLACE] = "replace",
  [RT_FAULT_INJECT] = "inject",     [RT_FAULT_RAW] = "raw",             [RT_FAULT_CLOSE] = "close",
  [RT_FAULT_HTTP] = "http",
};

const char *
rt_fault_action_get_name (RtFaultAction action)
{
  return names[action];
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->contains);
  g_free (entry->text);
  g_free (entry->headers);
  g_free (entry);
}

RtFaultRules *
rt_fault_rules_new (void)
{
  RtFaultRules *self = g_new0 (RtFaultRules, 1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
rt_fault_rules_free (RtFaultRules *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
rt_fault_rules_add (RtFaultRules *self, const RtFaultRule *rule)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->rule = *rule;
  entry->rule.contains = entry->contains = g_strdup (rule->contains);
  entry->text = rule->action == RT_FAULT_RAW ? g_memdup2 (rule->text, rule->n) : g_strdup (rule->text);
  entry->rule.text = entry->text;
  entry->rule.headers = entry->headers = g_strdup (rule->headers);
  g_ptr_array_add (self->entries, entry);
}

void
rt_fault_rules_clear (RtFaultRules *self)
{
  g_ptr_array_set_size (self->entries, 0);
}

static gboolean
fits_unit (const RtFaultRule *rule, const RtFaultUnit *unit)
{
  if (unit == NULL)
    return TRUE;
  if (rule->has_kind && rule->kind != unit->kind)
    return FALSE;
  if (rule->number != 0 && rule->number != unit->number)
    return FALSE;
  if (rule->opcode != 0 && (unit->kind != RT_FAULT_UNIT_FRAME || rule->opcode % 16 != unit->opcode))
    return FALSE;
  if (rule->has_offset && (rule->offset < unit->offset || rule->offset >= unit->offset + unit->raw->len))
    return FALSE;
  return rule->contains == NULL
         || rt_fault_find (unit->text->str, unit->text->len, rule->contains) >= 0;
}

static gboolean
fits (const RtFaultRule *rule, const RtFaultOccasion *occasion)
{
  return rule->event == occasion->event && (rule->connection == 0 || rule->connection == occasion->connection)
         && (rule->direction == 0 || occasion->direction == 0 || rule->direction == occasion->direction)
         && occasion->age >= rule->after && fits_unit (rule, occasion->unit);
}

static gboolean
is_used_up (const Entry *entry)
{
  return entry->rule.times != 0 && entry->matched >= entry->rule.skip + entry->rule.times;
}

const RtFaultRule *
rt_fault_rules_match (RtFaultRules *self, const RtFaultOccasion *occasion)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (is_used_up (entry) || !fits (&entry->rule, occasion))
        continue;
      if (entry->rule.probability > 0 && g_rand_double (occasion->rand) >= entry->rule.probability)
        continue;
      if (++entry->matched > entry->rule.skip)
        return &entry->rule;
    }
  return NULL;
}

gint64
rt_fault_rules_next (RtFaultRules *self, guint connection, gint64 age)
{
  gint64 next = -1;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);
      const RtFaultRule *rule = &entry->rule;

      if (rule->event != RT_FAULT_ON_TIME || is_used_up (entry) || (gint64) rule->after <= age
          || (rule->connection != 0 && rule->connection != connection))
        continue;
      if (next < 0 || (gint64) rule->after < next)
        next = rule->after;
    }
  return next;
}
