using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Tests;

/// <summary>Random trees with all kinds of files, from a seed; and random changes to them.</summary>
internal sealed class RandomTree(int seed)
{
    private static readonly byte[][] _names =
    [
        "a"u8.ToArray(), "b"u8.ToArray(), "etc"u8.ToArray(), "with space"u8.ToArray(), "ünicode"u8.ToArray(), [0xff, 0xfe, (byte)'x'],
        Encoding.ASCII.GetBytes(new string('l', 120)), Encoding.ASCII.GetBytes(new string('m', 255)), "new\nline"u8.ToArray(), "=equals"u8.ToArray(),
    ];

    private readonly Random _random = new(seed);
    private readonly List<(string Directory, byte[] Name)> _files = [];

    internal void Fill(string folder, int depth = 0)
    {
        for (var count = _random.Next(1, 6); count > 0; count--)
            using (var directory = FileOpener.Open(folder, OpenFlags.Directory))
                MakeOne(folder, directory, depth);
        using var own = FileOpener.Open(folder, OpenFlags.Directory);
        SetAttributes(own, "."u8.ToArray(), FileKind.Directory);
    }

    /// <summary>Changes a tree through a mount or a plain directory: removes, adds, replaces, modifies.</summary>
    internal void Change(string folder)
    {
        using var directory = FileOpener.Open(folder, OpenFlags.Directory);
        foreach (var entry in DirectoryReader.Read(directory))
        {
            switch (_random.Next(6))
            {
                case 0:
                    Trees.TreeDeleter.Delete(directory, entry.Name);
                    break;
                case 1:
                    Trees.TreeDeleter.Delete(directory, entry.Name);
                    FileNodes.MakeDirectory(directory, entry.Name, 0x1ed);
                    break;
                case 2:
                    Trees.TreeDeleter.Delete(directory, entry.Name);
                    Write(directory, entry.Name, _random.Next(3000));
                    break;
                case 3 when FileStatusReader.Read(directory, entry.Name).IsDirectory:
                    using (var child = FileOpener.Open(directory, entry.Name, OpenFlags.Directory))
                        Change(child.ProcPath);
                    break;
                default:
                    break;
            }
        }
        MakeOne(folder, directory, 3);
    }

    private void MakeOne(string folder, Fd directory, int depth)
    {
        var name = _names[_random.Next(_names.Length)];
        if (FileStatusReader.TryRead(directory, name, out _) is not null)
            return;
        var kind = Make(directory, name, depth);
        if (kind != FileKind.Directory && kind != FileKind.Unknown)
            _files.Add((folder, name));
        if (kind != FileKind.Unknown)
            SetAttributes(directory, name, kind);
    }

    private FileKind Make(Fd directory, byte[] name, int depth)
    {
        switch (_random.Next(depth < 3 ? 9 : 6))
        {
            case 0:
                FileNodes.MakeSymbolicLink(_random.Next(2) == 0 ? "../../../outside"u8 : Encoding.ASCII.GetBytes(new string('t', 150)), directory, name);
                return FileKind.SymbolicLink;
            case 1:
                Assert.Equal(default, FileNodes.TryMakeNode(directory, name, FileKind.Fifo, 0x1b6, default));
                return FileKind.Fifo;
            case 2:
                Assert.Equal(default, FileNodes.TryMakeNode(directory, name, FileKind.CharacterDevice, 0x1b6, new(1, (uint)_random.Next(3, 300))));
                return FileKind.CharacterDevice;
            case 3 when _files.Count > 0:
                var (from, existing) = _files[_random.Next(_files.Count)];
                using (var source = FileOpener.TryOpen(null, Encoding.UTF8.GetBytes(from), OpenFlags.Directory, 0, out _))
                    if (source is not null)
                        FileNodes.TryLink(source, existing, directory, name);
                return FileKind.Unknown;
            case >= 6:
                FileNodes.MakeDirectory(directory, name, 0x1ed);
                using (var child = FileOpener.Open(directory, name, OpenFlags.Directory))
                    Fill(child.ProcPath, depth + 1);
                return FileKind.Directory;
            default:
                Write(directory, name, _random.Next(4) == 0 ? _random.Next(300_000) : _random.Next(2000));
                return FileKind.Regular;
        }
    }

    private void Write(Fd directory, byte[] name, int length)
    {
        var content = new byte[length];
        _random.NextBytes(content);
        using var file = FileOpener.Open(directory, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1a4);
        FileData.Write(file, content);
        if (_random.Next(5) == 0)
            FileData.SetLength(file, length + _random.Next(1 << 20));
    }

    private void SetAttributes(Fd directory, byte[] name, FileKind kind)
    {
        var time = new FileTime(_random.Next(2_000_000_000), 0);
        Assert.Equal(default, FileMetadata.TrySetOwner(directory, name, (uint)_random.Next(3) * 70_000, (uint)_random.Next(3) * 3_000_000));
        if (kind != FileKind.SymbolicLink)
            Assert.Equal(default, FileMetadata.TrySetPermissions(directory, name, (uint)_random.Next(0x1000) | 0x1c0));
        if (kind is FileKind.Regular or FileKind.Directory && _random.Next(3) == 0)
            Assert.Equal(default, ExtendedAttributes.TrySet(directory, name, "user.text"u8, "a=b\n\0c"u8));
        if (kind == FileKind.Regular && _random.Next(4) == 0)
            Assert.Equal(default, ExtendedAttributes.TrySet(
                directory, name, "security.capability"u8, Convert.FromHexString("0100000200040000000000000000000000000000")));
        Assert.Equal(default, FileMetadata.TrySetTimes(directory, name, time, time));
    }
}
