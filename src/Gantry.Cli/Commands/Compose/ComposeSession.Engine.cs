using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

internal sealed partial class ComposeSession
{
    /// <summary>When terminals get control characters: <c>auto</c>, <c>never</c> or <c>always</c>.</summary>
    public string Ansi =>
        flags.Ansi.Changed ? flags.Ansi.Value : Environment.GetValueOrDefault("COMPOSE_ANSI") is { Length: > 0 } value ? value : flags.Ansi.Value;

    /// <summary>Whether a variable says yes.</summary>
    public bool IsSet(string variable) => Environment.GetValueOrDefault(variable, "").ToLowerInvariant() is "1" or "true" or "t";

    /// <summary>Refuses to pretend.</summary>
    /// <exception cref="ComposeException">A dry run is asked for.</exception>
    public void RefuseDryRun(string command)
    {
        if (DryRun)
            throw new ComposeException($"--dry-run: `compose {command}` is not supported in dry run mode");
    }

    /// <summary>Loads the project with only some services: what they depend on is left alone.</summary>
    public Project LoadAlone(IReadOnlyList<string> services)
    {
        var project = Load([], Options with { AllResources = true });
        project.Enable(services);
        project.Select(services, dependencies: false);
        if (!Options.AllResources)
            project.DropUnusedResources();
        return project;
    }

    /// <summary>The project of the files, or only its name when that is given and no files are.</summary>
    public (Project? Project, string Name) ProjectOrName(IReadOnlyList<string> services)
    {
        if (flags.ProjectName.Value.Length > 0 && flags.Files.Values.Count == 0)
            return (null, flags.ProjectName.Value.ToLowerInvariant());
        try
        {
            var project = Load([], Options with { ResolveEnvironment = false });
            project.Enable(services);
            return (project, project.Name);
        }
        catch (ComposeException) when (Environment.GetValueOrDefault("COMPOSE_PROJECT_NAME") is { Length: > 0 } && flags.Files.Values.Count == 0)
        {
            return (null, Environment["COMPOSE_PROJECT_NAME"]);
        }
    }

    /// <summary>The daemon, without a display of progress.</summary>
    public EngineAccess QuietEngine() => Access(new QuietProgress());

    /// <summary>The user's secrets.</summary>
    public SecretStore Secrets => new(
        Environment.GetValueOrDefault("GANTRY_SECRETS") is { Length: > 0 } folder ? folder : Path.Combine(session.ConfigFolder, "secrets"),
        Environment.GetValueOrDefault("GANTRY_SECRETS_KEY") ?? "");

    private EngineAccess Access(IProgress progress) => new(session.Client, progress, Warn, Limit)
    {
        IsDryRun = DryRun,
        FindSecret = Secrets.Find,
        Programs = new PluginFolders(session.ConfigFolder, Environment.GetValueOrDefault("PATH", "")).Programs(session.Host),
        RegistryCredentials = async () => Encoding.UTF8.GetString(ApiSocket.Document(await session.Credentials.AllAsync().ConfigureAwait(false))),
    };

    /// <summary>Does something and shows its progress.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it.</param>
    public async Task<T> RunAsync<T>(string title, Func<EngineAccess, Task<T>> work)
    {
        var progress = ProgressChoice.Make(this, title);
        if (DryRun)
            session.Client.Pretender = Gantry.Compose.Running.DryRun.Answer;
        try
        {
            return await work(Access(progress)).ConfigureAwait(false);
        }
        finally
        {
            progress.Finish();
        }
    }

    /// <summary>Does something and shows its progress.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it.</param>
    public Task RunAsync(string title, Func<EngineAccess, Task> work) => RunAsync(title, async engine =>
    {
        await work(engine).ConfigureAwait(false);
        return 0;
    });

    /// <summary>Writes the output of containers.</summary>
    public LogPrinter NewPrinter(bool noColor, bool prefix, bool timestamps = false)
    {
        var colors = !noColor && Ansi != "never" && (session.Context.Terminal.OutputIsTerminal || Ansi == "always")
            && Environment.GetValueOrDefault("NO_COLOR", "").Length == 0;
        session.Flush();
        return new LogPrinter(session.Out, session.Error, colors, prefix, timestamps);
    }

    /// <summary>Finds the user's credentials for a registry.</summary>
    public Task<AuthConfig?> FindCredentials(ImageReference reference) => session.Credentials.FindAsync(reference);

    /// <summary>Asks the user; no terminal means no.</summary>
    public bool Confirm(string question)
    {
        var interactive = session.Context.Terminal.InputIsTerminal;
        session.Out.Write(interactive ? $"{question} (y/N) " : question);
        session.Flush();
        if (!interactive)
            return false;
        return new StreamReader(session.Context.Input, leaveOpen: true).ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Builds images of services.</summary>
    public BuildImages Builder(EngineAccess engine, Project project, bool quiet) => services =>
        new ServiceBuilds(this, engine, project) { Quiet = quiet }.BuildAsync(services);

    private int Limit =>
        (int)(flags.Parallel.Changed ? flags.Parallel.Value : int.TryParse(Environment.GetValueOrDefault("COMPOSE_PARALLEL_LIMIT"), out var limit) ? limit
            : flags.Parallel.Value);
}
