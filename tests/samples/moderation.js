#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Middleware that decides what may be sent, and hears how it ended.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual} from './sample.js';

for (const name of ['connect_async', 'send_async', 'send_message_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const Moderator = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Moderator extends GObject.Object {
    vfunc_process(exchange) {
        if (exchange.message.content?.includes('spam'))
            exchange.drop('moderated');
        else
            exchange.proceed();
        return true;
    }
});

const Stopwatch = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Stopwatch extends GObject.Object {
    times = [];

    vfunc_process(exchange) {
        const begun = GLib.get_monotonic_time();
        exchange.connect('completed', (_exchange, error) => {
            this.record(error, GLib.get_monotonic_time() - begun);
        });
        exchange.proceed();
        return true;
    }

    record(error, time) {
        this.times.push(time);
    }
});

const server = RtMock.Server.new();
server.start();
const client = Rt.Client.new(Rt.Config.new(null, server.get_url()));
const stopwatch = new Stopwatch();
client.use(stopwatch);
client.use(new Moderator());
await client.connect_async(null);

const bytes = Rt.MessageBuilder.new().with_channel('general').with_bytes(new GLib.Bytes(new Uint8Array([0]))).build();
await client.send_async(bytes, null);
try {
    await client.send_message_async('general', 'spam', null);
    assert(false);
} catch (error) {
    assert(error.message.includes('moderated'));
}
await client.close_async(null);
assertEqual(stopwatch.times.length, 2);
