// SPDX-License-Identifier: LGPL-2.1-or-later
// Byte streams, as a program in Vala sees them.

const OutputStreamSpliceFlags CLOSE = OutputStreamSpliceFlags.CLOSE_SOURCE | OutputStreamSpliceFlags.CLOSE_TARGET;

static Bytes make_content () {
    var content = new uint8[700001];
    for (var i = 0; i < content.length; i++)
        content[i] = (uint8) (i * 7 % 251);
    return new Bytes.take ((owned) content);
}

class World : Object {
    public RtMock.Server server = new RtMock.Server ();
    public Rt.Client ann;
    public Rt.Client bob;
    public Rt.Channel room;
    public Rt.StreamReader? reader = null;

    SourceFunc? waiting = null;

    async Rt.Client connect_one () throws Error {
        var config = new Rt.ConfigBuilder ().with_endpoint (server.get_url ()).build ();
        var client = new Rt.Client (config);
        assert (yield client.connect_async (null));
        return client;
    }

    public async void set_up () throws Error {
        server.start ();
        ann = yield connect_one ();
        bob = yield connect_one ();
        room = yield bob.join_channel_async ("room", null, null);
        room.stream_opened.connect ((opened) => {
            reader = opened;
            if (waiting != null)
                Idle.add ((owned) waiting);
        });
    }

    public async Rt.Stream open (string name, string? content_type, int64 size) throws Error {
        var stream = yield ann.start_stream_async ("room", name, content_type, size, null);
        while (reader == null) {
            waiting = open.callback;
            yield;
        }
        return stream;
    }

    public async void tear_down () throws Error {
        reader = null;
        yield ann.close_async (null);
        yield bob.close_async (null);
        server.stop ();
    }
}

async void test_splice (World world) throws Error {
    var content = make_content ();
    var stream = yield world.open ("photo.png", "image/png", content.length);
    var reader = world.reader;
    assert (reader.name == "photo.png" && reader.content_type == "image/png");
    assert (reader.size == content.length && reader.channel == "room" && reader.id == stream.id);
    var target = new MemoryOutputStream.resizable ();
    ssize_t sent = 0;
    var ended = false;
    SourceFunc? resume = null;
    stream.splice_async.begin (new MemoryInputStream.from_bytes (content), CLOSE, Priority.DEFAULT, null, (source, result) => {
        try {
            sent = stream.splice_async.end (result);
        } catch (Error failure) {
            error ("%s", failure.message);
        }
        ended = true;
        // This one may end before the other.
        if (resume != null)
            resume ();
    });
    assert ((yield target.splice_async (reader, CLOSE, Priority.DEFAULT, null)) == content.length);
    if (!ended) {
        resume = test_splice.callback;
        yield;
    }
    assert (sent == content.length);
    assert (target.steal_as_bytes ().compare (content) == 0);
    assert (stream.bytes_sent == content.length);
}

// A thread writes and this one reads, without a main loop.
async void test_blocking (World world) throws Error {
    var content = make_content ();
    var stream = yield world.open ("log", null, -1);
    assert (world.reader.content_type == null && world.reader.size == -1);
    var writer = new Thread<bool> ("writer", () => {
        try {
            size_t written;
            stream.write_all (content.get_data (), out written);
            return stream.close ();
        } catch (Error failure) {
            error ("%s", failure.message);
        }
    });
    var received = new ByteArray ();
    Bytes piece;
    while ((piece = world.reader.read_bytes (50000)).length > 0)
        received.append (piece.get_data ());
    assert (writer.join ());
    assert (ByteArray.free_to_bytes ((owned) received).compare (content) == 0);
}

async void test_abort (World world) throws Error {
    var stream = yield world.open ("log", null, -1);
    yield stream.write_async ("hello".data, Priority.DEFAULT, null);
    assert (yield stream.flush_async (Priority.DEFAULT, null));
    assert ((yield world.reader.read_bytes_async (100, Priority.DEFAULT, null)).length == 5);
    stream.abort ("changed my mind");
    try {
        yield world.reader.read_bytes_async (100, Priority.DEFAULT, null);
        assert_not_reached ();
    } catch (Error failure) {
        assert (failure.matches (Rt.Error.quark (), Rt.Error.CLOSED));
        assert (failure.message.contains ("changed my mind"));
    }
    try {
        stream.write ("more".data);
        assert_not_reached ();
    } catch (Error failure) {
        assert (failure.matches (Rt.Error.quark (), Rt.Error.CLOSED));
    }
}

async void test_arguments (World world) throws Error {
    try {
        yield world.ann.start_stream_async ("room", "", null, -1, null);
        assert_not_reached ();
    } catch (Rt.Error failure) {
        assert (failure is Rt.Error.INVALID_ARGUMENT);
    }
}

async void try_all () throws Error {
    for (var i = 0; i < 4; i++) {
        var world = new World ();
        yield world.set_up ();
        switch (i) {
        case 0:
            yield test_splice (world);
            break;
        case 1:
            yield test_blocking (world);
            break;
        case 2:
            yield test_abort (world);
            break;
        default:
            yield test_arguments (world);
            break;
        }
        yield world.tear_down ();
    }
}

int main () {
    var loop = new MainLoop ();
    var code = 1;
    try_all.begin ((source, result) => {
        try {
            try_all.end (result);
            code = 0;
        } catch (Error failure) {
            printerr ("%s\n", failure.message);
        }
        loop.quit ();
    });
    loop.run ();
    return code;
}
