using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>
/// The value of <c>bind-idmap</c>: <c>match-user[:USER[:GROUP]]</c>, <c>userns</c>, or ranges <c>u:CONTAINER:HOST:COUNT</c> of users, <c>g:</c> of groups and
/// <c>b:</c> of both, with
/// blanks between them.
/// </summary>
internal static class IdMapParser
{
    private const string MatchUser = "match-user";

    /// <summary>Reads it; an empty text is <c>match-user</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static BindIdMapping Parse(string text)
    {
        if (text.Length == 0 || text == MatchUser)
            return new BindIdMapping { Source = MatchUser };
        if (text.StartsWith(MatchUser + ":", StringComparison.Ordinal) && text.Length > MatchUser.Length + 1)
            return new BindIdMapping { Source = MatchUser, User = text[(MatchUser.Length + 1)..] };
        if (text == "userns")
            return new BindIdMapping { Source = text };
        var (users, groups) = (new List<BindIdRange>(), new List<BindIdRange>());
        foreach (var range in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Take(range, users, groups, text);
        return new BindIdMapping { UIDMaps = users, GIDMaps = groups };
    }

    private static void Take(string text, List<BindIdRange> users, List<BindIdRange> groups, string whole)
    {
        if (text.Split(':') is not [("u" or "g" or "b") and var kind, var container, var host, var count]
            || !TryNumber(container, out var first) || !TryNumber(host, out var outside) || !TryNumber(count, out var size))
        {
            throw new FormatException(
                $"invalid value for bind-idmap: {whole} (must be \"match-user[:USER[:GROUP]]\", \"userns\", or ranges u|g|b:CONTAINER:HOST:COUNT with blanks between them)");
        }
        var range = new BindIdRange { ContainerID = first, HostID = outside, Size = size };
        if (kind is not "g")
            users.Add(range);
        if (kind is not "u")
            groups.Add(range);
    }

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
