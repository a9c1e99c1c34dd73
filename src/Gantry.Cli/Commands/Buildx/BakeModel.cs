using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Groups and targets of bake files.</summary>
/// <param name="groups">The groups: names of targets and of other groups.</param>
/// <param name="targets">The targets, as they were written.</param>
internal sealed class BakeModel(MapValue groups, MapValue targets)
{
    private static readonly string[] s_maps = ["args", "labels", "contexts", "extra-hosts"];

    /// <summary>The names of all groups and targets.</summary>
    public IEnumerable<string> Names => groups.Keys.Concat(targets.Keys).Order(StringComparer.Ordinal);

    /// <summary>The targets that names mean, each after those that its contexts are made from.</summary>
    /// <exception cref="CommandException">There is none of a name, or they lead in a circle.</exception>
    public IReadOnlyList<(string Name, MapValue Target)> Select(IReadOnlyList<string> names, IReadOnlyList<(string Pattern, string Key, string Value)> changes)
    {
        var chosen = new List<(string, MapValue)>();
        var open = new HashSet<string>();
        foreach (var name in names.Count > 0 ? names : ["default"])
            Add(name, open, chosen, changes);
        return chosen;
    }

    /// <summary>One target's words over another's: lists and texts replace, maps are joined.</summary>
    public static MapValue Merge(MapValue below, MapValue above)
    {
        var merged = (MapValue)below.Clone();
        foreach (var (key, value) in above.Entries)
        {
            if (s_maps.Contains(key) && value is MapValue map && merged.Map(key) is { } before)
            {
                var joined = (MapValue)before.Clone();
                foreach (var (name, element) in map.Entries)
                    joined[name] = element;
                merged[key] = joined;
            }
            else
            {
                merged[key] = value;
            }
        }
        return merged;
    }

    /// <summary>What <c>--print</c> shows.</summary>
    public static string Print(IReadOnlyList<(string Name, MapValue Target)> chosen, IReadOnlyList<string> asked)
    {
        var result = new MapValue();
        var group = new MapValue();
        var body = new MapValue();
        body["targets"] = ListValue.Of(asked.Count > 0 ? asked : chosen.Select(static one => one.Name));
        group["default"] = body;
        result["group"] = group;
        var all = new MapValue();
        foreach (var (name, target) in chosen.OrderBy(static one => one.Name, StringComparer.Ordinal))
            all[name] = target;
        result["target"] = all;
        return JsonText.Write(result, indented: true);
    }

    private void Add(string name, HashSet<string> open, List<(string Name, MapValue)> chosen, IReadOnlyList<(string Pattern, string Key, string Value)> changes)
    {
        if (chosen.Exists(one => one.Name == name))
            return;
        if (!open.Add(name))
            throw new CommandException($"infinite loop from {name}");
        if (groups.Map(name) is { } group)
        {
            foreach (var member in group.Texts("targets"))
                Add(member, open, chosen, changes);
        }
        else if (targets.Contains(name))
        {
            var target = Changed(name, Inherited(name, []), changes);
            foreach (var context in target.TextMap("contexts").Values.Where(static place => place.StartsWith("target:", StringComparison.Ordinal)))
                Add(context["target:".Length..], open, chosen, changes);
            chosen.Add((name, target));
        }
        else
        {
            throw new CommandException($"failed to find target {name}{(Names.Any() ? $": there are {string.Join(", ", Names)}" : "")}");
        }
        open.Remove(name);
    }

    private MapValue Inherited(string name, HashSet<string> open)
    {
        if (targets.Map(name) is not { } own)
            throw new CommandException($"failed to find target {name}");
        if (!open.Add(name))
            throw new CommandException($"infinite loop from {name}");
        var result = new MapValue();
        foreach (var parent in own.Texts("inherits"))
            result = Merge(result, Inherited(parent, open));
        result = Merge(result, own);
        result.Remove("inherits");
        open.Remove(name);
        return result;
    }

    /// <summary><c>--set PATTERN.KEY[.NAME]=VALUE</c>.</summary>
    private static MapValue Changed(string name, MapValue target, IReadOnlyList<(string Pattern, string Key, string Value)> changes)
    {
        foreach (var group in changes.Where(change => Fits(change.Pattern, name)).GroupBy(static change => change.Key))
        {
            var parts = group.Key.Split('.', 2);
            var change = new MapValue();
            if (s_maps.Contains(parts[0]) && parts.Length > 1)
            {
                var map = new MapValue();
                map[parts[1]] = ScalarValue.Of(group.Last().Value);
                change[parts[0]] = map;
            }
            else
            {
                change[parts[0]] = BakeTarget.IsList(parts[0])
                    ? ListValue.Of(group.SelectMany(one => parts[0] == "platform" ? one.Value.Split(',') : [one.Value])) : ScalarValue.Of(group.Last().Value);
            }
            target = Merge(target, BakeTarget.Named(change));
        }
        return target;
    }

    private static bool Fits(string pattern, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
