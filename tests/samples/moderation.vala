// SPDX-License-Identifier: LGPL-2.1-or-later
// Middleware that decides what may be sent.

class Moderator : Object, Rt.Middleware {
    bool process (Rt.Exchange exchange) throws Error {
        // A message may carry something else than text.
        if ("spam" in (exchange.message.content ?? ""))
            throw new Rt.Error.PERMISSION_DENIED ("no advertising");
        exchange.proceed ();
        return true;
    }
}

void talk (string url) throws Error {
    var client = new Rt.Client (new Rt.Config (null, url));
    client.use (new Moderator ());
    client.connect_sync (null);
    var message = new Rt.MessageBuilder ().with_channel ("general").with_bytes (new Bytes ({ 0, 255 })).build ();
    client.send_sync (message, null);
    try {
        client.send_message_sync ("general", "spam", null);
        assert_not_reached ();
    } catch (Rt.Error.PERMISSION_DENIED error) {
    }
    client.close_sync (null);
}

int main () {
    try {
        var server = new RtMock.Server ();
        server.start ();
        talk (server.get_url ());
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
