/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"
#include "rt-json-members.h"

static const RtField info_fields[] = {
  RT_FIELD ("user", RT_FIELD_STRING, RtClientInfo, user),
  RT_FIELD ("client", RT_FIELD_STRING, RtClientInfo, client),
  RT_FIELD ("conn_info", RT_FIELD_RAW, RtClientInfo, conn_info),
  RT_FIELD ("chan_info", RT_FIELD_RAW, RtClientInfo, chan_info),
};
static const RtFields info_table = RT_FIELDS (info_fields);

static gboolean
read_publisher (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;

  publication->has_info = TRUE;
  return rt_fields_read (s, field->fields, &publication->info);
}

static const RtField publication_fields[] = {
  RT_FIELD_RAW_READ ("data", rt_json_read_data, 0),
  RT_FIELD_READ ("info", read_publisher, &info_table, 0),
  RT_FIELD ("offset", RT_FIELD_UINT64, RtPublication, offset),
  RT_FIELD ("tags", RT_FIELD_PAIRS, RtPublication, tags),
};
static const RtFields publication_table = RT_FIELDS (publication_fields);

/* Room for one more item in one of the decoder's arrays; grows with what the message holds. */
static gboolean
make_room (RtScan *s, gpointer *items, guint *capacity, guint n, gsize item_size)
{
  if (G_LIKELY (n < *capacity))
    return TRUE;
  if (n >= RT_PROTOCOL_MAX_ITEMS)
    return rt_scan_mismatch (s, NULL, "a reply holds more publications or members than are accepted");
  *capacity = MAX (8, *capacity * 2);
  *items = g_realloc_n (*items, *capacity, item_size);
  return TRUE;
}

static gboolean
read_next_publication (RtScan *s, guint n)
{
  RtDecoder *decoder = s->owner;

  if (!make_room (s, (gpointer *) &decoder->publications, &decoder->publications_capacity, n,
                  sizeof (RtPublication)))
    return FALSE;
  RtPublication *publication = &decoder->publications[n];
  rt_clear (publication, sizeof *publication);
  if (!rt_fields_read (s, &publication_table, publication))
    return FALSE;
  if (publication->data.data == NULL)
    return rt_scan_mismatch (s, "data", "a publication without data");
  return TRUE;
}

static RtClientInfo *
next_member (RtScan *s, guint n)
{
  RtDecoder *decoder = s->owner;

  if (!make_room (s, (gpointer *) &decoder->members, &decoder->members_capacity, n, sizeof (RtClientInfo)))
    return NULL;
  memset (&decoder->members[n], 0, sizeof (RtClientInfo));
  return &decoder->members[n];
}

static void
give_publications (RtScan *s, RtReply *reply, guint n)
{
  RtDecoder *decoder = s->owner;

  reply->publications = n > 0 ? decoder->publications : NULL;
  reply->n_publications = n;
}

static void
give_members (RtScan *s, RtReply *reply, guint n)
{
  RtDecoder *decoder = s->owner;

  reply->members = n > 0 ? decoder->members : NULL;
  reply->n_members = n;
}

gboolean
rt_json_read_publications (RtScan *s, const RtField *field, gpointer target)
{
  guint n = 0;

  if (rt_scan_peek (s) != '[')
    return rt_scan_mismatch (s, field->name, "a member has the wrong type");
  if (!rt_scan_begin_array (s))
    return FALSE;
  for (; rt_scan_next_element (s); n++)
    if (!read_next_publication (s, n))
      return FALSE;
  give_publications (s, target, n);
  return s->fault.kind == RT_JSON_OK;
}

gboolean
rt_json_read_push_pub (RtScan *s, const RtField *field, gpointer target)
{
  if (!rt_json_set_kind (s, field, target) || !read_next_publication (s, 0))
    return FALSE;
  give_publications (s, target, 1);
  return TRUE;
}

static gboolean
read_first_member (RtScan *s, const RtField *field, gpointer target)
{
  RtClientInfo *member = next_member (s, 0);

  if (member == NULL || !rt_fields_read (s, field->fields, member))
    return FALSE;
  give_members (s, target, 1);
  return TRUE;
}

static const RtField push_info_fields[] = {
  RT_FIELD_READ ("info", read_first_member, &info_table, 0),
};
static const RtFields push_info_table = RT_FIELDS (push_info_fields);

gboolean
rt_json_read_push_info (RtScan *s, const RtField *field, gpointer target)
{
  RtReply *reply = target;

  if (!rt_json_set_kind (s, field, reply) || !rt_fields_read (s, &push_info_table, reply))
    return FALSE;
  if (reply->n_members == 0)
    return rt_scan_mismatch (s, "info", "a member joins or leaves without information about it");
  return TRUE;
}

/* An object with a member for each client, named by its id. */
gboolean
rt_json_read_presence (RtScan *s, const RtField *field, gpointer target)
{
  guint n = 0;
  RtSlice client;

  if (rt_scan_peek (s) != '{')
    return rt_scan_mismatch (s, field->name, "a member has the wrong type");
  if (!rt_scan_begin_object (s))
    return FALSE;
  for (; rt_scan_next_member (s, &client); n++)
    {
      RtClientInfo *member = next_member (s, n);
      if (member == NULL || !rt_fields_read (s, &info_table, member))
        return FALSE;
      if (member->client.data == NULL)
        member->client = client;
    }
  give_members (s, target, n);
  return s->fault.kind == RT_JSON_OK;
}

void
rt_json_put_client_info (RtBuffer *out, const RtClientInfo *info)
{
  RtMembers members = rt_members_open (out);

  rt_members_string (&members, RT_KEY ("user"), &info->user);
  rt_members_string (&members, RT_KEY ("client"), &info->client);
  rt_members_raw (&members, RT_KEY ("conn_info"), &info->conn_info);
  rt_members_raw (&members, RT_KEY ("chan_info"), &info->chan_info);
  rt_members_close (&members);
}

void
rt_json_put_publication (RtBuffer *out, const RtPublication *publication)
{
  RtMembers members = rt_members_open (out);

  rt_members_raw (&members, RT_KEY ("data"), &publication->data);
  if (publication->has_info)
    {
      rt_members_key (&members, RT_KEY ("info"));
      rt_json_put_client_info (out, &publication->info);
    }
  rt_members_uint (&members, RT_KEY ("offset"), publication->offset);
  rt_members_raw (&members, RT_KEY ("tags"), &publication->tags);
  rt_members_close (&members);
}
