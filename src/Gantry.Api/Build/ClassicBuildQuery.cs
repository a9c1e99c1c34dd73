using System.Text;
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
        if (call.Query("securityopt") is not ("" or "[]" or "null"))
            throw GantryException.Invalid("security options are not supported on linux");
        return new FrontendOptions
        {
            Target = call.Query("target"),
            Arguments = Arguments(call),
            Labels = Json(call, "labels", "error reading labels", ApiJson.Wire.IReadOnlyDictionaryStringString)?
                .ToDictionary(label => label.Key, label => label.Value ?? "") ?? [],
            Platform = PlatformQuery.One(call, "platform") ?? Platform.Host,
            NoCache = call.Flag("nocache"),
            Network = Network(call.Query("networkmode")),
            NetworkName = Network(call.Query("networkmode")) == StepNetwork.Named ? call.Query("networkmode") : "",
            IsClassic = true,
            ExtraHosts = call.QueryAll("extrahosts"),
            Ulimits = [.. (Json(call, "ulimits", "error reading ulimit settings", ApiJson.Wire.IReadOnlyListUlimit) ?? [])
                .Select(limit => $"{limit.Name}={limit.Soft}:{limit.Hard}")],
            ShmSize = call.Number("shmsize") ?? 0,
            CgroupParent = call.Query("cgroupparent"),
            Resources = Resources(call),
        };
    }

    /// <summary>The names of the image.</summary>
    /// <exception cref="GantryException">One is malformed.</exception>
    public static IReadOnlyList<ImageReference> Names(ApiCall call) => [.. call.QueryAll("t").Select(Name)];

    /// <summary>The names of all arguments, those without a value as well.</summary>
    /// <exception cref="GantryException">They are malformed.</exception>
    public static IReadOnlyList<string> ArgumentNames(ApiCall call) => [.. GivenArguments(call).Keys];

    /// <summary>Whether outputs are asked for. As for docker, they are BuildKit's: the classic builder makes an image whatever they say.</summary>
    /// <exception cref="GantryException">They are malformed.</exception>
    public static bool AsksForOutputs(ApiCall call) =>
        Json(call, "outputs", "invalid outputs specified", ApiJson.Wire.IReadOnlyListJsonElement) is { Count: > 0 };

    /// <summary>The names of images whose steps may be used.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static IReadOnlyList<string> CacheFrom(ApiCall call) => Json(call, "cachefrom", "error reading cache-from", ApiJson.Wire.IReadOnlyListString) ?? [];

    /// <summary>A name of an image to be made: <c>latest</c> is added; it has no digest.</summary>
    public static ImageReference Name(string text)
    {
        var name = ImageReference.Parse(text).WithDefaultTag();
        return name.Digest is null ? name : throw GantryException.Invalid("build tag cannot contain a digest");
    }

    /// <summary>The kind of network of steps: a word that means none is the name of one.</summary>
    public static StepNetwork Network(string mode) => mode switch
    {
        "" or "default" or "bridge" => StepNetwork.Default,
        "none" => StepNetwork.None,
        "host" => StepNetwork.Host,
        _ => StepNetwork.Named,
    };

    private static Dictionary<string, string> Arguments(ApiCall call)
    {
        var given = GivenArguments(call);
        // A name without a value is one that the client's environment does not have: then that of the Dockerfile goes.
        return given.Where(argument => argument.Value.ValueKind != JsonValueKind.Null).ToDictionary(argument => argument.Key, argument =>
            argument.Value.ValueKind == JsonValueKind.String ? argument.Value.GetString()!
                : throw GantryException.Invalid($"error reading build args: the value of {argument.Key} is no string"));
    }

    private static IReadOnlyDictionary<string, JsonElement> GivenArguments(ApiCall call) =>
        Json(call, "buildargs", "error reading build args", ApiJson.Wire.IReadOnlyDictionaryStringJsonElement) ?? new Dictionary<string, JsonElement>();

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

    private static T? Json<T>(ApiCall call, string name, string failure, JsonTypeInfo<T> type)
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
            throw GantryException.Invalid($"{failure}: {JsonComplaint.Of(Encoding.UTF8.GetBytes(text)) ?? error.Message}", error);
        }
    }
}
