using Gantry.Engine.Spec;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Spec;

public sealed class UserLookupTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/sh
        # a comment
        broken line
        web:x:33:34::/srv/web:/bin/false
        1000:x:77:78::/odd:/bin/sh
        """;

    private const string Group = """
        root:x:0:
        web:x:34:
        disk:x:6:web,other
        audio:x:29:web
        """;

    private readonly UserLookup _lookup = new(path => path == "/etc/passwd" ? Passwd : Group);

    [Theory]
    [InlineData("", 0, 0, "/root", "")]
    [InlineData("root", 0, 0, "/root", "")]
    [InlineData("web", 33, 34, "/srv/web", "6,29")]
    [InlineData("33", 33, 34, "/srv/web", "6,29")]
    [InlineData("web:audio", 33, 29, "/srv/web", "")]
    [InlineData("web:1234", 33, 1234, "/srv/web", "")]
    [InlineData("4711", 4711, 0, "/", "")]
    [InlineData("4711:4712", 4711, 4712, "/", "")]
    [InlineData(":6", 0, 6, "/root", "")]
    [InlineData("1000", 77, 78, "/odd", "")]
    public void Resolves_names_and_numbers(string text, uint uid, uint gid, string home, string further)
    {
        var user = _lookup.Resolve(text, null);
        Assert.Equal((uid, gid, home), (user.Uid, user.Gid, user.Home));
        Assert.Equal(user.Gid, user.AdditionalGids[0]);
        Assert.Equal(further, string.Join(',', user.AdditionalGids.Skip(1)));
    }

    [Fact]
    public void Adds_groups_by_name_and_number() => Assert.Equal([0u, 6u, 4711u], _lookup.Resolve("0", ["disk", "4711", "6"]).AdditionalGids);

    [Theory]
    [InlineData("nobody", "unable to find user nobody: no matching entries in passwd file")]
    [InlineData("web:wheel", "unable to find group wheel: no matching entries in group file")]
    [InlineData("2147483648", "uids and gids must be in range 0-2147483647")]
    [InlineData("-1", "unable to find user -1: no matching entries in passwd file")]
    public void Names_what_is_unknown(string text, string message) =>
        Assert.Equal(message, Assert.Throws<GantryException>(() => _lookup.Resolve(text, null)).Message);

    [Fact]
    public void An_image_without_the_files_has_root_only()
    {
        var user = new UserLookup(_ => "").Resolve("", null);
        Assert.Equal((0u, 0u, "/"), (user.Uid, user.Gid, user.Home));
    }
}
