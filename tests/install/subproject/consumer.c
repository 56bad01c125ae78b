/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime/realtime.h>
#include <realtime-mock/realtime-mock.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autofree char *url = NULL;
  g_autoptr (RtConfig) config = NULL;
  g_autoptr (RtClient) client = NULL;

  if (!rt_mock_server_start (server, &error))
    g_error ("%s", error->message);
  url = rt_mock_server_get_url (server);
  config = rt_config_new (NULL, url, &error);
  if (config == NULL)
    g_error ("%s", error->message);
  client = rt_client_new (config);
  if (!rt_client_connect_sync (client, NULL, &error) || !rt_client_close_sync (client, NULL, &error))
    g_error ("%s", error->message);
  rt_mock_server_stop (server);
  return 0;
}
