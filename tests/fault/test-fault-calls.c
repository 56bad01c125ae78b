/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Row 28 of the fault matrix: any call at any moment, also from handlers and from another thread, on a line that
 * breaks all the time. Every callback comes once and in time, and nothing is left of the client. */

#define TRIALS 1000
/* No call takes longer once the client was told to end: request-timeout and shutdown-timeout, and a step. */
#define DEADLINE_MS 16000

typedef struct
{
  RtFaultWorld *world;
  GRand *rand;
  RtClient *client;
  GPtrArray *cancellables;
  guint begun;
  guint ended;
  gboolean is_over; /* nothing new is begun */
} Trial;

typedef struct
{
  Trial *trial;
  guint ends;
} Call;

static void act (Trial *trial);

static guint
draw (Trial *trial, guint bound)
{
  return (guint) g_rand_int_range (trial->rand, 0, (gint32) bound);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  g_assert_cmpuint (++call->ends, ==, 1);
  g_assert_true (g_task_is_valid (result, source));
  call->trial->ended++;
  g_free (call);
}

static Call *
begin (Trial *trial)
{
  Call *call = g_new0 (Call, 1);

  call->trial = trial;
  trial->begun++;
  return call;
}

static GCancellable *
new_cancellable (Trial *trial)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_ptr_array_add (trial->cancellables, cancellable);
  return cancellable;
}

/* --- From another thread --- */

static gpointer
thread_main (gpointer user_data)
{
  Trial *trial = user_data;
  GCancellable *cancellable = g_ptr_array_index (trial->cancellables, trial->cancellables->len - 1);
  g_autoptr (RtMessage) sent
    = rt_client_send_message_sync (trial->client, "room", "from a thread", cancellable, NULL);

  return NULL;
}

/* It is cancelled from here at a moment that the thread does not know. */
static void
act_from_thread (Trial *trial)
{
  GCancellable *cancellable = new_cancellable (trial);
  GThread *thread = g_thread_new ("caller", thread_main, trial);

  rt_fault_world_run (trial->world, draw (trial, 200));
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
}

/* --- Whatever a program may do --- */

static void
cancel_one (Trial *trial)
{
  if (trial->cancellables->len > 0)
    g_cancellable_cancel (g_ptr_array_index (trial->cancellables, draw (trial, trial->cancellables->len)));
}

static void
break_line (Trial *trial)
{
  const RtFaultAction actions[] = { RT_FAULT_RST, RT_FAULT_FIN, RT_FAULT_BLACKHOLE };

  rt_fault_proxy_strike (trial->world->proxy, 0,
                         &(RtFaultRule) { .action = actions[draw (trial, G_N_ELEMENTS (actions))] });
}

static void
act (Trial *trial)
{
  RtClient *client = trial->client;

  switch (draw (trial, 12))
    {
    case 0:
    case 1:
      rt_client_connect_async (client, new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 2:
      rt_client_join_channel_async (client, "room", NULL, new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 3:
      rt_client_leave_channel_async (client, "room", new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 4:
    case 5:
      rt_client_send_message_async (client, "room", "hello", new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 6:
      rt_client_rpc_async (client, "echo", NULL, new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 7:
      rt_client_ping_async (client, new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 8:
      rt_client_disconnect_async (client, new_cancellable (trial), ended_cb, begin (trial));
      break;
    case 9:
      cancel_one (trial);
      break;
    case 10:
      rt_client_reconnect_now (client);
      break;
    default:
      break_line (trial);
      break;
    }
}

static guint n_connected;
static guint n_delivered;

static void
handler_cb (Trial *trial)
{
  if (!trial->is_over && draw (trial, 3) == 0)
    act (trial);
}

static void
connected_cb (Trial *trial)
{
  n_connected++;
  handler_cb (trial);
}

static void
message_cb (Trial *trial)
{
  n_delivered++;
  handler_cb (trial);
}

/* --- The end --- */

static void
cancel_all (Trial *trial)
{
  for (guint i = 0; i < trial->cancellables->len; i++)
    g_cancellable_cancel (g_ptr_array_index (trial->cancellables, i));
}

static void
end (Trial *trial)
{
  trial->is_over = TRUE;
  switch (draw (trial, 4))
    {
    case 0:
      rt_client_close_async (trial->client, NULL, ended_cb, begin (trial));
      /* A second one, while the first is under way, ends, too. */
      rt_client_close_async (trial->client, NULL, ended_cb, begin (trial));
      break;
    case 1:
      rt_client_disconnect_async (trial->client, NULL, ended_cb, begin (trial));
      break;
    case 2:
      /* As a binding does that drops what it holds at once, whatever is under way. */
      g_object_run_dispose (G_OBJECT (trial->client));
      break;
    default:
      cancel_all (trial);
      break;
    }
  gint64 deadline = rt_clock_now () + RT_CLOCK_MS (DEADLINE_MS);
  while (trial->ended < trial->begun)
    {
      g_assert_cmpint (rt_clock_now (), <, deadline);
      rt_fault_world_run (trial->world, RT_FAULT_STEP_MS);
    }
}

static void
run_trial (RtFaultWorld *world, GRand *rand, RtConfig *config)
{
  Trial trial = { .world = world, .rand = rand };

  trial.client = rt_client_new (config);
  trial.cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect_swapped (trial.client, "connected", G_CALLBACK (connected_cb), &trial);
  g_signal_connect_swapped (trial.client, "disconnected", G_CALLBACK (handler_cb), &trial);
  g_signal_connect_swapped (trial.client, "message", G_CALLBACK (message_cb), &trial);
  rt_client_connect_async (trial.client, NULL, ended_cb, begin (&trial));
  for (guint n = draw (&trial, 10); n > 0; n--)
    {
      act (&trial);
      if (draw (&trial, 3) == 0)
        rt_clock_virtual_advance (RT_CLOCK_MS (draw (&trial, 100)));
    }
  if (draw (&trial, 5) == 0)
    act_from_thread (&trial);
  end (&trial);
  g_assert_finalize_object (trial.client);
  g_assert_cmpuint (trial.ended, ==, trial.begun);
  g_ptr_array_unref (trial.cancellables);
}

static void
test_calls (gconstpointer route)
{
  guint64 seed = rt_fault_seed (28);
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (seed, NULL, 1000);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) seed);
  g_autofree char *url = rt_fault_proxy_get_url (world->proxy, "ws");
  g_autoptr (RtConfigBuilder) builder = rt_fault_quick_settings ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_strategies (builder, (const char *const[]) { route, NULL });
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  guint trials = route == RT_FAULT_WEBSOCKET ? TRIALS : TRIALS / 5;

  n_connected = n_delivered = 0;
  for (guint i = 0; i < trials; i++)
    run_trial (world, rand, config);
  g_clear_object (&config);
  /* It was not all over before it began. */
  g_test_message ("%u connected, %u delivered", n_connected, n_delivered);
  g_assert_cmpuint (n_connected, >, trials / 4);
  g_assert_cmpuint (n_delivered, >, 10);
}

static const RtFaultCase cases[] = {
  { "row28/calls", test_calls, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
