using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>
/// Lays one model over another by the rules of the compose specification: mappings merge, lists are appended, scalars are replaced; what names
/// a command is replaced as a whole; what has a short and a long form is brought to one of them first.
/// </summary>
internal static class ModelMerger
{
    private delegate Value Rule(Value below, Value above, Path path);

    /// <summary>Lays a model over another, which is changed.</summary>
    /// <exception cref="ComposeException">The two have things of different kinds at one place.</exception>
    public static MapValue Merge(MapValue below, MapValue above) => (MapValue)MergeValues(below, above, Path.Root);

    /// <summary>Lays a service over the one it extends, which is changed.</summary>
    public static MapValue MergeService(MapValue below, MapValue above) => (MapValue)MergeValues(below, above, Path.Root.Next("services").Next("x"));

    private static Value MergeValues(Value below, Value above, Path path)
    {
        if (RuleAt(path) is { } rule)
            return rule(below, above, path);
        if (above.IsNull)
            return below;
        return below switch
        {
            MapValue map => above is MapValue other ? MergeMaps(map, other, path) : throw Mismatch(path, above),
            ListValue list => above is ListValue other ? Append(list, other) : throw Mismatch(path, above),
            _ => above,
        };
    }

    private static ComposeException Mismatch(Path path, Value above) =>
        new($"{above.At.Prefix}cannot override {path}");

    private static MapValue MergeMaps(MapValue below, MapValue above, Path path)
    {
        foreach (var (key, value) in above.Entries)
        {
            var merged = below.TryGet(key, out var present) ? MergeValues(present, value, path.Next(key)) : value;
            if (above.KeyPositions?.TryGetValue(key, out var at) == true)
                below.Set(key, merged, at);
            else
                below[key] = merged;
        }
        return below;
    }

    private static ListValue Append(ListValue below, ListValue above)
    {
        below.Items.AddRange(above.Items);
        return below;
    }

    private static Rule? RuleAt(Path path) => path.Parts switch
    {
        ["services", _, var key] => OfService(key),
        ["services", _, "build", "args" or "additional_contexts" or "labels"] => Sequences,
        ["services", _, "build", "extra_hosts"] => Hosts,
        ["services", _, "deploy", "labels"] => Sequences,
        ["services", _, "healthcheck", "test"] => Replace,
        ["services", _, "volumes", _, "volume", "labels"] => Sequences,
        ["services", _, "ulimits", _] => Replace,
        ["networks", _, "ipam", "config"] => Pools,
        ["networks" or "volumes", _, "labels"] => Sequences,
        _ => null,
    };

    private static Rule? OfService(string key) => key switch
    {
        "command" or "entrypoint" => Replace,
        "annotations" or "dns" or "dns_opt" or "dns_search" or "env_file" or "label_file" or "environment" or "labels" or "sysctls" or "tmpfs" => Sequences,
        "extra_hosts" => Hosts,
        "build" => static (below, above, path) => MergeMaps(BuildMap(below), BuildMap(above), path),
        "depends_on" => static (below, above, path) => MergeMaps(NamedMap(below, Dependency), NamedMap(above, Dependency), path),
        "networks" or "models" => static (below, above, path) =>
            MergeMaps(NamedMap(below, static () => ScalarValue.Null()), NamedMap(above, static () => ScalarValue.Null()), path),
        "logging" => Logging,
        _ => null,
    };

    private static Value Replace(Value below, Value above, Path path) => above;

    private static Value Sequences(Value below, Value above, Path path) => Append(ToSequence(below), ToSequence(above));

    private static Value Hosts(Value below, Value above, Path path)
    {
        var hosts = ToSequence(below);
        foreach (var host in ToSequence(above).Items)
            if (!hosts.Items.Any(present => Value.Same(present, host)))
                hosts.Items.Add(host);
        return hosts;
    }

    // The options of one driver mean nothing to another.
    private static Value Logging(Value below, Value above, Path path)
    {
        if (below is not MapValue map || above is not MapValue other)
            return above;
        var sameDriver = !map.Contains("driver") || !other.Contains("driver") || map.Text("driver") == other.Text("driver");
        return sameDriver ? MergeMaps(map, other, path) : other;
    }

    private static Value Pools(Value below, Value above, Path path)
    {
        if (below is not ListValue pools || above is not ListValue others)
            throw Mismatch(path, above);
        var result = new ListValue(below.At);
        foreach (var pool in pools.Items.OfType<MapValue>())
        {
            foreach (var other in others.Items.OfType<MapValue>())
            {
                var subnet = other.Text("subnet");
                var isKnown = result.Items.OfType<MapValue>().Any(present => present.Text("subnet") == subnet);
                if (subnet != pool.Text("subnet") && !isKnown)
                {
                    result.Items.Add(other);
                    continue;
                }
                var merged = MergeMaps(pool, other, path);
                var index = result.Items.FindIndex(present => present is MapValue map && map.Text("subnet") == merged.Text("subnet"));
                if (index >= 0)
                    result.Items[index] = merged;
                else
                    result.Items.Add(merged);
            }
        }
        return result;
    }

    /// <summary>A mapping as a list of <c>key=value</c>, sorted; a text as a list of one.</summary>
    private static ListValue ToSequence(Value value)
    {
        switch (value)
        {
            case ListValue list:
                return list;
            case ScalarValue { Kind: ScalarKind.Text }:
                var one = new ListValue(value.At);
                one.Items.Add(value);
                return one;
            case MapValue map:
                var lines = new List<ScalarValue>();
                foreach (var (key, element) in map.Entries)
                {
                    if (element is ListValue several)
                        lines.AddRange(several.Items.Select(item => ScalarValue.Of($"{key}={item}", item.At)));
                    else
                        lines.Add(ScalarValue.Of(element.IsNull ? key : $"{key}={element}", element.At));
                }
                var sequence = new ListValue(value.At);
                sequence.Items.AddRange(lines.OrderBy(static line => line.Text, StringComparer.Ordinal));
                return sequence;
            default:
                return new ListValue(value.At);
        }
    }

    private static MapValue BuildMap(Value value)
    {
        if (value is MapValue map)
            return map;
        var build = new MapValue(value.At);
        if (value.AsText is not null)
            build["context"] = value;
        return build;
    }

    private static MapValue NamedMap(Value value, Func<Value> content)
    {
        if (value is MapValue map)
            return map;
        var named = new MapValue(value.At);
        if (value is ListValue list)
            foreach (var item in list.Items)
                named.Set(item.ToString()!, content(), item.At);
        return named;
    }

    private static MapValue Dependency()
    {
        var dependency = new MapValue();
        dependency["condition"] = ScalarValue.Of("service_started");
        dependency["required"] = ScalarValue.Of(true);
        return dependency;
    }

    /// <summary>A place in a model.</summary>
    private sealed class Path(string[] parts)
    {
        public static Path Root { get; } = new([]);

        public string[] Parts { get; } = parts;

        public Path Next(string part) => new([.. Parts, part]);

        public override string ToString() => string.Join('.', Parts);
    }
}
