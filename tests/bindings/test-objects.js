#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// How values, errors and lifetimes come across to GJS.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';
import System from 'system';

import {assert, assertEqual, assertRejects, bytes, guard, once, run, whenIdle} from './guard.js';

const BURST = 2000;

// Of the loop, each with a garbage collection.
const TURNS = 20;

function newClient(server) {
    return Rt.Client.new(new Rt.Config({endpoint: server.get_url(), userId: 'ann'}));
}

async function testValues(server) {
    const client = newClient(server);
    await client.connect_async(null);
    const room = await client.join_channel_async('values', null, null);
    const got = [];
    client.connect('message::values', guard((_client, message) => got.push(message)));

    const options = Rt.MessageOptions.new();
    options.priority = Rt.Priority.URGENT;
    options.metadata = new GLib.Variant('a{ss}', {colour: 'red'});
    const sent = await client.send_message_with_options_async('values', 'hällo 🙂', options, null);
    const data = new GLib.Variant('a{sv}', {n: new GLib.Variant('x', 7)});
    await room.send_async(Rt.MessageBuilder.new().with_channel('values').with_variant(data).build(), null);
    await room.send_async(Rt.MessageBuilder.new().with_channel('values').with_bytes(bytes('\0\x01')).build(), null);

    const [first, second, third] = got;
    assertEqual([first.id, first.content, first.priority], [sent.id, 'hällo 🙂', Rt.Priority.URGENT]);
    assertEqual(first.metadata.recursiveUnpack(), {colour: 'red'});
    assertEqual([second.data.recursiveUnpack(), second.content], [{n: 7}, null]);
    assertEqual([...third.bytes.toArray()], [0, 1]);
    assertEqual(client.channels.get_item(0), room);
    assertEqual(client.get_channel('other'), null);
    await client.close_async(null);
}

async function testErrors(server) {
    const client = newClient(server);
    await assertRejects(client.send_message_async('room', 'hello', null), Rt.Error, Rt.Error.NOT_CONNECTED);
    let fault = null;
    try {
        Rt.ConfigBuilder.new().with_endpoint('ftp://nowhere').with_receive_queue_limit(0).build();
    } catch (error) {
        fault = error;
    }
    assert(fault?.matches(Rt.Error, Rt.Error.INVALID_CONFIG), 'a fault of the configuration');
    assert(fault.message.includes('endpoint') && fault.message.includes('receive-queue-limit'), 'every fault');

    await client.connect_async(null);
    const kept = [];
    const id = server.connect('rpc', guard((_server, request) => kept.push(request)));
    const cancellable = Gio.Cancellable.new();
    whenIdle(() => cancellable.cancel());
    await assertRejects(client.rpc_async('wait', null, cancellable), Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
    server.disconnect(id);

    const gone = once(client, 'disconnected');
    assertEqual(server.disconnect_client(client.clientId, 3501, 'enough'), 1);
    const [, ...end] = await gone;
    assertEqual(end, [3501, 'enough', false]);
    await client.close_async(null);
}

// A handler in another thread than the main one would not run at all.
async function testBurst(server) {
    const client = newClient(server);
    await client.connect_async(null);
    const room = await client.join_channel_async('burst', null, null);
    const numbers = [];
    room.connect('message', guard((_room, message) => numbers.push(Number(message.content))));
    const all = once(room, 'message', () => numbers.length === BURST);
    const expected = Array.from({length: BURST}, (_, index) => index + 1);
    for (const number of expected)
        server.publish('burst', JSON.stringify({$rt: 1, id: `${number}`, text: `${number}`}));
    await all;
    assertEqual(numbers, expected);
    await client.close_async(null);
}

const Witness = GObject.registerClass({
    Properties: {
        text: GObject.ParamSpec.string('text', null, null, GObject.ParamFlags.READWRITE, null),
    },
}, class Witness extends GObject.Object {});

async function use(server, witness) {
    const client = newClient(server);
    await client.connect_async(null);
    const room = await client.join_channel_async('life', null, null);
    const arrival = once(room, 'message');
    const sent = await room.send_message_async('hello', null);
    const [, got] = await arrival;
    const history = await room.history_async(-1, null, false, null);
    await room.leave_async(null);
    await client.close_async(null);
    return [[client, 'client-id'], [room, 'name'], [sent, 'id'], [got, 'id'], [history, 'epoch']]
        .map(([object, property]) => object.bind_property(property, witness, 'text', GObject.BindingFlags.DEFAULT));
}

// What was used and closed does not stay. A binding knows whether its source still lives.
async function testLifetime(server) {
    const witness = new Witness();
    let alive = await use(server, witness);
    assertEqual(alive.map(binding => binding.dup_source() !== null), alive.map(() => true));
    for (let turn = 0; turn < TURNS && alive.length > 0; turn++) {
        await new Promise(resolve => whenIdle(resolve));
        System.gc();
        alive = alive.filter(binding => binding.dup_source() !== null);
    }
    assertEqual(alive.map(binding => binding.source_property), []);
}

await run(async () => {
    const server = RtMock.Server.new();
    server.start();
    await testValues(server);
    await testErrors(server);
    await testBurst(server);
    await testLifetime(server);
    server.stop();
});
