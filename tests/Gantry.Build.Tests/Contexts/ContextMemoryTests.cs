using Gantry.Build.Contexts;
using Gantry.Oci.Images;

namespace Gantry.Build.Tests.Contexts;

public sealed class ContextMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-memory-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Builds_of_one_folder_at_the_same_time_do_not_disturb_each_other()
    {
        var memory = new ContextMemory(_folder);
        var content = Digest.Compute("content"u8);
        Parallel.For(0, 200, number => memory.Save("key", [($"file-{number % 3}", new FileIdentity(1, number, 0, 0), content)]));
        Assert.Equal(content, Assert.Single(memory.Load("key")).Value.Content);
        Assert.Single(Directory.EnumerateFiles(_folder));
    }
}
