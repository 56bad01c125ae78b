#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that holds its connection, as a program in Python sees it."""

import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, GObject, Rt, RtMock

import guard
from guard import attempt, call, wait_until


class Provider(GObject.Object, Rt.TokenProvider):
    """Answers later, as one that asks a server of its own would."""

    def __init__(self, token):
        super().__init__()
        self.token = token
        self.asked = []

    def do_begin_token(self, channel, task):
        self.asked.append(channel)
        GLib.idle_add(self.return_token, task, self.token)


class Raising(GObject.Object, Rt.TokenProvider):
    def do_begin_token(self, channel, task):
        task.return_error(GLib.Error.new_literal(Rt.error_quark(), 'logged out', Rt.Error.UNAUTHORIZED))


class TestClient(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.events = []

    def make(self, **properties):
        config = Rt.Config(endpoint=self.server.get_url())
        self.client = Rt.Client(config=config, **properties)
        self.client.connect('connected', lambda client: self.events.append('connected'))
        self.client.connect('disconnected', self.on_disconnected)
        self.client.connect('reconnecting', self.on_reconnecting)

    def on_disconnected(self, client, code, reason, will_retry):
        self.events.append(f'disconnected {will_retry}')

    def on_reconnecting(self, client, attempt_number, delay_ms):
        self.assertLessEqual(delay_ms, 1000)
        self.events.append(f'reconnecting {attempt_number}')

    def open(self):
        self.assertIs(call(self.client.connect_async, self.client.connect_finish), True)
        wait_until(lambda: self.events == ['connected'])

    def tearDown(self):
        call(self.client.close_async, self.client.close_finish)
        del self.client

    def test_lost_line(self):
        self.make()
        self.open()
        room = call(self.client.join_channel_async, self.client.join_channel_finish, 'room', None)
        texts = []
        room.connect('message', lambda room, message: texts.append(message.props.content))
        self.server.drop_connections()
        wait_until(lambda: 'disconnected True' in self.events)
        # What is sent meanwhile waits.
        sent = [attempt(self.client.send_message_async, self.client.send_message_finish, 'room', text)
                for text in ('one', 'two')]
        self.assertEqual([error for message, error in sent], [None, None])
        wait_until(lambda: texts == ['one', 'two'])
        self.assertEqual(self.events, ['connected', 'disconnected True', 'reconnecting 1', 'connected'])
        self.assertEqual(self.client.props.attempt, 0)
        self.assertEqual(self.client.props.queued_messages, 0)
        self.assertEqual(self.client.props.latency, -1)

    def test_refused(self):
        self.make()
        self.open()
        self.server.disconnect_client(None, 4500, 'go away')
        wait_until(lambda: self.events == ['connected', 'disconnected False'])
        self.assertEqual(self.client.props.state, Rt.ConnectionState.FAILED)
        self.assertEqual(self.client.props.state_code, 4500)
        self.assertEqual(self.client.props.state_reason, 'go away')

    def test_tokens(self):
        self.server.set_api_keys(['right'])
        provider = Provider('right')
        self.make(token_provider=provider)
        with self.assertRaises(GLib.Error) as caught:
            self.client.connect_sync(None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.NOT_SUPPORTED), caught.exception)
        self.assertIs(call(self.client.connect_async, self.client.connect_finish), True)
        options = Rt.ChannelOptions(token_provider=Provider('ticket'))
        call(self.client.join_channel_async, self.client.join_channel_finish, 'room', options)
        self.assertEqual(options.props.token_provider.asked, ['room'])
        self.assertEqual(set(provider.asked), {None})
        # Another user.
        asked = len(provider.asked)
        self.assertIs(call(self.client.reset_session_async, self.client.reset_session_finish), True)
        wait_until(lambda: self.client.is_connected() and len(provider.asked) > asked)
        self.assertIsNone(self.client.get_channel('room'))

    def test_no_token(self):
        self.make(token_provider=Raising())
        result, error = attempt(self.client.connect_async, self.client.connect_finish)
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.UNAUTHORIZED), error)
        self.assertIn('logged out', error.message)
        self.assertEqual(self.client.props.state, Rt.ConnectionState.FAILED)


guard.install()
unittest.main(verbosity=2)
