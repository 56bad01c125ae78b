/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-list.h"

/* The bounded list of messages, and what its changes say. */

static RtMessage *
new_message (guint number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_message_new_text ("room", text);

  g_assert_no_error (error);
  return message;
}

static void
append (RtMessageList *list, guint first, guint last)
{
  for (guint i = first; i <= last; i++)
    {
      g_autoptr (RtMessage) message = new_message (i);
      rt_message_list_append (list, message);
    }
}

static void
prepend (RtMessageList *list, guint first, guint last)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = first; i <= last; i++)
    g_ptr_array_add (messages, new_message (i));
  rt_message_list_prepend (list, messages);
}

static void
assert_list (RtMessageList *list, guint first, guint last)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (list));

  g_assert_cmpuint (n, ==, last + 1 - first);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RtMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *text = g_strdup_printf ("%u", first + i);
      g_assert_cmpstr (rt_message_get_content (message), ==, text);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), n));
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  g_string_append_printf (user_data, "%u-%u+%u ", position, removed, added);
}

static void
test_bound (void)
{
  RtMessageList *list = rt_message_list_new (5);
  g_autoptr (GString) changes = g_string_new (NULL);

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (list)) == RT_TYPE_MESSAGE);
  g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), changes);
  append (list, 1, 5);
  assert_list (list, 1, 5);
  append (list, 6, 7);
  assert_list (list, 3, 7);
  g_assert_cmpstr (changes->str, ==, "0-0+1 1-0+1 2-0+1 3-0+1 4-0+1 5-0+1 0-1+0 5-0+1 0-1+0 ");
  append (list, 8, 1000);
  assert_list (list, 996, 1000);
  g_assert_finalize_object (list);
}

static void
test_prepend (void)
{
  RtMessageList *list = rt_message_list_new (40);
  g_autoptr (GString) changes = g_string_new (NULL);

  append (list, 31, 33);
  g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), changes);
  prepend (list, 11, 30);
  assert_list (list, 11, 33);
  append (list, 34, 35);
  /* There is room for fifteen. */
  prepend (list, 1, 0);
  prepend (list, 1, 10);
  assert_list (list, 1, 35);
  g_assert_cmpstr (changes->str, ==, "0-0+20 23-0+1 24-0+1 0-0+10 ");
  g_assert_finalize_object (list);

  list = rt_message_list_new (4);
  append (list, 9, 10);
  prepend (list, 1, 8);
  assert_list (list, 7, 10);
  g_assert_finalize_object (list);
}

static void
test_none (void)
{
  RtMessageList *list = rt_message_list_new (0);

  append (list, 1, 3);
  prepend (list, 1, 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_finalize_object (list);
}

/* Somebody who is told of a message takes the next one before that is over. */
static void
nested_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  guint *next = user_data;

  if (added > 0 && *next <= 20)
    {
      guint number = (*next)++;
      append (RT_MESSAGE_LIST (model), number, number);
    }
}

static void
test_nested (void)
{
  RtMessageList *list = rt_message_list_new (8);
  guint next = 2;

  g_signal_connect (list, "items-changed", G_CALLBACK (nested_cb), &next);
  append (list, 1, 1);
  assert_list (list, 13, 20);
  g_assert_finalize_object (list);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageList/bound", test_bound);
  g_test_add_func ("/Rt/MessageList/prepend", test_prepend);
  g_test_add_func ("/Rt/MessageList/none", test_none);
  g_test_add_func ("/Rt/MessageList/nested", test_nested);
  return g_test_run ();
}
