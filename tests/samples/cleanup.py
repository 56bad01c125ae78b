#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clean-up: close for good order, references for the rest. Nothing is left over, and nothing comes late."""
import contextlib
import gc
import weakref

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock


@contextlib.contextmanager
def connected(url):
    """A client for the time of a with block: closed on every way out."""
    client = Rt.Client.new(Rt.Config.new('key', url))
    client.connect_sync(None)
    try:
        yield client
    finally:
        client.close_sync(None)


server = RtMock.Server.new()
server.start()
received = []

with connected(server.get_url()) as client:
    channel = client.join_channel_sync('general', None, None)
    channel.connect('message', lambda channel, message: received.append(message))
    # After this the handler is not called any more, whatever the server had sent.
    channel.leave_sync(None)
    client.send_message_sync('general', 'Goodbye', None)
assert client.props.state == Rt.ConnectionState.CLOSED
assert received == []

# Again it does no harm; the end is the end.
client.close_sync(None)
try:
    client.send_message_sync('general', 'Hello!', None)
    raise AssertionError('was sent')
except GLib.Error as error:
    assert error.matches(Rt.error_quark(), Rt.Error.CLOSED)

# Nothing keeps a closed client that the program has let go of.
while GLib.MainContext.default().iteration(False):
    pass
gone = []
client.weak_ref(lambda: gone.append('client'))
wrapper = weakref.ref(client)
del client, channel
gc.collect()
assert wrapper() is None
assert gone == ['client']
server.stop()
