#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Cancellables and deadlines: every call that waits can be taken back, and says what became of it.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assertEqual, assertCancelled} from './sample.js';

for (const name of ['connect_async', 'send_message_async', 'rpc_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const server = RtMock.Server.new();
const calls = [];
server.connect('rpc', (_server, call) => calls.push(call)); // kept, and never answered
server.start();
const client = Rt.Client.new(Rt.Config.new(null, server.get_url()));
await client.connect_async(null);

// Cancelled before it began: nothing of it was sent, nor will be.
let cancellable = new Gio.Cancellable();
cancellable.cancel();
await assertCancelled(client.send_message_async('general', 'Never sent', cancellable));

// A deadline of one's own is a timer that cancels.
cancellable = new Gio.Cancellable();
setTimeout(() => cancellable.cancel(), 50);
await assertCancelled(client.rpc_async('think-for-years', null, cancellable));

// A message that waits for a connection has not been written: once cancelled, it never is.
const lost = new Promise(resolve => client.connect('disconnected', resolve));
server.stop();
await lost;
cancellable = new Gio.Cancellable();
const sending = client.send_message_async('general', 'Never sent', cancellable);
cancellable.cancel();
await assertCancelled(sending);
assertEqual(server.get_messages('general'), []);
await client.close_async(null);
