namespace Gantry.Os.Tests.Processes;

/// <summary>A folder that is deleted when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("gantry-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
