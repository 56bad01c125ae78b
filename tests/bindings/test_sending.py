#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast messages go out, those that come too late, and calls of the server, as a program in Python sees them."""

import json
import time
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

import guard
from guard import attempt, call, wait_until


class TestSending(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.calls = []
        self.waiting = []  # a call that is dropped is answered
        self.server.connect('rpc', self.on_rpc)

    def open(self, **settings):
        self.client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url(), **settings))
        self.assertTrue(self.client.connect_sync(None))

    def on_rpc(self, server, rpc):
        self.calls.append((rpc.get_method(), rpc.get_data()))
        if rpc.get_method() == 'fail':
            rpc.fail(418, 'a teapot')
        elif rpc.get_method() == 'wait':
            self.waiting.append(rpc)
        else:
            rpc.reply(rpc.get_data() or 'null')

    def tearDown(self):
        call(self.client.close_async, self.client.close_finish)
        del self.client

    def assertFails(self, ended, code, domain=Rt.error_quark):
        result, error = ended
        self.assertFalse(result)
        self.assertTrue(error.matches(domain(), code), error)
        return error

    def test_rate(self):
        self.open(rate_limit=1, rate_burst=2, rate_policy=Rt.RatePolicy.FAIL)
        ends = [attempt(self.client.send_message_async, self.client.send_message_finish, 'room', text)
                for text in ('one', 'two', 'three', 'four')]
        self.assertEqual([error for message, error in ends[:2]], [None, None])
        error = self.assertFails(ends[-1], Rt.Error.RATE_LIMITED)
        self.assertTrue(Rt.error_is_retryable(error))

    def test_rate_of_the_server(self):
        builder = Rt.ConfigBuilder.new().with_endpoint(self.server.get_url()).with_rate_limit(1000)
        config = builder.with_rate_policy(Rt.RatePolicy.WAIT).build()
        self.open(rate_limit=config.props.rate_limit, rate_policy=config.props.rate_policy)
        self.server.inject_fault(RtMock.Fault.RATE_LIMIT, 2)
        sent = call(self.client.send_message_async, self.client.send_message_finish, 'room', 'patience')
        self.assertEqual(sent.props.content, 'patience')
        self.assertEqual(len(self.server.get_messages('room')), 1)

    def test_late(self):
        self.open()
        room = call(self.client.join_channel_async, self.client.join_channel_finish, 'room', None)
        texts, dropped = [], []
        room.connect('message', lambda room, message: texts.append(message.props.content))
        self.client.connect('message-dropped', lambda client, message, error:
                            dropped.append((message.props.content, error.matches(Rt.error_quark(), Rt.Error.EXPIRED))))
        for number, age in enumerate((60, 0)):
            self.server.publish('room', json.dumps({
                '$rt': 1, 'id': str(number + 1), 'src': '00000000000000aa', 'type': 'text', 'ttl': 10000,
                'ts': int((time.time() - age) * 1000000), 'text': f'aged {age}'}))
        wait_until(lambda: texts)
        self.assertEqual(texts, ['aged 0'])
        self.assertEqual(dropped, [('aged 60', True)])
        self.assertEqual(room.props.offset, 2)

    def test_calls(self):
        self.open()
        begin, finish = self.client.rpc_with_timeout_async, self.client.rpc_with_timeout_finish
        self.assertEqual(call(begin, finish, 'echo', GLib.Variant('s', 'x'), 5000).unpack(), 'x')
        error = self.assertFails(attempt(begin, finish, 'fail', None, 0), 418, Rt.server_error_quark)
        self.assertIn('a teapot', error.message)
        self.assertFails(attempt(begin, finish, 'wait', None, 100), Rt.Error.TIMED_OUT)
        self.assertFails(attempt(begin, finish, 'never', None, 1), Rt.Error.INVALID_ARGUMENT)
        cancellable = Gio.Cancellable.new()
        GLib.idle_add(cancellable.cancel)
        self.assertFails(attempt(begin, finish, 'wait', None, 60000, cancellable=cancellable),
                         Gio.IOErrorEnum.CANCELLED, Gio.io_error_quark)

    def test_notifications(self):
        self.open()
        self.assertTrue(self.client.send_notification_sync('fail', None, None))
        self.assertIs(call(self.client.send_notification_async, self.client.send_notification_finish, 'log',
                           GLib.Variant('as', ['a', 'b'])), True)
        self.client.send_notification_async('log', GLib.Variant('x', 7), None, None)
        wait_until(lambda: len(self.calls) == 3)
        self.assertEqual(self.calls, [('fail', None), ('log', '["a","b"]'), ('log', '7')])
        self.client.disconnect_sync(None)
        self.assertFails(attempt(self.client.send_notification_async, self.client.send_notification_finish, 'log', None),
                         Rt.Error.NOT_CONNECTED)


guard.install()
unittest.main(verbosity=2)
