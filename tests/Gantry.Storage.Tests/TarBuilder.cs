using System.Text;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Storage.Tests;

/// <summary>Archives for tests, an entry a call; names as Latin-1.</summary>
public sealed class TarBuilder
{
    private readonly MemoryStream _bytes = new();
    private readonly TarWriter _writer;

    public TarBuilder() => _writer = new TarWriter(_bytes);

    public TarBuilder File(string name, string content) => Add(new TarEntry { Name = Bytes(name), Permissions = 0x1a4 }, Bytes(content));

    public TarBuilder Directory(string name, uint permissions = 0x1ed)
        => Add(new TarEntry { Name = Bytes(name), Kind = TarEntryKind.Directory, Permissions = permissions }, []);

    public TarBuilder Link(string name, string target)
        => Add(new TarEntry { Name = Bytes(name), Kind = TarEntryKind.SymbolicLink, LinkName = Bytes(target) }, []);

    public TarBuilder HardLink(string name, string target)
        => Add(new TarEntry { Name = Bytes(name), Kind = TarEntryKind.HardLink, LinkName = Bytes(target) }, []);

    public TarBuilder Add(TarEntry entry, byte[] content)
    {
        entry.Size = content.Length;
        entry.Modified = entry.Modified == default ? new FileTime(1_700_000_000, 0) : entry.Modified;
        _writer.WriteHeader(entry);
        _writer.WriteData(content);
        return this;
    }

    public byte[] ToArray()
    {
        _writer.Finish();
        return _bytes.ToArray();
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
