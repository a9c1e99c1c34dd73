using System.Text;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Storage.Tests.Layers;

/// <summary>Generates archives out of what hostile ones are made of. The same seed gives the same archives.</summary>
/// <param name="seed">Which ones.</param>
/// <param name="host">A folder that they want to get at.</param>
internal sealed class ArchiveGenerator(int seed, string host)
{
    private static readonly string[] _components =
        ["a", "b", "d", "l", "m", "..", ".", "", "a", "d", ".wh.a", ".wh.l", ".wh..", ".wh...", ".wh.", ".wh..wh..opq", ".wh..wh.aufs", "host", "secret",
            "proc", "\u00ff\u00fe", "new\nline"];

    private static readonly string[] _attributes =
        ["user.x", "trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.overlay.metacopy", "trusted.overlay.whiteout", "security.capability",
            "trusted.x", "user.overlay.redirect", "nonsense", "user."];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var archive = new TarBuilder();
        // Few entries: the first one that is refused ends it.
        for (var count = _random.Next(1, 9); count > 0; count--) AddEntry(archive);
        var bytes = archive.ToArray();
        return _random.Next(8) switch
        {
            0 => bytes[.._random.Next(bytes.Length)],
            1 => Damage(bytes, _random.Next(1, 8)),
            2 => ChangeHeader(bytes),
            _ => bytes,
        };
    }

    /// <summary>Makes the checksum of a header right again.</summary>
    internal static void Sign(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header[..512]) sum += value;
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header[148..]);
    }

    private void AddEntry(TarBuilder archive)
    {
        var kinds = Enum.GetValues<TarEntryKind>();
        var entry = new TarEntry
        {
            Name = Bytes(Name()),
            Kind = kinds[_random.Next(kinds.Length)],
            Permissions = (uint)_random.Next(0x1000),
            UserId = Pick(0u, 1000u, uint.MaxValue - 1),
            GroupId = Pick(0u, 1000u, uint.MaxValue - 1),
            Device = new DeviceNumber((uint)_random.Next(300), (uint)_random.Next(300)),
            Modified = new FileTime(Pick(0L, -1L, 1_700_000_000L, 1L << 40), 0),
        };
        if (entry.Kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink) entry.LinkName = Bytes(Target());
        if (_random.Next(4) == 0) entry.Attributes.Add(new TarAttribute(Bytes(Pick(_attributes)), Bytes(Pick("y", host, "\0\0\u0001", new string('v', 5000)))));
        archive.Add(entry, entry.Kind == TarEntryKind.File ? Bytes(new string('x', _random.Next(1500))) : []);
    }

    private string Name() => Pick("", "", "", "/", "./", "../", "//")
        + string.Join('/', Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Pick(_components))) is { Length: > 0 } name ? name : ".";

    private string Target() => _random.Next(4) switch
    {
        0 => Pick(host, host + "/secret", host + "/sub", "/proc/self/root" + host, "/proc/self/cwd", "/dev/null"),
        1 => string.Concat(Enumerable.Repeat("../", _random.Next(1, 12))) + Pick(host[1..], "host", "host/secret", ""),
        _ => Name(),
    } is { Length: > 0 } target ? target : "/";

    private byte[] Damage(byte[] bytes, int count)
    {
        for (; count > 0; count--) bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        return bytes;
    }

    /// <summary>Damage behind the checksum: types, sizes, numbers and the sparse fields of some block, signed anew.</summary>
    private byte[] ChangeHeader(byte[] bytes)
    {
        var block = bytes.AsSpan(512 * _random.Next(bytes.Length / 512), 512);
        switch (_random.Next(4))
        {
            case 0:
                block[156] = (byte)Pick("0123457SLKxgXVMND\0~"[_random.Next(19)], 'S');
                break;
            case 1:
                Encoding.ASCII.GetBytes(Pick("77777777777\0", "00000000000\0", "-0000000001\0", "           \0", "99999999999\0")).CopyTo(block[124..]);
                break;
            case 2:
                for (var i = 124; i < 136; i++) block[i] = i == 124 ? (byte)Pick(0x80, 0xff, 0xc0) : (byte)_random.Next(256);
                break;
            default:
                for (var i = 386; i < 495; i++) block[i] = (byte)Pick('0', '7', 0, ' ', _random.Next(256));
                block[156] = (byte)'S';
                break;
        }
        Sign(block);
        return bytes;
    }

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
