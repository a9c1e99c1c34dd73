using Gantry.Oci;

namespace Gantry.Build.Dockerfile.Lint;

/// <summary>What the rules found in a Dockerfile, as its <c>check</c> directive or the caller wants it. Not for use by several threads.</summary>
public sealed class LintReport
{
    private readonly List<LintWarning> _warnings = [];
    private readonly HashSet<string> _skipped = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _experimental = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _isError;

    /// <param name="settings">Settings such as <c>skip=JSONArgsRecommended,StageNameCasing;error=true;experimental=all</c>; empty: none.</param>
    /// <exception cref="GantryException">They are malformed.</exception>
    public LintReport(string settings)
    {
        foreach (var setting in settings.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = setting.Split('=', 2, StringSplitOptions.TrimEntries);
            switch (parts)
            {
                case ["skip", var rules]:
                    _skipped.UnionWith(rules.Split(',', StringSplitOptions.TrimEntries));
                    break;
                case ["experimental", var rules]:
                    _experimental.UnionWith(rules.Split(',', StringSplitOptions.TrimEntries));
                    break;
                case ["error", "true" or "1" or "false" or "0"]:
                    _isError = parts[1] is "true" or "1";
                    break;
                case ["error", var other]:
                    throw GantryException.Invalid($"failed to parse check option \"error\": strconv.ParseBool: parsing \"{other}\": invalid syntax");
                default:
                    throw GantryException.Invalid($"invalid check option \"{parts[0]}\"");
            }
        }
    }

    /// <summary>What was found, in the order of the file.</summary>
    public IReadOnlyList<LintWarning> Warnings => [.. _warnings.OrderBy(warning => warning.Range.First)];

    /// <summary>Whether anybody wants to know what a rule finds.</summary>
    internal bool Asks(LintRule rule) => !_skipped.Contains("all") && !_skipped.Contains(rule.Name)
        && (!rule.IsExperimental || _experimental.Contains("all") || _experimental.Contains(rule.Name));

    internal void Add(LintRule rule, string message, SourceRange range)
    {
        var warning = new LintWarning(rule, message, range);
        // A stage that is compiled for several platforms says everything several times.
        if (Asks(rule) && !_warnings.Contains(warning))
            _warnings.Add(warning);
    }

    /// <summary>Fails when warnings are errors and there are some.</summary>
    /// <exception cref="GantryException">So it is.</exception>
    public void Check()
    {
        if (_isError && _warnings.Count > 0)
            throw GantryException.Invalid($"lint violation found for rules: {string.Join(", ", _warnings.Select(warning => warning.Rule.Name).Distinct())}");
    }
}
