/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-test-resolver.h"

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

/* A lookup that waits: for the test, or for its caller to cancel. */
typedef struct
{
  GTask *task;
  GSource *source; /* of the cancellable */
  gboolean v4;
  gboolean v6;
} Held;

static GMutex lock;
/* Guarded by lock: */
static const char *found_v4; /* NULL: there is none */
static const char *found_v6;
static GResolverError failure;
static gboolean is_holding;
static guint lookups;
static GPtrArray *held; /* of Held */

static void
held_free (gpointer data)
{
  Held *self = data;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->task);
  g_free (self);
}

static void
free_addresses (gpointer list)
{
  g_resolver_free_addresses (list);
}

static GList *
add_address (GList *list, const char *address)
{
  return address != NULL ? g_list_append (list, g_inet_address_new_from_string (address)) : list;
}

/* The lock is held; what waits for the task runs later, in its own context. */
static void
answer (GTask *task, gboolean v4, gboolean v6)
{
  GList *list = NULL;

  if (v6)
    list = add_address (list, found_v6);
  if (v4)
    list = add_address (list, found_v4);
  if (list != NULL)
    g_task_return_pointer (task, list, free_addresses);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, failure, "no answer in this test");
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_mutex_lock (&lock);
  for (guint i = 0; i < held->len; i++)
    {
      Held *one = g_ptr_array_index (held, i);

      if (one->task != user_data)
        continue;
      g_task_return_error_if_cancelled (one->task);
      g_ptr_array_remove_index (held, i);
      break;
    }
  g_mutex_unlock (&lock);
  return G_SOURCE_REMOVE;
}

static void
hold (GTask *task, gboolean v4, gboolean v6)
{
  Held *one = g_new (Held, 1);

  one->task = g_object_ref (task);
  one->source = g_cancellable_source_new (g_task_get_cancellable (task));
  one->v4 = v4;
  one->v6 = v6;
  g_source_set_callback (one->source, G_SOURCE_FUNC (cancelled_cb), task, NULL);
  g_ptr_array_add (held, one);
  g_source_attach (one->source, g_task_get_context (task));
}

static void
test_resolver_lookup_with_flags_async (GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  gboolean v4 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) == 0;
  gboolean v6 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY) == 0;

  g_mutex_lock (&lock);
  lookups++;
  if (is_holding)
    hold (task, v4, v6);
  else
    answer (task, v4, v6);
  g_mutex_unlock (&lock);
}

static void
test_resolver_lookup_async (GResolver *resolver, const char *name, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  test_resolver_lookup_with_flags_async (resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable,
                                         callback, user_data);
}

static GList *
test_resolver_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = test_resolver_lookup_async;
  resolver_class->lookup_by_name_finish = test_resolver_lookup_finish;
  resolver_class->lookup_by_name_with_flags_async = test_resolver_lookup_with_flags_async;
  resolver_class->lookup_by_name_with_flags_finish = test_resolver_lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* --- For the test --- */

void
rt_test_resolver_install (void)
{
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  held = g_ptr_array_new_with_free_func (held_free);
  failure = G_RESOLVER_ERROR_NOT_FOUND;
  g_resolver_set_default (resolver);
}

static void
set (const char *v4, const char *v6, GResolverError code, gboolean hold_them)
{
  found_v4 = v4;
  found_v6 = v6;
  failure = code;
  is_holding = hold_them;
}

void
rt_test_resolver_find (const char *v4, const char *v6)
{
  g_mutex_lock (&lock);
  set (v4, v6, G_RESOLVER_ERROR_NOT_FOUND, FALSE);
  g_mutex_unlock (&lock);
}

void
rt_test_resolver_fail (GResolverError code)
{
  g_mutex_lock (&lock);
  set (NULL, NULL, code, FALSE);
  g_mutex_unlock (&lock);
}

void
rt_test_resolver_hold (void)
{
  g_mutex_lock (&lock);
  set (NULL, NULL, G_RESOLVER_ERROR_NOT_FOUND, TRUE);
  g_mutex_unlock (&lock);
}

void
rt_test_resolver_release (const char *v4, const char *v6)
{
  g_mutex_lock (&lock);
  set (v4, v6, G_RESOLVER_ERROR_NOT_FOUND, FALSE);
  for (guint i = 0; i < held->len; i++)
    {
      Held *one = g_ptr_array_index (held, i);
      answer (one->task, one->v4, one->v6);
    }
  g_ptr_array_set_size (held, 0);
  g_mutex_unlock (&lock);
}

guint
rt_test_resolver_count (void)
{
  g_mutex_lock (&lock);
  guint count = lookups;
  g_mutex_unlock (&lock);
  return count;
}

guint
rt_test_resolver_count_held (void)
{
  g_mutex_lock (&lock);
  guint count = held->len;
  g_mutex_unlock (&lock);
  return count;
}
