#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Middleware: what every message goes through, on its way out and in."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, GObject, Rt, RtMock

order = []


class Witness(GObject.Object, Rt.Middleware):
    """A middleware of one's own: it sees the message on its way, and how that ended."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def do_process(self, exchange):
        if exchange.get_direction() == Rt.Direction.OUTGOING:
            order.append(self.name)
            exchange.connect('completed', lambda exchange, error: order.append(f'{self.name} completed'))
        exchange.proceed()
        return True


def is_text(message):
    return message.props.message_type == Rt.MessageType.TEXT


def wait_until(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)


server = RtMock.Server.new()
server.start()
client = Rt.Client.new(Rt.Config.new(None, server.get_url()))

# What was added first is outermost: Request → Logging → Recovery → Timeout → Handler → Response.
client.use(Witness('outer'))
client.use(Rt.LoggingMiddleware.new())
client.use(Rt.RecoveryMiddleware.new())
client.use(Rt.TimeoutMiddleware.new(5000))
only_text = Rt.FilterMiddleware.new(is_text)
only_text.props.directions = Rt.Directions.INCOMING
client.use(only_text)
client.use(Witness('inner'))

# The image is sent, but what comes in is filtered.
client.connect_sync(None)
channel = client.join_channel_sync('general', None, None)
heard = []
channel.connect('message', lambda channel, message: heard.append(message.props.content))
image = Rt.MessageFactory.new('user-123').create_image_message('general', 'https://example.com/img.jpg')
client.send_async(image, None, None)
client.send_message_async('general', 'Hello!', None, None)
wait_until(lambda: heard)
assert heard == ['Hello!']

wait_until(lambda: 'outer completed' in order)
assert order[:2] == ['outer', 'inner']
assert order.index('inner completed') < order.index('outer completed')
client.close_sync(None)
