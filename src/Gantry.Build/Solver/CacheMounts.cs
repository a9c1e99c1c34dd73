using System.Text.Json;
using Gantry.Build.Cache;
using Gantry.Build.Graph;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>
/// The folders of <c>RUN --mount=type=cache</c>: they last from build to build until they are pruned. Beside each lies a document that says when it was used.
/// </summary>
/// <param name="root">The folder they are in.</param>
/// <param name="clock">The time.</param>
public sealed class CacheMounts(string root, TimeProvider clock)
{
    private const string Leaving = ".gone";
    private readonly Dictionary<string, int> _users = [];
    private readonly Dictionary<string, SemaphoreSlim> _locks = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a cache; with <c>locked</c>, when everybody else is done.</summary>
    /// <param name="name">What tells it from others.</param>
    /// <param name="description">What it is for, for people.</param>
    /// <param name="mount">How it is shared, and how it is made.</param>
    /// <param name="fill">Fills it when it is made.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    internal async Task<CacheMountUse> TakeAsync(string name, string description, StepMount mount, Action<string> fill, CancellationToken cancellation)
    {
        SemaphoreSlim? exclusive = null;
        if (mount.Sharing == CacheSharing.Locked)
        {
            lock (_gate)
            {
                if (!_locks.TryGetValue(name, out exclusive))
                    _locks[name] = exclusive = new SemaphoreSlim(1, 1);
            }
            await exclusive.WaitAsync(cancellation);
        }
        var folder = Reserve(name, mount.Sharing == CacheSharing.Private);
        try
        {
            Make(folder, description, mount, fill);
            return new CacheMountUse(folder, () => Release(folder, exclusive));
        }
        catch
        {
            Release(folder, exclusive);
            throw;
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<CacheUsage> List()
    {
        var usages = new List<CacheUsage>();
        foreach (var folder in Directory.Exists(root) ? Directory.EnumerateDirectories(root).Where(IsWhole) : [])
        {
            var document = Read(folder) ?? new CacheMountDocument(
                "cached mount", Directory.GetCreationTimeUtc(folder), Directory.GetLastWriteTimeUtc(folder), 0);
            bool isInUse;
            lock (_gate)
                isInUse = _users.ContainsKey(folder);
            usages.Add(new CacheUsage
            {
                Id = Path.GetFileName(folder), Kind = CacheKind.Mount, Description = document.Description, Size = DirectoryTree.Usage(folder),
                IsInUse = isInUse,
                CreatedAt = document.CreatedAt, LastUsedAt = document.LastUsedAt, Uses = document.Uses,
            });
        }
        return usages;
    }

    /// <summary>Removes one.</summary>
    /// <returns>False: it is not there, or a step that runs uses it.</returns>
    public bool TryRemove(string id)
    {
        var folder = Path.Combine(root, id);
        lock (_gate)
        {
            if (_users.ContainsKey(folder) || !Directory.Exists(folder))
                return false;
            if (Directory.Exists(folder + Leaving))
                DirectoryTree.Remove(folder + Leaving);
            Directory.Move(folder, folder + Leaving);
            File.Delete(DocumentOf(folder));
        }
        // It may be large: steps that want a new one need not wait.
        DirectoryTree.Remove(folder + Leaving);
        return true;
    }

    /// <summary>Removes what an end of the daemon left half removed or half made.</summary>
    public void RemoveLeftovers()
    {
        foreach (var folder in Directory.Exists(root) ? Directory.EnumerateDirectories(root).Where(folder => !IsWhole(folder)) : [])
            DirectoryTree.Remove(folder);
    }

    private static bool IsWhole(string folder) => !Path.GetFileName(folder).Contains('.', StringComparison.Ordinal);

    private string Reserve(string name, bool isPrivate)
    {
        var digest = Digest.Compute(System.Text.Encoding.UTF8.GetBytes(name)).Hex[..32];
        lock (_gate)
        {
            // A private one that somebody uses is another one for the next.
            for (var number = 0; ; number++)
            {
                var folder = Path.Combine(root, number == 0 ? digest : $"{digest}-{number}");
                if (isPrivate && _users.GetValueOrDefault(folder) > 0)
                    continue;
                _users[folder] = _users.GetValueOrDefault(folder) + 1;
                return folder;
            }
        }
    }

    private void Make(string folder, string description, StepMount mount, Action<string> fill)
    {
        lock (_gate)
        {
            Note(folder, description);
            if (Directory.Exists(folder))
                return;
            var temporary = folder + ".new";
            if (Directory.Exists(temporary))
                DirectoryTree.Remove(temporary);
            Directory.CreateDirectory(temporary);
            fill(temporary);
            using (var made = FileOpener.Open(temporary, OpenFlags.Directory))
            {
                FileMetadata.TrySetOwner(made, [], mount.UserId, mount.GroupId);
                FileMetadata.TrySetPermissions(made, mount.Mode ?? 0x1ed /* 0755 */);
            }
            Directory.Move(temporary, folder);
        }
    }

    private void Note(string folder, string description)
    {
        Directory.CreateDirectory(root);
        var now = clock.GetUtcNow();
        var known = Directory.Exists(folder) ? Read(folder) : null;
        var document = new CacheMountDocument(description, known?.CreatedAt ?? now, now, (known?.Uses ?? 0) + 1);
        AtomicFile.Write(DocumentOf(folder), JsonSerializer.SerializeToUtf8Bytes(document, CacheJson.Default.CacheMountDocument), sync: false);
    }

    private static CacheMountDocument? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(DocumentOf(folder)), CacheJson.Default.CacheMountDocument);
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            // It is a cache: what is not known of it does no harm.
            return null;
        }
    }

    private static string DocumentOf(string folder) => folder + ".json";

    private void Release(string folder, SemaphoreSlim? exclusive)
    {
        lock (_gate)
        {
            if (--_users[folder] == 0)
                _users.Remove(folder);
        }
        exclusive?.Release();
    }
}

/// <summary>The use of a cache mount, to be given back.</summary>
internal sealed class CacheMountUse(string folder, Action release) : IDisposable
{
    public string Folder => folder;

    public void Dispose() => release();
}
