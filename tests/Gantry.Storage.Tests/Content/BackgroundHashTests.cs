using System.Security.Cryptography;
using Gantry.Storage.Content;

namespace Gantry.Storage.Tests.Content;

public sealed class BackgroundHashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 18) - 1)]
    [InlineData(1 << 18)]
    [InlineData((3 << 18) + 7)]
    public void The_hash_is_that_of_all_parts_together(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var hash = new BackgroundHash(IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
        foreach (var part in (int[])[1, 1000, 1 << 16, 1 << 20])
        {
            for (var at = 0; at < length; at += part)
                hash.Append(bytes.AsSpan(at, Math.Min(part, length - at)));
            Assert.Equal(SHA256.HashData(bytes), hash.Finish());
        }
    }
}
