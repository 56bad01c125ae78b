// SPDX-License-Identifier: LGPL-2.1-or-later
// Middlewares written in Vala, in a real client.

// Puts another message in the place of an outgoing one, at once.
class Upper : Object, Rt.Middleware {
    bool process (Rt.Exchange exchange) throws Error {
        if (exchange.get_direction () == Rt.Direction.INCOMING)
            exchange.proceed ();
        else
            exchange.replace (new Rt.Message.text (exchange.message.channel, exchange.message.content.up ()));
        return true;
    }
}

// Thinks about it first, and hears how it ended.
class Later : Object, Rt.Middleware {
    public int n_done = 0;

    bool process (Rt.Exchange exchange) throws Error {
        exchange.completed.connect ((error) => {
            if (error == null)
                n_done++;
        });
        Timeout.add (5, () => {
            exchange.proceed ();
            return Source.REMOVE;
        });
        return true;
    }
}

class Forbidding : Object, Rt.Middleware {
    bool process (Rt.Exchange exchange) throws Error {
        if (exchange.message.content == "NO")
            throw new Rt.Error.PERMISSION_DENIED ("not allowed");
        exchange.proceed ();
        return true;
    }
}

async void run () throws Error {
    var server = new RtMock.Server ();
    server.start ();
    var config = Object.new (typeof (Rt.Config), "endpoint", server.get_url ()) as Rt.Config;
    var client = new Rt.Client (config);
    var later = new Later ();
    client.use (later);
    client.use (new Upper ());
    client.use (new Forbidding ());
    client.use (new Rt.TimeoutMiddleware (5000));
    client.use (new Rt.FilterMiddleware ((message) => message.content != "SPAM"));
    yield client.connect_async (null);

    var sent = yield client.send_message_async ("room", "hello", null);
    assert (sent.content == "HELLO");
    assert (later.n_done == 1);
    try {
        yield client.send_message_async ("room", "no", null);
        assert_not_reached ();
    } catch (Rt.Error.PERMISSION_DENIED failure) {
        assert (failure.message == "not allowed");
    }
    try {
        yield client.send_message_async ("room", "spam", null);
        assert_not_reached ();
    } catch (Rt.Error failure) {
        assert ("filtered" in failure.message);
    }
    yield client.close_async (null);
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
