using System.Globalization;
using Gantry.Oci;

namespace Gantry.Engine.Spec;

/// <summary>Who a container's process runs as.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Primary group id.</param>
/// <param name="AdditionalGids">The supplementary groups: the primary one, then further ones.</param>
/// <param name="Home">The home folder; <c>/</c> for a user that passwd(5) does not have.</param>
internal sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids, string Home);

/// <summary>
/// Resolves <c>name|uid[:group|gid]</c> with the container's own passwd(5) and group(5). These files are the image's: lines that cannot be
/// read are passed over, and nothing in them is trusted beyond the numbers.
/// </summary>
/// <param name="readText">Reads a file of the container by its path there; empty when it does not exist.</param>
internal sealed class UserLookup(Func<string, string> readText)
{
    private sealed record User(string Name, uint Uid, uint Gid, string Home);

    private sealed record Group(string Name, uint Gid, string[] Members);

    /// <exception cref="GantryException">A name is unknown, or a number out of range (InvalidArgument).</exception>
    public ResolvedUser Resolve(string userAndGroup, IReadOnlyList<string>? addGroups)
    {
        var (userText, groupText) = Split(userAndGroup);
        var users = ReadUsers();
        var user = Find(users, userText);
        var groups = groupText is not null || addGroups is { Count: > 0 } || user is not null ? ReadGroups() : [];

        var gid = groupText is null ? user?.Gid ?? 0 : GroupId(groups, groupText);
        var further = new List<uint>();
        if (groupText is null && user is not null)
            further.AddRange(groups.Where(g => g.Gid != gid && g.Members.Contains(user.Name)).Select(g => g.Gid));
        further.AddRange((addGroups ?? []).Select(g => GroupId(groups, g)));
        // As docker has it, the primary group is one of the supplementary ones: setgroups(2) with it is what getgroups(2) then tells.
        further.Insert(0, gid);
        return new ResolvedUser(
            user?.Uid ?? Number(userText), gid, [.. further.Distinct()], user is { Home.Length: > 0 } ? user.Home : "/");
    }

    private static (string User, string? Group) Split(string text)
    {
        var colon = text.IndexOf(':');
        var user = colon < 0 ? text : text[..colon];
        return (user.Length == 0 ? "0" : user, colon < 0 || colon == text.Length - 1 ? null : text[(colon + 1)..]);
    }

    private static User? Find(IReadOnlyList<User> users, string text)
    {
        var byName = users.FirstOrDefault(u => u.Name == text);
        if (byName is not null)
            return byName;
        if (!IsNumber(text))
            throw GantryException.Invalid($"unable to find user {text}: no matching entries in passwd file");
        var uid = Number(text);
        return users.FirstOrDefault(u => u.Uid == uid);
    }

    private static uint GroupId(IReadOnlyList<Group> groups, string text)
    {
        if (groups.FirstOrDefault(g => g.Name == text) is { } group)
            return group.Gid;
        if (!IsNumber(text))
            throw GantryException.Invalid($"unable to find group {text}: no matching entries in group file");
        return Number(text);
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static uint Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue
            ? number
            : throw GantryException.Invalid("uids and gids must be in range 0-2147483647");

    private List<User> ReadUsers() => Read("/etc/passwd", 6, f =>
        uint.TryParse(f[2], out var uid) && uint.TryParse(f[3], out var gid) ? new User(f[0], uid, gid, f[5]) : null);

    private List<Group> ReadGroups() => Read("/etc/group", 4, f =>
        uint.TryParse(f[2], out var gid) ? new Group(f[0], gid, f[3].Split(',')) : null);

    private List<T> Read<T>(string path, int fields, Func<string[], T?> parse)
        where T : class
    {
        var result = new List<T>();
        foreach (var line in readText(path).Split('\n', StringSplitOptions.TrimEntries))
        {
            var parts = line.Split(':');
            if (line.Length > 0 && line[0] != '#' && parts.Length >= fields && parse(parts) is { } entry)
                result.Add(entry);
        }

        return result;
    }
}
