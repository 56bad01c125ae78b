#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Middlewares written in GJS, and those of the library, in a real client.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertRejects, guard, run} from './guard.js';

// Puts another message in the place of an outgoing one, at once.
const Upper = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Upper extends GObject.Object {
    vfunc_process(exchange) {
        const message = exchange.get_message();
        if (exchange.get_direction() === Rt.Direction.INCOMING)
            exchange.proceed();
        else
            exchange.replace(Rt.Message.new_text(message.channel, message.content.toUpperCase()));
        return true;
    }
});

// Thinks about it first, and hears how it ended.
const Later = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Later extends GObject.Object {
    ends = [];

    vfunc_process(exchange) {
        exchange.connect('completed', guard((_exchange, error) => {
            this.ends.push(`${exchange.message.content} ${error?.message ?? 'done'}`);
        }));
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, 5, guard(() => {
            exchange.proceed();
            return GLib.SOURCE_REMOVE;
        }));
        return true;
    }
});

// Fails what it does not like, in one way or another.
const Forbidding = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Forbidding extends GObject.Object {
    vfunc_process(exchange) {
        const content = exchange.message.content;
        if (content === 'throw')
            throw new Error('thrown on purpose');
        if (content === 'error')
            throw new GLib.Error(Rt.Error, Rt.Error.PERMISSION_DENIED, 'not allowed');
        if (content === 'fail')
            exchange.fail(new GLib.Error(Rt.Error, Rt.Error.RATE_LIMITED, 'not now'));
        else if (content === 'drop')
            exchange.drop('not today');
        else
            exchange.proceed();
        // Nothing is returned, as one forgets: it is resolved all the same.
    }
});

// Never decides.
const Forgetful = GObject.registerClass({
    Implements: [Rt.Middleware],
}, class Forgetful extends GObject.Object {
    vfunc_process(_exchange) {
        return true;
    }
});

// A client in a room, with what it has heard there.
async function open(server, middlewares, settings = {}) {
    const client = new Rt.Client({config: new Rt.Config({endpoint: server.get_url(), ...settings})});
    for (const middleware of middlewares)
        client.use(middleware);
    await client.connect_async(null);
    const room = await client.join_channel_async('room', null, null);
    const texts = [];
    room.connect('message', guard((_room, message) => texts.push(message.content)));
    return {client, room, texts, send: content => client.send_message_async('room', content, null)};
}

function waitUntil(condition) {
    return new Promise(resolve => {
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, guard(() => {
            if (!condition())
                return GLib.SOURCE_CONTINUE;
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
    });
}

async function testAtOnce(server) {
    const scene = await open(server, [new Upper()]);
    assertEqual((await scene.send('hello')).content, 'HELLO');
    await waitUntil(() => scene.texts.length === 1);
    assertEqual(scene.texts, ['HELLO']);
    await scene.client.close_async(null);
}

async function testLater(server) {
    const later = new Later();
    const scene = await open(server, [later]);
    await Promise.all(['1', '2', '3'].map(scene.send));
    await waitUntil(() => later.ends.length === 6);
    assertEqual(scene.texts, ['1', '2', '3']);
    assertEqual(later.ends.sort(), ['1 done', '1 done', '2 done', '2 done', '3 done', '3 done']);
    await scene.client.close_async(null);
}

async function testFailures(server) {
    const scene = await open(server, [new Forbidding()]);
    await assertRejects(scene.send('error'), Rt.Error, Rt.Error.PERMISSION_DENIED, 'not allowed');
    await assertRejects(scene.send('fail'), Rt.Error, Rt.Error.RATE_LIMITED, 'not now');
    await assertRejects(scene.send('drop'), Rt.Error, Rt.Error.FAILED, 'not today');
    let caught = null;
    try {
        await scene.send('throw');
    } catch (error) {
        caught = error;
    }
    assert(`${caught}`.includes('thrown on purpose'), `${caught}`);
    await scene.send('ok');
    await waitUntil(() => scene.texts.length === 1);
    assertEqual(scene.texts, ['ok']);
    await scene.client.close_async(null);
}

async function testForgotten(server) {
    const scene = await open(server, [new Forgetful()], {request_timeout: 300});
    await assertRejects(scene.send('lost'), Rt.Error, Rt.Error.TIMED_OUT, 'Forgetful');
    await scene.client.close_async(null);
}

async function testBuiltIn(server) {
    const recovery = Rt.RecoveryMiddleware.new();
    const recovered = [];
    const failures = ['first', 'second'];
    const limit = Rt.RateLimitMiddleware.new(1000, 1000, Rt.RateLimitMode.COALESCE);

    limit.set_key_func(guard(message => message.content));
    recovery.max_retries = 2;
    recovery.retry_delay = 1;
    recovery.connect('recovered', guard((_recovery, _message, error) => recovered.push(error.message)));
    const flaky = Rt.Middleware.new_for_func(exchange => {
        if (failures.length > 0 && exchange.direction === Rt.Direction.OUTGOING)
            exchange.fail(new GLib.Error(Rt.Error, Rt.Error.NETWORK, failures.shift()));
        else
            exchange.proceed();
        return true;
    });
    const scene = await open(server, [Rt.LoggingMiddleware.new(), recovery, Rt.TimeoutMiddleware.new(5000),
        Rt.FilterMiddleware.new(guard(message => message.content !== 'spam')), limit, flaky]);
    assertEqual((await scene.send('hello')).content, 'hello');
    assertEqual(recovered, ['first', 'second']);
    await assertRejects(scene.send('spam'), Rt.Error, Rt.Error.FAILED, 'filtered');
    failures.push('a', 'b', 'c');
    await assertRejects(scene.send('doomed'), Rt.Error, Rt.Error.NETWORK, 'c');
    const letter = recovery.dead_letters.get_item(0);
    assertEqual([letter.message.content, letter.get_error().message, letter.attempts], ['doomed', 'c', 3]);
    await scene.client.close_async(null);
}

function testNoFunction() {
    for (const make of [Rt.Middleware.new_for_func, Rt.FilterMiddleware.new, Rt.TokenProvider.new_for_func]) {
        let caught = null;
        try {
            make(null);
        } catch (error) {
            caught = error;
        }
        assert(caught !== null, make.name);
    }
}

await run(async () => {
    const server = RtMock.Server.new();
    server.start();
    for (const test of [testAtOnce, testLater, testFailures, testForgotten, testBuiltIn, testNoFunction])
        await test(server);
    return 0;
});
