using System.Globalization;
using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Builds;
using Gantry.Cli.Session;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Compose;

/// <summary>What the flags of <c>compose build</c> change about the builds of services.</summary>
internal sealed record BuildChanges
{
    /// <summary>Whether no step is taken from the cache.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether base images are pulled.</summary>
    public bool Pull { get; init; }

    /// <summary>The most memory of a step, bytes; 0: no limit.</summary>
    public long Memory { get; init; }

    /// <summary>SSH agents as <c>name=socket</c>.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>What is to be said of how images are built; empty: what the file says.</summary>
    public string Provenance { get; init; } = "";

    /// <summary>Whether there is to be a list of packages; empty: what the file says.</summary>
    public string Sbom { get; init; } = "";

    /// <summary>Whether Dockerfiles are checked, and nothing is built.</summary>
    public bool OnlyChecks { get; init; }

    /// <summary>Further arguments of the build, by name.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}

/// <summary>Turns a service's <c>build</c> into what the daemon is asked for.</summary>
/// <param name="session">The environment.</param>
/// <param name="project">The project.</param>
/// <param name="service">The service.</param>
/// <param name="changes">What flags change.</param>
/// <param name="findSecret">Finds a secret of the user's store, or null.</param>
internal sealed class ServiceBuildOrder(CommandSession session, Project project, Service service, BuildChanges changes, Func<string, byte[]?> findSecret)
{
    private readonly BuildSection _section = new(project, service);
    private readonly MapValue _build = service.Map("build")!;

    /// <summary>The services whose images this one is made from.</summary>
    public IEnumerable<string> Bases => _section.Bases;

    /// <summary>Further contexts: names, and where they are.</summary>
    public Dictionary<string, string> Contexts => _section.Contexts(built: !changes.OnlyChecks);

    /// <summary>The request, and the build context.</summary>
    /// <exception cref="ComposeException">Something is asked for that cannot be had.</exception>
    /// <exception cref="CommandException">The context is not there.</exception>
    public (BuildSessionRequest Request, ContextArgument Context) Request()
    {
        Refuse();
        var folder = _build.Text("context");
        var inline = _build.Text("dockerfile_inline");
        var file = _build.Text("dockerfile");
        var context = inline.Length > 0 ? ContextArgument.WithText(folder, inline)
            : ContextArgument.Resolve(session, folder, file.Length == 0 || !Directory.Exists(folder) ? file : Path.GetFullPath(file, folder));
        var request = new BuildSessionRequest
        {
            Dockerfile = context.Dockerfile,
            DockerfileName = context.DockerfileName,
            Target = _build.Text("target"),
            Arguments = _section.Arguments(changes.Arguments),
            Labels = _section.ImageLabels(),
            Tags = _section.Tags,
            Platform = _build.Texts("platforms") is { Count: > 0 } platforms ? string.Join(',', platforms) : service.Text("platform"),
            NoCache = changes.NoCache || _build.Flag("no_cache"),
            NoCacheFilter = _build.Texts("no_cache_filter"),
            CacheFrom = [.. _build.Texts("cache_from").Select(CacheArgument.Parse)],
            Attestations = AttestationArgument.Parse([], changes.Provenance.Length > 0 ? changes.Provenance : _build.Text("provenance"), changes.Sbom.Length > 0
                ? changes.Sbom : _build.Text("sbom")),
            CacheTo = [.. _build.Texts("cache_to").Select(CacheArgument.Parse)],
            Pull = changes.Pull || _build.Flag("pull"),
            Network = _build.Text("network"),
            ExtraHosts = _section.Hosts(),
            Ulimits = Ulimits(),
            ShmSize = _build.Number("shm_size"),
            AllowInsecure = _build.Flag("privileged") || _build.Texts("entitlements").Contains("security.insecure"),
            Secrets = Secrets(),
            Agents = BuildSecrets.Agents(session,
                [.. (_build.Map("ssh")?.Entries ?? [])
                    .Select(static key => key.Value.IsNull || key.Value.ToString() is "" ? key.Key : $"{key.Key}={key.Value}"), .. changes.Agents]),
            Call = changes.OnlyChecks ? "lint" : "",
            Resources = changes.Memory > 0 ? new ContainerResources { Memory = changes.Memory } : null,
        };
        return (request, context);
    }

    private void Refuse()
    {
        if (_build.Text("isolation") is not ("" or "default"))
            throw new ComposeException($"{service.WhereOf("build")}services.{service.Name}.build.isolation: only the default one is offered on Linux");
        foreach (var entitlement in _build.Texts("entitlements"))
            if (entitlement is not ("security.insecure" or "network.host"))
                throw new ComposeException(
                    $"{service.WhereOf("build")}services.{service.Name}.build.entitlements: {entitlement}: network.host or security.insecure");
    }

    private List<string> Ulimits() => [.. (_build.Map("ulimits")?.Entries ?? []).Select(static limit => limit.Value is MapValue both
        ? string.Create(CultureInfo.InvariantCulture, $"{limit.Key}={both.Number("soft")}:{both.Number("hard")}")
        : $"{limit.Key}={limit.Value}:{limit.Value}")];

    private Dictionary<string, byte[]> Secrets()
    {
        var secrets = new Dictionary<string, byte[]>();
        foreach (var secret in _build.Maps("secrets"))
        {
            var source = project.Secrets[secret.Text("source")];
            var name = secret.Text("target") is { Length: > 0 } target ? target : secret.Text("source");
            if (source.Flag("external") && findSecret(source.Text("name")) is { } stored)
                secrets[name] = stored;
            else if (source.Text("environment") is { Length: > 0 } variable)
                secrets[name] = Encoding.UTF8.GetBytes(project.Variables.TryGetValue(variable, out var value) ? value
                    : throw new ComposeException($"environment variable \"{variable}\" required by secret \"{source.Text("name")}\" is not set"));
            else if (source.Text("file") is { Length: > 0 } file)
                secrets[name] = File.Exists(file) ? File.ReadAllBytes(file) : throw new ComposeException($"secret file {file} does not exist");
            else
                throw new ComposeException($"build.secrets only supports environment or file-based secrets: \"{secret.Text("source")}\"");
        }
        return secrets;
    }
}
