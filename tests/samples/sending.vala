// SPDX-License-Identifier: LGPL-2.1-or-later
// Sending, from the simple to the expert: each step asks for more, and gives more say.

async void send_all (RtMock.Server server) throws Error {
    // Everything that most programs need.
    var client = new Rt.Client (new Rt.Config ("key", server.get_url ()));
    yield client.connect_async (null);
    yield client.send_message_async ("general", "Hello!", null);

    // Priority and time to live: after five minutes of waiting it is not worth sending.
    var options = new Rt.MessageOptions ();
    options.priority = Rt.Priority.HIGH;
    options.ttl = 5 * 60 * 1000;
    var sent = yield client.send_message_with_options_async ("general", "Hello!", options, null);
    assert (sent.priority == Rt.Priority.HIGH);
    assert (sent.ttl == 300000);

    // With a cancellable that may take it back.
    var cancellable = new Cancellable ();
    sent = yield client.send_message_async ("general", "later", cancellable);
    assert (sent.content == "later");

    // A message of one's own making, with data instead of text. It keeps its id: after OUTCOME_UNKNOWN the same
    // message can be sent again, and arrives once.
    var message = new Rt.MessageBuilder ()
        .with_channel ("general")
        .with_json ("{\"x\": 3, \"y\": 4}")
        .with_tag ("kind", "position")
        .build ();
    sent = yield client.send_async (message, null);
    assert (sent.id == message.id);

    yield client.close_async (null);
    assert (server.get_messages ("general").length == 4);
}

int main () {
    var loop = new MainLoop ();
    try {
        var server = new RtMock.Server ();
        server.start ();
        send_all.begin (server, (source, result) => {
            try {
                send_all.end (result);
            } catch (Error error) {
                GLib.error ("%s", error.message);
            }
            loop.quit ();
        });
        loop.run ();
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
