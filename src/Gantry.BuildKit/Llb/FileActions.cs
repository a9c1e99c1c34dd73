using System.Globalization;
using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>Reads the actions of file operations.</summary>
internal static class FileActions
{
    /// <summary><c>pb.FileActionCopy</c>.</summary>
    public static FileAction Copy(ReadOnlySpan<byte> bytes)
    {
        var (source, destination, mode, modeText) = ("", "", -1L, "");
        var (contentsOnly, unpack, wildcard) = (false, false, false);
        FileOwner? owner = null;
        var excludes = new List<string>();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: source = reader.Text(); break;
                case 2: destination = reader.Text(); break;
                case 3: owner = Owner(reader.Bytes()); break;
                case 4: mode = (int)reader.Number(); break;
                case 6: contentsOnly = reader.Flag(); break;
                case 7: unpack = reader.Flag(); break;
                case 9: wildcard = reader.Flag(); break;
                case 11: RefuseTime(reader.Number()); break;
                case 12: throw GantryException.NotImplemented("include patterns of a copy are not implemented in this version of Gantry");
                case 13: excludes.Add(reader.Text()); break;
                case 14: RefuseReplacement(reader.Flag()); break;
                case 15: modeText = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }
        // A source is a pattern to the builder: one that is none says so by escapes.
        var pattern = wildcard ? source : string.Concat(source.Select(character => character is '*' or '?' or '[' or '\\' ? $"\\{character}" : character.ToString()));
        return new CopyAction
        {
            Input = 0, Sources = [pattern], Destination = destination, Owner = owner, Excludes = excludes, Unpack = unpack, KeepsFolder = !contentsOnly,
            Mode = modeText.Length > 0 ? modeText : Mode(mode),
        };
    }

    /// <summary><c>pb.FileActionMkFile</c>.</summary>
    public static FileAction MakeFile(ReadOnlySpan<byte> bytes)
    {
        var (path, mode, content) = ("", -1L, Array.Empty<byte>());
        FileOwner? owner = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: mode = (int)reader.Number(); break;
                case 3: content = reader.Bytes().ToArray(); break;
                case 4: owner = Owner(reader.Bytes()); break;
                case 5: RefuseTime(reader.Number()); break;
                default: reader.Skip(); break;
            }
        }
        return new MakeFileAction(path, content, Mode(mode), owner);
    }

    /// <summary><c>pb.FileActionMkDir</c>.</summary>
    public static FileAction MakeFolder(ReadOnlySpan<byte> bytes)
    {
        var (path, mode) = ("", 0x1edL);
        FileOwner? owner = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: mode = reader.Number(); break;
                case 4: owner = Owner(reader.Bytes()); break;
                case 5: RefuseTime(reader.Number()); break;
                default: reader.Skip(); break;
            }
        }
        return new MakeFolderAction(path, (uint)mode, owner);
    }

    /// <summary><c>pb.FileActionRm</c>.</summary>
    public static FileAction Remove(ReadOnlySpan<byte> bytes)
    {
        var (path, missing, wildcard) = ("", false, false);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: missing = reader.Flag(); break;
                case 3: wildcard = reader.Flag(); break;
                default: reader.Skip(); break;
            }
        }
        return new RemoveAction(path, missing, wildcard);
    }

    // Nanoseconds since 1970; clients send -1 for none.
    private static void RefuseTime(long time)
    {
        if (time >= 0)
            throw GantryException.NotImplemented("times of a file operation are not implemented in this version of Gantry");
    }

    private static void RefuseReplacement(bool replaces)
    {
        if (replaces)
            throw GantryException.NotImplemented("a copy that replaces what is of another kind is not implemented in this version of Gantry");
    }

    private static string? Mode(long mode) => mode < 0 ? null : Convert.ToString(mode, 8);

    /// <summary><c>pb.ChownOpt</c>: numbers, or names that are looked up in the files that are changed.</summary>
    private static FileOwner Owner(ReadOnlySpan<byte> bytes)
    {
        var (user, group) = ("", "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                user = Name(reader.Bytes());
            else if (reader.Field == 2)
                group = Name(reader.Bytes());
            else
                reader.Skip();
        }
        return new FileOwner(user, group);
    }

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 2)
                return reader.Number().ToString(CultureInfo.InvariantCulture);
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }
            var named = new ProtoReader(reader.Bytes());
            while (named.Next())
            {
                if (named.Field == 1)
                    return named.Text();
                named.Skip();
            }
        }
        return "0";
    }
}
