using System.Collections;
using System.Globalization;
using Gantry.Cli.Session;
using Gantry.Compose;
using Gantry.Compose.Files;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Compose;

/// <summary>What one command of <c>compose</c> works with.</summary>
/// <param name="session">The daemon, streams and settings.</param>
/// <param name="flags">The flags that all commands share.</param>
/// <param name="dryRun">Whether the command's own flag asks for a dry run.</param>
internal sealed partial class ComposeSession(CommandSession session, ComposeFlags flags, bool dryRun)
{
    private IReadOnlyDictionary<string, string>? _environment;

    /// <summary>The daemon, streams and settings.</summary>
    public CommandSession Session => session;

    /// <summary>The flags that all commands share.</summary>
    public ComposeFlags Flags => flags;

    /// <summary>Whether nothing is to be changed.</summary>
    public bool DryRun => dryRun || flags.DryRun.Value;

    /// <summary>The process's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment ??= ReadEnvironment();

    /// <summary>The flags as the loader takes them.</summary>
    public LoadOptions Options => new()
    {
        Files = flags.Files.Values,
        EnvironmentFiles = flags.EnvFiles.Values.Count > 0 ? flags.EnvFiles.Values
            : [.. (Environment.GetValueOrDefault("COMPOSE_ENV_FILES") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
        Profiles = flags.Profiles.Values,
        ProjectName = flags.ProjectName.Value,
        ProjectFolder = flags.ProjectFolder.Value,
        Compatibility = flags.Compatibility.Value,
        AllResources = flags.AllResources.Value,
        KeepLabelFiles = true,
    };

    /// <summary>Loads the project.</summary>
    /// <param name="services">The services that are asked for; empty for all.</param>
    /// <param name="options">The flags, or null for the shared ones.</param>
    public Project Load(IReadOnlyList<string>? services = null, LoadOptions? options = null) =>
        new ProjectLoader(LoadContext).Load(options ?? Options, services ?? []);

    /// <summary>Loads the model without types.</summary>
    public MapValue LoadModel(LoadOptions options) => new ProjectLoader(LoadContext).LoadModel(options);

    /// <summary>Tells the user of something that is not right but no failure, in the form that docker compose has for it.</summary>
    public void Warn(string message)
    {
        var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        session.PrintError(
            $"time=\"{time}\" level=warning msg=\"{message.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
    }

    private LoadContext LoadContext => new()
    {
        CurrentFolder = System.Environment.CurrentDirectory,
        Environment = Environment,
        Warn = Warn,
        FetchRemote = FetchRemote,
        ReadInput = () => new StreamReader(session.Context.Input).ReadToEnd(),
    };

    private string FetchRemote(string address)
    {
        const string oci = "oci://";
        var registry = address.StartsWith(oci, StringComparison.Ordinal);
        var variable = registry ? "COMPOSE_EXPERIMENTAL_OCI_REMOTE" : "COMPOSE_EXPERIMENTAL_GIT_REMOTE";
        if (Environment.GetValueOrDefault(variable, "").ToLowerInvariant() is "0" or "false")
            throw new ComposeException($"{(registry ? "OCI" : "git")} remote resource is disabled by \"{variable}\"");
        var home = Environment.GetValueOrDefault("XDG_CACHE_HOME") is { Length: > 0 } given ? given
            : Path.Combine(Environment.GetValueOrDefault("HOME", "/"), ".cache");
        var cache = Path.Combine(home, "docker-compose");
        if (!registry)
            return new GitFiles(cache, Warn).Fetch(address);
        using var projects = new ProjectRegistry(FindCredentials);
        return projects.FetchAsync(address[oci.Length..], cache).GetAwaiter().GetResult();
    }

    private static Dictionary<string, string> ReadEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        return environment;
    }
}
