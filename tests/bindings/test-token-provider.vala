// SPDX-License-Identifier: LGPL-2.1-or-later
// Token providers written in Vala.

// Finds its tokens later.
class Tokens : Object, Rt.TokenProvider {
    uint get_timeout () {
        return 30000;
    }

    void begin_token (string? channel, Task task) {
        Idle.add (() => {
            if (channel == "secret")
                task.return_error (new Rt.Error.UNAUTHORIZED ("logged out"));
            else
                return_token (task, "for " + (channel ?? "the connection"));
            return Source.REMOVE;
        });
    }
}

async void expect_refusal (Rt.TokenProvider provider, string channel) throws Error {
    try {
        yield provider.get_token_async (channel, null);
        assert_not_reached ();
    } catch (Rt.Error.UNAUTHORIZED failure) {
        assert (failure.message.has_suffix ("gave no token: logged out"));
    }
}

async void run () throws Error {
    Rt.TokenProvider provider = new Tokens ();
    assert (provider.get_timeout () == 30000);
    assert ((yield provider.get_token_async (null, null)) == "for the connection");
    assert ((yield provider.get_token_async ("news", null)) == "for news");
    yield expect_refusal (provider, "secret");

    provider = Rt.TokenProvider.new_for_func ((channel) => {
        if (channel == "secret")
            throw new Rt.Error.UNAUTHORIZED ("logged out");
        return "of " + channel;
    });
    assert ((yield provider.get_token_async ("news", null)) == "of news");
    yield expect_refusal (provider, "secret");
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
