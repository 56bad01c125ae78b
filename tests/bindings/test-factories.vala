// SPDX-License-Identifier: LGPL-2.1-or-later
// Builders, factories, events and the rate limiter in Vala.

void test_builder () throws Error {
    var message = new Rt.MessageBuilder ()
        .with_channel ("room").with_content ("hällo 🙂").with_sender ("ann")
        .with_priority (Rt.Priority.HIGH).with_ttl (5000)
        .with_metadata ("colour", "red").with_tag ("kind", "greeting").build ();
    assert (message.content == "hällo 🙂" && message.get_tag_value ("kind") == "greeting");
    try {
        new Rt.MessageBuilder ().with_id ("x").build ();
        assert_not_reached ();
    } catch (Rt.Error.INVALID_MESSAGE failure) {
        assert ("channel: " in failure.message && "id: " in failure.message);
    }
}

void expect_refusal (Rt.MessageFactory factory, string says) throws Error {
    try {
        factory.create_typed_message ("poll", "room", new Variant ("i", 7));
        assert_not_reached ();
    } catch (Rt.Error.INVALID_MESSAGE failure) {
        if (!(says in failure.message))
            error ("%s", failure.message);
    }
}

void test_message_factory () throws Error {
    var factory = new Rt.MessageFactory ("ann");
    var n_failed = 0;
    var allowed = 7;
    assert (factory.create_text_message ("room", "Hello!").sender == "ann");
    assert (factory.create_image_message ("room", "https://example.com/a.jpg").message_type == Rt.MessageType.IMAGE);
    assert (factory.create_system_message ("room", "x").message_type == Rt.MessageType.SYSTEM);
    assert (factory.create_file_message ("room", "u", "a.pdf", 17).get_metadata_value ("size") == "17");

    expect_refusal (factory, "not registered");
    factory.validation_failed.connect ((type_name, failure) => {
        assert (type_name == "poll" && "an 8 is wanted" in failure.message);
        n_failed++;
    });
    factory.register_type ("poll", (message) => {
        if (message.data.get_int64 () != allowed)
            throw new Rt.Error.INVALID_MESSAGE ("an %d is wanted", allowed);
        return true;
    });
    assert (factory.create_typed_message ("poll", "room", new Variant ("i", 7)).type_name == "poll");
    allowed = 8;
    expect_refusal (factory, "an 8 is wanted");
    assert (n_failed == 1 && factory.get_type_names ().length == 1);
    assert (factory.unregister_type ("poll"));
}

void test_events () throws Error {
    var event = new Rt.Event.custom ("orders.created", new Variant ("i", 7));
    assert (event.event_type == Rt.EventType.CUSTOM && event.name == "orders.created");
    assert (event.variant.get_int32 () == 7 && event.channel == null);

    var factory = new Rt.EventFactory ();
    var message = new Rt.Message.text ("room", "x");
    assert (factory.create_message_event (Rt.EventType.MESSAGE_SENT, message).message == message);
    var failure = factory.create_error_event ("room", new Rt.Error.NETWORK ("gone"));
    assert (failure.get_error () is Rt.Error.NETWORK && failure.channel == "room");
    try {
        factory.create_custom_event ("", null);
        assert_not_reached ();
    } catch (Rt.Error.INVALID_ARGUMENT fault) {
        assert ("name: " in fault.message);
    }
}

// A factory of a program's own.
class Shouting : Object, Rt.Factory {
    Rt.MessageFactory usual = new Rt.MessageFactory ("ann");

    public Rt.Message create_message (Rt.MessageType message_type, string channel, string content) throws Error {
        return usual.create_message (message_type, channel, content.up ());
    }

    public Rt.Event create_event (Rt.EventType event_type, Variant? payload) throws Error {
        if (payload == null)
            throw new Rt.Error.INVALID_ARGUMENT ("nothing to say");
        return new Rt.Event (event_type, payload);
    }
}

void test_factories () throws Error {
    Rt.Factory factory = new Rt.RealtimeFactory ("user-123");
    assert (factory.create_message (Rt.MessageType.TEXT, "general", "Hello!").sender == "user-123");
    assert (factory.create_event (Rt.EventType.GAP, null).name == "gap");

    factory = new Shouting ();
    assert (factory.create_message (Rt.MessageType.TEXT, "room", "hi").content == "HI");
    try {
        factory.create_event (Rt.EventType.GAP, null);
        assert_not_reached ();
    } catch (Rt.Error.INVALID_ARGUMENT failure) {
        assert (failure.message == "nothing to say");
    }
}

void test_rate_limiter () {
    var limiter = new Rt.RateLimiter (0.001, 3);
    assert (limiter.rate == 0.001 && limiter.burst == 3);
    assert (limiter.try_acquire (2) && !limiter.try_acquire (2) && limiter.try_acquire (1));
    assert (limiter.get_delay (0) == 0 && limiter.get_delay (4) == uint.MAX);
}

int main () {
    try {
        test_builder ();
        test_message_factory ();
        test_events ();
        test_factories ();
        test_rate_limiter ();
    } catch (Error failure) {
        printerr ("%s\n", failure.message);
        return 1;
    }
    return 0;
}
