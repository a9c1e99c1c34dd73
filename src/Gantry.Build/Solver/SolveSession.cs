using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Build.Steps;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build.Solver;

/// <summary>Brings what comes from outside of the builder.</summary>
public interface IBuildSources
{
    /// <summary>The files of a context.</summary>
    /// <exception cref="Oci.GantryException">There is no such context.</exception>
    Task<FileSet> ReadLocalAsync(LocalSource source, BuildProgress progress, CancellationToken cancellation);

    /// <summary>The layers of an image, here and held by the lease.</summary>
    /// <exception cref="Oci.GantryException">It is gone.</exception>
    Task<LayerResult> ReadImageAsync(ImageSource source, ContentLease lease, CancellationToken cancellation);

    /// <summary>A download.</summary>
    /// <exception cref="Oci.GantryException">It cannot be had, or is not what it has to be.</exception>
    Task<FileSet> ReadHttpAsync(HttpSource source, ProgressStep step, CancellationToken cancellation);

    /// <summary>A checkout.</summary>
    /// <exception cref="Oci.GantryException">It cannot be had.</exception>
    Task<FileSet> ReadGitAsync(GitSource source, ProgressStep step, CancellationToken cancellation);
}

/// <summary>What the one who builds lends to steps.</summary>
public interface IBuildCredentials
{
    /// <summary>A secret; null: it was not given.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindSecretAsync(string id, CancellationToken cancellation);

    /// <summary>The socket of an SSH agent, a path on this machine; null: it was not given.</summary>
    ValueTask<string?> FindAgentAsync(string id, CancellationToken cancellation);
}

/// <summary>A build for which nothing is lent.</summary>
public sealed class NoCredentials : IBuildCredentials
{
    /// <summary>The one there is.</summary>
    public static NoCredentials Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> FindSecretAsync(string id, CancellationToken cancellation) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(null);

    /// <inheritdoc/>
    public ValueTask<string?> FindAgentAsync(string id, CancellationToken cancellation) => ValueTask.FromResult<string?>(null);
}

/// <summary>One build, as far as the solver is concerned.</summary>
public sealed record SolveSession
{
    /// <summary>Where files and images come from.</summary>
    public required IBuildSources Sources { get; init; }

    /// <summary>Secrets and agents.</summary>
    public required IBuildCredentials Credentials { get; init; }

    /// <summary>Who follows it.</summary>
    public required BuildProgress Progress { get; init; }

    /// <summary>Holds all archives that the build made or found.</summary>
    public required ContentLease Lease { get; init; }

    /// <summary>Caches of others that are looked into after the builder's own.</summary>
    public IReadOnlyList<CacheImport> Imports { get; init; } = [];

    /// <summary>The latest time that a file of a result has: <c>SOURCE_DATE_EPOCH</c>; null: any.</summary>
    public FileTime? Newest { get; init; }

    /// <summary>Whether the files of a step that fails are kept.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>What tells the builder's cache mounts from those of others; empty: they are everybody's.</summary>
    public string CacheNamespace { get; init; } = "";

    /// <summary>The text of an instruction, for progress.</summary>
    public Func<Node, string?> InstructionOf { get; init; } = _ => null;

    /// <summary>What progress calls a node.</summary>
    public Func<Node, string> NameOf { get; init; } = node => node.Label.Name;
}
