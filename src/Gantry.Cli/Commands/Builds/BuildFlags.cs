using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary>The flags of <c>build</c>, under the names that docker's two builders have.</summary>
internal sealed class BuildFlags(FlagSet flags)
{
    private readonly ListFlag<string> _addHost = flags.List("add-host", "Add a host-to-IP mapping (host:ip)");
    private readonly ListFlag<string> _allow = flags.List("allow", "Allow privileged entitlements, e.g. \"network.host\", \"security.insecure\"");
    private readonly ListFlag<string> _buildArg = flags.List("build-arg", "Set build-time variables");
    private readonly ListFlag<string> _buildContext = flags.List("build-context", "Additional build contexts, e.g. name=path or name=docker-image://image");
    private readonly ValueFlag<string> _cgroupParent = flags.String("cgroup-parent", "Set the parent cgroup for the RUN instructions");
    private readonly BoolFlag _compress = flags.Bool("compress", "Taken for compatibility: only what the daemon lacks is sent");
    private readonly ValueFlag<long> _cpuPeriod = flags.Int("cpu-period", "Limit the CFS period of the RUN instructions");
    private readonly ValueFlag<long> _cpuQuota = flags.Int("cpu-quota", "Limit the CFS quota of the RUN instructions");
    private readonly ValueFlag<long> _cpuShares = flags.Int("cpu-shares", 'c', "CPU shares of the RUN instructions (relative weight)");
    private readonly ValueFlag<string> _cpusetCpus = flags.String("cpuset-cpus", "CPUs of the RUN instructions (0-3, 0,1)");
    private readonly ValueFlag<string> _cpusetMems = flags.String("cpuset-mems", "Memory nodes of the RUN instructions (0-3, 0,1)");
    private readonly BoolFlag _forceRm = flags.Bool("force-rm", "Taken for compatibility: nothing of a step is left in any case");
    private readonly FormerBuildFlags _former = new(flags);
    private readonly BuildSurroundings _surroundings = new(flags);
    private readonly ListFlag<string> _label = flags.List("label", "Set metadata for an image", FlagChecks.Label);
    private readonly ValueFlag<long> _memory = flags.Bytes("memory", 'm', "Memory limit of the RUN instructions");
    private readonly ValueFlag<long> _memorySwap = flags.Value(
        "memory-swap", '\0', "bytes", "Memory and swap of the RUN instructions; -1 for unlimited swap", FlagValues.ParseSwap, 0L);
    private readonly ValueFlag<string> _network = flags.String("network", "Set the networking mode for the RUN instructions", "default");
    private readonly BoolFlag _noCache = flags.Bool("no-cache", "Do not use cache when building the image");
    private readonly ListFlag<string> _noCacheFilter = flags.List("no-cache-filter", "Do not cache specified stages");
    private readonly ListFlag<string> _platform = flags.List("platform", "Set target platform for build");
    private readonly BoolFlag _pull = flags.Bool("pull", "Always attempt to pull all referenced images");
    private readonly BoolFlag _rm = flags.Bool("rm", "Taken for compatibility: nothing of a step is left in any case");
    private readonly ListFlag<string> _secret = flags.List("secret", "Secret to expose to the build (format: id=mysecret[,src=/local/secret])");
    private readonly ValueFlag<long> _shmSize = flags.Bytes("shm-size", '\0', "Size of /dev/shm");
    private readonly ListFlag<string> _ssh = flags.List("ssh", "SSH agent socket to expose to the build (format: default|<id>[=<socket>])");
    private readonly ListFlag<string> _tag = flags.List("tag", 't', "Name and optionally a tag (format: \"name:tag\")");
    private readonly ValueFlag<string> _target = flags.String("target", "Set the target build stage to build");
    private readonly ListFlag<Ulimit> _ulimit = flags.Add(new ListFlag<Ulimit>("ulimit", '\0', "ulimit", "Ulimit options", UlimitParser.Parse));

    /// <summary>The names of the image.</summary>
    public IReadOnlyList<string> Tags => _tag.Values;

    /// <summary>Further contexts: names, and where they are.</summary>
    public IReadOnlyDictionary<string, string> Contexts => KeyValues.ToMap(_buildContext.Values);

    /// <inheritdoc cref="FormerBuildFlags.Warnings"/>
    public IEnumerable<string> Warnings => _former.Warnings;

    /// <inheritdoc cref="BuildSurroundings.Annotations"/>
    public IReadOnlyList<KeyValuePair<string, string>> Annotations => _surroundings.Annotations;

    /// <summary>What the flags ask for.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public BuildSessionRequest Request(CommandSession session)
    {
        _ = (_compress.Value, _forceRm.Value, _rm.Value);
        var platforms = _platform.Values.SelectMany(static text => text.Split(',')).Distinct().ToList();
        return new BuildSessionRequest
        {
            Target = _target.Value,
            Arguments = Variables(session, _buildArg.Values),
            Labels = KeyValues.ToMap(_label.Values),
            Tags = _tag.Values,
            Platform = string.Join(',', platforms),
            CacheFrom = _surroundings.CacheFrom,
            CacheTo = _surroundings.CacheTo,
            Attestations = _surroundings.Attestations,
            NoCache = _noCache.Value,
            NoCacheFilter = [.. _noCacheFilter.Values.SelectMany(static text => text.Split(','))],
            Pull = _pull.Value,
            Network = _network.Value,
            ExtraHosts = [.. _addHost.Values.Select(Host)],
            Ulimits = [.. _ulimit.Values.Select(static limit => $"{limit.Name}={limit.Soft}:{limit.Hard}")],
            ShmSize = _shmSize.Value,
            CgroupParent = _cgroupParent.Value,
            AllowInsecure = Entitlements().Contains("security.insecure"),
            Secrets = BuildSecrets.Read(session, _secret.Values),
            Agents = BuildSecrets.Agents(session, _ssh.Values),
            Resources = new ContainerResources
            {
                Memory = _memory.Value, MemorySwap = _memorySwap.Value, CpuShares = _cpuShares.Value, CpuPeriod = _cpuPeriod.Value, CpuQuota = _cpuQuota.Value,
                CpusetCpus = _cpusetCpus.Value, CpusetMems = _cpusetMems.Value,
            },
        };
    }

    private List<string> Entitlements()
    {
        var all = _allow.Values.SelectMany(static text => text.Split(',')).ToList();
        var unknown = all.Find(static text => text is not ("network.host" or "security.insecure"));
        return unknown is null ? all : throw new CommandException($"invalid entitlement: {unknown}: network.host or security.insecure");
    }

    /// <summary>A name without a value takes it from the environment, and is left out when that has none.</summary>
    private static Dictionary<string, string> Variables(CommandSession session, IReadOnlyList<string> texts)
    {
        var result = new Dictionary<string, string>();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
                result[text[..equals]] = text[(equals + 1)..];
            else if (session.Context.Environment(text) is { } value)
                result[text] = value;
        }
        // As BuildKit's clients do, for builds that shall come out the same.
        if (session.Context.Environment("SOURCE_DATE_EPOCH") is { Length: > 0 } epoch)
            result.TryAdd("SOURCE_DATE_EPOCH", epoch);
        return result;
    }

    private static string Host(string text)
    {
        // Both forms are docker's: host:address, and host=address.
        var separator = text.IndexOfAny([':', '=']);
        return separator > 0 ? $"{text[..separator]}:{text[(separator + 1)..]}" : throw new CommandException($"bad format for add-host: \"{text}\"");
    }
}
