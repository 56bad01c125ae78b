// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages: what they can carry, and types of a program's own.

Rt.MessageBuilder begin () {
    return new Rt.MessageBuilder ().with_channel ("general");
}

// One of four: text, a Variant, JSON, or bytes.
void carry () throws Error {
    var text = begin ().with_content ("Hello!").build ();
    var data = begin ().with_variant (new Variant.parsed ("{'x': <int32 3>}")).build ();
    var json = begin ().with_json ("{\"x\": 3}").build ();
    var raw = begin ().with_bytes (new Bytes ({ 0, 1 })).build ();

    assert (text.content == "Hello!");
    assert (data.data.equal (json.data));
    // Every integer comes back as an int64, here as at each receiver.
    assert (data.data.lookup_value ("x", null).get_int64 () == 3);
    assert (raw.bytes.get_size () == 2);
}

// A type of the program's own, and what makes a message of it a good one.
Rt.MessageFactory make_factory () throws Error {
    var factory = new Rt.MessageFactory ("ann");

    factory.register_type ("poll", (message) => {
        if (message.data.lookup_value ("question", VariantType.STRING) == null)
            throw new Rt.Error.INVALID_MESSAGE ("it asks nothing");
        return true;
    });
    return factory;
}

void create (Rt.MessageFactory factory) throws Error {
    var poll = factory.create_typed_message ("poll", "general", new Variant.parsed ("{'question': <'Tea?'>}"));
    assert (poll.type_name == "poll" && poll.sender == "ann");

    try {
        factory.create_typed_message ("poll", "general", new Variant.parsed ("@a{sv} {}"));
        assert_not_reached ();
    } catch (Rt.Error.INVALID_MESSAGE failure) {
        assert ("it asks nothing" in failure.message);
    }

    // With more parts than a factory's methods take: a builder. The sender is the factory's.
    var builder = begin ().with_type_name ("poll").with_json ("{\"question\": \"Tea?\"}").with_ttl (60000);
    assert (factory.build_message (builder).sender == "ann");

    // The other end looks at what it got in the same way.
    var received = Rt.Message.from_json (poll.to_json ());
    assert (factory.validate_message (received));
}

int main () {
    try {
        carry ();
        create (make_factory ());
    } catch (Error failure) {
        printerr ("%s\n", failure.message);
        return 1;
    }
    return 0;
}
