using Gantry.Os.Files;

namespace Gantry.Networking.Tests;

public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gantry-networks-").FullName;

    public void Dispose() => DirectoryTree.Remove(Path);
}
