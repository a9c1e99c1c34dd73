namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>A cgroup with little memory, of version 1 or 2, whichever the machine has.</summary>
internal sealed class MemoryCgroup : IDisposable
{
    private readonly string _folder;

    public MemoryCgroup(long bytes)
    {
        var isOld = Directory.Exists("/sys/fs/cgroup/memory");
        _folder = $"/sys/fs/cgroup/{(isOld ? "memory/" : "")}gantry-e2e-{Guid.NewGuid().ToString("N")[..8]}";
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, isOld ? "memory.limit_in_bytes" : "memory.max"), $"{bytes}");
    }

    /// <summary>Shell commands that bring the shell into it.</summary>
    public string Enter => $"echo $$ >{_folder}/cgroup.procs; ";

    /// <summary>How often the kernel ended a process for want of memory.</summary>
    public int Kills => Read("memory.oom_control", "oom_kill ") + Read("memory.events", "oom_kill ");

    public void Dispose()
    {
        // What is left in it goes back to where it came from: a keeper may take a moment to end.
        for (var attempt = 0; attempt < 200 && Directory.Exists(_folder); attempt++)
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (IOException)
            {
                Thread.Sleep(100);
            }
        }
    }

    private int Read(string file, string key) => File.Exists(Path.Combine(_folder, file))
        ? File.ReadLines(Path.Combine(_folder, file)).Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(line => int.Parse(line[key.Length..], System.Globalization.CultureInfo.InvariantCulture)).Sum()
        : 0;
}
