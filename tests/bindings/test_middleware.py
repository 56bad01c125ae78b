#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Middlewares written in Python, and those of the library, in a real client."""

import sys
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, GObject, Rt, RtMock

import guard
from guard import attempt, call, wait_until

THROWN = 'thrown on purpose'


class Upper(GObject.Object, Rt.Middleware):
    """Puts another message in the place of an outgoing one, at once."""

    def do_process(self, exchange):
        message = exchange.get_message()
        if exchange.get_direction() == Rt.Direction.INCOMING:
            exchange.proceed()
        else:
            exchange.replace(Rt.Message.new_text(message.props.channel, message.props.content.upper()))
        return True


class Later(GObject.Object, Rt.Middleware):
    """Thinks about it first, and hears how it ended."""

    def __init__(self):
        super().__init__()
        self.ends = []

    def do_process(self, exchange):
        exchange.connect('completed', self.on_completed)
        GLib.timeout_add(5, self.decide, exchange)
        return True

    def decide(self, exchange):
        exchange.proceed()
        return GLib.SOURCE_REMOVE

    def on_completed(self, exchange, error):
        self.ends.append((exchange.props.message.props.content, error and error.message))


class Forbidding(GObject.Object, Rt.Middleware):
    """Fails what it does not like, in one way or another."""

    def do_process(self, exchange):
        content = exchange.props.message.props.content
        if content == 'raise':
            raise ValueError(THROWN)
        if content == 'error':
            raise GLib.Error.new_literal(Rt.error_quark(), 'not allowed', Rt.Error.PERMISSION_DENIED)
        if content == 'fail':
            exchange.fail(GLib.Error.new_literal(Rt.error_quark(), 'not now', Rt.Error.RATE_LIMITED))
        elif content == 'drop':
            exchange.drop('not today')
        else:
            exchange.proceed()
        # Nothing is returned, as one forgets: it is resolved all the same.


class Forgetful(GObject.Object, Rt.Middleware):
    """Does not even keep the exchange."""

    def do_process(self, exchange):
        return True


class Provider(GObject.Object, Rt.TokenProvider):
    """Fails once, then has a token."""

    failures = ['no token yet']

    def do_begin_token(self, channel, task):
        if self.failures:
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), self.failures.pop(), Rt.Error.NETWORK))
        else:
            self.return_token(task, 'token')


class TestMiddleware(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.texts = []

    def open(self, *middlewares, **settings):
        self.client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url(), **settings))
        for middleware in middlewares:
            self.client.use(middleware)
        call(self.client.connect_async, self.client.connect_finish)
        self.room = call(self.client.join_channel_async, self.client.join_channel_finish, 'room', None)
        self.room.connect('message', lambda room, message: self.texts.append(message.props.content))

    def send(self, content):
        return attempt(self.client.send_message_async, self.client.send_message_finish, 'room', content)

    def tearDown(self):
        call(self.client.close_async, self.client.close_finish)
        del self.client

    def test_at_once(self):
        self.open(Upper())
        message, error = self.send('hello')
        self.assertIsNone(error)
        self.assertEqual(message.props.content, 'HELLO')
        wait_until(lambda: self.texts == ['HELLO'])

    def test_later(self):
        later = Later()
        self.open(later)
        for content in ('1', '2', '3'):
            self.client.send_message_async('room', content, None, None)
        wait_until(lambda: self.texts == ['1', '2', '3'])
        wait_until(lambda: len(later.ends) == 6)
        self.assertEqual(sorted(later.ends), [('1', None)] * 2 + [('2', None)] * 2 + [('3', None)] * 2)

    def test_failures(self):
        later = Later()
        self.open(later, Forbidding())
        hook, sys.excepthook = sys.excepthook, lambda *_: None
        try:
            _, error = self.send('raise')
        finally:
            sys.excepthook = hook
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.FAILED))
        self.assertIn('Forbidding', error.message)
        _, error = self.send('error')
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.PERMISSION_DENIED))
        _, error = self.send('fail')
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.RATE_LIMITED))
        _, error = self.send('drop')
        self.assertIn('not today', error.message)
        _, error = self.send('ok')
        self.assertIsNone(error)
        wait_until(lambda: self.texts == ['ok'])
        self.assertIn(('error', 'not allowed'), later.ends)
        self.assertIn(('drop', None), later.ends)

    def test_forgotten(self):
        self.open(Forgetful(), request_timeout=300)
        _, error = self.send('lost')
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.TIMED_OUT))
        self.assertIn('Forgetful', error.message)

    def test_function(self):
        seen = []

        def look(exchange, user_data):
            seen.append(exchange.props.direction)
            exchange.proceed()
            return True

        self.open(Rt.Middleware.new_for_func(look, None))
        self.send('hello')
        wait_until(lambda: self.texts == ['hello'])
        self.assertEqual(seen, [Rt.Direction.OUTGOING, Rt.Direction.INCOMING])

    def test_built_in(self):
        recovery = Rt.RecoveryMiddleware.new()
        recovery.props.max_retries = 2
        recovery.props.retry_delay = 1
        recovered = []
        recovery.connect('recovered', lambda recovery, message, error: recovered.append(error.message))
        limit = Rt.RateLimitMiddleware.new(1000, 1000, Rt.RateLimitMode.COALESCE)
        limit.set_key_func(lambda message, user_data: message.props.content, None)
        failures = ['first', 'second']

        def flaky(exchange, user_data):
            if failures and exchange.props.direction == Rt.Direction.OUTGOING:
                raise GLib.Error.new_literal(Rt.error_quark(), failures.pop(0), Rt.Error.NETWORK)
            exchange.proceed()
            return True

        self.open(Rt.LoggingMiddleware.new(), recovery, Rt.TimeoutMiddleware.new(5000),
                  Rt.FilterMiddleware.new(lambda message, user_data: message.props.content != 'spam', None), limit,
                  Rt.Middleware.new_for_func(flaky, None))
        message, error = self.send('hello')
        self.assertIsNone(error)
        self.assertEqual(recovered, ['first', 'second'])
        self.assertEqual(recovery.props.dead_letters.get_n_items(), 0)
        _, error = self.send('spam')
        self.assertIn('filtered', error.message)
        wait_until(lambda: self.texts == ['hello'])

    def test_dead_letters(self):
        recovery = Rt.RecoveryMiddleware.new()
        self.open(recovery, Forbidding())
        self.send('error')
        letter = recovery.props.dead_letters.get_item(0)
        self.assertEqual(letter.props.message.props.content, 'error')
        self.assertEqual(letter.get_error().message, 'not allowed')
        self.assertEqual(letter.props.direction, Rt.Direction.OUTGOING)
        recovery.remove_dead_letter(letter)
        self.assertEqual(recovery.props.dead_letters.get_n_items(), 0)

    # A token provider's failure is none of a message's, and told all the same.
    def test_token_provider(self):
        recovery = Rt.RecoveryMiddleware.new()
        recovered = []
        recovery.connect('recovered', lambda recovery, message, error: recovered.append((message, error.message)))
        self.client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url(), reconnect_delay=100),
                                token_provider=Provider())
        self.client.use(recovery)
        attempt(self.client.connect_async, self.client.connect_finish)
        wait_until(lambda: recovered)
        self.assertIsNone(recovered[0][0])
        self.assertIn('no token yet', recovered[0][1])
        wait_until(lambda: self.client.props.state == Rt.ConnectionState.CONNECTED)

    # A filter that cannot judge lets nothing through.
    def test_raising_filter(self):
        def raising(message, user_data):
            raise ValueError(THROWN)

        self.open(Rt.FilterMiddleware.new(raising, None))
        hook, sys.excepthook = sys.excepthook, lambda *_: None
        try:
            _, error = self.send('hello')
        finally:
            sys.excepthook = hook
        self.assertIn('filtered', error.message)

    # What the help of Python says of those that take a function, and that it has to be one.
    def test_functions(self):
        self.open(Upper())
        for make in Rt.FilterMiddleware.new, Rt.Middleware.new_for_func, Rt.TokenProvider.new_for_func:
            self.assertRegex(make.__doc__, r'^new\w*\((predicate|func):Rt\.\w+Func, user_data=None\)')
            self.assertRaises(TypeError, make, None)
        limit = Rt.RateLimitMiddleware.new(10, 1, Rt.RateLimitMode.WAIT)
        limit.set_key_func(lambda message: 'key')
        limit.set_key_func(None)
        self.assertTrue(Rt.MessageFactory.new(None).register_type('poll', None))

    def test_goes_with_the_client(self):
        middleware = Upper()
        gone = []
        middleware.weak_ref(lambda: gone.append(True))
        self.open(middleware)
        self.send('hello')
        del middleware
        call(self.client.close_async, self.client.close_finish)
        wait_until(lambda: gone)


if __name__ == '__main__':
    guard.install()
    unittest.main()
