using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>
/// Where the sockets of SSH agents are as long as a build has them: a folder for each, which nobody but root comes into. What a daemon has left that was
/// killed goes when the next one begins. Safe for use by several threads.
/// </summary>
public sealed class AgentFolders
{
    private readonly string _root;
    private long _last;

    /// <param name="root">The folder of the folders; short, as the name of a socket has no more than 107 bytes.</param>
    public AgentFolders(string root)
    {
        _root = root;
        DirectoryTree.Remove(root);
    }

    /// <summary>Makes a folder; the caller removes it.</summary>
    public string Create()
    {
        var folder = Path.Combine(_root, $"{Interlocked.Increment(ref _last)}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }
}
