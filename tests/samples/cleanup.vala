// SPDX-License-Identifier: LGPL-2.1-or-later
// Clean-up: close for good order, references for the rest. Nothing is left over, and nothing comes late.

async void talk (string url) throws Error {
    var received = 0;
    var client = new Rt.Client (new Rt.Config ("key", url));
    yield client.connect_async (null);
    try {
        var channel = yield client.join_channel_async ("general", null, null);
        channel.message.connect ((message) => { received++; });
        // After this call the handler is not called any more, whatever the server had sent.
        yield channel.leave_async (null);
        yield client.send_message_async ("general", "Goodbye", null);
    } finally {
        // finally must not throw.
        client.close_async.begin (null);
    }
    // Waits for the close that is under way.
    yield client.close_async (null);
    assert (client.state == Rt.ConnectionState.CLOSED);
    assert (received == 0);

    // The end is the end.
    try {
        yield client.send_message_async ("general", "Hello!", null);
        assert_not_reached ();
    } catch (Rt.Error.CLOSED error) {
    }
}

// A client that is only dropped ends its connection too, but waits for nothing and says nothing.
void drop (string url) throws Error {
    var client = new Rt.Client (new Rt.Config ("key", url));
    client.connect_sync (null);
    unowned Rt.Client unowned_client = client;
    var gone = false;
    unowned_client.weak_ref ((object) => { gone = true; });
    client = null;
    assert (gone);
}

int main () {
    var loop = new MainLoop ();
    try {
        var server = new RtMock.Server ();
        server.start ();
        talk.begin (server.get_url (), (source, result) => {
            try {
                talk.end (result);
                drop (server.get_url ());
            } catch (Error error) {
                GLib.error ("%s", error.message);
            }
            loop.quit ();
        });
        loop.run ();
        server.stop ();
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
