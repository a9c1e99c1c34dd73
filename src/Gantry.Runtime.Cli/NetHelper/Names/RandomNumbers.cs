using System.Runtime.InteropServices;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>
/// Numbers that nobody can guess, from the kernel, some hundred at a time. .NET's own would load OpenSSL, which is larger than this program's heap.
/// </summary>
internal sealed class RandomNumbers
{
    private readonly byte[] _bytes = new byte[512];
    private int _used;

    public RandomNumbers() => _used = _bytes.Length;

    /// <summary>The next number.</summary>
    /// <exception cref="OsException">There is no /dev/urandom.</exception>
    public ushort Next()
    {
        if (_used == _bytes.Length)
        {
            using var source = FileOpener.Open("/dev/urandom", OpenFlags.ReadOnly);
            // The kernel gives up to 256 bytes, and far more, at once.
            for (var filled = 0; filled < _bytes.Length;)
            {
                var (count, error) = StreamIo.Read(source, _bytes.AsSpan(filled));
                filled += error.Value == 0 && count > 0 ? count : throw new OsException("read /dev/urandom", error);
            }
            _used = 0;
        }
        var number = MemoryMarshal.Read<ushort>(_bytes.AsSpan(_used));
        _used += 2;
        return number;
    }
}
