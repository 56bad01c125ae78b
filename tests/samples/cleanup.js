#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Clean-up: close for good order, garbage collection for the rest. Nothing comes late.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assertEqual, assertRejects} from './sample.js';

for (const name of ['connect_async', 'join_channel_async', 'send_message_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);
Gio._promisify(Rt.Channel.prototype, 'leave_async');

// A client for the time of a function: closed on every way out.
async function withClient(url, callback) {
    const client = Rt.Client.new(Rt.Config.new('key', url));
    await client.connect_async(null);
    try {
        await callback(client);
    } finally {
        await client.close_async(null);
    }
    return client;
}

const server = RtMock.Server.new();
server.start();
const received = [];

const client = await withClient(server.get_url(), async client => {
    const channel = await client.join_channel_async('general', null, null);
    channel.connect('message', (_channel, message) => received.push(message.content));
    // After this call the handler is not called any more, whatever the server had sent.
    await channel.leave_async(null);
    await client.send_message_async('general', 'Goodbye', null);
});
assertEqual(client.state, Rt.ConnectionState.CLOSED);
assertEqual(received, []);

// Again it does no harm; the end is the end.
await client.close_async(null);
await assertRejects(Rt.Error.CLOSED, client.send_message_async('general', 'Hello!', null));
server.stop();
