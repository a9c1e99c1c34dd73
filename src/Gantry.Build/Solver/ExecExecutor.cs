using System.Text;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Build.Solver;

/// <summary>Runs exec operations: RUN.</summary>
internal sealed class ExecExecutor(LayerWorkshop workshop, FileStore files, IStepRunner runner, CacheMounts caches, AgentFolders agents)
{
    /// <exception cref="StepFailedException">The process ended with another code than 0.</exception>
    public async Task<LayerResult> RunAsync(
        ExecOperation operation, IReadOnlyList<StepResult?> inputs, SolveSession session, Action<int, ReadOnlyMemory<byte>> log, CancellationToken cancellation)
    {
        // 1. A writable layer on what the step stands on.
        using var layer = workshop.Begin(BuildSolver.Layers(inputs[0]));
        // 2. What is mounted: secrets, caches, files of others. They are gone when the step is.
        using var mounts = new StepMounts(workshop, files, caches, agents, session, string.Join(' ', operation.Arguments));
        foreach (var mount in operation.Mounts)
            await mounts.AddAsync(mount, mount.Input >= 0 ? inputs[mount.Input] ?? LayerResult.Empty : null, layer, cancellation);
        foreach (var (path, content) in operation.Scripts)
            mounts.AddScript(path, content);
        // 3. The process.
        var request = new StepRequest
        {
            Operation = operation,
            Environment = [.. operation.ProxyEnvironment, .. operation.Environment, .. mounts.Variables],
            Root = layer.Mount,
            Mounts = mounts.Ready,
            Output = log,
        };
        int code;
        try
        {
            code = await runner.RunAsync(request, cancellation);
        }
        catch (GantryException error)
        {
            throw new GantryException(error.Kind, $"process \"{string.Join(' ', operation.Arguments)}\" did not complete successfully: {error.Message}", error);
        }
        cancellation.ThrowIfCancellationRequested();
        if (operation.ValidExitCodes.Count == 0 ? code != 0 : !operation.ValidExitCodes.Contains(code))
        {
            var state = session.KeepsFailed ? layer.Commit(session.Lease, mounts.Ready.Select(mount => mount.Target), session.Newest, cancellation) : null;
            throw new StepFailedException(operation, code, state);
        }
        // 4. What it changed becomes a layer.
        return await Task.Run(() => Commit(operation, layer, mounts, session, cancellation), cancellation);
    }

    /// <summary>Places that were made to mount something at are no change.</summary>
    private LayerResult Commit(ExecOperation operation, OpenLayer layer, StepMounts mounts, SolveSession session, CancellationToken cancellation)
    {
        var targets = mounts.Ready.Select(static mount => mount.Target).ToList();
        if (!operation.DropsRoot)
            MountPlaces.Remove(layer, workshop, targets.Concat(MountPlaces.OfRuntime));
        var root = operation.DropsRoot ? layer.Parent : layer.Commit(session.Lease, targets, session.Newest, cancellation);
        var results = new List<LayerResult>();
        foreach (var (target, mounted) in mounts.Results)
        {
            var prefix = target.TrimEnd('/') + "/";
            MountPlaces.Remove(mounted, workshop,
                targets.Where(other => other.StartsWith(prefix, StringComparison.Ordinal)).Select(other => other[prefix.Length..]));
            results.Add(mounted.Commit(session.Lease, null, session.Newest, cancellation));
        }
        return root with { Mounts = results };
    }
}

/// <summary>A step's process ended with another code than 0.</summary>
public sealed class StepFailedException(ExecOperation operation, int exitCode, LayerResult? state = null)
    : GantryException(ErrorKind.InvalidArgument, $"process \"{string.Join(' ', operation.Arguments)}\" did not complete successfully: exit code: {exitCode}")
{
    /// <summary>The failure of a step that an error tells of; null: it tells of something else.</summary>
    public static StepFailedException? In(Exception? error)
    {
        while (error is not (null or StepFailedException))
            error = error.InnerException;
        return (StepFailedException?)error;
    }

    /// <summary>What was run.</summary>
    public ExecOperation Operation => operation;

    /// <summary>The files as it left them; null: they were not kept.</summary>
    public LayerResult? State => state;

    /// <summary>The image that they became; default: none.</summary>
    public Digest Image { get; set; }

    /// <summary>The code.</summary>
    public int ExitCode => exitCode;

    /// <summary>The command.</summary>
    public string Command => string.Join(' ', operation.Arguments);
}

/// <summary>Makes the sources of a step's mounts, and takes them away again.</summary>
internal sealed class StepMounts(
    LayerWorkshop workshop, FileStore files, CacheMounts caches, AgentFolders agents, SolveSession session, string command) : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<ReadyMount> _ready = [];
    private readonly List<(string Target, OpenLayer Layer)> _results = [];
    private readonly List<string> _variables = [];

    public IReadOnlyList<ReadyMount> Ready => _ready;

    public IReadOnlyList<string> Variables => _variables;

    /// <summary>What is written to by the process and is a result, in the order of the mounts.</summary>
    public IReadOnlyList<(string Target, OpenLayer Layer)> Results => _results;

    public async Task AddAsync(StepMount mount, StepResult? input, OpenLayer root, CancellationToken cancellation)
    {
        switch (mount.Kind)
        {
            case StepMountKind.Tmpfs:
                _ready.Add(new ReadyMount(mount.Target, null, false, mount.Size));
                break;
            case StepMountKind.Bind:
                AddBind(mount, input ?? root.Parent, cancellation);
                break;
            case StepMountKind.Cache:
                await AddCacheAsync(mount, input, cancellation);
                break;
            case StepMountKind.Secret:
                await AddSecretAsync(mount, cancellation);
                break;
            case StepMountKind.Ssh:
                await AddAgentAsync(mount, cancellation);
                break;
        }
    }

    public void AddScript(string path, string content) => AddMemoryFile(path, Encoding.UTF8.GetBytes(content), 0x1ed /* 0755 */, 0, 0, "script");

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>Files of another result; what is written to them goes to a layer that is dropped, unless it is a result itself.</summary>
    private void AddBind(StepMount mount, StepResult source, CancellationToken cancellation)
    {
        OpenLayer layer;
        if (source is LayerResult layers)
        {
            layer = Own(workshop.Begin(layers));
        }
        else
        {
            layer = Own(workshop.Begin(LayerResult.Empty));
            using var tree = new FileSetTree(((FilesResult)source).Files, files);
            var copy = new CopyAction { Input = 0, Sources = ["/"], Destination = "/" };
            new TreeTransfer(tree, new TargetTree(layer.Mount), copy, null, files, cancellation).Run();
        }
        if (mount.IsResult)
            _results.Add((mount.Target, layer));
        using var view = new MountTree(layer.Mount.Duplicate());
        var path = TreePaths.Resolve(view, mount.Source) ?? throw GantryException.NotFound($"\"{mount.Source}\": not found");
        var bound = Own(path.Length == 0 ? DetachedMount.Clone(layer.Mount, []) : DetachedMount.Clone(layer.Mount, Encoding.UTF8.GetBytes(path)));
        _ready.Add(new ReadyMount(mount.Target, bound, mount.ReadOnly));
    }

    private async Task AddCacheAsync(StepMount mount, StepResult? from, CancellationToken cancellation)
    {
        var id = mount.Id.Length > 0 ? mount.Id : mount.Target;
        var use = Own(
            await caches.TakeAsync($"{session.CacheNamespace}\n{id}",
                $"cached mount {mount.Target} from exec {command} with id \"{session.CacheNamespace}/{id}\"", mount, folder =>
                Fill(folder, mount, from, cancellation), cancellation));
        _ready.Add(new ReadyMount(mount.Target, Own(DetachedMount.Clone(null, Encoding.UTF8.GetBytes(use.Folder))), mount.ReadOnly));
    }

    private void Fill(string folder, StepMount mount, StepResult? from, CancellationToken cancellation)
    {
        if (from is null)
            return;
        using IFileTree tree = from is FilesResult context ? new FileSetTree(context.Files, files)
            : workshop.OpenView(BuildSolver.Layers(from)) is { } view ? new MountTree(view) : new FileSetTree(new FileSet([]), files);
        using var target = FileOpener.Open(folder, OpenFlags.Directory);
        new TreeTransfer(tree, new TargetTree(target), new CopyAction { Input = 0, Sources = [mount.Source], Destination = "/" }, null, files,
            cancellation).Run();
    }

    private async Task AddSecretAsync(StepMount mount, CancellationToken cancellation)
    {
        if (await session.Credentials.FindSecretAsync(mount.Id, cancellation) is not { } secret)
        {
            if (mount.Required)
                throw GantryException.NotFound($"secret {mount.Id}: not found");
            return;
        }
        if (mount.Variable is { } variable)
            _variables.Add($"{variable}={Encoding.UTF8.GetString(secret.Span)}");
        if (mount.Target.Length > 0)
            AddMemoryFile(mount.Target, secret.Span, mount.Mode ?? 0x100 /* 0400 */, mount.UserId, mount.GroupId, "secret");
    }

    private async Task AddAgentAsync(StepMount mount, CancellationToken cancellation)
    {
        if (await session.Credentials.FindAgentAsync(mount.Id.Length > 0 ? mount.Id : "default", cancellation) is not { } socket)
        {
            if (mount.Required)
                throw GantryException.NotFound($"unset ssh forward key {(mount.Id.Length > 0 ? mount.Id : "default")}");
            return;
        }
        var relay = Own(new AgentRelay(agents.Create(), socket, mount.Mode ?? 0x180 /* 0600 */, mount.UserId, mount.GroupId));
        _ready.Add(new ReadyMount(mount.Target, Own(DetachedMount.Clone(null, Encoding.UTF8.GetBytes(relay.Path))), false));
        _variables.Add($"SSH_AUTH_SOCK={mount.Target}");
    }

    /// <summary>A file in memory: nothing of it ever comes to a disk.</summary>
    private void AddMemoryFile(string target, ReadOnlySpan<byte> content, uint mode, uint user, uint group, string name)
    {
        using var context = FileSystemContext.Open("tmpfs");
        context.Set("mode", "0700"u8);
        var memory = Own(context.Mount(MountAttributes.NoDevices | MountAttributes.NoSetUserId));
        using (var file = FileOpener.Open(memory, Encoding.UTF8.GetBytes(name), OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180))
        {
            FileData.Write(file, content);
            FileMetadata.TrySetOwner(file, [], user, group);
            FileMetadata.TrySetPermissions(file, mode);
        }
        _ready.Add(new ReadyMount(target, Own(DetachedMount.Clone(memory, Encoding.UTF8.GetBytes(name))), true));
    }
}
