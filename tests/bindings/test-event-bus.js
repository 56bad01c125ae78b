#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The event bus from GJS.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import System from 'system';

import {assert, assertEqual, guard, run, whenIdle} from './guard.js';

const BURST = 10000;

function settle() {
    const context = GLib.MainContext.default();
    while (context.iteration(false))
        ;
}

function dispatch(bus, ...names) {
    for (const name of names)
        bus.dispatch(Rt.Event.new_custom(name, null));
}

function testKinds() {
    const bus = new Rt.EventBus();
    const seen = [];
    bus.subscribe(Rt.EventType.GAP, guard(() => seen.push('type')));
    bus.subscribe_all(guard(() => seen.push('all')));
    bus.subscribe_once(Rt.EventType.CUSTOM, guard(() => seen.push('once')));
    bus.subscribe_name('orders.*', guard(event => seen.push(event.get_name())));
    bus.subscribe_channel('news:**', guard(event => seen.push(event.get_channel())));
    assertEqual(bus.get_n_subscriptions(), 5);
    bus.dispatch(Rt.Event.new(Rt.EventType.GAP, new GLib.Variant('u', 3)));
    dispatch(bus, 'orders.new', 'orders');
    const message = Rt.Message.new_text('news:eu', 'hello');
    bus.dispatch(Rt.EventFactory.new().create_message_event(Rt.EventType.MESSAGE_RECEIVED, message));
    assertEqual(seen, []);
    settle();
    assertEqual(seen, ['type', 'all', 'all', 'once', 'orders.new', 'all', 'all', 'news:eu']);
}

function testBadPattern() {
    const bus = new Rt.EventBus();
    for (const name of ['subscribe_name', 'subscribe_channel']) {
        for (const pattern of ['', 'a**', 'x'.repeat(256)]) {
            let caught = null;
            try {
                bus[name](pattern, () => {});
            } catch (error) {
                caught = error;
            }
            assert(caught instanceof GLib.Error && caught.matches(Rt.Error, Rt.Error.INVALID_ARGUMENT), caught);
        }
    }
    assertEqual(bus.get_n_subscriptions(), 0);
}

function testCancelInHandler() {
    const bus = new Rt.EventBus();
    const seen = [];
    const subscription = bus.subscribe_all(guard(event => {
        seen.push(event.get_name());
        subscription.cancel();
    }));
    dispatch(bus, 'a', 'b');
    settle();
    assertEqual(seen, ['a']);
    assert(!subscription.is_active(), 'ended');
}

function testBind() {
    const bus = new Rt.EventBus();
    const seen = [];
    const owner = new GObject.Object();
    const subscription = bus.subscribe_all(guard(event => seen.push(event.get_name())));
    subscription.bind(owner);
    dispatch(bus, 'a');
    settle();
    dispatch(bus, 'b');
    owner.run_dispose();
    settle();
    assertEqual(seen, ['a']);
    assert(!subscription.is_active(), 'ended with its owner');
}

// Collections in between change nothing, and every event comes in order.
function testBurst() {
    const bus = new Rt.EventBus();
    let next = 0;
    bus.subscribe_name('*', guard(event => {
        assertEqual(event.get_name(), String(next++));
        if (next % 1000 === 0)
            System.gc();
    }));
    System.gc();
    for (let i = 0; i < BURST; i++)
        dispatch(bus, String(i));
    System.gc();
    settle();
    assertEqual(next, BURST);
}

// Nobody but its handler's own call needs the object on which it was subscribed, when it is collected.
function testCollectedInHandler() {
    let calls = 0;
    const handle = guard(() => {
        calls++;
        System.gc();
    });
    const drop = object => {
        const bus = object.event_bus ?? object;
        if (object === bus)
            bus.subscribe_all(handle);
        else
            object.on(Rt.EventType.CUSTOM, handle);
        dispatch(bus, 'a', 'b', 'c');
    };
    for (let i = 0; i < 20; i++) {
        drop(new Rt.EventBus());
        drop(Rt.Client.new(Rt.Config.new(null, 'ws://127.0.0.1:1')));
    }
    settle();
    System.gc();
    settle();
    assert(calls > 0, 'called');
}

// What handlers hold is let go when they end. In GJS a binding is the one weak reference to an object.
async function testLifetimes() {
    const bus = new Rt.EventBus();
    const sink = new Gio.MountOperation();
    const ends = [];
    const subscriptions = [];
    for (let i = 0; i < 100; i++) {
        const held = Gio.SimpleAction.new(`held ${i}`, null);
        const handle = () => held.get_name();
        ends.push(held.bind_property('name', sink, 'username', GObject.BindingFlags.DEFAULT));
        if (i % 2 === 0)
            subscriptions.push(bus.subscribe_name(`a.${i}`, handle));
        else
            bus.subscribe_once(Rt.EventType.CUSTOM, handle);
    }
    const left = () => {
        System.gc();
        return ends.filter(end => end.dup_source() !== null).length;
    };
    assertEqual(left(), 100);
    dispatch(bus, 'a.50');
    subscriptions.forEach(subscription => subscription.cancel());
    for (let i = 0; i < 10 && left() > 0; i++)
        await new Promise(resolve => whenIdle(resolve));
    assertEqual(left(), 0);
}

await run(async () => {
    testKinds();
    testBadPattern();
    testCancelInHandler();
    testBind();
    testBurst();
    testCollectedInHandler();
    await testLifetimes();
});
