// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that keeps to a pace, and calls of the server's methods.

async void call_all (RtMock.Server server) throws Error {
    var config = new Rt.ConfigBuilder ()
        .with_endpoint (server.get_url ())
        .with_rate_limit (20)
        .with_rate_policy (Rt.RatePolicy.WAIT)
        .build ();
    var client = new Rt.Client (config);
    yield client.connect_async (null);
    for (var number = 0; number < 25; number++)
        yield client.send_message_async ("general", @"number $number", null);
    assert (server.get_messages ("general").length == 25);

    // A call that may take a minute. The server of this program answers with what it was given.
    var report = yield client.rpc_with_timeout_async ("report", new Variant.string ("today"), 60000, null);
    assert (report.get_string () == "today");

    // Nobody waits for what comes of this.
    yield client.send_notification_async ("typing", new Variant.string ("general"), null);

    yield client.close_async (null);
}

int main () {
    var loop = new MainLoop ();
    try {
        var server = new RtMock.Server ();
        server.start ();
        call_all.begin (server, (source, result) => {
            try {
                call_all.end (result);
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
