using System.Formats.Tar;
using System.Threading.Channels;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Watches the files that services name under <c>develop.watch</c>, and syncs, restarts or rebuilds when they change.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="tell">Takes lines for the user: what was done.</param>
/// <param name="rebuild">Builds the image of a service and replaces its containers.</param>
public sealed class ProjectWatch(EngineAccess engine, Project project, Action<string> tell, Func<Service, Task> rebuild)
{
    // Editors write a file in several steps; a checkout changes many at once.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>Watches until it is cancelled.</summary>
    /// <exception cref="ComposeException">No service names anything to watch.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var triggers = Triggers(project);
        if (triggers.Length == 0)
            throw new ComposeException(NothingToWatch);
        var changes = Channel.CreateUnbounded<(Trigger Trigger, string Path)>();
        await WatchAsync(triggers, changes, cancellation).ConfigureAwait(false);
    }

    /// <summary>Refuses a project that names nothing to watch.</summary>
    /// <exception cref="ComposeException">No service names anything.</exception>
    public static void Check(Project project)
    {
        if (Triggers(project).Length == 0)
            throw new ComposeException(NothingToWatch);
    }

    private const string NothingToWatch = "none of the selected services is configured for watch, consider setting a 'develop' section";

    private static Trigger[] Triggers(Project project) =>
        [.. project.Services.Values.SelectMany(service => (service.Map("develop")?.Maps("watch") ?? []).Select(watch => new Trigger(service, watch)))];

    private async Task WatchAsync(Trigger[] triggers, Channel<(Trigger Trigger, string Path)> changes, CancellationToken cancellation)
    {
        var watchers = new List<FileSystemWatcher>();
        try
        {
            foreach (var trigger in triggers)
            {
                if (trigger.Rule.Flag("initial_sync") && trigger.Syncs)
                    await SyncAsync(trigger, trigger.AllFiles()).ConfigureAwait(false);
                watchers.Add(Watch(trigger, changes.Writer));
            }
            tell("Watch enabled");
            await ActAsync(changes.Reader, cancellation).ConfigureAwait(false);
        }
        finally
        {
            watchers.ForEach(static watcher => watcher.Dispose());
        }
    }

    private static FileSystemWatcher Watch(Trigger trigger, ChannelWriter<(Trigger, string)> changes)
    {
        void Note(string path)
        {
            if (trigger.Includes(path))
                changes.TryWrite((trigger, path));
        }

        var single = File.Exists(trigger.Root);
        var watcher = new FileSystemWatcher(single ? Path.GetDirectoryName(trigger.Root)! : trigger.Root)
        {
            IncludeSubdirectories = !single,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Attributes,
        };
        watcher.Changed += (_, change) => Note(change.FullPath);
        watcher.Created += (_, change) =>
        {
            Note(change.FullPath);
            // What was put into a new folder before it was watched.
            if (!single && Directory.Exists(change.FullPath))
                foreach (var file in Directory.EnumerateFiles(change.FullPath, "*", SearchOption.AllDirectories))
                    Note(file);
        };
        watcher.Deleted += (_, change) => Note(change.FullPath);
        // More has changed than the kernel keeps for us.
        watcher.Error += (_, _) =>
        {
            foreach (var file in trigger.AllFiles())
                Note(file);
        };
        watcher.Renamed += (_, change) =>
        {
            Note(change.OldFullPath);
            Note(change.FullPath);
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private async Task ActAsync(ChannelReader<(Trigger Trigger, string Path)> changes, CancellationToken cancellation)
    {
        while (await changes.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            // 1. All that changes until there is quiet.
            var batch = new Dictionary<Trigger, HashSet<string>>();
            do
            {
                while (changes.TryRead(out var change))
                {
                    if (!batch.TryGetValue(change.Trigger, out var paths))
                        batch[change.Trigger] = paths = new HashSet<string>(StringComparer.Ordinal);
                    paths.Add(change.Path);
                }
                await Task.Delay(s_quiet, cancellation).ConfigureAwait(false);
            }
            while (changes.TryPeek(out _));

            // 2. What does not build or start now may after the next change.
            foreach (var service in batch.GroupBy(static change => change.Key.Service).ToArray())
            {
                try
                {
                    await ApplyAsync(service.Key, [.. service]).ConfigureAwait(false);
                }
                catch (Exception error) when (error is ComposeException or ClientException or IOException)
                {
                    engine.Warn($"Error handling changed files for service {service.Key.Name}: {error.Message}");
                }
            }
        }
    }

    private async Task ApplyAsync(Service service, IReadOnlyList<KeyValuePair<Trigger, HashSet<string>>> changes)
    {
        // 1. A rebuild makes everything else needless.
        if (changes.Any(static change => change.Key.Action == "rebuild"))
        {
            tell($"Rebuilding service \"{service.Name}\" after changes were detected...");
            await rebuild(service).ConfigureAwait(false);
            return;
        }

        // 2. Files.
        var synced = changes.Where(static change => change.Key.Syncs).ToArray();
        if (synced.Length > 0)
            tell($"Syncing service \"{service.Name}\" after {synced.Sum(static change => change.Value.Count)} changes were detected");
        foreach (var (trigger, paths) in synced)
            await SyncAsync(trigger, paths).ConfigureAwait(false);

        // 3. What comes after them.
        var containers = await engine.ListAsync(project.Name, false, all: false, [service.Name]).ConfigureAwait(false);
        if (changes.Any(static change => change.Key.Action is "restart" or "sync+restart"))
        {
            foreach (var container in containers)
                await engine.Client.RestartContainerAsync(container.Id, null, null).ConfigureAwait(false);
            tell($"service(s) [\"{service.Name}\"] restarted");
        }
        foreach (var (trigger, _) in changes.Where(static change => change.Key.Action == "sync+exec"))
            foreach (var container in containers)
                await new HookRunner(engine) { OpenOutput = _ => new LineStream(tell) }.RunAsync(container, Hooked(trigger), "post_start")
                    .ConfigureAwait(false);
    }

    // The command of a rule is run as the hooks of a service are.
    private static Service Hooked(Trigger trigger)
    {
        var definition = new MapValue();
        var hooks = new ListValue();
        if (trigger.Rule.Map("exec") is { } exec)
            hooks.Items.Add(exec);
        definition["post_start"] = hooks;
        return new Service(trigger.Service.Name, definition);
    }

    private async Task SyncAsync(Trigger trigger, IReadOnlyCollection<string> paths)
    {
        var present = paths.Where(File.Exists).ToArray();
        var gone = paths.Where(static path => !Path.Exists(path)).Select(trigger.TargetOf).ToArray();
        foreach (var container in await engine.ListAsync(project.Name, false, all: false, [trigger.Service.Name]).ConfigureAwait(false))
        {
            if (gone.Length > 0)
                await RemoveAsync(container, gone).ConfigureAwait(false);
            if (present.Length == 0)
                continue;
            using var archive = Pack(trigger, present);
            await engine.Client.PutArchiveAsync(container.Id, "/", archive, copyOwner: false).ConfigureAwait(false);
        }
    }

    private async Task RemoveAsync(ContainerSummary container, string[] targets)
    {
        var exec = await engine.Client.CreateExecAsync(container.Id, new ExecCreateRequest { Cmd = ["rm", "-rf", .. targets], User = "0" })
            .ConfigureAwait(false);
        await engine.Client.StartDetachedExecAsync(exec.Id, new ExecStartRequest()).ConfigureAwait(false);
    }

    private static MemoryStream Pack(Trigger trigger, string[] files)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var file in files)
                writer.WriteEntry(file, trigger.TargetOf(file).TrimStart('/'));
        archive.Position = 0;
        return archive;
    }

    private sealed class Trigger(Service service, MapValue rule)
    {
        private readonly IgnoreRules _ignored = IgnoreRules.Of(rule.Texts("ignore").Append("**/.git"));
        private readonly IgnoreRules _included = IgnoreRules.Of(rule.Texts("include"));

        public Service Service => service;

        public MapValue Rule => rule;

        public string Root { get; } = Path.Exists(rule.Text("path")) ? rule.Text("path")
            : throw new ComposeException($"services.{service.Name}.develop.watch: {rule.Text("path")}: no such file or directory");

        public string Action => rule.Text("action");

        public bool Syncs => Action.StartsWith("sync", StringComparison.Ordinal);

        public bool Includes(string path)
        {
            var relative = Path.GetRelativePath(Root, path);
            if (File.Exists(Root))
                return relative == ".";
            return !_ignored.Excludes(relative) && (rule.Texts("include").Count == 0 || _included.Excludes(relative));
        }

        public string TargetOf(string path) =>
            Path.GetRelativePath(Root, path) is "." ? rule.Text("target") : $"{rule.Text("target").TrimEnd('/')}/{Path.GetRelativePath(Root, path)}";

        public IReadOnlyCollection<string> AllFiles() =>
            File.Exists(Root) ? [Root] : [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(Includes)];
    }
}
