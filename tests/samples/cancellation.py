#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cancellables and deadlines: every call that waits can be taken back, and says what became of it."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

CANCELLED = (Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)


def run(begin, finish, *arguments):
    """Runs the main loop until the call has ended, and returns its result or its error."""
    loop = GLib.MainLoop()
    ends = []

    def done(source, result):
        try:
            ends.append(finish(result))
        except GLib.Error as error:
            ends.append(error)
        loop.quit()

    begin(*arguments, done)
    loop.run()
    return ends[0]


server = RtMock.Server.new()
calls = []
server.connect('rpc', lambda server, call: calls.append(call))  # kept, and never answered
server.start()
client = Rt.Client.new(Rt.Config.new(None, server.get_url()))
client.connect_sync(None)

# Cancelled before it began: nothing of it was sent, nor will be.
cancellable = Gio.Cancellable.new()
cancellable.cancel()
try:
    client.send_message_sync('general', 'Never sent', cancellable)
    raise AssertionError('was sent')
except GLib.Error as error:
    assert error.matches(*CANCELLED)

# A deadline of one's own is a timer that cancels.
cancellable = Gio.Cancellable.new()
GLib.timeout_add(50, cancellable.cancel)
error = run(client.rpc_async, client.rpc_finish, 'think-for-years', None, cancellable)
assert error.matches(*CANCELLED)

# A message that waits for a connection has not been written: once cancelled, it never is.
server.stop()
while client.props.state != Rt.ConnectionState.RECONNECTING:
    GLib.MainContext.default().iteration(True)
cancellable = Gio.Cancellable.new()
GLib.idle_add(cancellable.cancel)
error = run(client.send_message_async, client.send_message_finish, 'general', 'Never sent', cancellable)
assert error.matches(*CANCELLED)
assert server.get_messages('general') == []
client.close_sync(None)
