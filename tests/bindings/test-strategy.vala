// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection strategy written in Vala.

const int FRAMES = 50;

// Brings back what is sent. Connecting and sending take a turn of the loop.
class Loopback : Object, Rt.ConnectionStrategy {
    bool open = false;

    string get_name () {
        return "loopback";
    }

    bool is_connected () {
        return open;
    }

    uint get_timeout () {
        return 30000;
    }

    string get_protocol () {
        return "centrifuge-json";
    }

    void begin_connect (Task task) {
        Idle.add (() => {
            open = true;
            task.return_boolean (true);
            return Source.REMOVE;
        });
    }

    void begin_send (Task task, Bytes frame) {
        if (!open) {
            task.return_error (new Rt.Error.NOT_CONNECTED ("not open"));
            return;
        }
        Idle.add (() => {
            received (frame);
            task.return_boolean (true);
            return Source.REMOVE;
        });
    }

    void begin_disconnect (Task task) {
        open = false;
        task.return_boolean (true);
        closed (1000, "as asked");
    }
}

async void run () throws Error {
    Rt.ConnectionStrategy strategy = new Loopback ();
    var n_received = 0;
    var n_closed = 0;
    strategy.received.connect ((frame) => {
        assert (frame.compare (new Bytes ("frame %d".printf (n_received++).data)) == 0);
    });
    strategy.closed.connect ((code, reason) => {
        assert (code == 1000 && reason == "as asked");
        n_closed++;
    });
    assert (strategy.get_name () == "loopback");
    assert (strategy.get_timeout () == 30000);
    try {
        yield strategy.send_async (new Bytes ("early".data), null);
        assert_not_reached ();
    } catch (Rt.Error.NOT_CONNECTED failure) {
        assert (failure.message == "not open");
    }
    assert (yield strategy.connect_async (null));
    assert (strategy.is_connected ());
    for (var number = 0; number < FRAMES; number++)
        assert (yield strategy.send_async (new Bytes ("frame %d".printf (number).data), null));
    assert (n_received == FRAMES && n_closed == 0);
    assert (yield strategy.disconnect_async (null));
    assert (n_closed == 1 && !strategy.is_connected ());
}

int main () {
    var loop = new MainLoop ();
    var code = 1;
    run.begin ((source, result) => {
        try {
            run.end (result);
            code = 0;
        } catch (Error failure) {
            printerr ("%s\n", failure.message);
        }
        loop.quit ();
    });
    loop.run ();
    return code;
}
