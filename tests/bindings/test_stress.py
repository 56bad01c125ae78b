#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Handlers in Python under load: each message once, in order, in the main thread, and nothing is left of it after."""

import gc
import os
import threading
import unittest
import weakref

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, GObject, Rt, RtMock

import guard
from guard import call, poll_until, wait_until

# The tests with sanitizers, under which Python is many times slower, ask for fewer.
MESSAGES = int(os.environ.get('RT_STRESS_MESSAGES', '10000'))
# How many sends are under way at a time.
WINDOW = 200
COLLECT_EVERY = 500
DEADLINE = 20 * GLib.USEC_PER_SEC


class Watch:
    """Sees that objects go: the wrapper in Python and the GObject below, each for itself."""

    def __init__(self):
        self.wrappers = []
        self.objects = 0
        self.gone = 0

    def add(self, thing):
        self.wrappers.append(weakref.ref(thing))
        if hasattr(thing, 'weak_ref'):
            self.objects += 1
            thing.weak_ref(self.on_gone)

    def on_gone(self):
        self.gone += 1

    def left(self):
        gc.collect()
        return (sum(wrapper() is not None for wrapper in self.wrappers), self.objects - self.gone)


class Callback:
    """A callback that can be weakly referred to."""

    def __init__(self, watch):
        self.calls = 0
        watch.add(self)

    def __call__(self, *arguments):
        assert threading.current_thread() is threading.main_thread()
        self.calls += 1


class Payload:
    """What a handler refers to."""


class Sender:
    """Keeps WINDOW sends under way, and sees that they are answered in their order."""

    def __init__(self, room, watch):
        self.room = room
        self.watch = watch
        self.sent = 0
        self.answered = 0

    def fill(self):
        while self.sent < MESSAGES and self.sent - self.answered < WINDOW:
            self.sent += 1
            self.room.send_message_async(f'{self.sent}', None, self.on_sent, self.sent)

    def on_sent(self, room, result, number):
        assert threading.current_thread() is threading.main_thread()
        message = room.send_message_finish(result)
        self.watch.add(message)
        self.answered += 1
        assert message.props.content == f'{number}' == f'{self.answered}'
        self.fill()


class Receiver:
    def __init__(self, room, watch):
        self.room = weakref.ref(room)
        self.watch = watch
        self.count = 0

    def __call__(self, source, *arguments):
        message = arguments[-1]
        assert threading.current_thread() is threading.main_thread()
        assert source is self.room() or source is self.room().props.client
        self.count += 1
        assert message.props.content == f'{self.count}', (message.props.content, self.count)
        self.watch.add(message)
        if self.count % COLLECT_EVERY == 0:
            gc.collect()


class Witness(GObject.Object, Rt.Middleware):
    """A middleware that sees that it is asked in order, once for each message and direction."""

    def __init__(self, watch):
        super().__init__()
        self.watch = watch
        self.counts = {Rt.Direction.OUTGOING: 0, Rt.Direction.INCOMING: 0}

    def do_process(self, exchange):
        assert threading.current_thread() is threading.main_thread()
        direction = exchange.get_direction()
        self.counts[direction] += 1
        message = exchange.get_message()
        assert message.props.content == f'{self.counts[direction]}'
        self.watch.add(message)
        if self.counts[direction] % COLLECT_EVERY == 0:
            gc.collect()
        exchange.proceed()
        return True


class Observer:
    """A handler of events that come in order."""

    def __init__(self, watch, get_number):
        self.watch = watch
        self.get_number = get_number
        self.count = 0
        watch.add(self)

    def __call__(self, event):
        assert threading.current_thread() is threading.main_thread()
        self.count += 1
        assert self.get_number(event) == self.count, (self.get_number(event), self.count)
        self.watch.add(event)
        if self.count % COLLECT_EVERY == 0:
            gc.collect()


class TestStress(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.watch = Watch()

    def tearDown(self):
        self.server.stop()

    def connect(self, **settings):
        client = Rt.Client.new(Rt.Config(endpoint=self.server.get_url(), **settings))
        call(client.connect_async, client.connect_finish)
        return client

    def join(self, client):
        return call(client.join_channel_async, client.join_channel_finish, 'room', None)

    def close(self, client):
        call(client.close_async, client.close_finish)

    def assert_nothing_left(self):
        """What the I/O thread is at work on goes when that is done."""
        end = GLib.get_monotonic_time() + DEADLINE
        poll_until(lambda: self.watch.left() == (0, 0) or GLib.get_monotonic_time() > end)
        self.assertEqual(self.watch.left(), (0, 0))

    def test_messages(self):
        client = self.connect()
        room = self.join(client)
        sender = Sender(room, self.watch)
        receivers = [Receiver(room, self.watch) for _ in range(2)]
        room.connect('message', receivers[0])
        client.connect('message::room', receivers[1])
        sender.fill()
        wait_until(lambda: sender.answered == MESSAGES and all(one.count == MESSAGES for one in receivers))
        self.assertEqual(len(self.watch.wrappers), 3 * MESSAGES)
        self.close(client)
        self.watch.add(client)
        self.watch.add(room)
        del client, room, sender
        self.assert_nothing_left()

    def test_middleware_and_events(self):
        client = self.connect()
        witness = Witness(self.watch)
        client.use(witness)
        observer = Observer(self.watch, lambda event: int(event.props.message.props.content))
        client.on(Rt.EventType.MESSAGE_RECEIVED, observer)
        room = self.join(client)
        sender = Sender(room, self.watch)
        sender.fill()
        wait_until(lambda: sender.answered == observer.count == MESSAGES)
        self.assertEqual(set(witness.counts.values()), {MESSAGES})
        self.close(client)
        # Closed, it has let go of both, though it lives on.
        self.watch.add(witness)
        del witness, observer, sender, room
        self.assert_nothing_left()
        self.assertEqual(client.props.state, Rt.ConnectionState.CLOSED)

    def test_bus(self):
        """Events of another thread, in order and in this one; who is cancelled is let go of."""
        bus = Rt.EventBus.new()
        observers = [Observer(self.watch, lambda event: event.get_variant().unpack()) for _ in range(3)]
        subscriptions = [
            bus.subscribe_name('numbers.*', observers[0]),
            bus.subscribe(Rt.EventType.CUSTOM, observers[1]),
            bus.subscribe_all(observers[2]),
        ]

        def dispatch():
            for number in range(1, MESSAGES + 1):
                bus.dispatch(Rt.Event.new_custom('numbers.next', GLib.Variant('i', number)))

        thread = threading.Thread(target=dispatch)
        thread.start()
        thread.join()
        wait_until(lambda: all(one.count == MESSAGES for one in observers))
        del observers
        self.assertEqual(self.watch.left()[0], 3)
        for subscription in subscriptions:
            subscription.cancel()
            self.watch.add(subscription)
        self.watch.add(bus)
        del bus, subscriptions, subscription, dispatch, thread
        self.assert_nothing_left()

    def test_handler_blocks(self):
        """What came while the loop stood still is delivered in order after."""
        client = self.connect()
        room = self.join(client)
        numbers = []
        room.connect('message', lambda room, message: numbers.append(message.props.data.unpack()))
        for number in range(MESSAGES):
            self.server.publish('room', f'{number}')
        wait_until(lambda: len(numbers) == MESSAGES)
        self.assertTrue(numbers == list(range(MESSAGES)), 'their order')
        self.close(client)

    def test_identity(self):
        client = self.connect()
        room = self.join(client)
        room.tag = 'kept'
        self.assertIs(self.join(client), room)
        self.assertIs(client.get_channel('room'), room)
        self.assertIs(room.props.client, client)
        self.assertIs(client.props.channels[0], room)
        # The client keeps the channel, and this what Python has attached to it.
        del room
        gc.collect()
        self.assertEqual(client.get_channel('room').tag, 'kept')
        sources = []
        client.get_channel('room').connect('message', lambda room, message: sources.append(room))
        call(client.send_message_async, client.send_message_finish, 'room', 'hello')
        wait_until(lambda: sources)
        self.assertIs(sources[0], client.get_channel('room'))
        self.watch.add(client)
        self.watch.add(sources.pop())
        self.close(client)
        del client
        self.assert_nothing_left()

    def test_completed(self):
        """The callback of a call that has ended is let go of, however it ended."""
        client = self.connect(request_timeout=60000, shutdown_timeout=200)
        cancellable = Gio.Cancellable.new()
        done = Callback(self.watch)
        client.send_message_async('room', 'one', None, done)
        wait_until(lambda: done.calls == 1)
        del done
        self.assert_nothing_left()

        self.server.inject_fault(RtMock.Fault.STALL, 1)
        cancelled = Callback(self.watch)
        client.rpc_async('never', None, cancellable, cancelled)
        cancellable.cancel()
        wait_until(lambda: cancelled.calls == 1)
        del cancelled
        self.assert_nothing_left()

        ended = [Callback(self.watch) for _ in range(3)]
        client.rpc_async('never', None, None, ended[0])
        client.send_message_async('room', 'two', None, ended[1])
        call(client.disconnect_async, client.disconnect_finish)
        wait_until(lambda: all(one.calls == 1 for one in ended[:2]))

        self.server.clear_faults()
        call(client.connect_async, client.connect_finish)
        self.server.inject_fault(RtMock.Fault.LOSE_REPLY, 1)
        client.rpc_async('never', None, None, ended[2])
        self.close(client)
        wait_until(lambda: ended[2].calls == 1)
        self.assertEqual([one.calls for one in ended], [1, 1, 1])
        self.watch.add(client)
        del client, ended
        self.assert_nothing_left()

    def test_handlers(self):
        """A handler and what it refers to go with its disconnection, or with its object."""
        client = self.connect()
        room = self.join(client)
        handlers = []
        for source, signal in ((room, 'message'), (client, 'message::room'), (client, 'notify::state')):
            payload = Payload()
            self.watch.add(payload)
            handlers.append((source, source.connect(signal, lambda *arguments, payload=payload: None)))
        self.assertEqual(self.watch.left(), (3, 0))
        del payload
        source, number = handlers.pop()
        source.disconnect(number)
        self.assertEqual(self.watch.left(), (2, 0))
        self.watch.add(room)
        self.watch.add(client)
        self.close(client)
        del room, client, source, handlers
        self.assert_nothing_left()

    def test_provider(self):
        """A provider is let go of when its client is closed, though the client lives on."""
        payload = Payload()
        self.watch.add(payload)
        provider = Rt.TokenProvider.new_for_func(lambda channel, payload=payload: 'token')
        self.watch.add(provider)
        client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url()), token_provider=provider)
        del provider, payload
        call(client.connect_async, client.connect_finish)
        self.assertNotEqual(self.watch.left(), (0, 0))
        self.close(client)
        self.assert_nothing_left()
        self.assertEqual(client.props.state, Rt.ConnectionState.CLOSED)

    def test_clients(self):
        """Closed, disconnected, refused or merely dropped: each client goes, and its connection with it."""
        ends = [
            self.close,
            lambda client: call(client.disconnect_async, client.disconnect_finish),
            self.refuse,
            lambda client: None,
        ]
        for number in range(10 * len(ends)):
            client = self.connect()
            room = self.join(client)
            end = ends[number % len(ends)]
            # A handler that refers to its own client makes a circle; of these calls only close opens it.
            kept = client if end == self.close else None
            room.connect('message', lambda room, message, kept=kept: None)
            self.watch.add(client)
            self.watch.add(room)
            end(client)
        del client, room, kept
        self.assert_nothing_left()
        poll_until(lambda: not self.server.get_clients())

    def refuse(self, client):
        self.server.disconnect_client(client.props.client_id, 4500, 'go away')
        wait_until(lambda: client.props.state == Rt.ConnectionState.FAILED)


guard.install()
unittest.main(verbosity=2)
