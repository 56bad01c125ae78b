#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test of a program against the mock server: in this process, on a free port, with faults on demand."""
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock


class TestWithMockServer(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.set_api_keys(['test-key'])
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = self.new_client('test-key')

    def new_client(self, api_key):
        client = Rt.Client.new(Rt.Config.new(api_key, self.server.get_url()))
        self.addCleanup(client.close_sync, None)
        return client

    def test_connect(self):
        self.client.connect_sync(None)
        self.assertTrue(self.client.is_connected())

    def test_recorded(self):
        self.client.connect_sync(None)
        self.client.send_message_sync('general', 'Hello!', None)
        self.assertTrue(self.server.wait_for_messages(1, 5000))
        messages = self.server.get_messages('general')
        self.assertEqual(len(messages), 1)
        self.assertIn('Hello!', messages[0])

    def test_lost_line(self):
        """The server resets the line instead of answering; the client connects again, and the message is sent once."""
        self.client.connect_sync(None)
        self.server.inject_fault(RtMock.Fault.DROP_CONNECTION, 1)
        self.client.send_message_sync('lost', 'still here', None)
        self.assertEqual(len(self.server.get_messages('lost')), 1)

    def test_refused(self):
        """Who shows no right key is refused as a real server does it."""
        stranger = self.new_client('another-key')
        with self.assertRaises(GLib.Error) as caught:
            stranger.connect_sync(None)
        self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.UNAUTHORIZED))
        self.assertEqual(stranger.props.state, Rt.ConnectionState.FAILED)


unittest.main()
