/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

/* What a server does of itself, and what goes wrong with it. */

static void
act_publish (Seq *seq)
{
  g_autofree char *name = seq_channel_name (seq, NULL);
  g_autoptr (GError) error = NULL;

  rt_mock_server_publish (seq->server, name, seq_chance (seq, 2) ? "{\"text\":\"hello\"}" : "7", &error);
  g_assert_no_error (error);
}

/* The connection of this client, or of one that is gone. */
static char *
draw_client_id (Seq *seq)
{
  char *id = seq->client != NULL ? rt_client_get_client_id (seq->client) : NULL;

  return id != NULL ? id : g_strdup ("nobody");
}

static void
act_unsubscribe (Seq *seq)
{
  g_autofree char *id = draw_client_id (seq);
  g_autofree char *name = seq_channel_name (seq, NULL);

  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_unsubscribe (seq->server, id, name, seq_chance (seq, 2) ? 2000 : 2500, "off with you");
}

static void
act_subscribe (Seq *seq)
{
  g_autofree char *id = draw_client_id (seq);
  g_autofree char *name = seq_channel_name (seq, NULL);

  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_subscribe (seq->server, id, name);
}

static void
act_disconnect (Seq *seq)
{
  static const guint codes[] = { 1000, 1001, 3000, 3005, 3012, 3500, 3507, 4000, 4500 };

  guint code = codes[seq_below (seq, G_N_ELEMENTS (codes))];

  seq_did (seq, SEQ_DID_FAULT);
  seq_trace ("code %u", code);
  rt_mock_server_disconnect_client (seq->server, NULL, code, "no reason");
}

static void
act_drop_connections (Seq *seq)
{
  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_drop_connections (seq->server);
}

static void
act_new_epoch (Seq *seq)
{
  g_autofree char *name = seq_channel_name (seq, NULL);

  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_new_epoch (seq->server, name);
}

static void
act_inject_fault (Seq *seq)
{
  static const RtMockFault faults[] = {
    RT_MOCK_FAULT_DROP_PUBLICATION, RT_MOCK_FAULT_LOSE_PUSH, RT_MOCK_FAULT_LOSE_REPLY, RT_MOCK_FAULT_ERROR_REPLY,
    RT_MOCK_FAULT_STALL, RT_MOCK_FAULT_REFUSE, RT_MOCK_FAULT_LOSE_RESPONSE, RT_MOCK_FAULT_DROP_CONNECTION,
    RT_MOCK_FAULT_DELAY, RT_MOCK_FAULT_DUPLICATE, RT_MOCK_FAULT_CORRUPT, RT_MOCK_FAULT_TRUNCATE,
    RT_MOCK_FAULT_EXPIRE_TOKEN, RT_MOCK_FAULT_NEW_EPOCH,
  };

  RtMockFault fault = faults[seq_below (seq, G_N_ELEMENTS (faults))];

  seq_did (seq, SEQ_DID_FAULT);
  seq_trace ("fault %d", fault);
  rt_mock_server_inject_fault (seq->server, fault, 1 + seq_below (seq, 2));
}

static void
act_inject_refusal (Seq *seq)
{
  static const guint statuses[] = { 400, 401, 403, 404, 429, 500, 503 };

  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_inject_refusal (seq->server, statuses[seq_below (seq, G_N_ELEMENTS (statuses))],
                                 seq_chance (seq, 2) ? "1" : NULL, 1);
}

static void
act_clear_faults (Seq *seq)
{
  rt_mock_server_clear_faults (seq->server);
}

static void
act_restart (Seq *seq)
{
  g_autoptr (GError) error = NULL;
  guint port = rt_mock_server_get_port (seq->server);

  seq_did (seq, SEQ_DID_FAULT);
  rt_mock_server_stop (seq->server);
  rt_mock_server_set_port (seq->server, port);
  rt_mock_server_start (seq->server, &error);
  g_assert_no_error (error);
}

const SeqAction seq_server_actions[] = {
  { "server: publish", SEQ_GROUP_CLIENT, 30, act_publish },
  { "server: unsubscribe", SEQ_GROUP_FAULT, 10, act_unsubscribe },
  { "server: subscribe", SEQ_GROUP_FAULT, 10, act_subscribe },
  { "server: disconnect", SEQ_GROUP_FAULT, 10, act_disconnect },
  { "server: drop connections", SEQ_GROUP_FAULT, 10, act_drop_connections },
  { "server: new epoch", SEQ_GROUP_FAULT, 10, act_new_epoch },
  { "server: fault", SEQ_GROUP_FAULT, 20, act_inject_fault },
  { "server: refusal", SEQ_GROUP_FAULT, 10, act_inject_refusal },
  { "server: faults cleared", SEQ_GROUP_FAULT, 20, act_clear_faults },
  { "server: restart", SEQ_GROUP_FAULT, 2, act_restart },
  { NULL },
};
