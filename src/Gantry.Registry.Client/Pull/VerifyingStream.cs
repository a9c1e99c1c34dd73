using System.Security.Cryptography;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Pull;

/// <summary>A blob whose digest is computed while it is read: its end is reached only when the digest is right.</summary>
internal sealed class VerifyingStream(BlobStream inner, Digest expected) : ReadOnlyBody
{
    private readonly IncrementalHash _hash = expected.CreateHash();
    private bool _verified;

    public override long Length => inner.Length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span[..count]);
        if (count == 0 && !buffer.IsEmpty && !_verified)
            Verify();
        return count;
    }

    private void Verify()
    {
        var hash = _hash.GetHashAndReset();
        if (!expected.Matches(hash))
        {
            inner.Distrust();
            throw RegistryException.Broken(inner.Subject,
                $"the registry sent a blob with the digest {expected.Algorithm}:{Convert.ToHexStringLower(hash)}");
        }
        _verified = true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
