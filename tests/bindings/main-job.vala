// SPDX-License-Identifier: LGPL-2.1-or-later
// The main job in Vala, with a server in the same process. Run: main-job-vala [--drop]
// With --drop the server acknowledges one publication that it does not deliver; the program has to notice and exit
// with MISSING.

const int ROUNDS = 50;
const int PAGE = 30;
const int MISSING = 3;

void check_thread () {
    assert (MainContext.default ().is_owner ());
}

class Person : Object {
    public string name;
    public GenericArray<string> texts = new GenericArray<string> ();
    public GenericArray<string> events = new GenericArray<string> ();
    public int acknowledged = 0;
    public Rt.Client client;
    public Rt.Channel room;

    SourceFunc? waiting;

    public Person (string name, RtMock.Server server) throws Error {
        this.name = name;
        var config = new Rt.ConfigBuilder ()
            .with_endpoint (server.get_url ())
            .with_user_id (name)
            .build ();
        client = new Rt.Client (config);
        client.connected.connect (() => note ("connected"));
        client.disconnected.connect ((code, reason, will_retry) => note ("gone %u".printf (code)));
        client.error.connect ((error) => GLib.error ("%s was told of an error: %s", name, error.message));
    }

    void note (string event) {
        check_thread ();
        events.add (event);
        wake ();
    }

    public async void connect_it () throws Error {
        assert (yield client.connect_async (null));
        assert (client.is_connected ());
        assert (client.state == Rt.ConnectionState.CONNECTED);
        assert (client.transport == "websocket");
    }

    public async void join () throws Error {
        var options = new Rt.ChannelOptions ();
        options.join_leave = true;
        room = yield client.join_channel_async ("room", options, null);
        assert (room.state == Rt.ChannelState.JOINED);
        room.message.connect ((message) => {
            check_thread ();
            assert (message.channel == "room");
            assert (message.content.has_prefix (message.sender));
            texts.add (message.content);
        });
        room.member_joined.connect ((member) => note (member.user_id + " came"));
        room.member_left.connect ((member) => note (member.user_id + " went"));
    }

    public async void send (int number) throws Error {
        var message = yield room.send_message_async ("%s %d".printf (name, number), null);
        check_thread ();
        acknowledged++;
        assert (acknowledged == number);
        assert (message.content == "%s %d".printf (name, number));
        wake ();
    }

    // An error of a call that nobody waits for must not get lost.
    public void send_without_waiting (int number) {
        send.begin (number, (source, result) => {
            try {
                send.end (result);
            } catch (Error failure) {
                GLib.error ("%s could not send: %s", name, failure.message);
            }
        });
    }

    public async void wait_for_acknowledgements () {
        while (acknowledged < ROUNDS) {
            waiting = wait_for_acknowledgements.callback;
            yield;
        }
    }

    public async void wait_for_event (string event) {
        while (!(event in events.data)) {
            waiting = wait_for_event.callback;
            yield;
        }
    }

    // Something was acknowledged or has happened.
    void wake () {
        if (waiting != null)
            Idle.add ((owned) waiting);
    }

    public void check_events (string expected) {
        var all = string.joinv ("; ", events.data);
        if (all != expected)
            error ("%s: %s", name, all);
    }
}

async void exchange (Person[] people) throws Error {
    for (var number = 1; number <= ROUNDS; number++)
        foreach (var person in people)
            person.send_without_waiting (number);
    foreach (var person in people)
        yield person.wait_for_acknowledgements ();
    // The answer comes after everything that the server has sent before it.
    foreach (var person in people)
        assert ((yield person.client.ping_async (null)) >= 0);
}

int count_missing (Person[] people) {
    var missing = 0;
    foreach (var to in people)
        foreach (var by in people)
            for (var number = 1; number <= ROUNDS; number++) {
                var text = "%s %d".printf (by.name, number);
                if (to.texts.find_with_equal_func (text, str_equal))
                    continue;
                printerr ("missing: %s did not get \"%s\"\n", to.name, text);
                missing++;
            }
    return missing;
}

void check_order (Person[] people) {
    foreach (var to in people) {
        assert (to.texts.length == ROUNDS * people.length);
        foreach (var by in people) {
            var number = 0;
            foreach (unowned var text in to.texts)
                if (text.has_prefix (by.name))
                    assert (text == "%s %d".printf (by.name, ++number));
        }
    }
}

async void check_presence (Person[] people) throws Error {
    var room = people[0].room;
    var members = yield room.presence_async (null);
    assert (members.get_n_items () == people.length);
    foreach (var person in people) {
        var found = 0;
        for (var i = 0; i < members.get_n_items (); i++) {
            var member = (Rt.Member) members.get_item (i);
            if (member.user_id == person.name && member.client_id == person.client.client_id)
                found++;
        }
        assert (found == 1);
    }
    uint n_clients, n_users;
    yield room.presence_stats_async (null, out n_clients, out n_users);
    assert (n_clients == people.length && n_users == people.length);
}

async void check_history (Person person) throws Error {
    var history = yield person.room.history_async (PAGE, null, false, null);
    assert (history.get_n_items () == PAGE);
    uint loaded = 0;
    do
        yield history.load_more_async (null, out loaded);
    while (loaded > 0);
    assert (history.get_n_items () == person.texts.length);
    for (var i = 0; i < person.texts.length; i++)
        assert (((Rt.Message) history.get_item (i)).content == person.texts[i]);
    assert (history.offset == person.room.offset && history.offset == person.texts.length);
    assert (history.epoch == person.room.epoch);

    var newest = yield person.room.history_async (2, new Rt.Position (history.epoch, 3), true, null);
    assert (newest.get_n_items () == 2);
    assert (((Rt.Message) newest.get_item (0)).offset == 2);
    assert (((Rt.Message) newest.get_item (1)).offset == 1);
}

async void check_rpc (Person person, RtMock.Server server) throws Error {
    server.rpc.connect ((request) => {
        check_thread ();
        assert (request.method == "add");
        assert (request.user_id == person.name);
        assert (request.data == "{\"a\":2,\"b\":3}");
        try {
            request.reply ("{\"sum\":5}");
        } catch (Error failure) {
            error ("the answer was refused: %s", failure.message);
        }
    });
    var answer = yield person.client.rpc_async ("add", new Variant.parsed ("{'a': <int64 2>, 'b': <int64 3>}"), null);
    assert (answer.equal (new Variant.parsed ("{'sum': <int64 5>}")));
}

async void part (Person ann, Person bob, RtMock.Server server) throws Error {
    assert (yield bob.room.leave_async (null));
    assert (bob.room.state == Rt.ChannelState.LEFT);
    yield ann.wait_for_event ("bob went");
    foreach (var person in new Person[] { ann, bob }) {
        assert (yield person.client.close_async (null));
        assert (person.client.state == Rt.ConnectionState.CLOSED);
        yield person.wait_for_event ("gone 1000");
    }
    ann.check_events ("connected; ann came; bob came; bob went; gone 1000");
    bob.check_events ("connected; bob came; gone 1000");
    assert (server.get_messages ("room").length == ann.texts.length);
}

async int run (bool drop) throws Error {
    var server = new RtMock.Server ();
    server.start ();
    if (drop)
        server.inject_fault (RtMock.Fault.DROP_PUBLICATION, 1);
    var ann = new Person ("ann", server);
    var bob = new Person ("bob", server);
    Person[] people = { ann, bob };
    foreach (var person in people) {
        yield person.connect_it ();
        yield person.join ();
    }
    yield exchange (people);
    if (count_missing (people) > 0)
        return MISSING;
    check_order (people);
    yield check_presence (people);
    yield check_history (ann);
    yield check_rpc (ann, server);
    yield part (ann, bob, server);
    server.stop ();
    print ("sent %d, acknowledged %d, delivered %d, lost 0\n", 2 * ROUNDS, ann.acknowledged + bob.acknowledged,
           ann.texts.length + bob.texts.length);
    return 0;
}

int main (string[] args) {
    var loop = new MainLoop ();
    var code = 1;
    run.begin ("--drop" in args, (source, result) => {
        try {
            code = run.end (result);
        } catch (Error failure) {
            printerr ("%s\n", failure.message);
        }
        loop.quit ();
    });
    loop.run ();
    return code;
}
