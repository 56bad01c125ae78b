#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Channels as a program in Python sees them: shared handles, and the lists that views are made of."""

import gc
import unittest

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

import guard
from guard import attempt, call, wait_until


class TestChannels(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.client = self.make('ann')

    def make(self, user):
        client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url(), user_id=user))
        call(client.connect_async, client.connect_finish)
        return client

    def tearDown(self):
        call(self.client.close_async, self.client.close_finish)
        del self.client

    def join(self, **properties):
        options = Rt.ChannelOptions(**properties)
        return call(self.client.join_channel_async, self.client.join_channel_finish, 'room', options)

    def publish(self, first, last):
        for number in range(first, last + 1):
            self.server.publish('room', f'{{"text":"{number}"}}')

    def texts(self, messages):
        return [message.props.data['text'] for message in messages]

    def test_shared(self):
        room = self.join()
        self.assertIs(self.join(), room)
        call(room.leave_async, room.leave_finish)
        self.assertEqual(room.props.state, Rt.ChannelState.JOINED)
        call(self.client.leave_channel_async, self.client.leave_channel_finish, 'room')
        self.assertEqual(room.props.state, Rt.ChannelState.LEFT)
        result, error = attempt(room.leave_async, room.leave_finish)
        self.assertTrue(error.matches(Rt.error_quark(), Rt.Error.CHANNEL_NOT_FOUND))

    def test_handles_go(self):
        gone = []
        room = self.join()
        room.weak_ref(lambda: gone.append(True))
        call(room.leave_async, room.leave_finish)
        del room
        gc.collect()
        wait_until(lambda: gone)

    def test_members(self):
        bob = self.make('bob')
        room = self.join()
        members = room.props.members
        self.assertIsInstance(members, Gio.ListModel)
        changes = []
        members.connect('items-changed', lambda model, *change: changes.append(change))
        wait_until(room.get_members_synced)
        self.assertEqual([member.props.user_id for member in members], ['ann'])
        theirs = call(bob.join_channel_async, bob.join_channel_finish, 'room', None)
        wait_until(lambda: len(members) == 2)
        self.assertEqual([member.props.user_id for member in members], ['ann', 'bob'])
        call(theirs.leave_async, theirs.leave_finish)
        wait_until(lambda: len(members) == 1)
        self.assertEqual(changes[-2:], [(1, 0, 1), (1, 1, 0)])
        call(bob.close_async, bob.close_finish)

    def test_messages(self):
        self.publish(1, 3)
        room = self.join(prefill=2, messages_limit=4)
        messages = room.props.messages
        wait_until(lambda: len(messages) == 2)
        self.publish(4, 6)
        wait_until(lambda: self.texts(messages) == ['3', '4', '5', '6'])

    def test_history(self):
        self.publish(1, 5)
        room = self.join()
        history = call(room.history_async, room.history_finish, 2, None, False)
        history.props.auto_load = True
        self.assertEqual(self.texts(history), ['1', '2'])
        # Whoever has looked at the last one gets the next.
        wait_until(lambda: self.texts(history) == ['1', '2', '3', '4', '5'])
        self.assertFalse(history.props.has_more)
        self.assertIsNone(history.props.error)

    def test_filter(self):
        town = Rt.TagsFilter.new_one_of('town', ['paris', 'berlin'])
        wanted = town.both(Rt.TagsFilter.new_exists('rain').negate())
        room = self.join(tags_filter=wanted)
        texts = []
        room.connect('message', lambda room, message: texts.append(message.props.content))
        for number, tags in enumerate(['"town":"paris"', '"town":"rome"', '"town":"berlin","rain":"1"',
                                       '"town":"berlin"']):
            self.server.publish('room', f'{{"$rt":1,"text":"{number}","tags":{{{tags}}}}}')
        wait_until(lambda: texts == ['0', '3'])
        with self.assertRaises(GLib.Error):
            Rt.TagsFilter.new_from_json('{"op":"xor"}')


guard.install()
unittest.main(verbosity=2)
