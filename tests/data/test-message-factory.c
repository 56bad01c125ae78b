/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-data-test.h"
#include "rt-error.h"
#include "rt-message-factory.h"

#define THREADS 4
#define ROUNDS 300

static void
assert_says (GError **error, int code, const char *says)
{
  g_assert_error (*error, RT_ERROR, code);
  if (strstr ((*error)->message, says) == NULL)
    g_error ("“%s” is not in: %s", says, (*error)->message);
  g_clear_error (error);
}

static void
assert_message (RtMessage *message, RtMessageType type, const char *content)
{
  g_assert_nonnull (message);
  g_assert_cmpint (rt_message_get_message_type (message), ==, type);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
  g_assert_cmpstr (rt_message_get_sender (message), ==, "ann");
  g_assert_cmpstr (rt_message_get_content (message), ==, content);
  g_assert_nonnull (rt_message_get_id (message));
  g_object_unref (message);
}

static void
test_usual (void)
{
  RtMessageFactory *factory = rt_message_factory_new ("ann");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (rt_message_factory_get_sender (factory), ==, "ann");
  assert_message (rt_message_factory_create_text_message (factory, "room", "Hello!", &error),
                  RT_MESSAGE_TYPE_TEXT, "Hello!");
  assert_message (rt_message_factory_create_text_message (factory, "room", "", &error), RT_MESSAGE_TYPE_TEXT, "");
  assert_message (rt_message_factory_create_image_message (factory, "room", "https://example.com/a.jpg", &error),
                  RT_MESSAGE_TYPE_IMAGE, "https://example.com/a.jpg");
  assert_message (rt_message_factory_create_system_message (factory, "room", "Bob came", &error),
                  RT_MESSAGE_TYPE_SYSTEM, "Bob came");
  for (guint type = 0; type <= RT_MESSAGE_TYPE_CUSTOM; type++)
    assert_message (rt_message_factory_create_message (factory, type, "room", "x", &error), type, "x");
  g_assert_no_error (error);
  g_assert_finalize_object (factory);
}

static void
test_file (void)
{
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) known
      = rt_message_factory_create_file_message (factory, "room", "file:///a", "a.txt", G_MAXINT64, &error);
  g_autoptr (RtMessage) unknown
      = rt_message_factory_create_file_message (factory, "room", "file:///a", NULL, -1, &error);
  g_autoptr (RtMessage) empty = rt_message_factory_create_file_message (factory, "room", "u", NULL, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_message_type (known), ==, RT_MESSAGE_TYPE_FILE);
  g_assert_cmpstr (rt_message_get_metadata_value (known, "name"), ==, "a.txt");
  g_assert_cmpstr (rt_message_get_metadata_value (known, "size"), ==, "9223372036854775807");
  g_assert_null (rt_message_get_metadata_value (unknown, "name"));
  g_assert_null (rt_message_get_metadata_value (unknown, "size"));
  g_assert_cmpstr (rt_message_get_metadata_value (empty, "size"), ==, "0");
}

/* Without a sender of the factory's own the client says who it is. */
static void
test_sender (void)
{
  g_autoptr (RtMessageFactory) nobody = rt_message_factory_new (NULL);
  g_autoptr (RtMessageFactory) ann = rt_message_factory_new ("ann");
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_channel (rt_message_builder_new (), "room");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) first = rt_message_factory_create_text_message (nobody, "room", "x", &error);
  g_autoptr (RtMessage) second = rt_message_factory_build_message (ann, builder, &error);
  g_autoptr (RtMessage) third = NULL;
  g_autoptr (RtMessage) fourth = NULL;

  rt_message_builder_with_sender (builder, "bob");
  third = rt_message_factory_build_message (ann, builder, &error);
  rt_message_builder_with_sender (builder, NULL);
  fourth = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_null (rt_message_get_sender (first));
  g_assert_cmpstr (rt_message_get_sender (second), ==, "ann");
  g_assert_cmpstr (rt_message_get_sender (third), ==, "bob");
  g_assert_null (rt_message_get_sender (fourth));
}

/* JSON on its own has no room for a sender. */
static void
test_sender_arrives (void)
{
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("ann");
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_channel (rt_message_builder_new (), "room");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message
      = rt_message_factory_build_message (factory, rt_message_builder_with_json (builder, "{}"), &error);
  g_autoptr (RtMessage) received = rt_test_loop (message);

  g_assert_no_error (error);
  rt_test_assert_same (message, received);
}

static void
test_every_fault (void)
{
  g_autofree char *long_sender = g_strnfill (256, 's');
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new (long_sender);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_message_factory_create_typed_message (factory, "poll", "", g_variant_new_double (1.0 / 0.0),
                                                          &error));
  g_assert_nonnull (strstr (error->message, "4 faults"));
  g_assert_nonnull (strstr (error->message, "channel: "));
  g_assert_nonnull (strstr (error->message, "sender: "));
  g_assert_nonnull (strstr (error->message, "variant: "));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "type-name: “poll” is not registered");

  g_assert_null (rt_message_factory_create_image_message (factory, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "3 faults"));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "url: is not set");
  g_assert_null (rt_message_factory_create_text_message (factory, "room", "\xff", &error));
  g_assert_nonnull (strstr (error->message, "2 faults"));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "content: is not UTF-8");
  g_assert_null (rt_message_factory_create_typed_message (factory, "", "room", NULL, &error));
  g_assert_nonnull (strstr (error->message, "2 faults"));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "type-name: has 0 bytes");
}

/* --- Types of a program's own --- */

typedef struct
{
  RtMessageFactory *factory;
  const char *unregisters; /* nullable */
  guint calls;
  gboolean destroyed;
  gboolean refuses;
  const char *why; /* nullable */
  char *failed;    /* by the signal */
} Validation;

static gboolean
validate_cb (RtMessage *message, gpointer user_data, GError **error)
{
  Validation *validation = user_data;

  validation->calls++;
  if (validation->unregisters != NULL)
    {
      g_assert_true (rt_message_factory_unregister_type (validation->factory, validation->unregisters));
      g_assert_false (validation->destroyed);
    }
  if (validation->why != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, validation->why);
  return !validation->refuses;
}

static void
destroyed_cb (gpointer user_data)
{
  Validation *validation = user_data;

  g_assert_false (validation->destroyed);
  validation->destroyed = TRUE;
}

static void
failed_cb (RtMessageFactory *factory, const char *type_name, const GError *error, Validation *validation)
{
  g_free (validation->failed);
  validation->failed = g_strdup_printf ("%s: %s", type_name, error->message);
}

static RtMessageFactory *
begin (Validation *validation)
{
  g_autoptr (GError) error = NULL;

  validation->factory = rt_message_factory_new ("ann");
  g_signal_connect (validation->factory, "validation-failed", G_CALLBACK (failed_cb), validation);
  g_assert_true (rt_message_factory_register_type (validation->factory, "poll", validate_cb, validation,
                                                   destroyed_cb, &error));
  g_assert_no_error (error);
  return validation->factory;
}

static RtMessage *
create (RtMessageFactory *factory, GError **error)
{
  return rt_message_factory_create_typed_message (factory, "poll", "room", g_variant_new_int32 (7), error);
}

static void
test_typed (void)
{
  Validation validation = { 0 };
  RtMessageFactory *factory = begin (&validation);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = create (factory, &error);
  g_autoptr (RtMessage) known
      = rt_message_factory_create_typed_message (factory, "image", "room", NULL, &error);
  g_autoptr (RtMessage) received = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_cmpstr (rt_message_get_type_name (message), ==, "poll");
  g_assert_cmpint (g_variant_get_int64 (rt_message_get_data (message)), ==, 7);
  g_assert_cmpstr (rt_message_get_sender (message), ==, "ann");
  g_assert_cmpint (rt_message_get_message_type (known), ==, RT_MESSAGE_TYPE_IMAGE);
  g_assert_cmpuint (validation.calls, ==, 1);
  received = rt_test_loop (message);
  rt_test_assert_same (message, received);

  g_assert_false (validation.destroyed);
  g_assert_finalize_object (factory);
  g_assert_true (validation.destroyed);
  g_assert_null (validation.failed);
}

static void
test_without_validator (void)
{
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("ann");
  Validation validation = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = NULL;

  g_assert_true (rt_message_factory_register_type (factory, "poll", NULL, &validation, destroyed_cb, &error));
  message = create (factory, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_type_name (message), ==, "poll");
  g_assert_true (rt_message_factory_unregister_type (factory, "poll"));
  g_assert_true (validation.destroyed);
}

static void
test_refused (void)
{
  Validation validation = { .refuses = TRUE, .why = "too short" };
  g_autoptr (RtMessageFactory) factory = begin (&validation);
  g_autoptr (GError) error = NULL;

  g_assert_null (create (factory, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "“poll” is refused: too short");
  g_assert_cmpstr (validation.failed, ==, "poll: The message of the type “poll” is refused: too short");

  /* As a script that raises an exception. */
  validation.why = NULL;
  g_assert_null (create (factory, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "“poll” is refused: its validator did not say why");
  g_assert_nonnull (strstr (validation.failed, "did not say why"));

  /* Who sets an error does not mean to take the message. */
  validation.refuses = FALSE;
  validation.why = "both";
  g_assert_null (create (factory, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "both");
  g_assert_null (create (factory, NULL));

  validation.why = NULL;
  g_autoptr (RtMessage) message = create (factory, &error);
  g_assert_no_error (error);
  g_free (validation.failed);
}

static void
test_names (void)
{
  static const char *const builtin[] = { "text", "image", "file", "system", "binary", "custom" };
  g_autofree char *longest = g_strnfill (64, 'n');
  g_autofree char *too_long = g_strnfill (65, 'n');
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new (NULL);
  g_autoptr (GError) error = NULL;
  Validation validation = { 0 };
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (builtin); i++)
    {
      g_assert_false (rt_message_factory_register_type (factory, builtin[i], NULL, NULL, NULL, &error));
      assert_says (&error, RT_ERROR_INVALID_ARGUMENT, builtin[i]);
      g_assert_false (rt_message_factory_unregister_type (factory, builtin[i]));
    }
  g_assert_false (rt_message_factory_register_type (factory, too_long, NULL, NULL, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "65 bytes");
  g_assert_false (rt_message_factory_register_type (factory, "", NULL, NULL, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "0 bytes");
  g_assert_false (rt_message_factory_register_type (factory, "\xff", validate_cb, &validation, destroyed_cb, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "UTF-8");
  g_assert_true (validation.destroyed);

  g_assert_true (rt_message_factory_register_type (factory, longest, NULL, NULL, NULL, &error));
  g_assert_true (rt_message_factory_register_type (factory, "a", NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (rt_message_factory_register_type (factory, "a", NULL, NULL, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "“a” is registered already");
  names = rt_message_factory_get_type_names (factory);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "a");
  g_assert_cmpstr (names[1], ==, longest);
  g_assert_true (rt_message_factory_unregister_type (factory, "a"));
  g_assert_false (rt_message_factory_unregister_type (factory, "a"));
}

/* A validator may do anything, also end itself. */
static void
test_reentrant (void)
{
  Validation validation = { .unregisters = "poll" };
  g_autoptr (RtMessageFactory) factory = begin (&validation);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = create (factory, &error);

  g_assert_no_error (error);
  g_assert_nonnull (message);
  g_assert_true (validation.destroyed);
  g_assert_null (create (factory, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "is not registered");
  g_assert_cmpuint (validation.calls, ==, 1);
}

static gboolean
drop_factory_cb (RtMessage *message, gpointer user_data, GError **error)
{
  g_object_unref (*(RtMessageFactory **) user_data);
  g_set_error_literal (error, RT_ERROR, RT_ERROR_FAILED, "gone");
  return FALSE;
}

static void
test_dropped_inside (void)
{
  RtMessageFactory *factory = rt_message_factory_new ("ann");
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_message_factory_register_type (factory, "poll", drop_factory_cb, &factory, NULL, &error));
  g_assert_null (create (factory, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "gone");
}

static void
test_validate (void)
{
  Validation validation = { 0 };
  g_autoptr (RtMessageFactory) factory = begin (&validation);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) plain = rt_message_new_text ("room", "x");
  g_autoptr (RtMessage) foreign = rt_test_receive ("{\"data\":{\"a\":1}}");
  g_autoptr (RtMessage) broken = rt_test_receive ("{\"data\":[9223372036854775808]}");
  g_autoptr (RtMessage) unknown = rt_test_receive ("{\"data\":{\"$rt\":1,\"type\":\"quiz\",\"json\":1}}");
  g_autoptr (RtMessage) made = create (factory, &error);
  g_autoptr (RtMessage) poll = rt_test_loop (made);

  g_assert_true (rt_message_factory_validate_message (factory, plain, &error));
  g_assert_true (rt_message_factory_validate_message (factory, foreign, &error));
  g_assert_true (rt_message_factory_validate_message (factory, poll, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (validation.calls, ==, 2);
  g_assert_cmpstr (rt_message_get_type_name (unknown), ==, "quiz");
  g_assert_false (rt_message_factory_validate_message (factory, unknown, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "“quiz” is not registered");
  g_assert_false (rt_message_factory_validate_message (factory, broken, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "JSON");
  validation.refuses = TRUE;
  g_assert_false (rt_message_factory_validate_message (factory, poll, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "“poll”");
  g_assert_nonnull (validation.failed);
  g_free (validation.failed);
}

static gboolean
pass_cb (RtMessage *message, gpointer user_data, GError **error)
{
  return g_str_equal (user_data, "alive");
}

static gpointer
churn_cb (gpointer data)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (RtMessage) message = NULL;
      g_autoptr (GError) error = NULL;
      rt_message_factory_register_type (data, "poll", pass_cb, g_strdup ("alive"), g_free, NULL);
      message = create (data, &error);
      if (message == NULL)
        assert_says (&error, RT_ERROR_INVALID_MESSAGE, "is not registered");
      rt_message_factory_unregister_type (data, "poll");
    }
  return NULL;
}

/* A type whose validator runs in one thread while another takes it back. What it is given must live as long. */
static void
test_threads (void)
{
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("ann");
  GThread *threads[THREADS];
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("churn", churn_cb, factory);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  names = rt_message_factory_get_type_names (factory);
  g_assert_cmpuint (g_strv_length (names), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageFactory/usual", test_usual);
  g_test_add_func ("/Rt/MessageFactory/file", test_file);
  g_test_add_func ("/Rt/MessageFactory/sender", test_sender);
  g_test_add_func ("/Rt/MessageFactory/sender-arrives", test_sender_arrives);
  g_test_add_func ("/Rt/MessageFactory/every-fault", test_every_fault);
  g_test_add_func ("/Rt/MessageFactory/typed", test_typed);
  g_test_add_func ("/Rt/MessageFactory/without-validator", test_without_validator);
  g_test_add_func ("/Rt/MessageFactory/refused", test_refused);
  g_test_add_func ("/Rt/MessageFactory/names", test_names);
  g_test_add_func ("/Rt/MessageFactory/reentrant", test_reentrant);
  g_test_add_func ("/Rt/MessageFactory/dropped-inside", test_dropped_inside);
  g_test_add_func ("/Rt/MessageFactory/validate", test_validate);
  g_test_add_func ("/Rt/MessageFactory/threads", test_threads);
  return g_test_run ();
}
