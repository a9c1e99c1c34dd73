using Gantry.Build;
using Gantry.Build.Cache;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Build.History;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Storage.Content;

namespace Gantry.Engine.Build;

/// <summary>Finds a user's credentials for a registry, by its domain; null: there are none.</summary>
public delegate RegistryCredentials? FindCredentials(string domain);

/// <summary>The builder of an engine. It is made when it is first used, as most daemons' first minutes see no build.</summary>
public sealed class BuildService : IDisposable
{
    private readonly Lazy<BuildParts> _parts;
    private readonly EngineRegistries _registries;
    private readonly EngineFoundation _foundation;

    internal BuildService(EngineFoundation foundation, IStepRunner runner, EngineRegistries registries, Func<CacheCollection> collection, TimeProvider clock)
    {
        (_registries, _foundation) = (registries, foundation);
        _parts = new Lazy<BuildParts>(() => Make(foundation, runner, collection, clock));
        // The records hold what the cache needs: nothing may be collected before.
        if (Directory.Exists(foundation.Paths.Build))
            _ = _parts.Value;
    }

    /// <summary>Where the content of contexts goes.</summary>
    public FileStore Files => _parts.Value.Builder.Files;

    /// <summary>What was sent of contexts before.</summary>
    public ContextMemory Contexts => _parts.Value.Contexts;

    /// <summary>Where sockets of SSH agents are.</summary>
    public AgentFolders Agents => _parts.Value.Agents;

    /// <summary>Builds.</summary>
    /// <param name="request">What; its <see cref="BuildRequest.Pull"/> is set here.</param>
    /// <param name="credentials">The user's, for registries.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Oci.GantryException">It failed.</exception>
    public async Task<BuildOutcome> BuildAsync(BuildOrder request, FindCredentials credentials, CancellationToken cancellation)
    {
        using (_parts.Value.Keeper.Begin())
            return await _parts.Value.Builder.BuildAsync(request(PullWith(credentials)), cancellation);
    }

    /// <summary>Begins a build whose parts the caller takes one after another; see <see cref="HoldContexts"/>.</summary>
    /// <param name="request">What; its <see cref="BuildRequest.Pull"/> is set here.</param>
    /// <param name="credentials">Finds the user's, by a registry's domain.</param>
    /// <param name="progress">Who follows it.</param>
    public OpenBuild Open(BuildOrder request, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials, BuildProgress progress) =>
        _parts.Value.Builder.Open(
            request(async (reference, platform, report, cancellation) =>
                await _registries.Puller.PullAsync(reference, platform, await credentials(reference.Domain, cancellation), report, cancellation)),
            progress);

    /// <summary>
    /// A cache to read from that clients say is in a registry. As docker's own builder does it, an image of that name that is here and has the records comes
    /// first.
    /// </summary>
    /// <inheritdoc cref="OpenImageCache"/>
    public ICacheSource OpenRegistryCache(string reference, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials) =>
        new ImageCache(_foundation.Images, _foundation.Content, reference, Cache(reference, credentials), needsRecords: true);

    /// <summary>A cache to read from: in an image that is here, or, when there is none, in a registry. Classic builds mean that.</summary>
    /// <param name="reference">The name of an image, or of a cache.</param>
    /// <param name="credentials">Finds the user's, by a registry's domain.</param>
    /// <exception cref="Oci.GantryException">The name is malformed.</exception>
    public ICacheSource OpenImageCache(string reference, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials) =>
        new ImageCache(_foundation.Images, _foundation.Content, reference, Cache(reference, credentials), needsRecords: false);

    /// <summary>A cache in a registry to write to.</summary>
    /// <inheritdoc cref="OpenImageCache"/>
    public ICacheTarget CreateRegistryCache(string reference, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials) =>
        Cache(reference, credentials);

    /// <inheritdoc cref="ImageBuilder.ExportCachesAsync"/>
    public Task<Descriptor?> ExportCachesAsync(
        IReadOnlyList<OpenBuild> builds, IReadOnlyList<CacheExport> exports, BuildProgress progress, CancellationToken cancellation) =>
        _parts.Value.Builder.ExportCachesAsync(builds, exports, progress, cancellation);

    /// <inheritdoc cref="ImageBuilder.FetchAsync"/>
    public Task<FileSet> FetchAsync(string place, bool keepsGitFolder, IBuildCredentials credentials, ProgressStep step, CancellationToken cancellation) =>
        _parts.Value.Builder.FetchAsync(place, keepsGitFolder, credentials, step, cancellation);

    /// <summary>Contents of contexts stay as long as this is not disposed: from before they are sent until they are built from.</summary>
    public IDisposable HoldContexts() => _parts.Value.Keeper.Begin();

    /// <summary>What is in the cache; nothing while nothing was ever built.</summary>
    public IReadOnlyList<CacheUsage> CacheUsages() => _parts.IsValueCreated ? _parts.Value.Pruner.Usages() : [];

    /// <summary>The builds that there were.</summary>
    public BuildHistory History => _parts.Value.History;

    /// <summary>Removes entries of the cache, and what only they needed.</summary>
    /// <param name="selection">Which.</param>
    /// <returns>What was removed, and how many bytes became free.</returns>
    public (IReadOnlyList<CacheUsage> Removed, long Freed) Prune(CacheSelection selection) =>
        _parts.IsValueCreated ? _parts.Value.Keeper.Prune(selection) : ([], 0);

    /// <summary>The rules by which the cache is kept within bounds.</summary>
    public IReadOnlyList<CachePolicy> CachePolicies => _parts.Value.Keeper.Policies;

    /// <summary>Has rules that are new take effect.</summary>
    public void ShrinkCache()
    {
        if (_parts.IsValueCreated)
            _parts.Value.Keeper.Shrink();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_parts.IsValueCreated)
            _parts.Value.Cache.Dispose();
    }

    private RegistryCache Cache(string reference, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials) =>
        new(_registries.Client, ImageReference.Parse(reference).WithDefaultTag(), credentials);

    private PullImage PullWith(FindCredentials credentials) => (reference, platform, progress, cancellation) =>
        _registries.Puller.PullAsync(reference, platform, credentials(reference.Domain), progress, cancellation);

    private static BuildParts Make(EngineFoundation foundation, IStepRunner runner, Func<CacheCollection> collection, TimeProvider clock)
    {
        var root = foundation.Paths.Build;
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CacheBoot.Check(root, foundation.Images);
        var cache = BuildCache.Open(Path.Combine(root, "cache"), foundation.Content, foundation.Images, clock);
        var workshop = new LayerWorkshop(foundation.Content, foundation.Snapshots, clock);
        workshop.RemoveLeftovers();
        var files = new FileStore(Path.Combine(root, "files"));
        var mounts = new CacheMounts(Path.Combine(root, "mounts"), clock);
        mounts.RemoveLeftovers();
        var agents = new AgentFolders(foundation.Paths.Agents);
        var solver = BuildSolver.Create(cache, foundation.Images, workshop, foundation.Unpacker, files, runner, mounts, agents);
        var builder = new ImageBuilder(solver, foundation.Images, foundation.Content, workshop, clock);
        var contexts = new ContextMemory(Path.Combine(root, "contexts"));
        var pruner = new CachePruner(cache, mounts, contexts, files, foundation.Images, root);
        var history = new BuildHistory(Path.Combine(root, "history"), clock);
        history.RemoveLeftovers();
        return new BuildParts(builder, cache, pruner, contexts, new CacheKeeper(pruner, collection, clock, foundation.Background.Run), history, agents);
    }

    private sealed record BuildParts(ImageBuilder Builder, BuildCache Cache, CachePruner Pruner, ContextMemory Contexts, CacheKeeper Keeper,
        BuildHistory History,
        AgentFolders Agents);
}

/// <summary>Makes the request of a build, given how images are pulled.</summary>
public delegate BuildRequest BuildOrder(PullImage pull);
