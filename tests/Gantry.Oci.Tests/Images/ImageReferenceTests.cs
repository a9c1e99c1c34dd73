using Gantry.Oci.Images;

namespace Gantry.Oci.Tests.Images;

public class ImageReferenceTests
{
    private const string Hash = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("busybox", "docker.io/library/busybox", "busybox")]
    [InlineData("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36")]
    [InlineData("library/busybox", "docker.io/library/busybox", "busybox")]
    [InlineData("docker.io/busybox", "docker.io/library/busybox", "busybox")]
    [InlineData("index.docker.io/library/busybox", "docker.io/library/busybox", "busybox")]
    [InlineData("user/app", "docker.io/user/app", "user/app")]
    [InlineData("library/a/b", "docker.io/library/a/b", "library/a/b")]
    [InlineData("localhost/app", "localhost/app", "localhost/app")]
    [InlineData("localhost:5000/app:x", "localhost:5000/app:x", "localhost:5000/app:x")]
    [InlineData("FOO/bar", "FOO/bar", "FOO/bar")]
    [InlineData("[::1]:5000/foo", "[::1]:5000/foo", "[::1]:5000/foo")]
    [InlineData("ghcr.io/a/b-c__d.e:T_-.9@" + Hash, "ghcr.io/a/b-c__d.e:T_-.9@" + Hash, "ghcr.io/a/b-c__d.e:T_-.9@" + Hash)]
    [InlineData("busybox@" + Hash, "docker.io/library/busybox@" + Hash, "busybox@" + Hash)]
    [InlineData("a---b", "docker.io/library/a---b", "a---b")]
    [InlineData("aa:5000", "docker.io/library/aa:5000", "aa:5000")]
    public void Normalizes_as_docker_does(string text, string normalized, string familiar)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal(normalized, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(familiar));
        Assert.Equal(reference, ImageReference.Parse(normalized));
    }

    [Theory]
    [InlineData("", "invalid reference format")]
    [InlineData("Foo", "invalid reference format: repository name (library/Foo) must be lowercase")]
    [InlineData("FOO/Bar", "invalid reference format: repository name (Bar) must be lowercase")]
    [InlineData("docker.io/foo/Bar:x", "invalid reference format: repository name (foo/Bar) must be lowercase")]
    [InlineData("foo:", "invalid reference format")]
    [InlineData("a//b", "invalid reference format")]
    [InlineData("a___b", "invalid reference format")]
    [InlineData("a..b", "invalid reference format")]
    [InlineData("-x", "invalid reference format")]
    [InlineData("x-", "invalid reference format")]
    [InlineData("foo:.a", "invalid reference format")]
    [InlineData("foo bar", "invalid reference format")]
    [InlineData("foo@sha256:abc", "invalid reference format")]
    [InlineData("foo@", "invalid reference format")]
    [InlineData("a.b:x/c", "invalid reference format")]
    [InlineData("foo@md5:0123456789abcdef0123456789abcdef", "unsupported digest algorithm")]
    [InlineData("foo@sha256:0123456789abcdef0123456789abcdef", "invalid checksum digest length")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "invalid repository name (0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef), cannot specify 64-byte hexadecimal strings")]
    public void Refuses_in_dockers_words(string text, string message)
    {
        var error = Assert.Throws<GantryException>(() => ImageReference.Parse(text));
        Assert.Equal(message, error.Message);
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        Assert.False(ImageReference.TryParse(text, out _));
    }

    [Fact]
    public void Bounds_lengths()
    {
        Assert.Equal("repository name must not be more than 255 characters",
            Assert.Throws<GantryException>(() => ImageReference.Parse(new string('a', 300))).Message);
        Assert.True(ImageReference.TryParse("a:" + new string('t', 128), out _));
        Assert.False(ImageReference.TryParse("a:" + new string('t', 129), out _));
    }

    [Fact]
    public void Random_text_is_refused_or_survives_the_round_trip()
    {
        var random = new Random(20260711);
        const string alphabet = "ab0A./:@_-[]";
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            if (!ImageReference.TryParse(text, out var reference))
                continue;
            Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
            Assert.Equal(reference, ImageReference.Parse(reference.Familiar));
        }
    }

    [Fact]
    public void Tags_are_added_and_dropped()
    {
        var name = ImageReference.Parse("busybox");
        Assert.True(name.IsNameOnly);
        Assert.Equal("busybox:latest", name.WithDefaultTag().Familiar);
        Assert.Equal("busybox:1", name.WithTag("1").Familiar);
        Assert.Equal(name, name.WithTag("1").WithoutTag());
        Assert.Equal("busybox:1@" + Hash, name.WithTag("1").WithDigest(Digest.Parse(Hash)).Familiar);
        Assert.Equal("invalid tag format", Assert.Throws<GantryException>(() => name.WithTag("a/b")).Message);
    }
}
