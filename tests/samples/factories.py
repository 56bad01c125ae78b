#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Factories: messages and events that are made alike, in one place that can be exchanged for another."""
import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, GObject, Rt

# Each message has the sender that the factory was made with.
factory = Rt.MessageFactory.new('user-123')
text = factory.create_text_message('general', 'Hello!')
image = factory.create_image_message('photos', 'https://example.com/img.jpg')
system = factory.create_system_message('general', 'User joined')
assert text.props.sender == 'user-123'
assert image.props.message_type == Rt.MessageType.IMAGE
assert system.props.message_type == Rt.MessageType.SYSTEM


# Types are open: a program adds its own, with a rule that messages of this type must keep to.
def validate_order(message):
    return 'amount' in message.props.data.unpack()


factory.register_type('order', validate_order)
order = factory.create_typed_message('order', 'orders', GLib.Variant('a{sv}', {'amount': GLib.Variant('x', 3)}))
assert order.props.type_name == 'order'
try:
    factory.create_typed_message('order', 'orders', GLib.Variant('a{sv}', {}))
    raise AssertionError('was created')
except GLib.Error as error:
    assert error.matches(Rt.error_quark(), Rt.Error.INVALID_MESSAGE)


# Whoever is given an Rt.Factory need not know which one it is.
def use_factory(factory):
    message = factory.create_message(Rt.MessageType.TEXT, 'general', 'Hello!')
    event = factory.create_event(Rt.EventType.RECONNECTING, GLib.Variant('u', 2))
    assert message.props.content == 'Hello!'
    assert event.props.event_type == Rt.EventType.RECONNECTING
    assert event.props.variant.unpack() == 2


class TestFactory(GObject.Object, Rt.Factory):
    """One for tests, that makes the same message every time."""

    def do_create_message(self, message_type, channel, content):
        return Rt.MessageBuilder.new().with_id('1').with_channel(channel).with_content(content).build()

    def do_create_event(self, event_type, payload):
        return Rt.Event.new(event_type, payload)


use_factory(Rt.RealtimeFactory.new('user-123'))
use_factory(TestFactory())
