// SPDX-License-Identifier: LGPL-2.1-or-later
// A test of a program against the mock server: in this process, on a free port, with faults on demand.

Rt.Client new_client (RtMock.Server server, string api_key) throws Error {
    return new Rt.Client (new Rt.Config (api_key, server.get_url ()));
}

void test_connect (RtMock.Server server) throws Error {
    var client = new_client (server, "test-key");
    client.connect_sync (null);
    assert (client.is_connected ());
    client.close_sync (null);
}

// What arrived is recorded.
void test_recorded (RtMock.Server server) throws Error {
    var client = new_client (server, "test-key");
    client.connect_sync (null);
    client.send_message_sync ("general", "Hello!", null);
    assert (server.wait_for_messages (1, 5000));
    var messages = server.get_messages ("general");
    assert (messages.length == 1);
    assert ("Hello!" in messages[0]);
    client.close_sync (null);
}

// The server resets the line instead of answering; the client connects again, and the message is sent once.
void test_lost_line (RtMock.Server server) throws Error {
    var client = new_client (server, "test-key");
    client.connect_sync (null);
    server.inject_fault (RtMock.Fault.DROP_CONNECTION, 1);
    client.send_message_sync ("lost", "still here", null);
    assert (server.get_messages ("lost").length == 1);
    client.close_sync (null);
}

// Who shows no right key is refused as a real server does it.
void test_refused (RtMock.Server server) throws Error {
    var client = new_client (server, "another-key");
    try {
        client.connect_sync (null);
        assert_not_reached ();
    } catch (Rt.Error.UNAUTHORIZED error) {
        assert (client.state == Rt.ConnectionState.FAILED);
    }
}

int main () {
    try {
        var server = new RtMock.Server ();
        server.api_keys = { "test-key" };
        server.start ();
        test_connect (server);
        test_recorded (server);
        test_lost_line (server);
        test_refused (server);
        server.stop ();
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
