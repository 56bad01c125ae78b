#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How values, errors, threads and lifetimes come across to Python."""

import gc
import threading
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

import guard
from guard import attempt, call, wait_until

BURST = 2000


class Fixture(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.client = Rt.Client.new(Rt.Config(endpoint=self.server.get_url(), user_id='ann'))
        self.addCleanup(self.close)

    def close(self):
        self.client.close_sync(None)
        self.server.stop()

    def join(self):
        call(self.client.connect_async, self.client.connect_finish)
        return call(self.client.join_channel_async, self.client.join_channel_finish, 'room', None)

    def assert_error(self, error, code):
        self.assertIsNotNone(error)
        self.assertTrue(error.matches(Rt.error_quark(), code), error)


class TestValues(Fixture):
    def test_message(self):
        room = self.join()
        got = []
        room.connect('message', lambda _, message: got.append(message))
        options = Rt.MessageOptions.new()
        options.props.priority = Rt.Priority.URGENT
        options.props.metadata = GLib.Variant('a{ss}', {'colour': 'red'})
        sent = call(self.client.send_message_with_options_async, self.client.send_message_with_options_finish,
                    'room', 'hällo 🙂', options)
        wait_until(lambda: got)
        message = got[0]
        self.assertEqual(message.props.id, sent.props.id)
        self.assertEqual(message.props.content, 'hällo 🙂')
        self.assertEqual(message.props.message_type, Rt.MessageType.TEXT)
        self.assertEqual(message.props.priority, Rt.Priority.URGENT)
        self.assertEqual(message.props.metadata.unpack(), {'colour': 'red'})
        self.assertEqual(message.get_metadata_value('colour'), 'red')
        self.assertEqual(message.props.offset, 1)

    def test_data_and_bytes(self):
        room = self.join()
        got = []
        self.client.connect('message::room', lambda _, message: got.append(message))
        data = GLib.Variant('a{sv}', {'n': GLib.Variant('x', 7)})
        for message in (
                Rt.MessageBuilder.new().with_channel('room').with_variant(data).build(),
                Rt.MessageBuilder.new().with_channel('room').with_bytes(GLib.Bytes.new(b'\0\1\xff')).build()):
            call(room.send_async, room.send_finish, message)
        wait_until(lambda: len(got) == 2)
        self.assertEqual(got[0].props.data.unpack(), {'n': 7})
        self.assertIsNone(got[0].props.content)
        self.assertEqual(got[1].props.bytes.get_data(), b'\0\1\xff')

    def test_models(self):
        room = self.join()
        self.assertEqual(list(self.client.props.channels), [room])
        self.assertEqual(self.client.get_channel('room'), room)
        self.assertIsNone(self.client.get_channel('other'))
        self.assertEqual(room.props.client, self.client)
        # Asked for twice, a list is not emptied by the first answer.
        for _ in range(2):
            self.assertEqual(len(self.server.get_clients()), 1)

    def test_sync(self):
        self.assertTrue(self.client.connect_sync(None))
        room = self.client.join_channel_sync('room', None, None)
        self.assertEqual(room.send_message_sync('hello', None).props.offset, 1)
        history = room.history_sync(-1, None, False, None)
        self.assertEqual([message.props.content for message in history], ['hello'])
        self.assertEqual(history.load_more_sync(None), (True, 0))
        self.assertEqual(room.presence_stats_sync(None), (True, 1, 1))
        self.assertTrue(room.leave_sync(None))


class TestErrors(Fixture):
    def test_not_connected(self):
        result, error = attempt(self.client.send_message_async, self.client.send_message_finish, 'room', 'hello')
        self.assertIsNone(result)
        self.assert_error(error, Rt.Error.NOT_CONNECTED)

    def test_refused(self):
        self.server.stop()
        self.server.set_api_keys(['right'])
        self.server.start()
        _, error = attempt(self.client.connect_async, self.client.connect_finish)
        self.assert_error(error, Rt.Error.UNAUTHORIZED)

    def test_config(self):
        with self.assertRaises(GLib.Error) as caught:
            Rt.ConfigBuilder.new().with_endpoint('ftp://nowhere').with_receive_queue_limit(0).build()
        self.assert_error(caught.exception, Rt.Error.INVALID_CONFIG)
        for name in ('endpoint', 'receive-queue-limit'):
            self.assertIn(name, caught.exception.message)

    def test_cancel(self):
        call(self.client.connect_async, self.client.connect_finish)
        unanswered = []
        self.server.connect('rpc', lambda _, request: unanswered.append(request))
        cancellable = Gio.Cancellable.new()
        GLib.idle_add(cancellable.cancel)
        _, error = attempt(self.client.rpc_async, self.client.rpc_finish, 'wait', None, cancellable=cancellable)
        self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error)

    def test_signal(self):
        errors, ends = [], []
        self.client.connect('error', lambda _, error: errors.append(error))
        self.client.connect('disconnected', lambda _, code, reason, retry: ends.append((code, reason, retry)))
        call(self.client.connect_async, self.client.connect_finish)
        self.assertEqual(self.server.disconnect_client(self.client.props.client_id, 3501, 'enough'), 1)
        wait_until(lambda: ends)
        self.assertEqual(ends, [(3501, 'enough', False)])
        self.assertTrue(all(isinstance(error, GLib.Error) for error in errors), errors)


class TestDelivery(Fixture):
    def test_burst(self):
        """Every handler runs in the main thread, in order, however fast the messages come."""
        room = self.join()
        numbers, threads = [], set()

        def on_message(channel, message):
            numbers.append(int(message.props.content))
            threads.add(threading.get_ident())

        room.connect('message', on_message)
        for number in range(1, BURST + 1):
            self.server.publish('room', f'{{"$rt":1,"id":"{number}","text":"{number}"}}')
        wait_until(lambda: len(numbers) >= BURST)
        self.assertEqual(numbers, list(range(1, BURST + 1)))
        self.assertEqual(threads, {threading.main_thread().ident})


class TestLifetime(Fixture):
    def test_wrappers_die(self):
        """What was used and closed does not stay, neither as a wrapper nor as an object."""
        gone = []

        def use():
            client = Rt.Client.new(Rt.Config(endpoint=self.server.get_url()))
            call(client.connect_async, client.connect_finish)
            room = call(client.join_channel_async, client.join_channel_finish, 'room', None)
            got = []
            room.connect('message', lambda channel, message: got.append(message))
            sent = call(room.send_message_async, room.send_message_finish, 'hello')
            wait_until(lambda: got)
            history = call(room.history_async, room.history_finish, -1, None, False)
            for name in ('client', 'room', 'sent', 'history'):
                locals()[name].weak_ref(gone.append, name)
            got[0].weak_ref(gone.append, 'got')
            call(client.close_async, client.close_finish)

        use()
        names = ['client', 'got', 'history', 'room', 'sent']
        context = GLib.MainContext.default()
        while context.iteration(False):
            pass
        gc.collect()
        wait_until(lambda: sorted(gone) == names)


guard.install()
unittest.main(verbosity=2)
