// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that yields: nothing blocks, every error is looked at. Run: getting-started-vala URL

async void talk (Rt.Client client) throws GLib.Error {
    yield client.connect_async (null);
    var news = yield client.join_channel_async ("news", null, null);
    var heard = false;
    var waiting = false;
    news.message.connect ((message) => {
        print ("%s: %s\n", news.name, message.content);
        heard = true;
        // Only where the method waits for this, and not for a call, may it go on.
        if (waiting)
            talk.callback ();
    });
    yield news.send_message_async ("Hello", null);
    if (!heard) {
        waiting = true;
        yield;
        waiting = false;
    }
}

async int run (string url) {
    var status = 0;
    try {
        var config = new Rt.Config (Environment.get_variable ("REALTIME_API_KEY"), url);
        var client = new Rt.Client (config);
        try {
            yield talk (client);
        } catch (GLib.Error error) {
            printerr ("%s\n", error.message);
            status = 1;
        }
        yield client.close_async (null);
    } catch (GLib.Error error) {
        printerr ("%s\n", error.message);
        status = 2;
    }
    return status;
}

int main (string[] args) {
    var loop = new MainLoop ();
    var status = 2;
    run.begin (args.length > 1 ? args[1] : "", (source, result) => {
        status = run.end (result);
        loop.quit ();
    });
    loop.run ();
    return status;
}
