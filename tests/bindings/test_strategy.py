#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connection strategies written in Python, and the built-in one used from Python."""

import json
import sys
import threading
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, GObject, Rt, RtMock

import guard
from guard import attempt, wait_until

FRAMES = 50


class Loopback(GObject.Object, Rt.ConnectionStrategy):
    """Brings back what is sent. Each task is completed later."""

    def __init__(self):
        super().__init__()
        self.open = False

    def do_get_name(self):
        return 'loopback'

    def do_is_connected(self):
        return self.open

    def do_get_timeout(self):
        return 30000

    def do_begin_connect(self, task):
        GLib.idle_add(self.finish, task, True)

    def do_begin_send(self, task, frame):
        if self.open:
            GLib.idle_add(self.finish_send, task, frame)
        else:
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), 'not open', Rt.Error.NOT_CONNECTED))

    def do_begin_disconnect(self, task):
        GLib.idle_add(self.finish, task, False)

    def finish(self, task, is_open):
        self.open = is_open
        task.return_boolean(True)
        if not is_open:
            self.emit('closed', 1000, 'as asked')

    def finish_send(self, task, frame):
        task.return_boolean(True)
        self.emit('received', frame)


class Forgetful(GObject.Object, Rt.ConnectionStrategy):
    def do_begin_connect(self, task):
        pass


class Raising(GObject.Object, Rt.ConnectionStrategy):
    def do_get_timeout(self):
        return 1

    def do_begin_connect(self, task):
        raise ValueError('thrown on purpose')


class Slow(GObject.Object, Rt.ConnectionStrategy):
    def do_get_timeout(self):
        return 1

    def do_begin_connect(self, task):
        self.task = task


class Waiting(GObject.Object, Rt.ConnectionStrategy):
    """Connects when the caller gives up."""

    def do_begin_connect(self, task):
        task.get_cancellable().connect(lambda *_: GLib.idle_add(self.finish, task))

    def finish(self, task):
        assert task.return_error_if_cancelled()


def open_it(strategy, cancellable=None):
    return attempt(strategy.connect_async, strategy.connect_finish, cancellable=cancellable)


def close_it(strategy):
    return attempt(strategy.disconnect_async, strategy.disconnect_finish)


def send(strategy, data):
    return attempt(strategy.send_async, strategy.send_finish, GLib.Bytes.new(data))


class TestOwnStrategies(unittest.TestCase):
    def assert_error(self, end, code, text):
        result, error = end
        self.assertIsNone(result)
        self.assertTrue(error.matches(Rt.error_quark(), code), error)
        self.assertIn(text, error.message)

    def test_loopback(self):
        strategy = Loopback()
        received, closed, sent = [], [], []
        strategy.connect('received', lambda _, frame: received.append(frame.get_data()))
        strategy.connect('closed', lambda _, code, reason: closed.append((code, reason)))
        self.assertEqual(strategy.get_name(), 'loopback')
        self.assertEqual(strategy.get_timeout(), 30000)
        self.assertFalse(strategy.is_connected())
        self.assert_error(send(strategy, b'early'), Rt.Error.NOT_CONNECTED, 'not open')
        self.assertEqual(open_it(strategy), (True, None))
        self.assertTrue(strategy.is_connected())
        frames = [f'frame {number}'.encode() for number in range(FRAMES)]
        for frame in frames:
            strategy.send_async(GLib.Bytes.new(frame), None,
                                lambda source, result: sent.append(source.send_finish(result)))
        wait_until(lambda: len(sent) == FRAMES and len(received) == FRAMES)
        self.assertEqual(received, frames)
        self.assertEqual(closed, [])
        self.assertEqual(close_it(strategy), (True, None))
        wait_until(lambda: closed)
        self.assertEqual(closed, [(1000, 'as asked')])

    def test_forgotten_task(self):
        self.assert_error(open_it(Forgetful()), Rt.Error.FAILED, 'dropped its task')

    def test_exception(self):
        seen = []
        hook, sys.excepthook = sys.excepthook, lambda kind, value, trace: seen.append(str(value))
        try:
            end = open_it(Raising())
        finally:
            sys.excepthook = hook
        self.assertEqual(seen, ['thrown on purpose'])
        # Python keeps the frames of the last exception, and with them the task.
        self.assert_error(end, Rt.Error.TIMED_OUT, 'within 1 ms')

    def test_kept_too_long(self):
        self.assert_error(open_it(Slow()), Rt.Error.TIMED_OUT, 'within 1 ms')

    def test_missing_function(self):
        self.assertEqual(Forgetful().get_name(), GObject.type_name(Forgetful))
        self.assert_error(send(Forgetful(), b'x'), Rt.Error.NOT_SUPPORTED, 'begin_send')

    def test_cancel(self):
        cancellable = Gio.Cancellable.new()
        GLib.idle_add(cancellable.cancel)
        result, error = open_it(Waiting(), cancellable)
        self.assertIsNone(result)
        self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error)


class TestWebsocketStrategy(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.strategy = Rt.WebsocketStrategy.new(Rt.Config(endpoint=self.server.get_url()))
        self.received = []
        self.closed = []
        self.strategy.connect('received', self.on_received)
        self.strategy.connect('closed', lambda _, code, reason: self.closed.append(code))

    def on_received(self, strategy, frame):
        assert threading.current_thread() is threading.main_thread()
        self.received += [json.loads(line) for line in frame.get_data().splitlines()]

    def test_conversation(self):
        self.assertEqual(self.strategy.get_name(), 'websocket')
        self.assertEqual(open_it(self.strategy), (True, None))
        self.assertTrue(self.strategy.is_connected())
        self.assertEqual(self.strategy.get_protocol(), 'rt1.json')
        self.assertEqual(send(self.strategy, b'{"id":1,"connect":{}}'), (True, None))
        wait_until(lambda: self.received)
        self.assertEqual(self.received[0]['id'], 1)
        self.assertEqual([self.received[0]['connect']['client']], self.server.get_clients())
        self.assertEqual(close_it(self.strategy), (True, None))
        wait_until(lambda: self.closed)
        self.assertEqual(self.closed, [1000])
        self.assertFalse(self.strategy.is_connected())

    def test_refused(self):
        self.server.stop()
        result, error = open_it(self.strategy)
        self.assertIsNone(result)
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.NETWORK), error)
        self.assertEqual(self.closed, [])


guard.install()
unittest.main(verbosity=2)
