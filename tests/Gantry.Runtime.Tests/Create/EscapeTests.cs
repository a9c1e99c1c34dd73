using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Tests.Create;

/// <summary>Escapes from other runtimes, tried on this one.</summary>
public sealed class EscapeTests : IDisposable
{
    private readonly TestContainer _container = new();

    public void Dispose() => _container.Dispose();

    /// <summary>CVE-2024-21626: the working directory through a descriptor of the host.</summary>
    [Theory]
    [InlineData("/proc/self/fd/3")]
    [InlineData("/proc/self/fd/7")]
    [InlineData("/proc/1/root")]
    [InlineData("/link")]
    public void The_working_directory_is_no_magic_link(string directory)
    {
        File.CreateSymbolicLink(Path.Combine(_container.Root, "link"), "/proc/self/fd/5");
        var spec = _container.Spec("pwd");
        var error = Assert.Throws<OsException>(() => _container.Run(spec with { Process = spec.Process! with { Cwd = directory } }));
        Assert.Contains("working directory", error.Message, StringComparison.Ordinal);
    }

    /// <summary>CVE-2019-16884, CVE-2021-30465: the target of a mount is a link to the host.</summary>
    [Fact]
    public void Targets_of_mounts_stay_inside()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_container.Folder, "outside")).FullName;
        File.CreateSymbolicLink(Path.Combine(_container.Root, "absolute"), outside);
        File.CreateSymbolicLink(Path.Combine(_container.Root, "relative"), "../../../../../../../../" + outside);
        foreach (var destination in new[] { "/absolute/x", "/relative/x" })
        {
            try
            {
                _container.Shell("true", spec =>
                    spec with { Mounts = [.. spec.Mounts!, new MountSpec { Destination = destination, Type = "tmpfs", Source = "tmpfs" }] });
            }
            catch (OsException)
            {
                // Refused: as good as made inside.
            }
            Assert.Empty(Directory.GetFileSystemEntries(outside));
        }
    }

    /// <summary>CVE-2019-19921, CVE-2023-27561: /proc is a link, so that what is masked is elsewhere.</summary>
    [Fact]
    public void A_link_at_proc_is_refused()
    {
        Directory.Delete(Path.Combine(_container.Root, "proc"));
        Directory.CreateDirectory(Path.Combine(_container.Root, "evil"));
        File.CreateSymbolicLink(Path.Combine(_container.Root, "proc"), "/evil");
        Assert.Equal(Errno.ELOOP, Assert.Throws<OsException>(() => _container.Run(_container.Spec("true"))).Errno);
    }

    /// <summary>CVE-2019-16884: a volume over /proc makes the runtime write its settings elsewhere.</summary>
    [Theory]
    [InlineData("/proc/self/attr")]
    [InlineData("/proc/sys")]
    [InlineData("/hidden/sys")]
    public void Mounts_inside_proc_are_refused(string destination)
    {
        File.CreateSymbolicLink(Path.Combine(_container.Root, "hidden"), "/proc");
        var source = Directory.CreateDirectory(Path.Combine(_container.Folder, "source")).FullName;
        var spec = _container.Spec("true");
        spec = spec with { Mounts = [.. spec.Mounts!, new MountSpec { Destination = destination, Type = "bind", Source = source, Options = ["bind"] }] };
        Assert.Equal(Errno.EPERM, Assert.Throws<OsException>(() => _container.Run(spec)).Errno);
    }

    /// <summary>CVE-2025-31133: /dev/null is a link, so that masking binds what it points to.</summary>
    [Fact]
    public void A_false_dev_null_is_refused()
    {
        var spec = _container.Spec("true");
        Directory.CreateDirectory(Path.Combine(_container.Root, "dev"));
        File.CreateSymbolicLink(Path.Combine(_container.Root, "dev/null"), "/proc/sys/kernel/core_pattern");
        spec = spec with { Mounts = [.. spec.Mounts!.Where(mount => !mount.Destination.StartsWith("/dev", StringComparison.Ordinal))] };
        Assert.Equal(Errno.ELOOP, Assert.Throws<OsException>(() => _container.Run(spec)).Errno);
    }

    /// <summary>CVE-2016-9962 and others: nothing that the runtime has open is passed on.</summary>
    [Fact]
    public void No_descriptor_leaks() => Assert.Equal("0\n1\n2\n3", _container.Shell("ls /proc/self/fd"));
}
