#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The observer: whoever wants to know subscribes to a bus; whoever has something to tell dispatches it there.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual} from './sample.js';

for (const name of ['connect_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const bus = Rt.EventBus.new();
let subscription;
let heard = new Promise(resolve => {
    subscription = bus.subscribe(Rt.EventType.MESSAGE_RECEIVED, resolve);
});

// From any thread; the handler runs later, in the context that it was subscribed in.
const message = Rt.Message.new_text('general', 'Hello!');
bus.dispatch(Rt.EventFactory.new().create_message_event(Rt.EventType.MESSAGE_RECEIVED, message));
assertEqual((await heard).message.content, 'Hello!');

// After this nothing comes any more.
subscription.cancel();
assert(!subscription.is_active());

// Everything, or what fits a pattern.
heard = new Promise(resolve => bus.subscribe_name('orders.*', resolve));
bus.dispatch(Rt.Event.new_custom('news.new', null));
bus.dispatch(Rt.Event.new_custom('orders.new', new GLib.Variant('x', 17)));
assertEqual((await heard).name, 'orders.new');

// A client puts on its bus what happens to it.
const server = RtMock.Server.new();
server.start();
const client = Rt.Client.new(Rt.Config.new(null, server.get_url()));
heard = new Promise(resolve => {
    subscription = client.on(Rt.EventType.CONNECTED, resolve);
});
await client.connect_async(null);
await heard;

// Its subscriptions end with it.
await client.close_async(null);
while (subscription.is_active())
    await new Promise(resolve => setTimeout(resolve, 0));
