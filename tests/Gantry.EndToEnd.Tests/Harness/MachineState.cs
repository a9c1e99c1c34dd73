namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>What an engine may leave on a machine: mounts, mount namespaces, processes, cgroups, files.</summary>
internal static class MachineState
{
    /// <summary>Processes that name this folder in their command line, or whose root or current folder is below it.</summary>
    public static IReadOnlyList<(int Pid, string CommandLine)> ProcessesThatMention(string folder)
    {
        var found = new List<(int, string)>();
        foreach (var pid in Pids())
        {
            var commandLine = Read($"/proc/{pid}/cmdline").Replace('\0', ' ');
            if (pid != Environment.ProcessId && commandLine.Contains(folder, StringComparison.Ordinal)) found.Add((pid, commandLine));
        }

        return found;
    }

    /// <summary>The parent of a process (field 4 of proc_pid_stat(5)); null: it has ended.</summary>
    public static int? ParentOf(int pid)
    {
        var status = Read($"/proc/{pid}/stat");
        return status.Length == 0 ? null : int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Fails if a process, or a mount in the namespace of any process, still refers to the folder of an engine that has ended.</summary>
    public static void AssertNothingLeft(string folder)
    {
        Eventually.True(() => ProcessesThatMention(folder).Count == 0, () => "processes are left: " + string.Join("; ", ProcessesThatMention(folder)));
        Eventually.True(() => MountsBelow(folder).Count == 0, () => "mounts are left:\n" + string.Join("\n", MountsBelow(folder)));
    }

    /// <summary>Fails if the cgroup of an engine that has ended is left: it carries a digest of the root's path.</summary>
    public static void AssertNoEngineCgroup(string root)
    {
        var name = EngineCgroup(root);
        Eventually.True(() => Cgroups([name]).Count == 0, () => "cgroups are left:\n" + string.Join("\n", Cgroups([name])));
    }

    /// <summary>The name of the cgroup of an engine that is not at the default place.</summary>
    public static string EngineCgroup(string root) =>
        "gy" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(root)))[..6];

    /// <summary>Mounts that refer to a folder, in the mount namespace of any process.</summary>
    public static List<string> MountsBelow(string folder) =>
        [.. Pids().SelectMany(pid => Read($"/proc/{pid}/mountinfo").Split('\n')).Where(line => line.Contains(folder, StringComparison.Ordinal)).Distinct()];

    /// <summary>Fails if something that bears the ID of one of these removed containers is left.</summary>
    public static void AssertContainersGone(IReadOnlyCollection<string> ids, params string[] folders)
    {
        if (ids.Count == 0) return;
        Eventually.True(() => Cgroups(ids).Count == 0, () => "cgroups are left:\n" + string.Join("\n", Cgroups(ids)));
        // Big trees are deleted in the background, after they were renamed into a trash folder.
        Eventually.True(() => FilesNamed(ids, folders).Count == 0, () => "files are left:\n" + string.Join("\n", FilesNamed(ids, folders)));
    }

    private static List<string> Cgroups(IReadOnlyCollection<string> ids) =>
        Directory.Exists("/sys/fs/cgroup")
            ? [.. Command.Run(["find", "/sys/fs/cgroup", "-type", "d"]).Output.Split('\n')
                .Where(path => ids.Any(id => path.Contains(id, StringComparison.Ordinal)))]
            : [];

    private static List<string> FilesNamed(IReadOnlyCollection<string> ids, string[] folders) =>
        [.. Command.Run(["find", .. folders]).Output.Split('\n').Where(path => ids.Any(id => path.Contains(id, StringComparison.Ordinal)))];

    private static IEnumerable<int> Pids() =>
        Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0).Where(pid => pid > 0);

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // The process has ended meanwhile.
        }
    }
}
