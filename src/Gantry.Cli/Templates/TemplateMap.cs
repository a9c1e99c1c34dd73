using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>What a template can take fields from.</summary>
public abstract class TemplateMap
{
    /// <summary>The names of all fields, in the order in which Go prints and ranges over them: sorted for a map.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>How many fields there are.</summary>
    public abstract int Count { get; }

    /// <summary>Looks a field up. The value is null, a bool, string, long, double, list, <see cref="TemplateMap"/> or <see cref="TemplateMethod"/>.</summary>
    public abstract bool TryGet(string name, out object? value);

    /// <summary>What the error says when a field does not exist.</summary>
    public virtual string DescribeMissing(string name) => $"map has no entry for key \"{name}\"";
}

/// <summary>A field that takes arguments, such as <c>.Label "name"</c>.</summary>
/// <param name="arguments">What follows the field in the template.</param>
public delegate object? TemplateMethod(IReadOnlyList<object?> arguments);

/// <summary>A JSON object as a template sees it.</summary>
/// <param name="element">An object; its document must outlive the template's execution.</param>
public class JsonTemplateMap(JsonElement element) : TemplateMap
{
    /// <summary>The object.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>Whether the document says null where docker has an empty map: it is one, but for <c>json</c>.</summary>
    public bool IsNull { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Names
    {
        get
        {
            var names = new List<string>();
            foreach (var property in Element.EnumerateObject())
                names.Add(property.Name);
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <inheritdoc/>
    public override int Count => Element.GetPropertyCount();

    /// <summary>Turns any JSON value into what templates work on.</summary>
    /// <param name="element">The value.</param>
    /// <param name="name">The member that holds it: it decides what a null stands for, see <see cref="NullOf"/>.</param>
    public static object? Wrap(JsonElement element, string name = "") => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonTemplateMap(element),
        JsonValueKind.Array => new JsonTemplateList(element),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out var whole) => whole,
        JsonValueKind.Number => element.GetDouble(),
        _ => NullOf(name, element),
    };

    /// <inheritdoc/>
    public override bool TryGet(string name, out object? value)
    {
        var found = Element.TryGetProperty(name, out var member) || (GoName(name) is { } json && Element.TryGetProperty(json, out member));
        value = found ? Wrap(member, name) : NullOf(name, default);
        return found || IsOptional(name);
    }

    /// <summary>docker's templates run on Go structures, two of whose fields are spelt otherwise than in JSON.</summary>
    private static string? GoName(string name) => name switch
    {
        "ID" => "Id",
        "APIVersion" => "ApiVersion",
        _ => null,
    };

    /// <summary>
    /// In docker's documents a null member is mostly an empty list or map, which prints as <c>[]</c> or <c>map[]</c>; the few that are
    /// absent values print as <c>&lt;nil&gt;</c>.
    /// </summary>
    private static object? NullOf(string name, JsonElement element) => name switch
    {
        "Binds" or "CapAdd" or "CapDrop" or "VolumesFrom" or "ExtraHosts" or "GroupAdd" or "Links" or "SecurityOpt" or "Cmd" or "Entrypoint"
            or "Env" or "OnBuild" or "ExecIDs" or "Devices" or "DeviceCgroupRules" or "DeviceRequests" or "Dns" or "DnsOptions" or "DnsSearch"
            or "BlkioWeightDevice" or "BlkioDeviceReadBps" or "BlkioDeviceWriteBps" or "BlkioDeviceReadIOps" or "BlkioDeviceWriteIOps"
            or "Ulimits" or "MaskedPaths" or "ReadonlyPaths" or "Aliases" or "DNSNames" or "SecondaryIPAddresses" or "SecondaryIPv6Addresses"
            or "RepoTags" or "RepoDigests" or "Layers" or "Shell" or "Mounts" => new JsonTemplateList(element),
        "Labels" or "Volumes" or "PortBindings" or "Options" or "DriverOpts" or "ExposedPorts" or "Ports" or "Networks" or "Annotations"
            or "Tmpfs" or "Sysctls" or "StorageOpt" => new JsonTemplateMap(EmptyObject()) { IsNull = true },
        _ => null,
    };

    /// <summary>
    /// Members that docker's documents leave out when they say nothing, but that templates may ask for: <c>{{if .State.Health}}</c>.
    /// </summary>
    private static bool IsOptional(string name) => name is "Health" or "Healthcheck" or "SizeRw" or "SizeRootFs" or "ExposedPorts" or "Annotations"
        or "Tmpfs" or "Sysctls" or "StorageOpt" or "Mounts" or "Runtime" or "StopSignal" or "StopTimeout" or "Shell" or "Init" or "NetworkDisabled"
        or "ArgsEscaped" or "MacAddress" or "ImageManifestDescriptor" or "Variant" or "OsVersion" or "Parent" or "DockerVersion" or "Status" or "UsageData"
        or "Labels";

    private static JsonElement EmptyObject()
    {
        var reader = new Utf8JsonReader("{}"u8);
        return JsonElement.ParseValue(ref reader);
    }
}

/// <summary>A JSON object that stands for a structure of docker's, for its error text.</summary>
/// <param name="element">An object; its document must outlive the template's execution.</param>
/// <param name="typeName">The name of docker's type.</param>
public sealed class TypedTemplateMap(JsonElement element, string typeName) : JsonTemplateMap(element)
{
    /// <inheritdoc/>
    public override string DescribeMissing(string name) => $"can't evaluate field {name} in type {typeName}";
}

/// <summary>A JSON array as a template sees it; null counts as empty.</summary>
/// <param name="element">An array or null.</param>
public sealed class JsonTemplateList(JsonElement element) : IReadOnlyList<object?>
{
    /// <summary>The array, or null.</summary>
    public JsonElement Element { get; } = element;

    /// <inheritdoc/>
    public int Count => Element.ValueKind == JsonValueKind.Array ? Element.GetArrayLength() : 0;

    /// <inheritdoc/>
    public object? this[int index] => JsonTemplateMap.Wrap(Element[index]);

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
