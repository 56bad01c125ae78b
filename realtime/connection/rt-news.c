/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-news.h"

#include <string.h>

/* A lone message takes little, a flood of them large blocks. */
#define FIRST_BLOCK 512
#define LARGEST_BLOCK (64 * 1024)

RtNews *
rt_news_new (RtNewsKind kind, RtSub *sub)
{
  RtNews *news = g_new0 (RtNews, 1);

  news->item.kind = RT_ITEM_NEWS;
  news->kind = kind;
  news->sub = sub != NULL ? rt_sub_ref (sub) : NULL;
  return news;
}

void
rt_news_free (RtNews *news)
{
  g_clear_pointer (&news->sub, rt_sub_unref);
  g_clear_error (&news->error);
  g_free (news->text);
  g_free (news->user);
  g_free (news->client);
  g_free (news->info);
  g_free (news);
}

const char *
rt_block_copy (RtBlock *block, const guint8 *data, gsize len)
{
  if (block->size - block->used < len)
    {
      gsize size = block->size == 0 ? FIRST_BLOCK : MIN (block->size * 4, LARGEST_BLOCK);

      if (block->data != NULL)
        g_atomic_rc_box_release (block->data);
      block->size = MAX (size, len);
      block->used = 0;
      block->charged = FALSE;
      block->data = g_atomic_rc_box_alloc (block->size);
    }
  char *copy = block->data + block->used;
  memcpy (copy, data, len);
  block->used += len;
  return copy;
}

void
rt_block_clear (RtBlock *block)
{
  if (block->data != NULL)
    g_atomic_rc_box_release (block->data);
  memset (block, 0, sizeof *block);
}

RtBatch *
rt_batch_new (void)
{
  RtBatch *batch = g_new0 (RtBatch, 1);

  batch->item.kind = RT_ITEM_BATCH;
  batch->item.resumable = TRUE;
  batch->blocks = g_ptr_array_new_with_free_func (g_atomic_rc_box_release);
  batch->subs = g_ptr_array_new_with_free_func ((GDestroyNotify) rt_sub_unref);
  return batch;
}

void
rt_batch_free (RtBatch *batch)
{
  g_ptr_array_unref (batch->blocks);
  g_ptr_array_unref (batch->subs);
  g_free (batch->entries);
  g_free (batch);
}

static gpointer
last_of (GPtrArray *array)
{
  return array->len > 0 ? g_ptr_array_index (array, array->len - 1) : NULL;
}

void
rt_batch_add (RtBatch *batch, RtSub *sub, const RtPublication *publication, RtBlock *block)
{
  if (batch->n_entries == batch->capacity)
    {
      batch->capacity = batch->capacity == 0 ? 4 : batch->capacity * 2;
      batch->entries = g_renew (RtBatchEntry, batch->entries, batch->capacity);
    }
  /* One reference a run of the same channel, and of the same block. */
  if (last_of (batch->subs) != sub)
    g_ptr_array_add (batch->subs, rt_sub_ref (sub));
  if (last_of (batch->blocks) != block->data)
    g_ptr_array_add (batch->blocks, g_atomic_rc_box_acquire (block->data));
  RtBatchEntry *entry = &batch->entries[batch->n_entries++];
  entry->sub = sub;
  entry->is_late = FALSE;
  entry->publication = *publication;
}

void
rt_batch_mark_late (RtBatch *batch)
{
  batch->entries[batch->n_entries - 1].is_late = TRUE;
}
