#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Builders, factories, events and the rate limiter in GJS.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';

import {assert, assertEqual, guard, run} from './guard.js';

const THROWN = 'thrown on purpose';

function assertThrows(call, code, what) {
    let caught = null;
    try {
        call();
    } catch (error) {
        caught = error;
    }
    if (!(caught instanceof GLib.Error && caught.matches(Rt.Error, code) && caught.message.includes(what)))
        throw new Error(`"${caught}" instead of ${code} "${what}"`);
}

function wordsOf(call) {
    try {
        call();
    } catch (error) {
        return error.message;
    }
    return '';
}

function testBuilder() {
    const message = Rt.MessageBuilder.new()
        .with_channel('room').with_content('hällo 🙂').with_sender('ann')
        .with_priority(Rt.Priority.HIGH).with_ttl(5000)
        .with_metadata('colour', 'red').with_tag('kind', 'greeting').build();
    assertEqual([message.content, message.priority, message.ttl, message.get_tag_value('kind')],
        ['hällo 🙂', Rt.Priority.HIGH, 5000, 'greeting']);
    const builder = Rt.MessageBuilder.new().with_id('x').with_sender('s'.repeat(256));
    for (const name of ['channel: ', 'id: ', 'sender: '])
        assertThrows(() => builder.build(), Rt.Error.INVALID_MESSAGE, name);
}

function testMessageFactory() {
    const factory = Rt.MessageFactory.new('ann');
    const text = factory.create_text_message('room', 'Hello!');
    const image = factory.create_image_message('room', 'https://example.com/a.jpg');
    const system = factory.create_system_message('room', 'Bob came');
    const file = factory.create_file_message('room', 'https://example.com/a.pdf', 'a.pdf', 17);
    const named = factory.create_message(Rt.MessageType.SYSTEM, 'room', 'x');
    assertEqual([text, image, system, file, named].map(message => message.messageType),
        [Rt.MessageType.TEXT, Rt.MessageType.IMAGE, Rt.MessageType.SYSTEM, Rt.MessageType.FILE, Rt.MessageType.SYSTEM]);
    assertEqual([text.sender, file.metadata.deepUnpack()], ['ann', {name: 'a.pdf', size: '17'}]);
    assertThrows(() => factory.create_text_message('', 'x'), Rt.Error.INVALID_MESSAGE, 'channel: ');
}

function testOwnType() {
    const factory = Rt.MessageFactory.new('ann');
    const failed = [];
    const create = (data = {}) => factory.create_typed_message('poll', 'room', new GLib.Variant('a{sv}', data));
    factory.connect('validation-failed', guard((_factory, name, error) => failed.push([name, error.message])));
    factory.register_type('poll', message => {
        if (!('question' in message.data.recursiveUnpack()))
            throw new GLib.Error(Rt.Error, Rt.Error.INVALID_MESSAGE, 'no question');
        return true;
    });
    assertEqual(factory.get_type_names(), ['poll']);
    const message = create({question: new GLib.Variant('s', 'Why?')});
    assertEqual(message.typeName, 'poll');
    assert(factory.validate_message(message), 'valid');
    assertThrows(create, Rt.Error.INVALID_MESSAGE, '“poll” is refused: no question');
    assertEqual(failed, [['poll', 'The message of the type “poll” is refused: no question']]);
    assertThrows(() => factory.register_type('poll', null), Rt.Error.INVALID_ARGUMENT, 'already');
    assertThrows(() => factory.register_type('text', null), Rt.Error.INVALID_ARGUMENT, "library's own");

    assert(factory.unregister_type('poll'), 'registered before');
    assertThrows(create, Rt.Error.INVALID_MESSAGE, 'not registered');
    factory.register_type('poll', () => {
        throw new Error(THROWN);
    });
    assertThrows(create, Rt.Error.INVALID_MESSAGE, '“poll” is refused: ');
    factory.unregister_type('poll');
    factory.register_type('poll', () => false);
    assertThrows(create, Rt.Error.INVALID_MESSAGE, 'did not say why');
    assertEqual(failed.length, 3);
    factory.unregister_type('poll');
    factory.register_type('poll', () => factory.unregister_type('poll'));
    assertEqual(create().typeName, 'poll');
    assertThrows(create, Rt.Error.INVALID_MESSAGE, 'not registered');
}

function testEvents() {
    const event = Rt.Event.new_custom('orders.created', new GLib.Variant('i', 7));
    assertEqual([event.eventType, event.name, event.variant.unpack()], [Rt.EventType.CUSTOM, 'orders.created', 7]);
    assertEqual([event.message, event.channel, event.error, event.member], [null, null, null, null]);
    assert(event.timestamp > 0, 'a time');

    const factory = Rt.EventFactory.new();
    const message = Rt.Message.new_text('room', 'x');
    const member = Rt.Member.new('c', 'u', null);
    const cause = new GLib.Error(Rt.Error, Rt.Error.NETWORK, 'gone');
    assert(factory.create_message_event(Rt.EventType.MESSAGE_SENT, message).message === message, 'the message');
    assert(factory.create_member_event(Rt.EventType.MEMBER_LEFT, 'room', member).get_member() === member, 'the member');
    assertEqual(factory.create_channel_event(Rt.EventType.GAP, 'room', null).channel, 'room');
    const failure = factory.create_error_event('room', cause);
    assert(failure.error.matches(Rt.Error, Rt.Error.NETWORK), 'the error as a property');
    assert(failure.get_error().matches(Rt.Error, Rt.Error.NETWORK), 'the error by its method');
    assertThrows(() => factory.create_custom_event('', null), Rt.Error.INVALID_ARGUMENT, 'name: ');
}

// A factory of a program's own.
const Shouting = GObject.registerClass({
    Implements: [Rt.Factory],
}, class Shouting extends GObject.Object {
    vfunc_create_message(messageType, channel, content) {
        if (content === 'throw')
            throw new Error(THROWN);
        if (content === 'nothing')
            return null;
        return Rt.MessageFactory.new('ann').create_message(messageType, channel, content.toUpperCase());
    }

    vfunc_create_event(eventType, payload) {
        return Rt.Event.new(eventType, payload);
    }
});

const OnlyEvents = GObject.registerClass({
    Implements: [Rt.Factory],
}, class OnlyEvents extends GObject.Object {
    vfunc_create_event() {
        return Rt.Message.new_text('room', 'no event');
    }
});

function testFactories() {
    const usual = Rt.RealtimeFactory.new('user-123');
    usual.messageFactory.register_type('poll', null);
    assertEqual(usual.create_message(Rt.MessageType.TEXT, 'general', 'Hello!').sender, 'user-123');
    assertEqual(usual.create_event(Rt.EventType.MESSAGE_RECEIVED, new GLib.Variant('s', 'x')).name, 'message-received');

    const own = new Shouting();
    assertEqual(own.create_message(Rt.MessageType.TEXT, 'room', 'hi').content, 'HI');
    assertEqual(own.create_event(Rt.EventType.GAP, new GLib.Variant('i', 3)).variant.unpack(), 3);
    assert(wordsOf(() => own.create_message(Rt.MessageType.TEXT, 'room', 'throw')).includes(THROWN), 'the exception');
    assertThrows(() => own.create_message(Rt.MessageType.TEXT, 'room', 'nothing'), Rt.Error.FAILED, 'returned nothing');
    assertThrows(() => own.create_message(Rt.MessageType.TEXT, '', 'x'), Rt.Error.INVALID_MESSAGE, 'channel: ');
    const poor = new OnlyEvents();
    assertThrows(() => poor.create_message(Rt.MessageType.TEXT, 'room', 'x'), Rt.Error.NOT_SUPPORTED, 'messages');
    assert(wordsOf(() => poor.create_event(Rt.EventType.GAP, null)).includes('RtEvent'), 'the type that was wanted');
}

function testRateLimiter() {
    const limiter = Rt.RateLimiter.new(0.001, 3);
    assertEqual([limiter.rate, limiter.get_burst()], [0.001, 3]);
    assertEqual([limiter.try_acquire(2), limiter.try_acquire(2), limiter.try_acquire(1)], [true, false, true]);
    assertEqual([limiter.get_delay(0), limiter.get_delay(4)], [0, 2 ** 32 - 1]);
    assert(limiter.get_delay(1) > 0, 'a delay');
}

await run(async () => {
    testBuilder();
    testMessageFactory();
    testOwnType();
    testEvents();
    testFactories();
    testRateLimiter();
});
