using System.Security.Cryptography;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Tests;

public class ShortSha256Tests
{
    [Fact]
    public void It_is_the_hash_that_others_compute()
    {
        var random = new Random(8);
        // All lengths up to some blocks: what fills the last block differs.
        for (var length = 0; length < 400; length++)
        {
            var text = new byte[length];
            random.NextBytes(text);
            Assert.Equal(SHA256.HashData(text), ShortSha256.Of(text));
        }
    }
}
