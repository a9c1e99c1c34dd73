using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>What containers may be called, and names for those that were given none.</summary>
internal static partial class ContainerNames
{
    private const string AllowedCharacters = "[a-zA-Z0-9][a-zA-Z0-9_.-]";

    private static readonly string[] s_adjectives =
    [
        "able", "amber", "balanced", "bold", "brisk", "calm", "careful", "clear", "crisp", "eager", "early", "even", "fair", "firm", "fleet",
        "frank", "fresh", "gentle", "glad", "golden", "grand", "handy", "hardy", "honest", "keen", "kind", "lasting", "level", "light", "lively",
        "loyal", "lucid", "merry", "modest", "nimble", "noble", "patient", "plain", "polite", "prompt", "proud", "quick", "quiet", "ready",
        "robust", "sharp", "silent", "simple", "sober", "solid", "sound", "steady", "still", "strong", "sturdy", "sure", "swift", "tidy", "true",
        "vivid", "warm", "wise", "witty", "young",
    ];

    private static readonly string[] s_nouns =
    [
        "anchor", "ballast", "barge", "beam", "boom", "bow", "bridge", "bulwark", "buoy", "cable", "capstan", "cargo", "chart", "cleat", "clipper",
        "compass", "crane", "current", "davit", "deck", "derrick", "dock", "fender", "ferry", "freight", "galley", "gangway", "girder", "harbor",
        "hatch", "hawser", "helm", "hoist", "hull", "jetty", "keel", "ketch", "lantern", "lighter", "lock", "mast", "mooring", "oar", "paddle",
        "pallet", "pier", "pilot", "pulley", "quay", "rigging", "rudder", "schooner", "sextant", "shackle", "sling", "sloop", "spar", "tackle",
        "tide", "trestle", "tug", "wharf", "winch", "windlass",
    ];

    /// <summary>The name without a leading slash.</summary>
    /// <exception cref="GantryException">It has characters that a name may not have (InvalidArgument).</exception>
    public static string Validate(string name)
    {
        var bare = name.StartsWith('/') ? name[1..] : name;
        return IsValid(bare) ? bare : throw GantryException.Invalid(Refusal(name));
    }

    /// <summary>Whether a container may be called so.</summary>
    public static bool IsValid(string bare) => Form().IsMatch(bare);

    /// <summary>What is said of a name that it may not have.</summary>
    public static string Refusal(string name) => $"Invalid container name ({name}), only {AllowedCharacters} are allowed";

    /// <summary>Two words, and a number once these alone are taken.</summary>
    public static string Generate(Func<string, bool> isFree)
    {
        for (var attempt = 0; ; attempt++)
        {
            var name = $"{Pick(s_adjectives)}_{Pick(s_nouns)}";
            if (attempt > 4)
                name += RandomNumberGenerator.GetInt32(10 * attempt);
            if (isFree(name))
                return name;
        }
    }

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$")]
    private static partial Regex Form();
}
