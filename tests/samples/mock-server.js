#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A test of a program against the mock server: in this process, on a free port, with faults on demand.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects} from './sample.js';

for (const name of ['connect_async', 'send_message_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const server = RtMock.Server.new();
server.set_api_keys(['test-key']);
server.start();
const newClient = apiKey => Rt.Client.new(Rt.Config.new(apiKey, server.get_url()));

async function testConnect() {
    const client = newClient('test-key');
    await client.connect_async(null);
    assert(client.is_connected());
    await client.close_async(null);
}

// What arrived is recorded.
async function testRecorded() {
    const client = newClient('test-key');
    await client.connect_async(null);
    await client.send_message_async('general', 'Hello!', null);
    assert(server.wait_for_messages(1, 5000));
    const messages = server.get_messages('general');
    assertEqual(messages.length, 1);
    assert(messages[0].includes('Hello!'));
    await client.close_async(null);
}

// The server resets the line instead of answering; the client connects again, and the message is sent once.
async function testLostLine() {
    const client = newClient('test-key');
    await client.connect_async(null);
    server.inject_fault(RtMock.Fault.DROP_CONNECTION, 1);
    await client.send_message_async('lost', 'still here', null);
    assertEqual(server.get_messages('lost').length, 1);
    await client.close_async(null);
}

// Who shows no right key is refused as a real server does it.
async function testRefused() {
    const client = newClient('another-key');
    await assertRejects(Rt.Error.UNAUTHORIZED, client.connect_async(null));
    assertEqual(client.state, Rt.ConnectionState.FAILED);
}

await testConnect();
await testRecorded();
await testLostLine();
await testRefused();
server.stop();
