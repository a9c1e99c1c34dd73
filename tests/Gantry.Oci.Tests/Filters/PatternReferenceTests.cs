using Gantry.Oci.Filters;

namespace Gantry.Oci.Tests.Filters;

/// <summary>Patterns of <c>.dockerignore</c> against a model that is slow and plain: names one by one, the last pattern that fits decides.</summary>
public class PatternReferenceTests
{
    private const int Rounds = 5000;
    private static readonly string[] s_names = ["a", "b", "ab", "a.o", "bc.txt"];
    private static readonly string[] s_parts = ["a", "b", "ab", "*", "**", "?", "a*", "*.o", "?b", "*.txt"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_path_is_left_out_as_by_the_model(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var lines = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (random.Next(3) == 0 ? "!" : "") + Join(random, s_parts)).ToList();
            var patterns = PatternList.Of(lines);
            for (var i = 0; i < 10; i++)
            {
                var path = Join(random, s_names);
                Assert.True(Model(lines, path) == patterns.Excludes(path), $"{string.Join(", ", lines)}: {path}");
                // A folder that is left out is gone through if something below may be taken back.
                for (var slash = path.LastIndexOf('/'); slash > 0 && !patterns.Excludes(path); slash = path.LastIndexOf('/', slash - 1))
                    Assert.True(!patterns.Excludes(path[..slash]) || patterns.MayTakeBackBelow(path[..slash]),
                        $"{string.Join(", ", lines)}: {path} below {path[..slash]}");
            }
        }
    }

    private static string Join(Random random, string[] parts) =>
        string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => parts[random.Next(parts.Length)]));

    private static bool Model(List<string> lines, string path)
    {
        var excluded = false;
        var names = path.Split('/');
        foreach (var line in lines)
        {
            var pattern = line.TrimStart('!').Split('/');
            for (var length = 1; length <= names.Length; length++)
            {
                if (Fits(pattern, names[..length]))
                    excluded = line[0] != '!';
            }
        }
        return excluded;
    }

    private static bool Fits(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        if (pattern.IsEmpty)
            return names.IsEmpty;
        if (pattern[0] == "**")
        {
            if (pattern.Length == 1)
                return !names.IsEmpty;
            for (var skipped = 0; skipped <= names.Length; skipped++)
            {
                if (Fits(pattern[1..], names[skipped..]))
                    return true;
            }
            return false;
        }
        return !names.IsEmpty && FitsName(pattern[0], names[0]) && Fits(pattern[1..], names[1..]);
    }

    private static bool FitsName(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty)
            return name.IsEmpty;
        if (pattern[0] == '*')
            return FitsName(pattern[1..], name) || (!name.IsEmpty && FitsName(pattern, name[1..]));
        return !name.IsEmpty && (pattern[0] == '?' || pattern[0] == name[0]) && FitsName(pattern[1..], name[1..]);
    }
}
