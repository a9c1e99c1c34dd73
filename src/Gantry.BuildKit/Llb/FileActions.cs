using System.Globalization;
using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Llb;

/// <summary>Reads the actions of file operations. What a message does not say is 0 there, as in all messages: a time of 0 is one, -1 is none.</summary>
internal static class FileActions
{
    private const uint PermissionBits = 0x1ff /* 0777 */;

    /// <summary><c>pb.FileActionCopy</c>.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="owners">Gets the inputs in which names of owners are looked up.</param>
    public static FileAction Copy(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (source, wildcard, emptyWildcard, mode, modeText) = ("", false, false, 0L, "");
        var (includes, excludes, required) = (new List<string>(), new List<string>(), new List<string>());
        var copy = new CopyAction { Input = 0, Sources = [], Destination = "", KeepsFolder = true, KeepsLink = true, NeedsFolder = true, Time = Time(0) };
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: source = reader.Text(); break;
                case 2: copy = copy with { Destination = reader.Text() }; break;
                case 3: copy = copy with { Owner = Owner(reader.Bytes(), owners) }; break;
                case 4: mode = reader.Number(); break;
                case 5: copy = copy with { KeepsLink = !reader.Flag() }; break;
                case 6: copy = copy with { KeepsFolder = !reader.Flag() }; break;
                case 7: copy = copy with { Unpack = reader.Flag() }; break;
                case 8: copy = copy with { NeedsFolder = !reader.Flag() }; break;
                case 9: wildcard = reader.Flag(); break;
                case 10: emptyWildcard = reader.Flag(); break;
                case 11: copy = copy with { Time = Time(reader.Number()) }; break;
                case 12: includes.Add(reader.Text()); break;
                case 13: excludes.Add(reader.Text()); break;
                case 14: copy = copy with { Replaces = reader.Flag() }; break;
                case 15: modeText = reader.Text(); break;
                case 16: required.Add(reader.Text()); break;
                default: reader.Skip(); break;
            }
        }
        // A source is a pattern to the builder: one that is none says so by escapes.
        var pattern = wildcard ? source : string.Concat(
            source.Select(character => character is '*' or '?' or '[' or '\\' ? $"\\{character}" : character.ToString()));
        return copy with
        {
            Sources = [pattern], Includes = includes, Excludes = excludes, Required = required, NeedsMatch = !emptyWildcard,
            Mode = modeText.Length > 0 ? modeText : (int)mode == -1 ? null : Octal(mode),
        };
    }

    /// <summary><c>pb.FileActionMkFile</c>.</summary>
    /// <inheritdoc cref="Copy"/>
    public static FileAction MakeFile(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (path, mode, content, time) = ("", 0L, Array.Empty<byte>(), 0L);
        FileOwner? owner = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: mode = reader.Number(); break;
                case 3: content = reader.Bytes().ToArray(); break;
                case 4: owner = Owner(reader.Bytes(), owners); break;
                case 5: time = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }
        return new MakeFileAction(path, content, Octal(mode & PermissionBits), owner) { Time = Time(time), NeedsFolder = true };
    }

    /// <summary><c>pb.FileActionMkDir</c>.</summary>
    /// <inheritdoc cref="Copy"/>
    public static FileAction MakeFolder(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (path, mode, parents, time) = ("", 0L, false, 0L);
        FileOwner? owner = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: mode = reader.Number(); break;
                case 3: parents = reader.Flag(); break;
                case 4: owner = Owner(reader.Bytes(), owners); break;
                case 5: time = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }
        return new MakeFolderAction(path, (uint)(mode & PermissionBits), owner) { Time = Time(time), NeedsFolder = !parents };
    }

    /// <summary><c>pb.FileActionSymlink</c>.</summary>
    /// <inheritdoc cref="Copy"/>
    public static FileAction MakeLink(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (text, path, time) = ("", "", 0L);
        FileOwner? owner = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = reader.Text(); break;
                case 2: path = reader.Text(); break;
                case 3: owner = Owner(reader.Bytes(), owners); break;
                case 4: time = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }
        return new MakeLinkAction(path, text, owner) { Time = Time(time), NeedsFolder = true };
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

    /// <summary>Nanoseconds since 1970; -1 says nothing.</summary>
    private static FileTime? Time(long time)
    {
        const long second = 1_000_000_000;
        return time == -1 ? null : new FileTime(
            Math.DivRem(time, second) is var (seconds, rest) && rest < 0 ? seconds - 1 : seconds, (uint)((rest + second) % second));
    }

    private static string Octal(long mode) => Convert.ToString(mode, 8);

    /// <summary><c>pb.ChownOpt</c>: numbers, or names that are looked up in the files of an input.</summary>
    private static FileOwner Owner(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (user, group) = ("", "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                user = Name(reader.Bytes(), owners);
            else if (reader.Field == 2)
                group = Name(reader.Bytes(), owners);
            else
                reader.Skip();
        }
        return new FileOwner(user, group);
    }

    /// <summary><c>pb.UserOpt</c>.</summary>
    private static string Name(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var name = "0";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 2)
                name = reader.Number().ToString(CultureInfo.InvariantCulture);
            else if (reader.Field == 1)
                name = NamedUser(reader.Bytes(), owners);
            else
                reader.Skip();
        }
        return name;
    }

    /// <summary><c>pb.NamedUserOpt</c>.</summary>
    private static string NamedUser(ReadOnlySpan<byte> bytes, List<long> owners)
    {
        var (name, input) = ("", 0L);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                name = reader.Text();
            else if (reader.Field == 2)
                input = reader.Number();
            else
                reader.Skip();
        }
        owners.Add(input);
        return name;
    }
}
