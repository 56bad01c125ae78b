/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

/* Runs a fuzz target over each file of a corpus folder, the argument, as one test a file. */

static void
test_file (gconstpointer path)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  if (!g_file_get_contents (path, &contents, &len, &error))
    g_error ("%s", error->message);
  /* In a block of exactly its size, so that a sanitizer sees each byte read outside. */
  g_autofree guint8 *data = g_memdup2 (contents, len);
  LLVMFuzzerTestOneInput (data, len);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  const char *name;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("one argument is needed: the folder of the corpus");
  g_autoptr (GDir) dir = g_dir_open (argv[1], 0, &error);
  if (dir == NULL)
    g_error ("%s", error->message);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (argv[1], name, NULL));
  if (paths->len == 0)
    g_error ("%s: the corpus is empty", argv[1]);
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *file = g_path_get_basename (paths->pdata[i]);
      g_autofree char *test = g_strconcat ("/Rt/Fuzz/", file, NULL);
      g_test_add_data_func (test, paths->pdata[i], test_file);
    }
  return g_test_run ();
}
