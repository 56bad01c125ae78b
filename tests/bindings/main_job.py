#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job in Python, with a server in the same process. Run: main_job.py [--drop]

With --drop the server acknowledges one publication that it does not deliver; the program has to notice and exit with
guard.MISSING.
"""

import sys
import threading

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock

import guard
from guard import call, wait_until

ROUNDS = 50
PAGE = 30

class Person:
    def __init__(self, name, server):
        self.name = name
        self.texts = []
        self.events = []
        self.acknowledged = 0
        self.client = Rt.Client.new(Rt.Config(endpoint=server.get_url(), user_id=name))
        self.client.connect('connected', self.on_event, 'connected')
        self.client.connect('disconnected', lambda client, code, reason, retry: self.on_event(client, f'gone {code}'))
        self.client.connect('error', self.on_error)

    def connect(self):
        assert call(self.client.connect_async, self.client.connect_finish)
        assert self.client.is_connected()
        assert self.client.props.state == Rt.ConnectionState.CONNECTED
        assert self.client.props.transport == 'websocket'

    def join(self):
        options = Rt.ChannelOptions(join_leave=True)
        self.room = call(self.client.join_channel_async, self.client.join_channel_finish, 'room', options)
        assert self.room.props.state == Rt.ChannelState.JOINED
        self.room.connect('message', self.on_message)
        self.room.connect('member-joined', lambda room, member: self.on_event(room, f'{member.props.user_id} came'))
        self.room.connect('member-left', lambda room, member: self.on_event(room, f'{member.props.user_id} went'))

    def send(self, number):
        self.room.send_message_async(f'{self.name} {number}', None, self.on_sent, number)

    def on_sent(self, room, result, number):
        message = room.send_message_finish(result)
        assert threading.current_thread() is threading.main_thread()
        self.acknowledged += 1
        assert number == self.acknowledged, (number, self.acknowledged)
        assert message.props.content == f'{self.name} {number}'

    def on_message(self, room, message):
        assert threading.current_thread() is threading.main_thread()
        assert room is self.room
        assert message.props.channel == 'room'
        assert message.props.content.startswith(message.props.sender)
        self.texts.append(message.props.content)

    def on_event(self, source, event):
        assert threading.current_thread() is threading.main_thread()
        self.events.append(event)

    def on_error(self, client, error):
        raise AssertionError(f'{self.name} was told of an error: {error.message}')


def exchange(people):
    for number in range(1, ROUNDS + 1):
        for person in people:
            person.send(number)
    wait_until(lambda: all(person.acknowledged == ROUNDS for person in people))
    # The answer comes after everything that the server has sent before it.
    for person in people:
        assert call(person.client.ping_async, person.client.ping_finish) >= 0


def check_delivery(people):
    missing = [f'missing: {to.name} did not get "{by.name} {number}"'
               for to in people for by in people for number in range(1, ROUNDS + 1)
               if f'{by.name} {number}' not in to.texts]
    if missing:
        print('\n'.join(missing), file=sys.stderr)
        sys.exit(guard.MISSING)
    for to in people:
        assert len(to.texts) == ROUNDS * len(people), to.texts
        for by in people:
            got = [text for text in to.texts if text.startswith(by.name)]
            assert got == [f'{by.name} {number}' for number in range(1, ROUNDS + 1)], got


def check_presence(people):
    room = people[0].room
    members = call(room.presence_async, room.presence_finish)
    assert members.get_n_items() == len(people)
    assert {member.props.user_id for member in members} == {person.name for person in people}
    assert {member.props.client_id for member in members} == {person.client.props.client_id for person in people}
    stats = call(room.presence_stats_async, room.presence_stats_finish)
    assert (stats.n_clients, stats.n_users) == (len(people), len(people))


def check_history(person):
    room = person.room
    history = call(room.history_async, room.history_finish, PAGE, None, False)
    assert history.get_n_items() == PAGE
    while call(history.load_more_async, history.load_more_finish).n_loaded > 0:
        pass
    assert [message.props.content for message in history] == person.texts
    assert history.props.offset == room.props.offset == len(person.texts)
    assert history.props.epoch == room.props.epoch

    since = Rt.Position.new(history.props.epoch, 3)
    newest = call(room.history_async, room.history_finish, 2, since, True)
    assert [message.props.offset for message in newest] == [2, 1]


def check_rpc(person, server):
    def on_rpc(server, request):
        assert threading.current_thread() is threading.main_thread()
        assert request.props.method == 'add'
        assert request.props.user_id == person.name
        assert request.props.data == '{"a":2,"b":3}'
        request.reply('{"sum":5}')

    server.connect('rpc', on_rpc)
    data = GLib.Variant('a{sv}', {'a': GLib.Variant('x', 2), 'b': GLib.Variant('x', 3)})
    answer = call(person.client.rpc_async, person.client.rpc_finish, 'add', data)
    assert answer.unpack() == {'sum': 5}, answer


def part(ann, bob, server):
    assert call(bob.room.leave_async, bob.room.leave_finish)
    assert bob.room.props.state == Rt.ChannelState.LEFT
    wait_until(lambda: 'bob went' in ann.events)
    for person in (ann, bob):
        assert call(person.client.close_async, person.client.close_finish)
        assert person.client.props.state == Rt.ConnectionState.CLOSED
        wait_until(lambda: 'gone 1000' in person.events)
    assert ann.events == ['connected', 'ann came', 'bob came', 'bob went', 'gone 1000'], ann.events
    assert bob.events == ['connected', 'bob came', 'gone 1000'], bob.events
    assert len(server.get_messages('room')) == len(ann.texts)


def main():
    guard.install()
    server = RtMock.Server.new()
    server.start()
    if '--drop' in sys.argv:
        server.inject_fault(RtMock.Fault.DROP_PUBLICATION, 1)
    people = ann, bob = [Person(name, server) for name in ('ann', 'bob')]
    for person in people:
        person.connect()
        person.join()
    exchange(people)
    check_delivery(people)
    check_presence(people)
    check_history(ann)
    check_rpc(ann, server)
    part(ann, bob, server)
    server.stop()
    print(f'sent {2 * ROUNDS}, acknowledged {ann.acknowledged + bob.acknowledged}, '
          f'delivered {len(ann.texts) + len(bob.texts)}, lost 0')


main()
