#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast messages go out, those that come too late, and calls of the server, as a program in GJS sees them.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, guard, once, run} from './guard.js';

for (const name of ['rpc_with_timeout_async', 'send_notification_async', 'disconnect_async'])
    Gio._promisify(Rt.Client.prototype, name);

// A call that is dropped is answered.
const waiting = [];

function startServer(calls = []) {
    const server = RtMock.Server.new();
    server.start();
    server.connect('rpc', guard((_server, rpc) => {
        calls.push([rpc.get_method(), rpc.get_data()]);
        if (rpc.get_method() === 'fail')
            rpc.fail(418, 'a teapot');
        else if (rpc.get_method() === 'wait')
            waiting.push(rpc);
        else
            rpc.reply(rpc.get_data() ?? 'null');
    }));
    return server;
}

async function open(server, settings = {}) {
    const client = new Rt.Client({config: new Rt.Config({endpoint: server.get_url(), ...settings})});
    await client.connect_async(null);
    return client;
}

async function testRate() {
    const server = startServer();
    const client = await open(server, {rate_limit: 1, rate_burst: 2, rate_policy: Rt.RatePolicy.FAIL});
    const ends = ['one', 'two', 'three', 'four'].map(text => client.send_message_async('room', text, null));
    await Promise.all(ends.slice(0, 2));
    ends[2].catch(() => {});
    await assertRejects(ends[3], Rt.Error, Rt.Error.RATE_LIMITED, 'rate-limit');
    await client.close_async(null);
}

async function testRateOfTheServer() {
    const server = startServer();
    const client = await open(server, {rate_limit: 1000});
    server.inject_fault(RtMock.Fault.RATE_LIMIT, 2);
    const sent = await client.send_message_async('room', 'patience', null);
    assertEqual(sent.content, 'patience');
    assertEqual(server.get_messages('room').length, 1);
    await client.close_async(null);
}

async function testLate() {
    const server = startServer();
    const client = await open(server);
    const room = await client.join_channel_async('room', null, null);
    const dropped = [];
    client.connect('message-dropped', guard((_client, message, error) =>
        dropped.push([message.content, error.matches(Rt.Error, Rt.Error.EXPIRED)])));
    const arrived = once(room, 'message');
    [60, 0].forEach((age, index) => server.publish('room', JSON.stringify({
        $rt: 1, id: `${index + 1}`, src: '00000000000000aa', type: 'text', ttl: 10000,
        ts: GLib.get_real_time() - age * 1000000, text: `aged ${age}`,
    })));
    const [, message] = await arrived;
    assertEqual(message.content, 'aged 0');
    assertEqual(dropped, [['aged 60', true]]);
    assertEqual(room.offset, 2);
    await client.close_async(null);
}

async function testCalls() {
    const server = startServer();
    const client = await open(server);
    const answer = await client.rpc_with_timeout_async('echo', new GLib.Variant('s', 'x'), 5000, null);
    assertEqual(answer.deepUnpack(), 'x');
    let refusal = null;
    try {
        await client.rpc_with_timeout_async('fail', null, 0, null);
    } catch (error) {
        refusal = error;
    }
    assert(refusal.code === 418 && refusal.message.includes('a teapot'), `${refusal}`);
    await assertRejects(client.rpc_with_timeout_async('wait', null, 100, null), Rt.Error, Rt.Error.TIMED_OUT);
    await assertRejects(client.rpc_with_timeout_async('never', null, 1, null), Rt.Error, Rt.Error.INVALID_ARGUMENT);
    const cancellable = new Gio.Cancellable();
    const waiting = client.rpc_with_timeout_async('wait', null, 60000, cancellable);
    cancellable.cancel();
    await assertRejects(waiting, Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
    await client.close_async(null);
}

async function testNotifications() {
    const calls = [];
    const server = startServer(calls);
    const client = await open(server);
    assertEqual(await client.send_notification_async('fail', null, null), true);
    assertEqual(await client.send_notification_async('log', new GLib.Variant('as', ['a', 'b']), null), true);
    // A call comes behind them.
    await client.rpc_async('echo', null, null);
    assertEqual(calls, [['fail', null], ['log', '["a","b"]'], ['echo', null]]);
    await client.disconnect_async(null);
    await assertRejects(client.send_notification_async('log', null, null), Rt.Error, Rt.Error.NOT_CONNECTED);
    await client.close_async(null);
}

await run(async () => {
    await testRate();
    await testRateOfTheServer();
    await testLate();
    await testCalls();
    await testNotifications();
});
