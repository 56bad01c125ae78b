#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages: what they can carry, and types of a program's own."""
import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, Rt


def begin():
    return Rt.MessageBuilder.new().with_channel('general')


# One of four: text, a GVariant, JSON, or bytes.
text = begin().with_content('Hello!').build()
data = begin().with_variant(GLib.Variant('a{sv}', {'x': GLib.Variant('i', 3)})).build()
json = begin().with_json('{"x": 3}').build()
raw = begin().with_bytes(GLib.Bytes.new(b'\x00\x01')).build()

assert text.props.content == 'Hello!'
assert data.props.data.unpack() == json.props.data.unpack() == {'x': 3}
# Every integer comes back as an int64, here as at each receiver.
assert data.props.data.lookup_value('x', None).get_type_string() == 'x'
assert raw.props.bytes.get_data() == b'\x00\x01'


# A type of the program's own, and what makes a message of it a good one.
def check_poll(message):
    if 'question' not in message.props.data.unpack():
        raise GLib.Error.new_literal(Rt.error_quark(), 'it asks nothing', Rt.Error.INVALID_MESSAGE)
    return True


factory = Rt.MessageFactory.new('ann')
factory.register_type('poll', check_poll)

poll = factory.create_typed_message('poll', 'general', GLib.Variant('a{sv}', {'question': GLib.Variant('s', 'Tea?')}))
assert poll.props.type_name == 'poll'
assert poll.props.sender == 'ann'

try:
    factory.create_typed_message('poll', 'general', GLib.Variant('a{sv}', {}))
    raise AssertionError('was made')
except GLib.Error as error:
    assert error.matches(Rt.error_quark(), Rt.Error.INVALID_MESSAGE)
    assert 'it asks nothing' in error.message

# With more parts than a factory's methods take: a builder. The sender is the factory's.
urgent = factory.build_message(
    begin().with_type_name('poll').with_json('{"question": "Tea?"}').with_priority(Rt.Priority.URGENT).with_ttl(60000))
assert urgent.props.priority == Rt.Priority.URGENT

# The other end looks at what it got in the same way.
received = Rt.Message.from_json(poll.to_json())
assert factory.validate_message(received)
