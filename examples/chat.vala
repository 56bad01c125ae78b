// SPDX-License-Identifier: LGPL-2.1-or-later
// The chat in Vala. Run: chat-vala URL CHANNEL NAME. Ends at the end of the input.

async void chat (string[] args) throws GLib.Error {
    var config = new Rt.ConfigBuilder ()
        .with_endpoint (args[1])
        .with_user_id (args[3])
        .with_api_key (Environment.get_variable ("REALTIME_API_KEY"))
        .build ();
    var client = new Rt.Client (config);
    yield client.connect_async (null);

    var channel = yield client.join_channel_async (args[2], null, null);
    channel.message.connect ((message) => print ("%s: %s\n", message.sender, message.content));
    channel.member_joined.connect ((member) => print ("* %s joined\n", member.user_id));
    channel.member_left.connect ((member) => print ("* %s left\n", member.user_id));

    var input = new DataInputStream (new UnixInputStream (Posix.STDIN_FILENO, false));
    string? line;
    while ((line = yield input.read_line_utf8_async (Priority.DEFAULT, null)) != null) {
        yield channel.send_message_async (line, null);
    }
    yield client.close_async (null);
}

int main (string[] args) {
    if (args.length != 4) {
        printerr ("usage: chat-vala URL CHANNEL NAME\n");
        return 2;
    }
    var loop = new MainLoop ();
    var code = 0;
    chat.begin (args, (source, result) => {
        try {
            chat.end (result);
        } catch (GLib.Error error) {
            printerr ("%s\n", error.message);
            code = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return code;
}
