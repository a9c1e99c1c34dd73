using System.Text.Json;
using Gantry.Build.Cache;
using Gantry.Cli.Flags;

namespace Gantry.Settings;

/// <summary>
/// The file of the daemon's settings, <c>daemon.json</c>, with docker's keys: most are flags by another name. A key that is unknown, or given by a flag as
/// well, is an error, and so is one that would be passed over in silence.
/// </summary>
internal static class DaemonFile
{
    private const string Builder = "builder";

    /// <summary>Docker's keys that are flags of another name here; those of lists are in the plural.</summary>
    private static readonly Dictionary<string, string> s_flags = new(StringComparer.Ordinal)
    {
        ["hosts"] = "host", ["labels"] = "label", ["insecure-registries"] = "insecure-registry", ["registry-mirrors"] = "registry-mirror",
        ["log-opts"] = "log-opt",
        ["default-ulimits"] = "default-ulimit", ["dns-opts"] = "dns-opt", ["default-address-pools"] = "default-address-pool", ["sockets"] = "socket",
        ["default-network-opts"] = "default-network-opt", ["host-gateway-ips"] = "host-gateway-ip", ["cdi-spec-dirs"] = "cdi-spec-dir",
    };

    /// <summary>Sets the flags that a file names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="flags">The flags, with what the command line said.</param>
    /// <returns>What it says of the builder, for which there are no flags.</returns>
    /// <exception cref="UsageException">The file is malformed, or says what cannot be.</exception>
    public static CacheCollection Apply(string path, FlagSet flags)
    {
        var failure = $"unable to configure the Docker daemon with file {path}: ";
        using var document = Read(path, failure);
        var settings = Flatten(document.RootElement).ToList();

        // 1. What is none of docker's keys.
        var unknown = settings.Where(setting => Find(flags, setting.Key) is null && !FixedSettings.Knows(setting.Key)).Select(static setting => setting.Key)
            .Distinct().ToList();
        if (unknown.Count > 0)
            throw new UsageException($"{failure}the following directives don't match any configuration option: {string.Join(", ", unknown)}");

        // 2. What the command line says, too.
        var conflicts = settings.Where(setting => Find(flags, setting.Key) is { Changed: true }).GroupBy(static setting => setting.Key)
            .Select(group => $"{group.Key}: (from flag: {Show(Find(flags, group.Key)!)}, from file: {ShowValues(flags, group)})").ToList();
        if (conflicts.Count > 0)
            throw new UsageException(
                $"{failure}the following directives are specified both as a flag and in the configuration file: {string.Join(", ", conflicts)}");

        // 3. The rest.
        foreach (var (key, value) in settings)
            Set(flags, key, value, failure);
        return document.RootElement.TryGetProperty(Builder, out var builder) ? BuilderSettings.Read(builder, failure) : new CacheCollection();
    }

    private static void Set(FlagSet flags, string key, string value, string failure)
    {
        if (Find(flags, key) is not { } flag)
        {
            if (FixedSettings.Refusal(key, value) is { } reason)
                throw new UsageException($"{failure}{key}: {reason}");
            return;
        }
        try
        {
            flag.Set(value);
        }
        catch (UsageException error)
        {
            throw new UsageException($"{failure}{key}: {error.Message}");
        }
    }

    private static JsonDocument Read(string path, string failure)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new UsageException($"{failure}not a JSON object");
        }
        catch (JsonException error)
        {
            // The words of .NET's own messages are not part of the binary.
            throw new UsageException($"{failure}invalid JSON in line {error.LineNumber + 1}, at byte {error.BytePositionInLine + 1}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(failure + error.Message);
        }
    }

    private static IEnumerable<(string Key, string Value)> Flatten(JsonElement root)
    {
        foreach (var member in root.EnumerateObject().Where(static member => member.Name != Builder))
        {
            foreach (var value in Values(member.Name, member.Value))
                yield return (member.Name, value);
            // proxies has keys of its own, which are flags.
            if (member.Name == "proxies" && member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var proxy in member.Value.EnumerateObject())
                    yield return (proxy.Name, Text(proxy.Value));
            }
        }
    }

    private static IEnumerable<string> Values(string name, JsonElement value) => (name, value.ValueKind) switch
    {
        ("proxies", JsonValueKind.Object) => [],
        ("default-address-pools", JsonValueKind.Array) =>
            value.EnumerateArray().Select(static pool => $"base={Member(pool, "base")},size={Member(pool, "size")}"),
        ("default-ulimits", JsonValueKind.Object) =>
            value.EnumerateObject().Select(static limit => $"{limit.Name}={Member(limit.Value, "Soft")}:{Member(limit.Value, "Hard")}"),
        ("default-network-opts", JsonValueKind.Object) => value.EnumerateObject().SelectMany(static driver => driver.Value.ValueKind == JsonValueKind.Object
            ? driver.Value.EnumerateObject().Select(option => $"{driver.Name}={option.Name}={Text(option.Value)}")
            : [driver.Name]),
        (_, JsonValueKind.Array) => value.EnumerateArray().Select(Text),
        (_, JsonValueKind.Object) => value.EnumerateObject().Select(static member => $"{member.Name}={Text(member.Value)}"),
        _ => [Text(value)],
    };

    private static string Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.EnumerateObject()
            .FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: not JsonValueKind.Undefined } value
            ? Text(value)
            : "";

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };

    private static Flag? Find(FlagSet flags, string key)
    {
        var name = s_flags.GetValueOrDefault(key, key);
        return flags.Flags.FirstOrDefault(flag => flag.Name == name && flag.Name is not ("config-file" or "validate"));
    }

    private static string ShowValues(FlagSet flags, IGrouping<string, (string Key, string Value)> given)
    {
        var values = string.Join(' ', given.Select(static setting => setting.Value));
        return Find(flags, given.Key) is ListFlag<string> or MapFlag ? $"[{values}]" : values;
    }

    private static string Show(Flag flag) => flag switch
    {
        BoolFlag given => given.Value ? "true" : "false",
        ValueFlag<string> text => text.Value,
        ListFlag<string> list => $"[{string.Join(' ', list.Values)}]",
        ValueFlag<long> number => $"{number.Value}",
        _ => "given",
    };
}
