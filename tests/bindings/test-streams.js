#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Byte streams, as a program in GJS sees them.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, guard, run} from './guard.js';

Gio._promisify(Rt.Client.prototype, 'start_stream_async');
Gio._promisify(Gio.OutputStream.prototype, 'splice_async');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async');
Gio._promisify(Gio.OutputStream.prototype, 'flush_async');
Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async');

const CLOSE = Gio.OutputStreamSpliceFlags.CLOSE_SOURCE | Gio.OutputStreamSpliceFlags.CLOSE_TARGET;
const CONTENT = Uint8Array.from({length: 700001}, (_, i) => i * 7 % 251);

async function connect(server) {
    const client = new Rt.Client({config: new Rt.Config({endpoint: server.get_url()})});
    await client.connect_async(null);
    return client;
}

async function setUp() {
    const server = RtMock.Server.new();
    server.start();
    const [ann, bob] = [await connect(server), await connect(server)];
    const room = await bob.join_channel_async('room', null, null);
    const opened = new Promise(resolve => room.connect('stream-opened', guard((_room, reader) => resolve(reader))));
    return {server, ann, bob, opened};
}

async function tearDown({ann, bob}) {
    await ann.close_async(null);
    await bob.close_async(null);
}

async function testSplice() {
    const world = await setUp();
    const stream = await world.ann.start_stream_async('room', 'photo.png', 'image/png', CONTENT.length, null);
    const reader = await world.opened;
    assertEqual([reader.name, reader.content_type, reader.size, reader.channel],
        ['photo.png', 'image/png', CONTENT.length, 'room']);
    const source = Gio.MemoryInputStream.new_from_bytes(new GLib.Bytes(CONTENT));
    const target = Gio.MemoryOutputStream.new_resizable();
    const sizes = await Promise.all([
        stream.splice_async(source, CLOSE, GLib.PRIORITY_DEFAULT, null),
        target.splice_async(reader, CLOSE, GLib.PRIORITY_DEFAULT, null),
    ]);
    assertEqual(sizes, [CONTENT.length, CONTENT.length]);
    assert(target.steal_as_bytes().equal(new GLib.Bytes(CONTENT)), 'all has come');
    assertEqual(stream.bytes_sent, CONTENT.length);
    await tearDown(world);
}

async function testAbort() {
    const world = await setUp();
    const stream = await world.ann.start_stream_async('room', 'log', null, -1, null);
    const reader = await world.opened;
    await stream.write_bytes_async(new GLib.Bytes(CONTENT.slice(0, 5)), GLib.PRIORITY_DEFAULT, null);
    await stream.flush_async(GLib.PRIORITY_DEFAULT, null);
    assertEqual((await reader.read_bytes_async(100, GLib.PRIORITY_DEFAULT, null)).get_size(), 5);
    const next = reader.read_bytes_async(100, GLib.PRIORITY_DEFAULT, null);
    stream.abort('changed my mind');
    await assertRejects(next, Rt.Error, Rt.Error.CLOSED, 'changed my mind');
    await assertRejects(stream.write_bytes_async(new GLib.Bytes(CONTENT), GLib.PRIORITY_DEFAULT, null),
        Rt.Error, Rt.Error.CLOSED);
    await tearDown(world);
}

await run(async () => {
    await testSplice();
    await testAbort();
});
