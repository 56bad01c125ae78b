// SPDX-License-Identifier: LGPL-2.1-or-later
// Middleware: what every message goes through, on its way out and in.

// A middleware of one's own: it sees the message on its way, and how that ended.
class Witness : Object, Rt.Middleware {
    public static string order = "";
    public string name { get; construct; }

    public Witness (string name) {
        Object (name: name);
    }

    public bool process (Rt.Exchange exchange) throws Error {
        if (exchange.direction == Rt.Direction.OUTGOING) {
            order += name + ", ";
            exchange.completed.connect ((error) => { order += name + " completed, "; });
        }
        exchange.proceed ();
        return true;
    }
}

// What was added first is outermost: Request → Logging → Recovery → Timeout → Handler → Response.
void use_all (Rt.Client client) {
    client.use (new Witness ("outer"));
    client.use (new Rt.LoggingMiddleware ());
    client.use (new Rt.RecoveryMiddleware ());
    client.use (new Rt.TimeoutMiddleware (5000));
    var only_text = new Rt.FilterMiddleware ((message) => message.message_type == Rt.MessageType.TEXT);
    only_text.directions = Rt.Directions.INCOMING;
    client.use (only_text);
    client.use (new Witness ("inner"));
}

// The image is sent, but what comes in is filtered.
async void talk (Rt.Client client) throws Error {
    yield client.connect_async (null);
    var channel = yield client.join_channel_async ("general", null, null);
    string[] heard = {};
    channel.message.connect ((message) => { heard += message.content; });
    var factory = new Rt.MessageFactory ("user-123");
    yield client.send_async (factory.create_image_message ("general", "https://example.com/img.jpg"), null);
    yield client.send_message_async ("general", "Hello!", null);
    while (heard.length == 0) {
        Idle.add (talk.callback);
        yield;
    }
    assert (heard[0] == "Hello!");
    assert (Witness.order.has_prefix ("outer, inner, "));
    assert ("inner completed, outer completed, " in Witness.order);
    yield client.close_async (null);
}

int main () {
    var loop = new MainLoop ();
    try {
        var server = new RtMock.Server ();
        server.start ();
        var client = new Rt.Client (new Rt.Config (null, server.get_url ()));
        use_all (client);
        talk.begin (client, (source, result) => {
            try {
                talk.end (result);
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
