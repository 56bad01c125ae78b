#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Factories: messages and events that are made alike, in one place that can be exchanged for another.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';

import {assertEqual, assertThrows} from './sample.js';

// Each message has the sender that the factory was made with.
const factory = Rt.MessageFactory.new('user-123');
const text = factory.create_text_message('general', 'Hello!');
const image = factory.create_image_message('photos', 'https://example.com/img.jpg');
const system = factory.create_system_message('general', 'User joined');
assertEqual(text.sender, 'user-123');
assertEqual(image.messageType, Rt.MessageType.IMAGE);
assertEqual(system.messageType, Rt.MessageType.SYSTEM);

// Types are open: a program adds its own, with a rule that messages of this type must keep to.
factory.register_type('order', message => 'amount' in message.data.deepUnpack());
const order = factory.create_typed_message('order', 'orders',
    new GLib.Variant('a{sv}', {amount: new GLib.Variant('x', 3)}));
assertEqual(order.typeName, 'order');
assertThrows(Rt.Error.INVALID_MESSAGE, () =>
    factory.create_typed_message('order', 'orders', new GLib.Variant('a{sv}', {})));

// Whoever is given an Rt.Factory need not know which one it is.
function useFactory(anyFactory) {
    const message = anyFactory.create_message(Rt.MessageType.TEXT, 'general', 'Hello!');
    const event = anyFactory.create_event(Rt.EventType.RECONNECTING, new GLib.Variant('u', 2));
    assertEqual(message.content, 'Hello!');
    assertEqual(event.eventType, Rt.EventType.RECONNECTING);
    assertEqual(event.variant.unpack(), 2);
}

// One for tests, that makes the same message every time.
const TestFactory = GObject.registerClass({
    Implements: [Rt.Factory],
}, class TestFactory extends GObject.Object {
    vfunc_create_message(_type, channel, content) {
        return Rt.MessageBuilder.new().with_id('1').with_channel(channel).with_content(content).build();
    }

    vfunc_create_event(type, payload) {
        return Rt.Event.new(type, payload);
    }
});

useFactory(Rt.RealtimeFactory.new('user-123'));
useFactory(new TestFactory());
