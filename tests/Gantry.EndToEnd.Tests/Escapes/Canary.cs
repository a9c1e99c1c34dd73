using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>
/// Files of the host that no container was given, and settings of its kernel: whoever reads the secret, or changes anything, got out.
/// </summary>
internal sealed class Canary : IDisposable
{
    private static readonly string[] s_settings = [
        "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/domainname", "/proc/sys/vm/overcommit_memory"];

    private readonly string _before;

    public Canary()
    {
        Directory.CreateDirectory(Folder + "/sub");
        System.IO.File.WriteAllText(File, Secret + "\n");
        System.IO.File.WriteAllText(Folder + "/passwd", "hostuser:x:4242:4242::/:/bin/sh\n");
        System.IO.File.WriteAllText(Folder + "/sub/file", "x");
        // A program that tells that it came from the host.
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' | tar -xO ./bin/[ >{Program}; chmod 755 {Program}");
        _before = Fingerprint();
    }

    /// <summary>The folder on the host; the path has no meaning in a container.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("gantry-e2e-canary-").FullName;

    public string File => Folder + "/secret";

    /// <summary>busybox, by a name that it does not have in the image.</summary>
    public string Program => Folder + "/busybox";

    /// <summary>What only somebody who got out can read.</summary>
    public string Secret { get; } = "secret-" + Guid.NewGuid().ToString("N");

    /// <summary>Fails if the secret was read, or the host's files or settings are not what they were.</summary>
    public void AssertSafe(params IEnumerable<CommandResult> results)
    {
        Assert.All(results, result => Assert.DoesNotContain(Secret, result.Output + result.Error, StringComparison.Ordinal));
        Assert.Equal(_before, Fingerprint());
        Assert.DoesNotContain(Folder, System.IO.File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Fingerprint() =>
        Command.Shell($"cd {Folder} && find . -printf '%p %y %m %U %G %s %T@ %C@ %l\\n' | sort && find . -type f -exec sha256sum {{}} + | sort")
        + string.Concat(s_settings.Where(System.IO.File.Exists).Select(System.IO.File.ReadAllText));
}
