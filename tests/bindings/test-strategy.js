#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Connection strategies written in GJS, and the built-in one used from GJS.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, bytes, guard, once, run, text, whenIdle} from './guard.js';

const FRAMES = 50;

// Brings back what is sent. Each task is completed later.
const Loopback = GObject.registerClass({
    Implements: [Rt.ConnectionStrategy],
}, class Loopback extends GObject.Object {
    open = false;

    vfunc_get_name() {
        return 'loopback';
    }

    vfunc_is_connected() {
        return this.open;
    }

    vfunc_get_timeout() {
        return 30000;
    }

    vfunc_begin_connect(task) {
        whenIdle(() => {
            this.open = true;
            task.return_boolean(true);
        });
    }

    vfunc_begin_send(task, frame) {
        if (!this.open) {
            task.return_error(new GLib.Error(Rt.Error, Rt.Error.NOT_CONNECTED, 'not open'));
            return;
        }
        whenIdle(() => {
            task.return_boolean(true);
            this.emit('received', frame);
        });
    }

    vfunc_begin_disconnect(task) {
        whenIdle(() => {
            this.open = false;
            task.return_boolean(true);
            this.emit('closed', 1000, 'as asked');
        });
    }
});

// Keeps its task too long.
const Slow = GObject.registerClass({
    Implements: [Rt.ConnectionStrategy],
}, class Slow extends GObject.Object {
    vfunc_get_timeout() {
        return 1;
    }

    vfunc_begin_connect(task) {
        this.task = task;
    }
});

for (const type of [Loopback, Slow, Rt.WebsocketStrategy]) {
    for (const name of ['connect_async', 'send_async', 'disconnect_async'])
        Gio._promisify(type.prototype, name);
}

async function testLoopback() {
    const strategy = new Loopback();
    const received = [];
    const closed = [];
    strategy.connect('received', guard((_strategy, frame) => received.push(text(frame))));
    strategy.connect('closed', guard((_strategy, code, reason) => closed.push([code, reason])));
    assertEqual([strategy.get_name(), strategy.get_timeout(), strategy.is_connected()], ['loopback', 30000, false]);
    await assertRejects(strategy.send_async(bytes('early'), null), Rt.Error, Rt.Error.NOT_CONNECTED, 'not open');
    assert(await strategy.connect_async(null), 'connected');
    assert(strategy.is_connected(), 'connected');
    const frames = Array.from({length: FRAMES}, (_, index) => `frame ${index}`);
    await Promise.all(frames.map(frame => strategy.send_async(bytes(frame), null)));
    assertEqual(received, frames);
    assertEqual(closed, []);
    const gone = once(strategy, 'closed');
    assert(await strategy.disconnect_async(null), 'disconnected');
    await gone;
    assertEqual(closed, [[1000, 'as asked']]);
}

async function testFaults() {
    const slow = new Slow();
    await assertRejects(slow.connect_async(null), Rt.Error, Rt.Error.TIMED_OUT, 'within 1 ms');
    await assertRejects(slow.send_async(bytes('x'), null), Rt.Error, Rt.Error.NOT_SUPPORTED, 'begin_send');
    assertEqual(slow.get_name(), GObject.type_name(Slow.$gtype));
}

async function testWebsocket() {
    const server = RtMock.Server.new();
    server.start();
    const strategy = Rt.WebsocketStrategy.new(new Rt.Config({endpoint: server.get_url()}));
    assertEqual(strategy.get_name(), 'websocket');
    assert(await strategy.connect_async(null), 'connected');
    const received = once(strategy, 'received');
    assert(await strategy.send_async(bytes('{"id":1,"connect":{}}'), null), 'sent');
    const [, frame] = await received;
    const reply = JSON.parse(text(frame));
    assertEqual([reply.connect.client], server.get_clients());
    const gone = once(strategy, 'closed');
    assert(await strategy.disconnect_async(null), 'disconnected');
    const [, code] = await gone;
    assertEqual([code, strategy.is_connected()], [1000, false]);

    server.stop();
    await assertRejects(strategy.connect_async(null), Rt.Error, Rt.Error.NETWORK);
}

await run(async () => {
    await testLoopback();
    await testFaults();
    await testWebsocket();
});
