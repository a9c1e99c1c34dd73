using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

/// <summary>
/// A folder of plain files in place of a version 2 tree, for controllers which the machine does not have there. A new group finds the
/// files of its controllers because the test puts them there beforehand.
/// </summary>
internal sealed class FakeCgroupTree : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-cgroup-").FullName;

    internal FakeCgroupTree(string controllers)
    {
        Write("/cgroup.controllers", controllers + "\n");
        Write("/cgroup.subtree_control", "\n");
        Host = CgroupHost.FromMounts($"31 23 0:28 / {_root} rw,relatime - cgroup2 cgroup2 rw\n");
    }

    internal CgroupHost Host { get; }

    internal string Read(string path) => File.ReadAllText(_root + path);

    internal void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, content);
    }

    /// <summary>A group with empty files of these names.</summary>
    internal Cgroup Group(params string[] files)
    {
        foreach (var file in files.Prepend("cgroup.procs"))
            Write("/a/b/" + file, "");
        return Host.Open("/a/b");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
