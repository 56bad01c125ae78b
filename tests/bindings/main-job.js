#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The main job in GJS, with a server in the same process. Run: gjs -m main-job.js [--drop]
// With --drop the server acknowledges one publication that it does not deliver; the program has to notice and exit
// with MISSING. A signal emitted in another thread would not reach its handler here, and so be noticed, too.
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';
import System from 'system';

import {MISSING, assert, assertEqual, guard, once, run} from './guard.js';

const ROUNDS = 50;
const PAGE = 30;

const numbers = Array.from({length: ROUNDS}, (_, index) => index + 1);

class Person {
    constructor(name, server) {
        this.name = name;
        this.texts = [];
        this.events = [];
        this.acknowledged = 0;
        this.client = Rt.Client.new(new Rt.Config({endpoint: server.get_url(), userId: name}));
        this.client.connect('connected', guard(() => this.events.push('connected')));
        this.client.connect('disconnected', guard((_client, code) => this.events.push(`gone ${code}`)));
        this.client.connect('error', guard((_client, error) => {
            throw error;
        }));
    }

    async connect() {
        assert(await this.client.connect_async(null), 'connected');
        assert(this.client.is_connected(), 'connected');
        assertEqual(this.client.state, Rt.ConnectionState.CONNECTED);
        assertEqual(this.client.transport, 'websocket');
    }

    async join() {
        const options = new Rt.ChannelOptions({joinLeave: true});
        this.room = await this.client.join_channel_async('room', options, null);
        assertEqual(this.room.state, Rt.ChannelState.JOINED);
        this.room.connect('message', guard((room, message) => {
            assert(room === this.room, 'the own channel');
            assertEqual(message.channel, 'room');
            assert(message.content.startsWith(message.sender), 'from its sender');
            this.texts.push(message.content);
        }));
        this.room.connect('member-joined', guard((_room, member) => this.events.push(`${member.userId} came`)));
        this.room.connect('member-left', guard((_room, member) => this.events.push(`${member.userId} went`)));
    }

    async send(number) {
        const message = await this.room.send_message_async(`${this.name} ${number}`, null);
        assertEqual(++this.acknowledged, number);
        assertEqual(message.content, `${this.name} ${number}`);
    }
}

async function exchange(people) {
    await Promise.all(numbers.flatMap(number => people.map(person => person.send(number))));
    // The answer comes after everything that the server has sent before it.
    for (const person of people)
        assert(await person.client.ping_async(null) >= 0, 'a round-trip time');
}

function findMissing(people) {
    return people.flatMap(to => people.flatMap(by => numbers
        .filter(number => !to.texts.includes(`${by.name} ${number}`))
        .map(number => `missing: ${to.name} did not get "${by.name} ${number}"`)));
}

function checkDelivery(people) {
    for (const to of people) {
        assertEqual(to.texts.length, ROUNDS * people.length);
        for (const by of people) {
            const got = to.texts.filter(text => text.startsWith(by.name));
            assertEqual(got, numbers.map(number => `${by.name} ${number}`));
        }
    }
}

function items(model) {
    return Array.from({length: model.get_n_items()}, (_, index) => model.get_item(index));
}

async function checkPresence(people) {
    const {room} = people[0];
    const members = items(await room.presence_async(null));
    assertEqual(members.map(member => member.userId).sort(), people.map(person => person.name).sort());
    assertEqual(members.map(member => member.clientId).sort(), people.map(person => person.client.clientId).sort());
    assertEqual(await room.presence_stats_async(null), [people.length, people.length]);
}

async function checkHistory({room, texts}) {
    const history = await room.history_async(PAGE, null, false, null);
    assertEqual(history.get_n_items(), PAGE);
    while (await history.load_more_async(null) > 0)
        assert(history.get_n_items() <= texts.length, 'no more than was sent');
    assertEqual(items(history).map(message => message.content), texts);
    assertEqual([history.offset, room.offset], [texts.length, texts.length]);
    assertEqual(history.epoch, room.epoch);

    const newest = await room.history_async(2, Rt.Position.new(history.epoch, 3), true, null);
    assertEqual(items(newest).map(message => message.offset), [2, 1]);
}

async function checkRpc(person, server) {
    server.connect('rpc', guard((_server, request) => {
        assertEqual([request.method, request.userId, request.data], ['add', person.name, '{"a":2,"b":3}']);
        request.reply('{"sum":5}');
    }));
    const data = new GLib.Variant('a{sv}', {a: new GLib.Variant('x', 2), b: new GLib.Variant('x', 3)});
    assertEqual((await person.client.rpc_async('add', data, null)).recursiveUnpack(), {sum: 5});
}

async function part(ann, bob, server) {
    const seen = once(ann.room, 'member-left', (_room, member) => member.userId === 'bob');
    assert(await bob.room.leave_async(null), 'left');
    assertEqual(bob.room.state, Rt.ChannelState.LEFT);
    await seen;
    for (const person of [ann, bob]) {
        const gone = once(person.client, 'disconnected');
        assert(await person.client.close_async(null), 'closed');
        assertEqual(person.client.state, Rt.ConnectionState.CLOSED);
        await gone;
    }
    assertEqual(ann.events, ['connected', 'ann came', 'bob came', 'bob went', 'gone 1000']);
    assertEqual(bob.events, ['connected', 'bob came', 'gone 1000']);
    assertEqual(server.get_messages('room').length, ann.texts.length);
}

async function main() {
    const server = RtMock.Server.new();
    server.start();
    if (System.programArgs.includes('--drop'))
        server.inject_fault(RtMock.Fault.DROP_PUBLICATION, 1);
    const people = ['ann', 'bob'].map(name => new Person(name, server));
    const [ann, bob] = people;
    for (const person of people) {
        await person.connect();
        await person.join();
    }
    await exchange(people);
    const missing = findMissing(people);
    if (missing.length > 0) {
        printerr(missing.join('\n'));
        return MISSING;
    }
    checkDelivery(people);
    await checkPresence(people);
    await checkHistory(ann);
    await checkRpc(ann, server);
    await part(ann, bob, server);
    server.stop();
    print(`sent ${2 * ROUNDS}, acknowledged ${ann.acknowledged + bob.acknowledged}, ` +
        `delivered ${ann.texts.length + bob.texts.length}, lost 0`);
    return 0;
}

await run(main);
