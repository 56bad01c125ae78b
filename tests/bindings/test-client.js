#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that holds its connection, as a program in GJS sees it.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, guard, once, run, whenIdle} from './guard.js';

Gio._promisify(Rt.Client.prototype, 'reset_session_async');

// Answers later, as one that asks a server of its own would.
const Provider = GObject.registerClass({
    Implements: [Rt.TokenProvider],
}, class Provider extends GObject.Object {
    token = '';
    asked = [];

    vfunc_begin_token(channel, task) {
        this.asked.push(channel);
        whenIdle(() => this.return_token(task, this.token));
    }
});

const Refusing = GObject.registerClass({
    Implements: [Rt.TokenProvider],
}, class Refusing extends GObject.Object {
    vfunc_begin_token(_channel, task) {
        task.return_error(new GLib.Error(Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out'));
    }
});

function startServer() {
    const server = RtMock.Server.new();
    server.start();
    return server;
}

function makeClient(server, events, properties = {}) {
    const config = new Rt.Config({endpoint: server.get_url()});
    const client = new Rt.Client({config, ...properties});
    client.connect('connected', guard(() => events.push('connected')));
    client.connect('disconnected', guard((_client, _code, _reason, willRetry) =>
        events.push(`disconnected ${willRetry}`)));
    client.connect('reconnecting', guard((_client, attempt, delay) => {
        assert(delay <= 1000, `${delay} <= 1000`);
        events.push(`reconnecting ${attempt}`);
    }));
    return client;
}

async function testLostLine() {
    const server = startServer();
    const events = [];
    const client = makeClient(server, events);
    await client.connect_async(null);
    const room = await client.join_channel_async('room', null, null);
    const texts = [];
    room.connect('message', guard((_room, message) => texts.push(message.content)));
    const lost = once(client, 'disconnected');
    const second = once(room, 'message', (_room, message) => message.content === 'two');
    server.drop_connections();
    await lost;
    // What is sent meanwhile waits.
    await Promise.all(['one', 'two'].map(text => client.send_message_async('room', text, null)));
    await second;
    assertEqual(texts, ['one', 'two']);
    assertEqual(events, ['connected', 'disconnected true', 'reconnecting 1', 'connected']);
    assertEqual([client.attempt, client.queued_messages, client.latency], [0, 0, -1]);
    await client.close_async(null);
}

async function testRefused() {
    const server = startServer();
    const events = [];
    const client = makeClient(server, events);
    await client.connect_async(null);
    const refused = once(client, 'disconnected');
    server.disconnect_client(null, 4500, 'go away');
    await refused;
    assertEqual(events, ['connected', 'disconnected false']);
    assertEqual([client.state, client.state_code, client.state_reason],
        [Rt.ConnectionState.FAILED, 4500, 'go away']);
    await client.close_async(null);
}

async function testTokens() {
    const server = startServer();
    server.set_api_keys(['right']);
    const provider = new Provider();
    provider.token = 'right';
    const client = makeClient(server, [], {token_provider: provider});
    await client.connect_async(null);
    const own = new Provider();
    own.token = 'ticket';
    await client.join_channel_async('room', new Rt.ChannelOptions({token_provider: own}), null);
    assertEqual([provider.asked, own.asked], [[null], ['room']]);
    // Another user.
    const again = once(client, 'connected');
    await client.reset_session_async(null);
    await again;
    assertEqual(provider.asked, [null, null]);
    assertEqual(client.get_channel('room'), null);
    await client.close_async(null);

    const nobody = makeClient(server, [], {token_provider: new Refusing()});
    await assertRejects(nobody.connect_async(null), Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out');
    assertEqual(nobody.state, Rt.ConnectionState.FAILED);
    await nobody.close_async(null);
}

await run(async () => {
    await testLostLine();
    await testRefused();
    await testTokens();
});
