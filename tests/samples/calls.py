#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that keeps to a pace, and calls of the server's methods."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock

server = RtMock.Server.new()
server.start()

config = (Rt.ConfigBuilder.new()
          .with_endpoint(server.get_url())
          .with_rate_limit(20)
          .with_rate_policy(Rt.RatePolicy.WAIT)
          .build())
client = Rt.Client.new(config)
client.connect_sync(None)
for number in range(25):
    client.send_message_sync('general', f'number {number}', None)
assert len(server.get_messages('general')) == 25

# A call that may take a minute. The server of this program answers with what it was given.
try:
    report = client.rpc_with_timeout_sync('report', GLib.Variant('s', 'today'), 60000, None)
    assert report.unpack() == 'today'
except GLib.Error as error:
    if error.matches(Rt.server_error_quark(), 404):
        print('there is none')

# Nobody waits for what comes of this.
client.send_notification_sync('typing', GLib.Variant('s', 'general'), None)

client.close_sync(None)
