#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Byte streams, as a program in Python sees them."""

import gc
import hashlib
import threading
import unittest
import weakref

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

import guard
from guard import attempt, call, wait_until

CLOSE = Gio.OutputStreamSpliceFlags.CLOSE_SOURCE | Gio.OutputStreamSpliceFlags.CLOSE_TARGET
CONTENT = bytes(i * 7 % 251 for i in range(700_001))


class TestStreams(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.ann, self.bob = [self.connect() for _ in range(2)]
        self.room = call(self.bob.join_channel_async, self.bob.join_channel_finish, 'room', None)
        self.readers = []
        self.room.connect('stream-opened', lambda room, reader: self.readers.append(reader))

    def connect(self):
        client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url()))
        call(client.connect_async, client.connect_finish)
        return client

    def tearDown(self):
        self.readers.clear()
        for client in self.ann, self.bob:
            call(client.close_async, client.close_finish)

    def start(self, size=-1):
        stream = call(self.ann.start_stream_async, self.ann.start_stream_finish, 'room', 'photo.png', 'image/png', size)
        wait_until(lambda: self.readers)
        return stream, self.readers[-1]

    def test_splice(self):
        stream, reader = self.start(len(CONTENT))
        self.assertEqual((reader.props.name, reader.props.content_type, reader.props.size, reader.props.channel),
                         ('photo.png', 'image/png', len(CONTENT), 'room'))
        self.assertEqual(reader.props.id, stream.props.id)
        self.assertIsInstance(stream, Gio.OutputStream)
        self.assertIsInstance(reader, Gio.InputStream)
        source = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(CONTENT))
        target = Gio.MemoryOutputStream.new_resizable()
        ends = []
        stream.splice_async(source, CLOSE, GLib.PRIORITY_DEFAULT, None,
                            lambda stream, result: ends.append(stream.splice_finish(result)))
        target.splice_async(reader, CLOSE, GLib.PRIORITY_DEFAULT, None,
                            lambda target, result: ends.append(target.splice_finish(result)))
        wait_until(lambda: len(ends) == 2)
        self.assertEqual(ends, [len(CONTENT)] * 2)
        received = target.steal_as_bytes().get_data()
        self.assertEqual(hashlib.sha256(received).digest(), hashlib.sha256(CONTENT).digest())
        self.assertEqual(stream.props.bytes_sent, len(CONTENT))

    def test_blocking(self):
        """A thread writes and this one reads, without a main loop."""
        stream, reader = self.start()

        def write():
            stream.write_all(CONTENT, None)
            stream.close(None)

        writer = threading.Thread(target=write)
        writer.start()
        received = bytearray()
        while data := reader.read_bytes(50_000, None).get_data():
            received += data
        writer.join()
        self.assertEqual(bytes(received), CONTENT)

    def test_abort(self):
        stream, reader = self.start()
        stream.abort('changed my mind')
        data, error = attempt(reader.read_bytes_async, reader.read_bytes_finish, 10, GLib.PRIORITY_DEFAULT)
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.CLOSED))
        self.assertIn('changed my mind', error.message)
        with self.assertRaises(GLib.Error) as caught:
            stream.write_all(b'more', None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.CLOSED))

    def test_dropped_reader(self):
        stream, reader = self.start()
        gone = weakref.ref(reader)
        reader.read_bytes_async(1, GLib.PRIORITY_DEFAULT, None, lambda *_: None)
        del reader
        self.readers.clear()
        stream.write_all(b'x', None)
        wait_until(lambda: gc.collect() == 0 and gone() is None)
        with self.assertRaises(GLib.Error) as caught:
            while True:
                stream.write_all(bytes(100_000), None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.CLOSED))

    def test_arguments(self):
        with self.assertRaises(GLib.Error) as caught:
            self.ann.start_stream_sync('room', '', None, -1, None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.INVALID_ARGUMENT))


guard.install()
unittest.main()
