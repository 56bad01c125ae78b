#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builders, factories, events and the rate limiter in Python."""

import gc
import sys
import unittest
import weakref

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, GObject, Rt

import guard

THROWN = 'thrown on purpose'


def catch(call):
    """What call returns or raises, and the texts of the exceptions that PyGObject would have printed."""
    seen = []
    hook, sys.excepthook = sys.excepthook, lambda kind, value, trace: seen.append(str(value))
    try:
        return call(), None, seen
    except GLib.Error as error:
        return None, error, seen
    finally:
        sys.excepthook = hook


class Case(unittest.TestCase):
    def assert_error(self, call, code, text):
        result, error, _ = catch(call)
        self.assertIsNone(result)
        self.assertIsNotNone(error)
        self.assertTrue(error.matches(Rt.error_quark(), code), error)
        self.assertIn(text, error.message)


class TestBuilder(Case):
    def test_fluent(self):
        message = (Rt.MessageBuilder.new()
                   .with_channel('room').with_content('hällo 🙂').with_sender('ann')
                   .with_priority(Rt.Priority.HIGH).with_ttl(5000)
                   .with_metadata('colour', 'red').with_tag('kind', 'greeting').build())
        self.assertEqual(message.props.content, 'hällo 🙂')
        self.assertEqual(message.props.priority, Rt.Priority.HIGH)
        self.assertEqual(message.get_tag_value('kind'), 'greeting')

    def test_every_fault(self):
        builder = Rt.MessageBuilder.new().with_id('x').with_sender('s' * 256)
        for name in ('channel: ', 'id: ', 'sender: '):
            self.assert_error(builder.build, Rt.Error.INVALID_MESSAGE, name)


class TestMessageFactory(Case):
    def setUp(self):
        self.factory = Rt.MessageFactory.new('ann')
        self.failed = []
        self.factory.connect('validation-failed', lambda _, name, error: self.failed.append((name, error.message)))

    def create(self, data=None):
        return self.factory.create_typed_message('poll', 'room', data or GLib.Variant('a{sv}', {}))

    def test_usual(self):
        text = self.factory.create_text_message('room', 'Hello!')
        image = self.factory.create_image_message('room', 'https://example.com/a.jpg')
        system = self.factory.create_system_message('room', 'Bob came')
        file = self.factory.create_file_message('room', 'https://example.com/a.pdf', 'a.pdf', 17)
        named = self.factory.create_message(Rt.MessageType.SYSTEM, 'room', 'x')
        self.assertEqual([message.props.message_type for message in (text, image, system, file, named)],
                         [Rt.MessageType.TEXT, Rt.MessageType.IMAGE, Rt.MessageType.SYSTEM, Rt.MessageType.FILE,
                          Rt.MessageType.SYSTEM])
        self.assertEqual(text.props.sender, 'ann')
        self.assertEqual(file.props.metadata.unpack(), {'name': 'a.pdf', 'size': '17'})
        self.assert_error(lambda: self.factory.create_text_message('', 'x'), Rt.Error.INVALID_MESSAGE, 'channel: ')

    def test_own_type(self):
        def validate(message):
            if 'question' not in message.props.data.unpack():
                raise GLib.Error.new_literal(Rt.error_quark(), 'no question', Rt.Error.INVALID_MESSAGE)
            return True

        self.factory.register_type('poll', validate)
        self.assertEqual(self.factory.get_type_names(), ['poll'])
        message = self.create(GLib.Variant('a{sv}', {'question': GLib.Variant('s', 'Why?')}))
        self.assertEqual(message.props.type_name, 'poll')
        self.assertTrue(self.factory.validate_message(message))
        self.assert_error(self.create, Rt.Error.INVALID_MESSAGE, '“poll” is refused: no question')
        self.assertEqual(self.failed, [('poll', 'The message of the type “poll” is refused: no question')])
        built = self.factory.build_message(
            Rt.MessageBuilder.new().with_channel('room').with_type_name('poll').with_ttl(7)
            .with_json('{"question":1}'))
        self.assertEqual((built.props.ttl, built.props.sender), (7, 'ann'))

    def test_throwing(self):
        def validate(_):
            raise ValueError(THROWN)

        self.factory.register_type('poll', validate)
        result, error, seen = catch(self.create)
        self.assertIsNone(result)
        self.assertIn('“poll” is refused: its validator did not say why', error.message)
        self.assertEqual(seen, [THROWN])
        self.assertEqual(len(self.failed), 1)
        # Others are not affected.
        self.factory.create_text_message('room', 'x')

    def test_false(self):
        self.factory.register_type('poll', lambda _: False)
        self.assert_error(self.create, Rt.Error.INVALID_MESSAGE, 'did not say why')

    def test_names(self):
        self.factory.register_type('poll', None)
        for name, text in (('text', "library's own"), ('', '0 bytes'), ('poll', 'already')):
            self.assert_error(lambda name=name: self.factory.register_type(name, None), Rt.Error.INVALID_ARGUMENT, text)
        self.assertEqual(self.create().props.type_name, 'poll')
        self.assertTrue(self.factory.unregister_type('poll'))
        self.assert_error(self.create, Rt.Error.INVALID_MESSAGE, 'not registered')

    def test_unregisters_itself(self):
        def validate(_):
            return self.factory.unregister_type('poll')

        self.factory.register_type('poll', validate)
        self.assertEqual(self.create().props.type_name, 'poll')
        self.assert_error(self.create, Rt.Error.INVALID_MESSAGE, 'not registered')

    def test_validator_dies(self):
        class Validator:
            def validate(self, _):
                return True

        validator = Validator()
        gone = weakref.ref(validator)
        self.factory.register_type('poll', validator.validate)
        del validator
        gc.collect()
        self.assertIsNotNone(gone())
        self.create()
        self.factory.unregister_type('poll')
        gc.collect()
        self.assertIsNone(gone())


class TestEvents(Case):
    def test_event(self):
        event = Rt.Event.new_custom('orders.created', GLib.Variant('i', 7))
        self.assertEqual(event.props.event_type, Rt.EventType.CUSTOM)
        self.assertEqual((event.props.name, event.props.variant.unpack()), ('orders.created', 7))
        self.assertGreater(event.props.timestamp, 0)
        for value in (event.props.message, event.props.channel, event.props.error, event.props.member):
            self.assertIsNone(value)
        self.assertEqual(Rt.Event.new(Rt.EventType.MESSAGE_RECEIVED, None).get_name(), 'message-received')

    def test_factory(self):
        factory = Rt.EventFactory.new()
        message = Rt.Message.new_text('room', 'x')
        member = Rt.Member.new('c', 'u', None)
        cause = GLib.Error.new_literal(Rt.error_quark(), 'gone', Rt.Error.NETWORK)
        self.assertIs(factory.create_message_event(Rt.EventType.MESSAGE_SENT, message).props.message, message)
        self.assertIs(factory.create_member_event(Rt.EventType.MEMBER_LEFT, 'room', member).get_member(), member)
        self.assertEqual(factory.create_channel_event(Rt.EventType.GAP, 'room', None).props.channel, 'room')
        error = factory.create_error_event('room', cause)
        for fault in (error.props.error, error.get_error()):
            self.assertTrue(fault.matches(Rt.error_quark(), Rt.Error.NETWORK), fault)
        self.assert_error(lambda: factory.create_custom_event('', None), Rt.Error.INVALID_ARGUMENT, 'name: ')


class Shouting(GObject.Object, Rt.Factory):
    """A factory of a program's own."""

    def __init__(self):
        super().__init__()
        self.usual = Rt.RealtimeFactory.new('ann')

    def do_create_message(self, message_type, channel, content):
        if content == 'throw':
            raise ValueError(THROWN)
        if content == 'nothing':
            return None
        return self.usual.create_message(message_type, channel, content.upper())

    def do_create_event(self, event_type, payload):
        return Rt.Event.new(event_type, payload)


class OnlyEvents(GObject.Object, Rt.Factory):
    def do_create_event(self, event_type, payload):
        return Rt.Message.new_text('room', 'no event')


class TestFactory(Case):
    def test_realtime(self):
        factory = Rt.RealtimeFactory.new('user-123')
        factory.get_message_factory().register_type('poll', None)
        message = factory.create_message(Rt.MessageType.TEXT, 'general', 'Hello!')
        event = factory.create_event(Rt.EventType.MESSAGE_RECEIVED, GLib.Variant('s', 'payload'))
        self.assertEqual((message.props.sender, message.props.content), ('user-123', 'Hello!'))
        self.assertEqual(event.props.variant.unpack(), 'payload')
        self.assertIsInstance(factory, Rt.Factory)

    def test_own(self):
        factory = Shouting()
        self.assertEqual(Rt.Factory.create_message(factory, Rt.MessageType.TEXT, 'room', 'hi').props.content, 'HI')
        event = Rt.Factory.create_event(factory, Rt.EventType.GAP, GLib.Variant('i', 3))
        self.assertEqual(event.props.variant.unpack(), 3)

    def test_faults(self):
        factory = Shouting()
        create = Rt.Factory.create_message
        _, error, seen = catch(lambda: create(factory, Rt.MessageType.TEXT, 'room', 'throw'))
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.FAILED), error)
        self.assertEqual(seen, [THROWN])
        self.assert_error(lambda: create(factory, Rt.MessageType.TEXT, 'room', 'nothing'), Rt.Error.FAILED,
                          'returned nothing')
        self.assert_error(lambda: create(factory, Rt.MessageType.TEXT, '', 'x'), Rt.Error.INVALID_MESSAGE, 'channel: ')
        self.assert_error(lambda: create(OnlyEvents(), Rt.MessageType.TEXT, 'room', 'x'), Rt.Error.NOT_SUPPORTED,
                          'messages')
        # PyGObject does not let a message pass for an event.
        _, error, seen = catch(lambda: Rt.Factory.create_event(OnlyEvents(), Rt.EventType.GAP, None))
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.FAILED), error)
        self.assertEqual(len(seen), 1)


class TestRateLimiter(Case):
    def test_limit(self):
        limiter = Rt.RateLimiter.new(0.001, 3)
        self.assertEqual((limiter.props.rate, limiter.get_burst()), (0.001, 3))
        self.assertEqual([limiter.try_acquire(2), limiter.try_acquire(2), limiter.try_acquire(1)], [True, False, True])
        self.assertEqual(limiter.get_delay(0), 0)
        self.assertEqual(limiter.get_delay(4), GLib.MAXUINT)
        self.assertGreater(limiter.get_delay(1), 0)
        self.assertTrue(Rt.RateLimiter(rate=5.0, burst=1).try_acquire(1))


guard.install()
unittest.main(verbosity=2)
