// SPDX-License-Identifier: LGPL-2.1-or-later
// Cancellables and deadlines: every call that waits can be taken back, and says what became of it.

// Cancelled before it began: nothing of it was sent, nor will be.
async void cancel_before (Rt.Client client) throws Error {
    var cancellable = new Cancellable ();
    cancellable.cancel ();
    try {
        yield client.send_message_async ("general", "Never sent", cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
    }
}

// A deadline of one's own is a timer that cancels.
async void call_with_deadline (Rt.Client client) throws Error {
    var cancellable = new Cancellable ();
    Timeout.add (50, () => {
        cancellable.cancel ();
        return Source.REMOVE;
    });
    try {
        yield client.rpc_async ("think-for-years", null, cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
    }
}

// A message that waits for a connection has not been written: once cancelled, it never is.
async void cancel_waiting (Rt.Client client, RtMock.Server server) throws Error {
    server.stop ();
    while (client.state != Rt.ConnectionState.RECONNECTING) {
        Idle.add (cancel_waiting.callback);
        yield;
    }
    var cancellable = new Cancellable ();
    Idle.add (() => {
        cancellable.cancel ();
        return Source.REMOVE;
    });
    try {
        yield client.send_message_async ("general", "Never sent", cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
        assert (server.get_messages ("general").length == 0);
    }
}

async void cancel_all () throws Error {
    var server = new RtMock.Server ();
    RtMock.Call? unanswered = null;
    server.rpc.connect ((call) => { unanswered = call; });
    server.start ();
    var client = new Rt.Client (new Rt.Config (null, server.get_url ()));
    yield client.connect_async (null);
    yield cancel_before (client);
    yield call_with_deadline (client);
    yield cancel_waiting (client, server);
    yield client.close_async (null);
}

int main () {
    var loop = new MainLoop ();
    cancel_all.begin ((source, result) => {
        try {
            cancel_all.end (result);
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
        loop.quit ();
    });
    loop.run ();
    return 0;
}
