#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that reaches its server by a strategy written in GJS, over a WebSocket of libsoup's.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';
import Soup from 'gi://Soup?version=3.0';

import {assert, assertEqual, assertRejects, guard, once, run, text} from './guard.js';

const ROUND = 100;

const SoupStrategy = GObject.registerClass({
    Implements: [Rt.ConnectionStrategy],
}, class SoupStrategy extends GObject.Object {
    constructor(url) {
        super();
        this.url = url;
        this.session = new Soup.Session();
        this.line = null;
        this.connects = 0;
        this.sends = 0;
    }

    vfunc_get_name() {
        return 'soup';
    }

    vfunc_is_connected() {
        return this.line !== null;
    }

    vfunc_get_protocol() {
        return this.line?.get_protocol() ?? null;
    }

    vfunc_begin_connect(task) {
        const message = Soup.Message.new('GET', this.url);
        this.connects++;
        this.session.websocket_connect_async(message, null, ['rt1.json', 'centrifuge-json'], GLib.PRIORITY_DEFAULT,
            task.get_cancellable(), guard((session, result) => {
                try {
                    this.take(session.websocket_connect_finish(result));
                } catch (error) {
                    task.return_error(error);
                    return;
                }
                task.return_boolean(true);
            }));
    }

    take(line) {
        this.line = line;
        line.connect('message', guard((_line, _type, frame) => {
            if (line === this.line)
                this.emit('received', frame);
        }));
        line.connect('closed', guard(() => {
            if (line !== this.line)
                return;
            this.line = null;
            this.emit('closed', line.get_close_code() || 1006, line.get_close_data());
        }));
    }

    vfunc_begin_send(task, frame) {
        if (this.line === null) {
            task.return_error(new GLib.Error(Rt.Error, Rt.Error.NOT_CONNECTED, 'not open'));
            return;
        }
        this.sends++;
        this.line.send_text(text(frame));
        task.return_boolean(true);
    }

    vfunc_begin_disconnect(task) {
        const {line} = this;
        if (line === null) {
            task.return_boolean(true);
            return;
        }
        line.connect('closed', guard(() => task.return_boolean(true)));
        line.close(Soup.WebsocketCloseCode.NORMAL, null);
    }
});

class Traffic {
    constructor(room) {
        this.room = room;
        this.expected = [];
        this.texts = [];
        room.connect('message', guard((_room, message) => this.texts.push(message.content)));
    }

    // Resolves when each of them is acknowledged.
    send(count) {
        const first = this.expected.length + 1;
        const texts = Array.from({length: count}, (_, index) => `text ${first + index}`);
        this.expected.push(...texts);
        return Promise.all(texts.map(string => this.room.send_message_async(string, null)));
    }

    async end() {
        while (this.texts.length < this.expected.length)
            await once(this.room, 'message');
        assertEqual(this.texts, this.expected);
    }
}

function startServer() {
    const server = RtMock.Server.new();
    server.start();
    return server;
}

async function testMessages() {
    const server = startServer();
    const strategy = new SoupStrategy(server.get_url());
    const client = Rt.ClientBuilder.new().with_endpoint(server.get_url()).with_reconnect_delay(100)
        .with_strategy(strategy).build();
    assert(await client.connect_async(null), 'connected');
    assertEqual(client.transport, 'soup');
    assertEqual(strategy.get_protocol(), 'rt1.json');
    const traffic = new Traffic(await client.join_channel_async('room', null, null));
    await traffic.send(ROUND);
    await traffic.end();
    const lost = traffic.send(ROUND);
    server.drop_connections();
    await Promise.all([lost, traffic.send(ROUND)]);
    await traffic.end();
    assertEqual([strategy.connects, client.transport], [2, 'soup']);
    assert(strategy.sends > 3, 'sent by the strategy');
    assert(await client.close_async(null), 'closed');
    assert(!strategy.is_connected(), 'closed by the strategy');
}

// While messages flow, to the built-in strategy and back.
async function testSwitch() {
    const server = startServer();
    const strategy = new SoupStrategy(server.get_url());
    const client = Rt.ClientBuilder.new().with_endpoint(server.get_url()).with_strategies(['websocket', 'soup'])
        .with_strategy(strategy).build();
    assert(await client.connect_async(null), 'connected');
    assertEqual(client.transport, 'websocket');
    const traffic = new Traffic(await client.join_channel_async('room', null, null));
    for (const name of ['soup', 'websocket', 'soup']) {
        const sent = traffic.send(ROUND);
        assert(client.use_strategy(name), 'a strategy of this client');
        await Promise.all([sent, traffic.send(ROUND)]);
        assertEqual(client.transport, name);
    }
    await traffic.end();
    assert(await client.close_async(null), 'closed');
}

const Refusing = GObject.registerClass({
    Implements: [Rt.ConnectionStrategy],
}, class Refusing extends GObject.Object {
    vfunc_get_name() {
        return 'refusing';
    }

    vfunc_begin_connect(task) {
        task.return_error(new GLib.Error(Rt.Error, Rt.Error.PERMISSION_DENIED, 'not you'));
    }

    vfunc_begin_disconnect(task) {
        task.return_boolean(true);
    }
});

async function testRefused() {
    const client = Rt.ClientBuilder.new().with_endpoint('ws://127.0.0.1:1').with_strategies(['refusing'])
        .with_strategy(new Refusing()).build();
    await assertRejects(client.connect_async(null), Rt.Error, Rt.Error.PERMISSION_DENIED, 'not you');
    assertEqual(client.state, Rt.ConnectionState.FAILED);
}

function testSelector() {
    const selector = Rt.StrategySelector.new();
    const [first, second] = [new Refusing(), new Refusing()];
    selector.register('first', first);
    selector.register('second', second);
    assertEqual(selector.get_names(), ['first', 'second']);
    assert(selector.select('first') === first && selector.select('second') === second, 'the own objects');
    assert(selector.unregister('first') && !selector.unregister('first'), 'once');
    let caught = null;
    try {
        selector.select('first');
    } catch (error) {
        caught = error;
    }
    assert(caught?.matches(Rt.Error, Rt.Error.INVALID_CONFIG), 'unknown');
}

await run(async () => {
    testSelector();
    await testMessages();
    await testSwitch();
    await testRefused();
});
