using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Tests.Create;

public sealed class ContainerProgramTests : IDisposable
{
    private readonly TestContainer _container = new();

    public void Dispose() => _container.Dispose();

    [Fact]
    public void A_process_runs_in_namespaces_of_its_own()
    {
        Assert.Equal("1 box /", _container.Shell("echo $$ $(hostname) $(pwd)"));
        var links = _container.Shell("for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done").Split('\n');
        foreach (var link in links)
            Assert.NotEqual(File.ResolveLinkTarget($"/proc/self/ns/{link.Split(':')[0]}", false)?.Name, link);
        Assert.Equal(6, links.Distinct().Count());
    }

    [Fact]
    public void The_exit_code_is_the_processes() => Assert.Equal(42, _container.Run(_container.Spec("sh", "-c", "exit 42")).Code);

    [Fact]
    public void Devices_and_links_are_as_the_specification_has_them()
    {
        var listing = _container.Shell(
            "cd /dev; for f in null zero full random urandom tty; do stat -c '%n %F %a %t:%T' $f; done; for l in fd stdin ptmx; do readlink $l; done");
        Assert.Contains("null character special file 666 1:3", listing, StringComparison.Ordinal);
        Assert.Contains("tty character special file 666 5:0", listing, StringComparison.Ordinal);
        Assert.EndsWith("/proc/self/fd\n/proc/self/fd/0\npts/ptmx", listing, StringComparison.Ordinal);
    }

    [Fact]
    public void Masked_and_read_only_paths_cannot_be_used()
    {
        Assert.Equal("", _container.Shell("cat /proc/timer_list; cat /proc/keys; ls /sys/firmware"));
        Assert.Contains("Read-only file system", _container.Shell("echo 1 > /proc/sys/kernel/domainname"), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", _container.Shell("touch /sys/firmware/x"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_the_host_is_mounted()
    {
        var mounts = _container.Shell("cat /proc/self/mountinfo").Split('\n').Select(line => line.Split(' ')[4]).ToList();
        Assert.Equal("/", mounts[0]);
        Assert.All(mounts.Skip(1), mount => Assert.Matches("^/(proc|dev|sys)(/|$)", mount));
    }

    [Fact]
    public void The_loopback_interface_is_up() =>
        Assert.Contains("LOOPBACK,UP", _container.Shell("ip link show lo"), StringComparison.Ordinal);

    [Fact]
    public void A_user_has_its_ids_its_home_and_no_capabilities()
    {
        var output = _container.Shell(
            "id -u; id -g; id -G; echo $HOME; grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status; touch /x",
            spec => spec with { Process = spec.Process! with { User = new ProcessUser { Uid = 1000, Gid = 1001, AdditionalGids = [5, 6] } } });
        Assert.StartsWith("1000\n1001\n1001 5 6\n/home/user\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n", output,
            StringComparison.Ordinal);
        Assert.EndsWith("Permission denied", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ambient_capabilities_reach_a_user()
    {
        string[] one = ["CAP_NET_BIND_SERVICE"];
        var output = _container.Shell("grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)|NoNew' /proc/self/status", spec => spec with
        {
            Process = spec.Process! with
            {
                User = new ProcessUser { Uid = 1000 },
                Capabilities = new CapabilitySets { Bounding = one, Permitted = one, Effective = one, Inheritable = one, Ambient = one },
            },
        });
        Assert.Equal(5, output.Split('\n').Count(line => line.EndsWith("0000000000000400", StringComparison.Ordinal)));
        Assert.EndsWith("NoNewPrivs:\t1", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_filter_of_system_calls_is_in_force(bool noNewPrivileges)
    {
        var output = _container.Shell("grep -E '^Seccomp:' /proc/self/status; chmod 700 /tmp", spec => spec with
        {
            Process = spec.Process! with { NoNewPrivileges = noNewPrivileges },
            Linux = spec.Linux! with
            {
                Seccomp = new LinuxSeccomp
                {
                    DefaultAction = "SCMP_ACT_ALLOW",
                    Architectures = ["SCMP_ARCH_X86_64"],
                    Syscalls = [new SeccompRule { Names = ["chmod", "fchmodat"], Action = "SCMP_ACT_ERRNO", ErrnoRet = 1 }],
                },
            },
        });
        Assert.Equal("Seccomp:\t2\nchmod: /tmp: Operation not permitted", output);
    }

    [Fact]
    public void Bind_mounts_keep_their_options()
    {
        var source = Directory.CreateDirectory(Path.Combine(_container.Folder, "source")).FullName;
        File.WriteAllText(Path.Combine(source, "file"), "hello");
        RuntimeSpec Change(RuntimeSpec spec) => spec with
        {
            Mounts =
            [
                .. spec.Mounts!,
                new MountSpec { Destination = "/data", Type = "bind", Source = source, Options = ["rbind", "ro", "noexec", "rprivate"] },
                new MountSpec { Destination = "/new/deep/file", Type = "bind", Source = source + "/file", Options = ["bind"] },
            ],
        };
        Assert.Equal("hellohello", _container.Shell("cat /data/file /new/deep/file", Change));
        Assert.Contains("Read-only file system", _container.Shell("touch /data/x", Change), StringComparison.Ordinal);
        _container.Shell("echo changed > /new/deep/file", Change);
        Assert.Equal("changed\n", File.ReadAllText(Path.Combine(source, "file")));
        Assert.Contains("ro,noexec", _container.Shell("grep ' /data ' /proc/self/mountinfo", Change), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_root_refuses_writes() =>
        Assert.Contains("Read-only file system", _container.Shell("touch /x", spec => spec with { Root = spec.Root! with { Readonly = true } }),
            StringComparison.Ordinal);

    [Fact]
    public void Limits_scores_and_parameters_are_set()
    {
        var output = _container.Shell("ulimit -n; cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward; umask", spec => spec with
        {
            Process = spec.Process! with { Rlimits = [new("RLIMIT_NOFILE", 100, 200)], OomScoreAdj = 500, User = new ProcessUser { Umask = 7 } },
            Linux = spec.Linux! with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" } },
        });
        Assert.Equal("100\n500\n1\n0007", output);
    }

    [Fact]
    public void The_working_directory_is_made() =>
        Assert.Equal("/not/there", _container.Shell("pwd", spec => spec with { Process = spec.Process! with { Cwd = "/not/there" } }));

    [Fact]
    public void A_missing_file_and_one_without_permission_are_told_apart()
    {
        File.WriteAllText(Path.Combine(_container.Root, "plain"), "");
        var missing = Assert.Throws<OsException>(() => _container.Run(_container.Spec("nothing")));
        Assert.Equal("exec nothing: ENOENT (no such file or directory)", missing.Message);
        Assert.Equal(Errno.EACCES, Assert.Throws<OsException>(() => _container.Run(_container.Spec("/plain"))).Errno);
        Assert.Equal(Errno.ENOENT, Assert.Throws<OsException>(() => _container.Run(_container.Spec("/missing"))).Errno);
    }

    [Fact]
    public void A_failing_stage_is_named()
    {
        var spec = _container.Spec("true");
        spec = spec with { Mounts = [.. spec.Mounts!, new MountSpec { Destination = "/x", Type = "nosuchfs", Source = "x" }] };
        Assert.Equal("mount nosuchfs at /x: ENODEV (no such device)", Assert.Throws<OsException>(() => _container.Run(spec)).Message);
    }

    [Fact]
    public void What_is_not_supported_is_refused()
    {
        var spec = _container.Spec("true");
        var error = Assert.Throws<GantryException>(() =>
            _container.Run(spec with { Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces!, new("user")] } }));
        Assert.Equal(ErrorKind.NotImplemented, error.Kind);
    }
}
