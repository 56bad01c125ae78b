#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages: what they can carry, and types of a program's own.
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';

import {assert, assertEqual, assertThrows} from './sample.js';

const begin = () => Rt.MessageBuilder.new().with_channel('general');

// One of four: text, a GVariant, JSON, or bytes.
const text = begin().with_content('Hello!').build();
const data = begin().with_variant(new GLib.Variant('a{sv}', {x: new GLib.Variant('i', 3)})).build();
const json = begin().with_json('{"x": 3}').build();
const raw = begin().with_bytes(new GLib.Bytes([0, 1])).build();

assertEqual(text.content, 'Hello!');
assertEqual(data.data.recursiveUnpack(), {x: 3});
assertEqual(json.data.recursiveUnpack(), {x: 3});
// Every integer comes back as an int64, here as at each receiver.
assertEqual(data.data.lookup_value('x', null).get_type_string(), 'x');
assertEqual([...raw.bytes.toArray()], [0, 1]);

// A type of the program's own, and what makes a message of it a good one.
const factory = Rt.MessageFactory.new('ann');
factory.register_type('poll', message => {
    if (!('question' in message.data.recursiveUnpack()))
        throw new GLib.Error(Rt.Error, Rt.Error.INVALID_MESSAGE, 'it asks nothing');
    return true;
});

const poll = factory.create_typed_message('poll', 'general',
    new GLib.Variant('a{sv}', {question: new GLib.Variant('s', 'Tea?')}));
assertEqual([poll.typeName, poll.sender], ['poll', 'ann']);

const error = assertThrows(Rt.Error.INVALID_MESSAGE,
    () => factory.create_typed_message('poll', 'general', new GLib.Variant('a{sv}', {})));
assert(error.message.includes('it asks nothing'));

// With more parts than a factory's methods take: a builder. The sender is the factory's.
const urgent = factory.build_message(
    begin().with_type_name('poll').with_json('{"question": "Tea?"}').with_priority(Rt.Priority.URGENT).with_ttl(60000));
assertEqual(urgent.priority, Rt.Priority.URGENT);

// The other end looks at what it got in the same way.
const received = Rt.Message.from_json(poll.to_json());
assert(factory.validate_message(received));
