/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-test-network.h"

#include <gio/gio.h>

#define NAME "rt-test"

#define RT_TYPE_TEST_NETWORK (rt_test_network_get_type ())
GType rt_test_network_get_type (void);
G_DECLARE_FINAL_TYPE (RtTestNetwork, rt_test_network, RT, TEST_NETWORK, GObject)

struct _RtTestNetwork
{
  GObject parent_instance;
  gint available; /* atomic */
};

enum
{
  PROP_0,
  PROP_NETWORK_AVAILABLE,
  PROP_NETWORK_METERED,
  PROP_CONNECTIVITY,
};

static gboolean
network_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = network_init;
}

static void
monitor_iface_init (GNetworkMonitorInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (RtTestNetwork, rt_test_network, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init)
                               G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, monitor_iface_init))

static void
rt_test_network_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtTestNetwork *self = RT_TEST_NETWORK (object);
  gboolean available = g_atomic_int_get (&self->available);

  switch (prop_id)
    {
    case PROP_NETWORK_AVAILABLE:
      g_value_set_boolean (value, available);
      break;
    case PROP_NETWORK_METERED:
      g_value_set_boolean (value, FALSE);
      break;
    case PROP_CONNECTIVITY:
      g_value_set_enum (value, available ? G_NETWORK_CONNECTIVITY_FULL : G_NETWORK_CONNECTIVITY_LOCAL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_test_network_class_init (RtTestNetworkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_test_network_get_property;
  g_object_class_override_property (object_class, PROP_NETWORK_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_NETWORK_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
rt_test_network_init (RtTestNetwork *self)
{
  self->available = TRUE;
}

void
rt_test_network_install (void)
{
  g_setenv ("GIO_USE_NETWORK_MONITOR", NAME, TRUE);
  g_io_extension_point_register (G_NETWORK_MONITOR_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME, RT_TYPE_TEST_NETWORK, NAME, 1000);
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (g_network_monitor_get_default (), RT_TYPE_TEST_NETWORK));
}

void
rt_test_network_set (gboolean available)
{
  RtTestNetwork *self = RT_TEST_NETWORK (g_network_monitor_get_default ());

  g_atomic_int_set (&self->available, available);
  g_signal_emit_by_name (self, "network-changed", available);
}
