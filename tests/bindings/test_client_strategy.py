#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that reaches its server by a strategy written in Python, over a socket of the program's own."""

import gc
import os
import struct
import sys
import threading
import unittest
import weakref

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, GObject, Rt, RtMock

import guard
from guard import call, wait_until

ROUND = 100

REQUEST = '''GET /connection/websocket HTTP/1.1\r
Host: 127.0.0.1\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
Sec-WebSocket-Protocol: centrifuge-json\r
\r
'''
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def encode(opcode, data):
    mask = os.urandom(4)
    size = len(data)
    if size < 126:
        head = struct.pack('!BB', 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack('!BBH', 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack('!BBQ', 0x80 | opcode, 0x80 | 127, size)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def decode(buffer):
    """The first frame and what follows it, or None while it is not whole. The server sends none in fragments."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7f, 2
    if size >= 126:
        start = 4 if size == 126 else 10
        if len(buffer) < start:
            return None
        size = int.from_bytes(buffer[2:start], 'big')
    if len(buffer) < start + size:
        return None
    return buffer[0] & 0xf, buffer[start:start + size], buffer[start + size:]


class SocketStrategy(GObject.Object, Rt.ConnectionStrategy):
    """The little of a WebSocket that a server on the loopback interface needs."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.connection = None
        self.opening = None
        self.buffer = b''
        self.connects = 0
        self.sends = 0

    def do_get_name(self):
        return 'socket'

    def do_is_connected(self):
        return self.connection is not None and self.opening is None

    def do_begin_connect(self, task):
        assert threading.current_thread() is threading.main_thread()
        self.connects += 1
        Gio.SocketClient().connect_to_host_async(f'127.0.0.1:{self.port}', self.port, task.get_cancellable(),
                                                 self.on_connected, task)

    def on_connected(self, client, result, task):
        try:
            self.connection = client.connect_to_host_finish(result)
        except GLib.Error as error:
            task.return_error(error)
            return
        self.buffer = b''
        self.opening = task
        self.write(REQUEST.encode(), lambda error: None)
        self.read()

    def read(self):
        stream = self.connection.get_input_stream()
        stream.read_bytes_async(65536, GLib.PRIORITY_DEFAULT, None, self.on_read, self.connection)

    def on_read(self, stream, result, connection):
        try:
            data = stream.read_bytes_finish(result).get_data()
        except GLib.Error:
            data = b''
        if connection is not self.connection:
            return
        if not data:
            self.end(1006, 'the line is gone')
            return
        self.buffer += data
        if self.opening is None or self.take_head():
            self.take_frames()
        if self.connection is not None:
            self.read()

    def take_head(self):
        head, separator, rest = self.buffer.partition(b'\r\n\r\n')
        if not separator:
            return False
        self.buffer = rest
        task, self.opening = self.opening, None
        if head.startswith(b'HTTP/1.1 101 '):
            task.return_boolean(True)
        else:
            self.end(1006, 'refused')
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), 'refused', Rt.Error.NETWORK))
        return True

    def take_frames(self):
        while self.connection is not None and (frame := decode(self.buffer)) is not None:
            opcode, data, self.buffer = frame
            if opcode == TEXT:
                self.emit('received', GLib.Bytes.new(data))
            elif opcode == PING:
                self.write(encode(PONG, data), lambda error: None)
            elif opcode == CLOSE:
                code = int.from_bytes(data[:2], 'big') if len(data) >= 2 else 1005
                self.end(code, data[2:].decode())

    def end(self, code, reason):
        connection, self.connection = self.connection, None
        task, self.opening = self.opening, None
        connection.close_async(GLib.PRIORITY_DEFAULT, None, None)
        if task is not None:
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), reason, Rt.Error.NETWORK))
        else:
            self.emit('closed', code, reason)

    def write(self, data, done):
        stream = self.connection.get_output_stream()
        stream.write_bytes_async(GLib.Bytes.new(data), GLib.PRIORITY_DEFAULT, None, self.on_written, data, done)

    def on_written(self, stream, result, data, done):
        try:
            rest = data[stream.write_bytes_finish(result):]
        except GLib.Error as error:
            done(error)
            return
        if rest and self.connection is not None:
            self.write(rest, done)
        else:
            done(None)

    def do_begin_send(self, task, frame):
        assert threading.current_thread() is threading.main_thread()
        if not self.do_is_connected():
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), 'not open', Rt.Error.NOT_CONNECTED))
            return
        self.sends += 1
        self.write(encode(TEXT, frame.get_data()),
                   lambda error: task.return_error(error) if error else task.return_boolean(True))

    def do_begin_disconnect(self, task):
        if self.connection is not None:
            self.write(encode(CLOSE, struct.pack('!H', 1000)), lambda error: None)
            self.end(1000, 'as asked')
        task.return_boolean(True)


class Raising(GObject.Object, Rt.ConnectionStrategy):
    def do_get_name(self):
        return 'raising'

    def do_begin_connect(self, task):
        raise ValueError('thrown on purpose')

    def do_begin_disconnect(self, task):
        task.return_boolean(True)


class TestClientStrategy(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.builder = Rt.ClientBuilder.new()
        self.builder.with_endpoint(self.server.get_url()).with_reconnect_delay(100)

    def start(self, strategy):
        self.client = self.builder.with_strategy(strategy).build()
        self.assertIs(call(self.client.connect_async, self.client.connect_finish), True)
        self.texts, self.sent, self.expected = [], [], []
        self.room = call(self.client.join_channel_async, self.client.join_channel_finish, 'room', None)
        self.room.connect('message', lambda room, message: self.texts.append(message.props.content))

    def send(self, count):
        texts = [f'text {len(self.expected) + number}' for number in range(1, count + 1)]
        self.expected += texts
        for text in texts:
            self.room.send_message_async(text, None,
                                         lambda room, result: self.sent.append(room.send_message_finish(result)))

    def wait(self):
        wait_until(lambda: len(self.sent) == len(self.expected) and len(self.texts) >= len(self.expected))
        self.assertEqual(self.texts, self.expected)

    def close(self):
        self.assertIs(call(self.client.close_async, self.client.close_finish), True)
        del self.client, self.room, self.builder

    def test_messages(self):
        strategy = SocketStrategy(self.server.get_port())
        self.start(strategy)
        self.assertEqual(self.client.props.transport, 'socket')
        self.send(ROUND)
        self.wait()
        self.send(ROUND)
        self.server.drop_connections()
        self.send(ROUND)
        self.wait()
        self.assertEqual(strategy.connects, 2)
        self.assertEqual(self.client.props.transport, 'socket')
        self.assertGreater(strategy.sends, 3)
        self.close()
        self.assertFalse(strategy.is_connected())
        gone = weakref.ref(strategy)
        del strategy
        wait_until(lambda: gc.collect() is not None and gone() is None)

    def test_exception(self):
        seen = []
        hook, sys.excepthook = sys.excepthook, lambda kind, value, trace: seen.append(str(value))
        try:
            self.builder.with_connect_timeout(2000)
            self.start(Raising())
        finally:
            sys.excepthook = hook
        self.assertEqual(seen, ['thrown on purpose'])
        self.assertEqual(self.client.props.transport, 'websocket')
        self.close()

    def test_selector(self):
        selector = Rt.StrategySelector.new()
        first, second = SocketStrategy(1), Raising()
        selector.register('first', first)
        selector.register('second', second)
        self.assertEqual(selector.get_names(), ['first', 'second'])
        self.assertIs(selector.select('first'), first)
        self.assertIs(selector.select('second'), second)
        self.assertTrue(selector.unregister('first'))
        self.assertFalse(selector.unregister('first'))
        with self.assertRaises(GLib.Error) as caught:
            selector.select('first')
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.INVALID_CONFIG), caught.exception)
        client = self.builder.with_strategy_selector(selector).with_strategies(['second', 'websocket']).build()
        self.assertEqual(client.get_strategy_selector().get_names(), ['second'])

    def test_blocking(self):
        client = self.builder.with_strategy(SocketStrategy(self.server.get_port())).build()
        with self.assertRaises(GLib.Error) as caught:
            client.connect_sync(None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.NOT_SUPPORTED), caught.exception)


guard.install()
unittest.main(verbosity=2)
