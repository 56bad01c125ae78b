#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Handlers in GJS under load: each message once, in order, in the main thread, and nothing is left of it after.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';
import System from 'system';

import {assert, assertEqual, assertRejects, guard, once, run} from './guard.js';

// The tests with sanitizers ask for fewer.
const MESSAGES = Number(GLib.getenv('RT_STRESS_MESSAGES') ?? 10000);
// How many sends are under way at a time.
const WINDOW = 200;
const COLLECT_EVERY = 500;
const DEADLINE = 20 * GLib.USEC_PER_SEC;

Gio._promisify(Rt.Client.prototype, 'disconnect_async');

// Sees that objects go. In GJS a binding is the one weak reference to a GObject; an object goes only when its wrapper
// has been collected.
class Watch {
    sink = new Gio.MountOperation();
    bindings = [];

    add(object, property) {
        this.bindings.push(object.bind_property(property, this.sink, 'username', 0));
        return object;
    }

    left() {
        System.gc();
        return this.bindings.filter(binding => binding.dup_source() !== null).length;
    }

    // What the collector finds is let go of in an idle function of GJS, and more may be found after; and what the I/O
    // thread is at work on goes when that is done.
    async assertNothingLeft() {
        const end = GLib.get_monotonic_time() + DEADLINE;
        while (this.left() > 0 && GLib.get_monotonic_time() < end)
            // One round after the other.
            // eslint-disable-next-line no-await-in-loop
            await settle();
        assertEqual(this.left(), 0);
    }
}

function settle() {
    return new Promise(resolve => GLib.idle_add(GLib.PRIORITY_LOW, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
}

async function connect(server, settings = {}) {
    const client = Rt.Client.new(new Rt.Config({endpoint: server.get_url(), ...settings}));
    await client.connect_async(null);
    return client;
}

// GJS skips a handler that is called in another thread: a message that came so would be missing.
function receive(source, signal, watch) {
    let count = 0;
    let done;
    const all = new Promise(resolve => (done = resolve));
    source.connect(signal, guard((...args) => {
        const message = args.at(-1);
        count++;
        assertEqual(message.content, `${count}`);
        if (count % 10 === 0)
            watch.add(message, 'content');
        if (count % COLLECT_EVERY === 0)
            System.gc();
        if (count === MESSAGES)
            done();
    }));
    return all;
}

async function send(room, watch) {
    const under = [];
    for (let number = 1; number <= MESSAGES; number++) {
        under.push(room.send_message_async(`${number}`, null));
        if (under.length < WINDOW)
            continue;
        const message = await under.shift();
        assertEqual(message.content, `${number - WINDOW + 1}`);
        if (number % 10 === 0)
            watch.add(message, 'content');
    }
    await Promise.all(under);
}

async function testMessages(server, watch) {
    const client = watch.add(await connect(server), 'transport');
    const room = watch.add(await client.join_channel_async('room', null, null), 'name');
    const received = [receive(room, 'message', watch), receive(client, 'message::room', watch)];
    await send(room, watch);
    await Promise.all(received);
    await client.close_async(null);
}

// Sees that it is asked in order, once for each message and direction.
const Witness = GObject.registerClass({
    Implements: [Rt.Middleware],
    Properties: {label: GObject.ParamSpec.string('label', '', '', GObject.ParamFlags.READWRITE, '')},
}, class Witness extends GObject.Object {
    counts = [0, 0];

    vfunc_process(exchange) {
        const count = ++this.counts[exchange.direction];
        assertEqual(exchange.message.content, `${count}`);
        if (count % COLLECT_EVERY === 0)
            System.gc();
        exchange.proceed();
        return true;
    }
});

async function testMiddlewareAndEvents(server, watch) {
    const client = watch.add(await connect(server), 'transport');
    const witness = watch.add(new Witness(), 'label');
    client.use(witness);
    let count = 0;
    let done;
    const all = new Promise(resolve => (done = resolve));
    client.on(Rt.EventType.MESSAGE_RECEIVED, guard(event => {
        count++;
        assertEqual(event.message.content, `${count}`);
        if (count % 10 === 0)
            watch.add(event, 'name');
        if (count === MESSAGES)
            done();
    }));
    const room = await client.join_channel_async('room', null, null);
    await send(room, watch);
    await all;
    assertEqual(witness.counts, [MESSAGES, MESSAGES]);
    await client.close_async(null);
}

// Who is cancelled is let go of, with what it refers to.
async function testBus(server, watch) {
    const bus = Rt.EventBus.new();
    let count = 0;
    let done;
    const all = new Promise(resolve => (done = resolve));
    const subscribe = payload => bus.subscribe_name('numbers.*', guard(event => {
        assertEqual(payload.content, 'payload');
        count++;
        assertEqual(event.variant.unpack(), count);
        if (count === MESSAGES)
            done();
    }));
    const subscription = subscribe(watch.add(Rt.Message.new_text('room', 'payload'), 'content'));
    for (let number = 1; number <= MESSAGES; number++)
        bus.dispatch(Rt.Event.new_custom('numbers.next', new GLib.Variant('i', number)));
    await all;
    System.gc();
    assertEqual(watch.left(), 1);
    subscription.cancel();
}

// What came while the loop stood still is delivered in order after.
async function testHandlerBlocks(server, watch) {
    const client = watch.add(await connect(server), 'transport');
    const quiet = await client.join_channel_async('quiet', null, null);
    const numbers = [];
    const all = once(quiet, 'message', (_room, message) => numbers.push(message.data.unpack()) === MESSAGES);
    for (let number = 0; number < MESSAGES; number++)
        server.publish('quiet', `${number}`);
    await all;
    assert(numbers.every((number, index) => number === index), 'their order');
    await client.close_async(null);
}

async function testIdentity(server, watch) {
    const client = watch.add(await connect(server), 'transport');
    let room = watch.add(await client.join_channel_async('room', null, null), 'name');
    room.tag = 'kept';
    assert(await client.join_channel_async('room', null, null) === room, 'the same channel');
    assert(client.get_channel('room') === room, 'the same channel');
    assert(room.client === client, 'the same client');
    assert(client.channels.get_item(0) === room, 'the same channel');
    // The client keeps the channel, and this what JavaScript has attached to it.
    room = null;
    System.gc();
    await settle();
    System.gc();
    assertEqual(client.get_channel('room').tag, 'kept');
    const heard = once(client.get_channel('room'), 'message');
    await client.send_message_async('room', 'hello', null);
    assert((await heard)[0] === client.get_channel('room'), 'the same channel');
    await client.close_async(null);
}

// The callback of a call that has ended is let go of, with what it refers to, however it ended.
async function testCompleted(server, watch) {
    const client = watch.add(await connect(server, {request_timeout: 60000, shutdown_timeout: 200}), 'transport');
    const counts = {};
    const callback = name => {
        const payload = watch.add(Rt.Message.new_text('room', 'payload'), 'content');
        counts[name] = 0;
        return guard(() => {
            assertEqual(payload.content, 'payload');
            counts[name]++;
        });
    };
    client.rpc_async('echo', null, null, callback('answered'));
    await client.ping_async(null);

    server.inject_fault(RtMock.Fault.STALL, 1);
    const cancellable = new Gio.Cancellable();
    client.rpc_async('never', null, cancellable, callback('cancelled'));
    cancellable.cancel();
    client.rpc_async('never', null, null, callback('disconnected'));
    await client.disconnect_async(null);

    server.clear_faults();
    await client.connect_async(null);
    server.inject_fault(RtMock.Fault.LOSE_REPLY, 1);
    client.rpc_async('never', null, null, callback('closed'));
    await client.close_async(null);
    await settle();
    assertEqual(counts, {answered: 1, cancelled: 1, disconnected: 1, closed: 1});
}

// A handler and what it refers to go with its disconnection, or with its object; a provider with the close.
async function testHandlers(server, watch) {
    const payload = () => watch.add(Rt.Message.new_text('room', 'payload'), 'content');
    const keep = thing => () => thing ? null : thing;
    const before = watch.left();
    const provider = (() => {
        const thing = payload();
        return Rt.TokenProvider.new_for_func(() => thing.content);
    })();
    const client = new Rt.Client({config: new Rt.Config({endpoint: server.get_url()}), token_provider: provider});
    watch.add(client, 'transport');
    await client.connect_async(null);
    const room = watch.add(await client.join_channel_async('room', null, null), 'name');
    const id = room.connect('message', keep(payload()));
    client.connect('message::room', keep(payload()));
    await settle();
    assert(watch.left() >= before + 4, 'all is held');
    room.disconnect(id);
    await client.close_async(null);
}

async function refuse(server, client) {
    const lost = once(client, 'disconnected');
    server.disconnect_client(client.client_id, 4500, 'go away');
    await lost;
    assertEqual(client.state, Rt.ConnectionState.FAILED);
}

// Closed, disconnected, refused or merely dropped: each client goes, and its connection with it.
async function testClients(server, watch) {
    const ends = [
        client => client.close_async(null),
        client => client.disconnect_async(null),
        client => refuse(server, client),
        () => {},
    ];
    for (let number = 0; number < 10 * ends.length; number++) {
        const client = watch.add(await connect(server), 'transport');
        const room = watch.add(await client.join_channel_async('room', null, null), 'name');
        room.connect('message', () => {});
        await ends[number % ends.length](client);
    }
}

async function main() {
    const server = RtMock.Server.new();
    server.start();
    for (const test of [testMessages, testMiddlewareAndEvents, testBus, testHandlerBlocks, testIdentity, testCompleted,
        testHandlers, testClients]) {
        print(test.name);
        const watch = new Watch();
        await test(server, watch);
        await watch.assertNothingLeft();
    }
    server.stop();
}

await run(main);
