using Gantry.Build.Graph;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>What the one who builds says besides the Dockerfile.</summary>
public sealed record FrontendOptions
{
    /// <summary>The stage to build; null: the last.</summary>
    public string? Target { get; init; }

    /// <summary>Whether stages that no target needs are gone through as well, if none is named: for checks.</summary>
    public bool ChecksAll { get; init; }

    /// <summary>Values of ARG variables.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The platform to build for.</summary>
    public Platform Platform { get; init; } = Platform.Host;

    /// <summary>Whether no known result is used.</summary>
    public bool NoCache { get; init; }

    /// <summary>Stages of which no known result is used.</summary>
    public IReadOnlyList<string> NoCacheFilter { get; init; } = [];

    /// <summary>The network of steps that do not say.</summary>
    public StepNetwork Network { get; init; }

    /// <inheritdoc cref="ExecOperation.NetworkName"/>
    public string NetworkName { get; init; } = "";

    /// <summary>
    /// Whether docker's classic builder is spoken to: a target has a name, no number, and a base image that is here is taken whatever its platform.
    /// </summary>
    public bool IsClassic { get; init; }

    /// <summary>Further names of hosts as <c>name:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Limits as <c>name=soft:hard</c>.</summary>
    public IReadOnlyList<string> Ulimits { get; init; } = [];

    /// <summary>The size of <c>/dev/shm</c> in bytes; 0: the default.</summary>
    public long ShmSize { get; init; }

    /// <summary>The cgroup below which steps run.</summary>
    public string CgroupParent { get; init; } = "";

    /// <summary>What steps may use of the machine.</summary>
    public StepResources Resources { get; init; } = new();

    /// <summary>Whether an argument means something that no Dockerfile has declared: a proxy, or what the builder itself looks at.</summary>
    public static bool IsKnownArgument(string name) =>
        PlatformArguments.Proxies.Contains(name) || name == "SOURCE_DATE_EPOCH" || name.StartsWith("BUILDKIT_", StringComparison.Ordinal);

    /// <summary>Whether a build context that is a repository keeps its <c>.git</c>.</summary>
    public bool KeepsGitFolder => GoBoolean.Parse(Arguments.GetValueOrDefault("BUILDKIT_CONTEXT_KEEP_GIT_DIR")) is true;

    /// <summary>
    /// Contexts by the names that FROM and COPY --from use: <c>docker-image://…</c>, <c>oci-layout://…</c>, or <c>local:</c> and the name of one of the build's
    /// contexts.
    /// </summary>
    public IReadOnlyDictionary<string, string> NamedContexts { get; init; } = new Dictionary<string, string>();

    /// <summary>Results of other builds by the names that FROM and COPY --from use.</summary>
    public IReadOnlyDictionary<string, NamedResult> NamedResults { get; init; } = new Dictionary<string, NamedResult>();

    /// <summary>Whether steps may have the host's network.</summary>
    public bool AllowHostNetwork { get; init; } = true;

    /// <summary>Whether steps may be confined by nothing.</summary>
    public bool AllowInsecure { get; init; }
}

/// <summary>What another build comes to.</summary>
/// <param name="Root">Its files; null: none.</param>
/// <param name="Config">Its configuration; null: there is none.</param>
public sealed record NamedResult(Node? Root, ImageConfig? Config);

/// <summary>Finds the images that a Dockerfile names.</summary>
public interface IImageResolver
{
    /// <summary>An image for a platform, pulled if need be.</summary>
    /// <exception cref="Oci.GantryException">It cannot be had.</exception>
    Task<Image> ResolveAsync(string reference, Platform platform, CancellationToken cancellation);
}

/// <summary>What a stage came to: a node for its files, and what the image says.</summary>
public sealed record CompiledImage
{
    /// <summary>The files; null: none.</summary>
    public required Node? Root { get; init; }

    /// <summary>The configuration, without times, layers and history.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>The history, without times where they are now.</summary>
    public required IReadOnlyList<ImageHistory> History { get; init; }

    /// <summary>The names of steps by the digests of their nodes; a node that is not among them has its own.</summary>
    public IReadOnlyDictionary<Digest, string> Names { get; init; } = new Dictionary<Digest, string>();

    /// <summary>The instructions by the nodes that they became.</summary>
    public required IReadOnlyDictionary<Node, Instruction> Instructions { get; init; }

    /// <summary>All instructions that were gone through, in the order of the file.</summary>
    public required IReadOnlyList<Instruction> Steps { get; init; }

    /// <summary>The names of all arguments that the file declares up to the target, or an instruction of a base image.</summary>
    public IReadOnlySet<string> DeclaredArguments { get; init; } = new HashSet<string>();

    /// <summary>The number of history entries that come from the base.</summary>
    public required int BaseHistory { get; init; }
}
