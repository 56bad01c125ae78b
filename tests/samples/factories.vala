// SPDX-License-Identifier: LGPL-2.1-or-later
// Factories: messages and events that are made alike, in one place that can be exchanged for another.

// Each message has the sender that the factory was made with.
void create_messages () throws Error {
    var factory = new Rt.MessageFactory ("user-123");
    var text = factory.create_text_message ("general", "Hello!");
    var image = factory.create_image_message ("photos", "https://example.com/img.jpg");
    var system = factory.create_system_message ("general", "User joined");
    assert (text.sender == "user-123");
    assert (image.message_type == Rt.MessageType.IMAGE);
    assert (system.message_type == Rt.MessageType.SYSTEM);
}

// Types are open: a program adds its own, with a rule that messages of this type must keep to.
void add_type () throws Error {
    var factory = new Rt.MessageFactory ("user-123");
    factory.register_type ("order", (message) => message.data.lookup_value ("amount", null) != null);
    var order = factory.create_typed_message ("order", "orders", new Variant.parsed ("{'amount': <int64 3>}"));
    assert (order.type_name == "order");
    try {
        factory.create_typed_message ("order", "orders", new Variant.parsed ("{'price': <int64 3>}"));
        assert_not_reached ();
    } catch (Rt.Error.INVALID_MESSAGE error) {
        assert ("order" in error.message);
    }
}

// Whoever is given an Rt.Factory need not know which one it is.
void use_factory (Rt.Factory factory) throws Error {
    var message = factory.create_message (Rt.MessageType.TEXT, "general", "Hello!");
    var event = factory.create_event (Rt.EventType.RECONNECTING, new Variant.uint32 (2));
    assert (message.content == "Hello!");
    assert (event.event_type == Rt.EventType.RECONNECTING);
    assert (event.variant.get_uint32 () == 2);
}

// One for tests, that makes the same message every time.
class TestFactory : Object, Rt.Factory {
    public Rt.Message create_message (Rt.MessageType message_type, string channel, string content) throws Error {
        return new Rt.MessageBuilder ().with_id ("1").with_channel (channel).with_content (content).build ();
    }

    public Rt.Event create_event (Rt.EventType event_type, Variant? payload) throws Error {
        return new Rt.Event (event_type, payload);
    }
}

int main () {
    try {
        create_messages ();
        add_type ();
        use_factory (new Rt.RealtimeFactory ("user-123"));
        use_factory (new TestFactory ());
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
