#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The observer: whoever wants to know subscribes to a bus; whoever has something to tell dispatches it there."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock


def wait_until(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)


seen = []
bus = Rt.EventBus.new()
subscription = bus.subscribe(Rt.EventType.MESSAGE_RECEIVED,
                             lambda event: seen.append(event.props.message.props.content))

# From any thread; the handler runs later, in the context that it was subscribed in.
message = Rt.Message.new_text('general', 'Hello!')
bus.dispatch(Rt.EventFactory.new().create_message_event(Rt.EventType.MESSAGE_RECEIVED, message))
assert seen == []
wait_until(lambda: seen)
assert seen == ['Hello!']

# After this nothing comes any more.
subscription.cancel()
assert not subscription.is_active()

# Everything, or what fits a pattern.
seen = []
bus.subscribe_name('orders.*', lambda event: seen.append(event.props.name))
bus.dispatch(Rt.Event.new_custom('news.new', None))
bus.dispatch(Rt.Event.new_custom('orders.new', GLib.Variant('x', 17)))
wait_until(lambda: seen)
assert seen == ['orders.new']

# A client puts on its bus what happens to it.
server = RtMock.Server.new()
server.start()
client = Rt.Client.new(Rt.Config.new(None, server.get_url()))
connected = []
subscription = client.on(Rt.EventType.CONNECTED, connected.append)
client.connect_sync(None)
wait_until(lambda: connected)

# Its subscriptions end with it.
client.close_sync(None)
wait_until(lambda: not subscription.is_active())
