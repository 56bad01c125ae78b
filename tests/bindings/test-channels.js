#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Channels as a program in GJS sees them: shared handles, and the lists that views are made of.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, guard, run, whenIdle} from './guard.js';

Gio._promisify(Rt.Client.prototype, 'leave_channel_async');

const server = RtMock.Server.new();

async function makeClient(user) {
    const client = new Rt.Client({config: new Rt.Config({endpoint: server.get_url(), user_id: user})});
    await client.connect_async(null);
    return client;
}

function publish(channel, first, last) {
    for (let number = first; number <= last; number++)
        server.publish(channel, `{"text":"${number}"}`);
}

function list(model, map) {
    return Array.from({length: model.get_n_items()}, (_, i) => map(model.get_item(i)));
}

async function until(condition) {
    while (!condition())
        // What is waited for comes from the main loop.
        // eslint-disable-next-line no-await-in-loop
        await new Promise(resolve => whenIdle(resolve));
}

async function testShared(client) {
    const room = await client.join_channel_async('shared', null, null);
    assert(await client.join_channel_async('shared', null, null) === room, 'the same handle');
    await room.leave_async(null);
    assertEqual(room.state, Rt.ChannelState.JOINED);
    await client.leave_channel_async('shared', null);
    assertEqual(room.state, Rt.ChannelState.LEFT);
    await assertRejects(room.leave_async(null), Rt.Error, Rt.Error.CHANNEL_NOT_FOUND);
}

async function testMembers(client) {
    const bob = await makeClient('bob');
    const room = await client.join_channel_async('members', null, null);
    const members = room.members;
    const changes = [];
    members.connect('items-changed', guard((_model, ...change) => changes.push(change)));
    await until(() => room.members_synced);
    assertEqual(list(members, member => member.user_id), ['ann']);
    const theirs = await bob.join_channel_async('members', null, null);
    await until(() => members.get_n_items() === 2);
    assertEqual(list(members, member => member.user_id), ['ann', 'bob']);
    await theirs.leave_async(null);
    await until(() => members.get_n_items() === 1);
    assertEqual(changes.slice(-2), [[1, 0, 1], [1, 1, 0]]);
    await bob.close_async(null);
}

async function testMessages(client) {
    publish('messages', 1, 3);
    const options = new Rt.ChannelOptions({prefill: 2, messages_limit: 4});
    const room = await client.join_channel_async('messages', options, null);
    const texts = () => list(room.messages, message => message.data.recursiveUnpack().text);
    await until(() => texts().length === 2);
    publish('messages', 4, 6);
    await until(() => texts().join() === '3,4,5,6');
}

async function testHistory(client) {
    publish('history', 1, 5);
    const room = await client.join_channel_async('history', null, null);
    const history = await room.history_async(2, null, false, null);
    history.auto_load = true;
    const texts = () => list(history, message => message.data.recursiveUnpack().text).join();
    assertEqual(texts(), '1,2');
    // Whoever has looked at the last one gets the next.
    await until(() => texts() === '1,2,3,4,5');
    assertEqual([history.has_more, history.error], [false, null]);
}

async function testFilter(client) {
    const wanted = Rt.TagsFilter.new_one_of('town', ['paris', 'berlin'])
        .both(Rt.TagsFilter.new_exists('rain').negate());
    const room = await client.join_channel_async('filter', new Rt.ChannelOptions({tags_filter: wanted}), null);
    const texts = [];
    room.connect('message', guard((_room, message) => texts.push(message.content)));
    ['"town":"paris"', '"town":"rome"', '"town":"berlin","rain":"1"', '"town":"berlin"'].forEach((tags, number) =>
        server.publish('filter', `{"$rt":1,"text":"${number}","tags":{${tags}}}`));
    await until(() => texts.length === 2);
    assertEqual(texts, ['0', '3']);
}

await run(async () => {
    server.start();
    const client = await makeClient('ann');
    for (const test of [testShared, testMembers, testMessages, testHistory, testFilter])
        // One after the other.
        // eslint-disable-next-line no-await-in-loop
        await test(client);
    await client.close_async(null);
    server.stop();
});
