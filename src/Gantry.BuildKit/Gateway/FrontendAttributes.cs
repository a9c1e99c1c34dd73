using System.Globalization;
using System.Text.Json;
using Gantry.Build.Attestations;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Control;
using Gantry.BuildKit.Messages;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.BuildKit.Gateway;

/// <summary>The attributes that clients give BuildKit's Dockerfile frontend, as the compiler's options.</summary>
/// <param name="values">The attributes.</param>
internal sealed class FrontendAttributes(IReadOnlyDictionary<string, string> values)
{
    private const string ContextPrefix = "context:";
    private const string InputPrefix = "input:";

    /// <summary>The path of the Dockerfile in its folder.</summary>
    public string DockerfileName => Text("filename", "Dockerfile");

    /// <summary>The client's name for the folder of the Dockerfile.</summary>
    public string DockerfileFolder => Text("dockerfilekey", "dockerfile");

    /// <summary>Whether the Dockerfile is in a folder of the client, wherever the context is.</summary>
    public bool HasDockerfileFolder => values.ContainsKey("dockerfilekey");

    /// <summary>The client's name for the build context.</summary>
    public string ContextFolder => Text("contextkey", "context");

    /// <summary>Where a build context is that is no folder of the client; empty: it is one.</summary>
    public string RemoteContext => Text("context", "");

    /// <summary>Whether a repository that is the build context keeps its <c>.git</c>.</summary>
    public bool KeepsGitFolder => GoBoolean.Parse(Text("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "")) is true;

    /// <summary>The folder of a remote context that is its root.</summary>
    public string ContextSubfolder => Text("contextsubdir", "");

    /// <summary>Whether base images are looked up in registries even if they are here.</summary>
    public bool AlwaysPull => Text("image-resolve-mode", "") is "pull" or "forcepull";

    /// <summary>What is asked for instead of a build; empty: a build.</summary>
    public string Request => Text("requestid", "");

    /// <summary>The platforms to build for; none: the host's.</summary>
    /// <exception cref="GantryException">One is malformed.</exception>
    public IReadOnlyList<Platform> Platforms =>
        [.. Text("platform", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Platform.Parse)];

    /// <summary>Whether the result has one reference for each platform, even if it is one.</summary>
    public bool IsMultiPlatform => Platforms.Count > 1 || GoBoolean.Parse(Text("build-arg:BUILDKIT_MULTI_PLATFORM", Text("multi-platform", ""))) is true;

    /// <summary>Further contexts by name, as they were given; without those that are graphs.</summary>
    public IReadOnlyDictionary<string, string> Contexts => values
        .Where(value => value.Key.StartsWith(ContextPrefix, StringComparison.Ordinal) && !value.Value.StartsWith(InputPrefix, StringComparison.Ordinal))
        .DistinctBy(value => ContextName(value.Key)).ToDictionary(value => ContextName(value.Key), value => value.Value);

    /// <summary>The names of further contexts that are graphs, with those of the graphs.</summary>
    public IReadOnlyDictionary<string, string> InputsFor(Platform platform)
    {
        var inputs = new Dictionary<string, string>();
        foreach (var (key, value) in values.Where(value =>
            value.Key.StartsWith(ContextPrefix, StringComparison.Ordinal) && value.Value.StartsWith(InputPrefix, StringComparison.Ordinal)))
        {
            // What is for one platform comes before what is for any.
            if (key.EndsWith($"::{platform}", StringComparison.Ordinal)
                || (!key.Contains("::", StringComparison.Ordinal) && !inputs.ContainsKey(ContextName(key))))
                inputs[ContextName(key)] = value[InputPrefix.Length..];
        }
        return inputs;
    }

    /// <summary>The caches of others that are used, which clients give a frontend as a document.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public IReadOnlyList<Exporter> CacheImports => JobCaches.Parse(Text("cache-imports", ""), Text("cache-from", ""));

    /// <summary>The configuration of the image that a graph is for; null: it is for none.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public ImageConfig? ConfigOf(string input)
    {
        if (Text($"input-metadata:{input}", "") is not { Length: > 0 } text)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("containerimage.config", out var config)
                ? ImageDocument.ReadConfig(config.GetBytesFromBase64()).Value : null;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw GantryException.Invalid($"failed to parse input metadata {text}", error);
        }
    }

    /// <summary>What is to be said of the images.</summary>
    /// <exception cref="GantryException">It is malformed, or not offered.</exception>
    public AttestationRequest Attestations => AttestationRequest.Parse(Prefixed("attest:"));

    /// <summary>The options for one platform.</summary>
    /// <exception cref="GantryException">An attribute is malformed, or asks for what is not done.</exception>
    public FrontendOptions Options(Platform? platform, IReadOnlyCollection<string> entitlements)
    {
        var noCache = values.TryGetValue("no-cache", out var stages);
        return new FrontendOptions
        {
            Target = Text("target", "") is { Length: > 0 } target ? target : null,
            Arguments = Prefixed("build-arg:"),
            Labels = Prefixed("label:"),
            Platform = platform ?? Platform.Host,
            NoCache = noCache && stages!.Length == 0,
            NoCacheFilter = noCache ? stages!.Split(',', StringSplitOptions.RemoveEmptyEntries) : [],
            Network = Network(),
            ExtraHosts = [.. Text("add-hosts", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Host)],
            Ulimits = [.. Text("ulimit", "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
            ShmSize = Number("shm-size"),
            CgroupParent = Text("cgroup-parent", ""),
            AllowInsecure = entitlements.Contains("security.insecure"),
            NamedContexts = Contexts.ToDictionary(context => context.Key.ToLowerInvariant(), context => NamedContext(context.Key, context.Value)),
        };
    }

    /// <summary>What is read from the client is known by its name alone; images by theirs.</summary>
    private static string NamedContext(string name, string place) =>
        place.StartsWith("docker-image://", StringComparison.Ordinal) || LayoutReference.IsOne(place) ? place : $"local:{name}";

    /// <summary>A name may have a platform behind it.</summary>
    private static string ContextName(string key)
    {
        var name = key[ContextPrefix.Length..];
        return name.IndexOf("::", StringComparison.Ordinal) is var at and > 0 ? name[..at] : name;
    }

    private StepNetwork Network() => Text("force-network-mode", "") switch
    {
        "" or "sandbox" or "default" => StepNetwork.Default,
        "none" => StepNetwork.None,
        "host" => StepNetwork.Host,
        var other => throw GantryException.Invalid($"invalid netmode {other}"),
    };

    private static string Host(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? throw GantryException.Invalid($"invalid host {text}") : $"{text[..at]}:{text[(at + 1)..]}";
    }

    private Dictionary<string, string> Prefixed(string prefix) =>
        values.Where(value => value.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(value => value.Key[prefix.Length..], value => value.Value);

    private string Text(string name, string absent) => values.TryGetValue(name, out var value) && value.Length > 0 ? value : absent;

    private long Number(string name) => Text(name, "") is not { Length: > 0 } text ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
            : throw GantryException.Invalid($"failed to parse {name}: {text}");
}
