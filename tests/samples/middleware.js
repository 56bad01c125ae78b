#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Middleware: what every message goes through, on its way out and in.
import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual} from './sample.js';

for (const name of ['connect_async', 'join_channel_async', 'send_async', 'send_message_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const order = [];

// A middleware of one's own: it sees the message on its way, and how that ended.
const Witness = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Witness extends GObject.Object {
    constructor(name) {
        super();
        this.name = name;
    }

    vfunc_process(exchange) {
        if (exchange.direction === Rt.Direction.OUTGOING) {
            order.push(this.name);
            exchange.connect('completed', () => order.push(`${this.name} completed`));
        }
        exchange.proceed();
        return true;
    }
});

const server = RtMock.Server.new();
server.start();
const client = Rt.Client.new(Rt.Config.new(null, server.get_url()));

// What was added first is outermost: Request → Logging → Recovery → Timeout → Handler → Response.
client.use(new Witness('outer'));
client.use(Rt.LoggingMiddleware.new());
client.use(Rt.RecoveryMiddleware.new());
client.use(Rt.TimeoutMiddleware.new(5000));
const onlyText = Rt.FilterMiddleware.new(message => message.messageType === Rt.MessageType.TEXT);
onlyText.directions = Rt.Directions.INCOMING;
client.use(onlyText);
client.use(new Witness('inner'));

// The image is sent, but what comes in is filtered.
await client.connect_async(null);
const channel = await client.join_channel_async('general', null, null);
const heard = new Promise(resolve => channel.connect('message', (_channel, message) => resolve(message)));
const image = Rt.MessageFactory.new('user-123').create_image_message('general', 'https://example.com/img.jpg');
await client.send_async(image, null);
await client.send_message_async('general', 'Hello!', null);
assertEqual((await heard).content, 'Hello!');

assertEqual(order.slice(0, 2), ['outer', 'inner']);
assert(order.indexOf('inner completed') < order.indexOf('outer completed'));
await client.close_async(null);
