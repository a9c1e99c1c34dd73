using Gantry.Oci.Images;

namespace Gantry.Oci.Tests.Images;

public class DigestTests
{
    [Fact]
    public void The_digest_of_nothing_is_known()
    {
        var digest = Digest.Compute([]);
        Assert.Equal("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest.ToString());
        Assert.Equal("e3b0c44298fc", digest.Short);
        Assert.Equal(digest, Digest.Parse(digest.ToString()));
        using var hash = digest.CreateHash();
        Assert.True(digest.Matches(hash.GetHashAndReset()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256:")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:../../../../../../../../../../../../../../../../../../../../../../")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Digest.TryParse(text, out var digest));
        Assert.True(digest.IsEmpty);
        Assert.Throws<GantryException>(() => Digest.Parse(text));
    }
}
