// SPDX-License-Identifier: LGPL-2.1-or-later
// Options of channels and filters of tags as a program in Vala has them.

static void test_options () {
    var options = new Rt.ChannelOptions ();
    assert (options.messages_limit == 1000);
    options.messages_limit = 10;
    options.prefill = 5;
    options.data = new Variant.parsed ("{'lang': <'fr'>}");
    options.tags_filter = new Rt.TagsFilter.exists ("town");
    assert (options.prefill == 5);
    assert (options.data.lookup_value ("lang", VariantType.STRING).get_string () == "fr");
    assert (options.tags_filter.to_json () == "{\"key\":\"town\",\"cmp\":\"ex\"}");
}

static void test_filter () {
    try {
        var town = new Rt.TagsFilter.one_of ("town", { "paris", "berlin" });
        var cold = new Rt.TagsFilter.compare ("degrees", Rt.TagsComparison.LESS, "0");
        var wanted = town.both (cold.negate ());
        var message = new Rt.MessageBuilder ().with_channel ("room").with_content ("hi").with_tag ("town", "paris").build ();
        assert (wanted.matches (message));
        assert (!town.both (cold).matches (message));
        assert (new Rt.TagsFilter.from_json (wanted.to_json ()).matches (message));
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
}

static int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/Rt/Vala/Channels/options", test_options);
    Test.add_func ("/Rt/Vala/Channels/filter", test_filter);
    return Test.run ();
}
