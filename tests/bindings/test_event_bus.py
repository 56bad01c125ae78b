#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The event bus from Python."""

import gc
import sys
import threading
import unittest
import weakref

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, GObject, Rt

import guard
from guard import wait_until

THROWN = 'thrown on purpose'
BURST = 10000


class Owner(GObject.Object):
    pass


class Handler:
    """Something whose end can be watched."""

    def __init__(self):
        self.names = []

    def handle(self, event):
        assert threading.current_thread() is threading.main_thread()
        self.names.append(event.get_name())


def settle():
    context = GLib.MainContext.default()
    while context.iteration(False):
        pass


def dispatch(bus, *names):
    for name in names:
        bus.dispatch(Rt.Event.new_custom(name, None))


class TestEventBus(unittest.TestCase):
    def setUp(self):
        self.bus = Rt.EventBus.new()

    def test_kinds(self):
        seen = []
        self.bus.subscribe(Rt.EventType.GAP, lambda event: seen.append('type'))
        self.bus.subscribe_all(lambda event, word: seen.append(word), 'all')
        self.bus.subscribe_once(Rt.EventType.CUSTOM, lambda event: seen.append('once'))
        self.bus.subscribe_name('orders.*', lambda event: seen.append(event.get_name()))
        self.bus.subscribe_channel('news:**', lambda event: seen.append(event.get_channel()))
        self.assertEqual(self.bus.get_n_subscriptions(), 5)
        self.bus.dispatch(Rt.Event.new(Rt.EventType.GAP, GLib.Variant('u', 3)))
        dispatch(self.bus, 'orders.new', 'orders')
        message = Rt.Message.new_text('news:eu', 'hello')
        factory = Rt.EventFactory.new()
        self.bus.dispatch(factory.create_message_event(Rt.EventType.MESSAGE_RECEIVED, message))
        self.assertEqual(seen, [])
        settle()
        self.assertEqual(seen, ['type', 'all', 'all', 'once', 'orders.new', 'all', 'all', 'news:eu'])
        self.assertEqual(self.bus.get_n_subscriptions(), 4)

    def test_bad_pattern(self):
        for subscribe in (self.bus.subscribe_name, self.bus.subscribe_channel):
            for pattern in ('', 'a**', 'x' * 256):
                handler = Handler()
                end = weakref.ref(handler)
                with self.assertRaises(GLib.Error) as caught:
                    subscribe(pattern, handler.handle)
                self.assertTrue(caught.exception.matches(Rt.error_quark(), Rt.Error.INVALID_ARGUMENT))
                del handler
                caught = None
                gc.collect()
                self.assertIsNone(end())
        self.assertEqual(self.bus.get_n_subscriptions(), 0)

    def test_cancel_in_handler(self):
        seen = []

        def handle(event):
            seen.append(event.get_name())
            subscription.cancel()

        subscription = self.bus.subscribe_all(handle)
        dispatch(self.bus, 'a', 'b')
        settle()
        self.assertEqual(seen, ['a'])
        self.assertFalse(subscription.is_active())

    def test_exception_stops_nobody(self):
        seen, printed = [], []

        def throw(event):
            raise ValueError(THROWN)

        self.bus.subscribe_all(throw)
        self.bus.subscribe_all(lambda event: seen.append(event.get_name()))
        hook, sys.excepthook = sys.excepthook, lambda kind, value, trace: printed.append(str(value))
        try:
            dispatch(self.bus, 'a', 'b')
            settle()
        finally:
            sys.excepthook = hook
        self.assertEqual(seen, ['a', 'b'])
        self.assertEqual(printed, [THROWN, THROWN])

    def test_lifetimes(self):
        handler = Handler()
        end = weakref.ref(handler)
        subscription = self.bus.subscribe_all(handler.handle)
        del handler
        gc.collect()
        # It lives by its subscription alone, also when nobody holds that.
        del subscription
        gc.collect()
        dispatch(self.bus, 'a')
        settle()
        self.assertEqual(end().names, ['a'])

        del self.bus
        gc.collect()
        settle()
        gc.collect()
        self.assertIsNone(end())

    def test_end_of_handlers(self):
        ends = []
        subscriptions = []
        for i in range(100):
            handler = Handler()
            ends.append(weakref.ref(handler))
            if i % 2:
                self.bus.subscribe_once(Rt.EventType.CUSTOM, handler.handle)
            else:
                subscriptions.append(self.bus.subscribe_name(f'a.{i}', handler.handle))
        del handler
        dispatch(self.bus, 'a.50')
        for subscription in subscriptions:
            subscription.cancel()
        settle()
        gc.collect()
        self.assertEqual([end() for end in ends], [None] * 100)

    def test_bind(self):
        owner = Owner()
        handler = Handler()
        end = weakref.ref(handler)
        subscription = self.bus.subscribe_all(handler.handle)
        subscription.bind(owner)
        dispatch(self.bus, 'a')
        settle()
        self.assertEqual(handler.names, ['a'])
        dispatch(self.bus, 'b')
        del owner
        gc.collect()
        self.assertFalse(subscription.is_active())
        settle()
        self.assertEqual(handler.names, ['a'])
        del handler
        gc.collect()
        self.assertIsNone(end())

    def test_threads(self):
        handler = Handler()
        self.bus.subscribe_name('*', handler.handle)
        names = [str(i) for i in range(BURST)]

        def work():
            for i, name in enumerate(names):
                dispatch(self.bus, name)
                if i % 1000 == 0:
                    gc.collect()

        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: len(handler.names) == BURST)
        thread.join()
        self.assertEqual(handler.names, names)

    def test_thread_of_its_own(self):
        seen = []

        def work():
            context = GLib.MainContext.new()
            context.push_thread_default()
            self.bus.subscribe_all(lambda event: seen.append(threading.current_thread()))
            ready.set()
            while not seen:
                context.iteration(True)
            context.pop_thread_default()

        ready = threading.Event()
        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        dispatch(self.bus, 'a')
        thread.join()
        self.assertEqual(seen, [thread])


if __name__ == '__main__':
    guard.install()
    unittest.main()
