using Gantry.Build.Graph;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>The folders of <c>RUN --mount=type=cache</c>: they last from build to build until they are pruned.</summary>
/// <param name="root">The folder they are in.</param>
internal sealed class CacheMounts(string root)
{
    private readonly Dictionary<string, int> _users = [];
    private readonly Dictionary<string, SemaphoreSlim> _locks = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a cache; with <c>locked</c>, when everybody else is done.</summary>
    /// <param name="name">What tells it from others.</param>
    /// <param name="mount">How it is shared, and how it is made.</param>
    /// <param name="fill">Fills it when it is made.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<CacheMountUse> TakeAsync(string name, StepMount mount, Action<string> fill, CancellationToken cancellation)
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
            Make(folder, mount, fill);
            return new CacheMountUse(folder, () => Release(folder, exclusive));
        }
        catch
        {
            Release(folder, exclusive);
            throw;
        }
    }

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

    private void Make(string folder, StepMount mount, Action<string> fill)
    {
        lock (_gate)
        {
            if (Directory.Exists(folder))
            {
                Directory.SetLastAccessTimeUtc(folder, DateTime.UtcNow);
                return;
            }
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
