/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-rules.h"

#include <string.h>

#define MAX_CHANNEL 255
#define MAX_SENDER 255
#define MAX_TYPE_NAME 64

void
rt_message_rules_channel (RtFaults *faults, const char *channel)
{
  if (channel == NULL || *channel == '\0')
    {
      rt_faults_add (faults, "channel", "is not set");
      return;
    }
  if (strlen (channel) > MAX_CHANNEL)
    rt_faults_add (faults, "channel", "has %" G_GSIZE_FORMAT " bytes; at most %d are allowed",
                   strlen (channel), MAX_CHANNEL);
  for (const char *p = channel; *p != '\0'; p++)
    {
      if (!g_ascii_isprint (*p))
        {
          rt_faults_add (faults, "channel", "holds a character that is not printable ASCII");
          return;
        }
    }
}

void
rt_message_rules_content (RtFaults *faults, const char *content)
{
  if (content != NULL && !g_utf8_validate (content, -1, NULL))
    rt_faults_add (faults, "content", "is not UTF-8; send it as bytes");
}

void
rt_message_rules_sender (RtFaults *faults, const char *sender)
{
  if (sender == NULL)
    return;
  if (!g_utf8_validate (sender, -1, NULL))
    rt_faults_add (faults, "sender", "is not UTF-8");
  if (strlen (sender) > MAX_SENDER)
    rt_faults_add (faults, "sender", "has %" G_GSIZE_FORMAT " bytes; at most %d are allowed", strlen (sender),
                   MAX_SENDER);
}

void
rt_message_rules_id (RtFaults *faults, const char *id)
{
  guint64 number;

  if (id == NULL)
    return;
  /* The number 0 and leading zeros would give one id two texts, and receivers compare texts. */
  if (*id == '0' || !g_ascii_string_to_unsigned (id, 10, 1, G_MAXINT64, &number, NULL))
    rt_faults_add (faults, "id", "is not a decimal number from 1 to 9223372036854775807");
}

void
rt_message_rules_type_name (RtFaults *faults, const char *name)
{
  if (name == NULL)
    return;
  if (*name == '\0' || strlen (name) > MAX_TYPE_NAME)
    rt_faults_add (faults, "type-name", "has %" G_GSIZE_FORMAT " bytes; it must have 1 to %d", strlen (name),
                   MAX_TYPE_NAME);
  if (!g_utf8_validate (name, -1, NULL))
    rt_faults_add (faults, "type-name", "is not UTF-8");
}

void
rt_message_rules_pair (RtFaults *faults, const char *name, const char *key, const char *value)
{
  if (*key == '\0')
    rt_faults_add (faults, name, "has a key that is empty");
  if (!g_utf8_validate (key, -1, NULL))
    rt_faults_add (faults, name, "has a key that is not UTF-8");
  else if (!g_utf8_validate (value, -1, NULL))
    rt_faults_add (faults, name, "has a value that is not UTF-8, for the key “%s”", key);
}
