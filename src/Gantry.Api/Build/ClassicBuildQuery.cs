using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Build;

/// <summary>The parameters of <c>POST /build</c>.</summary>
internal static class ClassicBuildQuery
{
    /// <summary>What the Dockerfile is compiled with.</summary>
    /// <exception cref="GantryException">A parameter is malformed, or asks for what is not done.</exception>
    public static FrontendOptions Options(ApiCall call)
    {
        if (call.Flag("squash"))
            throw GantryException.Invalid("squash is only supported with experimental mode");
        if (call.Query("isolation") is not ("" or "default") and var isolation)
            throw GantryException.Invalid($"unsupported isolation: \"{isolation}\"");
        if (Json(call, "securityopt", ApiJson.Wire.IReadOnlyListString) is { Count: > 0 })
            throw GantryException.Invalid("security options are not supported on linux");
        if (call.Query("outputs").Length > 0 && call.Query("outputs") != "[]")
            throw GantryException.NotImplemented("outputs of a classic build: build with `gantry build --output`");
        return new FrontendOptions
        {
            Target = call.Query("target"),
            Arguments = Arguments(call),
            Labels = Json(call, "labels", ApiJson.Wire.IReadOnlyDictionaryStringString)?.ToDictionary(label => label.Key, label => label.Value ?? "") ?? [],
            Platform = PlatformQuery.One(call, "platform") ?? Platform.Host,
            NoCache = call.Flag("nocache"),
            Network = Network(call.Query("networkmode")),
            ExtraHosts = [.. call.QueryAll("extrahosts").SelectMany(hosts => hosts.Split(',', StringSplitOptions.RemoveEmptyEntries))
                .Select(host => host.Trim())],
            Ulimits = [.. (Json(call, "ulimits", ApiJson.Wire.IReadOnlyListUlimit) ?? []).Select(limit => $"{limit.Name}={limit.Soft}:{limit.Hard}")],
            ShmSize = call.Number("shmsize") ?? 0,
            CgroupParent = call.Query("cgroupparent"),
            Resources = Resources(call),
        };
    }

    /// <summary>The names of the image.</summary>
    /// <exception cref="GantryException">One is malformed.</exception>
    public static IReadOnlyList<ImageReference> Names(ApiCall call) => [.. call.QueryAll("t").Select(Name)];

    /// <summary>The names of images whose steps may be used.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static IReadOnlyList<string> CacheFrom(ApiCall call) => Json(call, "cachefrom", ApiJson.Wire.IReadOnlyListString) ?? [];

    /// <summary>A name of an image to be made: <c>latest</c> is added; it has no digest.</summary>
    public static ImageReference Name(string text)
    {
        var name = ImageReference.Parse(text).WithDefaultTag();
        return name.Digest is null ? name : throw GantryException.Invalid("build tag cannot contain a digest");
    }

    /// <summary>The network of steps.</summary>
    /// <exception cref="GantryException">It is none that steps can have.</exception>
    public static StepNetwork Network(string mode) => mode switch
    {
        "" or "default" or "bridge" => StepNetwork.Default,
        "none" => StepNetwork.None,
        "host" => StepNetwork.Host,
        _ => throw GantryException.NotImplemented($"network mode \"{mode}\" not supported by the builder: default, none or host"),
    };

    private static Dictionary<string, string> Arguments(ApiCall call)
    {
        var given = Json(call, "buildargs", ApiJson.Wire.IReadOnlyDictionaryStringJsonElement);
        // A name without a value is one that the client's environment does not have: then that of the Dockerfile goes.
        return given?.Where(argument => argument.Value.ValueKind != JsonValueKind.Null).ToDictionary(argument => argument.Key, argument =>
            argument.Value.ValueKind == JsonValueKind.String ? argument.Value.GetString()!
                : throw GantryException.Invalid($"error reading build args: the value of {argument.Key} is no string")) ?? [];
    }

    private static StepResources Resources(ApiCall call) => new()
    {
        Memory = call.Number("memory") ?? 0,
        MemorySwap = call.Number("memswap") ?? 0,
        CpuShares = call.Number("cpushares") ?? 0,
        CpuPeriod = call.Number("cpuperiod") ?? 0,
        CpuQuota = call.Number("cpuquota") ?? 0,
        CpusetCpus = call.Query("cpusetcpus"),
        CpusetMems = call.Query("cpusetmems"),
    };

    private static T? Json<T>(ApiCall call, string name, JsonTypeInfo<T> type)
        where T : class
    {
        var text = call.Query(name);
        if (text.Length == 0)
            return null;
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"error reading {name}: {error.Message}", error);
        }
    }
}
