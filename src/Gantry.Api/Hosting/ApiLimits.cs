using System.Globalization;

namespace Gantry.Api.Hosting;

/// <summary>
/// How much of the daemon one client can take. Requests of well-behaved clients are far below all of them; the streams of a running
/// container (attach, logs, events, wait) have no limit of time, and archives none of size.
/// </summary>
public sealed record ApiLimits
{
    /// <summary>Longest JSON body in bytes: more than any configuration needs.</summary>
    public int JsonBody { get; init; } = 8 << 20;

    /// <summary>Longest request line, and longest sum of all headers, in bytes.</summary>
    public int Headers { get; init; } = 64 << 10;

    /// <summary>How long the headers of a request may take to arrive.</summary>
    public TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be idle between two requests.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a JSON body may take to arrive.</summary>
    public TimeSpan BodyTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client that sends an archive may send nothing while it is waited for.</summary>
    public TimeSpan UploadPause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many archives are received at once; each has a thread and its buffers.</summary>
    public int Uploads { get; init; } = 64;

    /// <summary>
    /// How many bytes all requests together hold: bodies with what they are read into, and answers that are not taken yet. By default a quarter of what
    /// the daemon's heap may grow to, which follows the memory of its cgroup or of the machine.
    /// </summary>
    public long Memory { get; init; } = Math.Clamp(Available() / 4, 16 << 20, 1 << 30);

    /// <summary>How much of a body is taken from a connection before anybody asks for it, in bytes.</summary>
    public int RequestBuffer { get; init; } = MostBuffered;

    /// <summary>
    /// How many connections are open at once. By default half of the files that the daemon may open, since the engine needs the rest, and as many as may
    /// fill their buffers with a quarter of the memory.
    /// </summary>
    public int Connections { get; init; } = MostConnections();

    /// <summary>
    /// How many connections one client has open: a process by its unix socket, a host by its TCP address. By default a quarter of all, and
    /// 2,000 at most.
    /// </summary>
    public int ConnectionsOfClient { get; init; } = Math.Min(2000, MostConnections() / 4);

    private const string OpenFilesLine = "Max open files";
    private const int Unlimited = 1 << 20;

    private const int MostBuffered = 128 << 10, FewestConnections = 256;

    private static int MostConnections() => (int)Math.Min(OpenFiles() / 2, Math.Max(Available() / 4 / MostBuffered, FewestConnections));

    private static long Available() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static int OpenFiles()
    {
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith(OpenFilesLine, StringComparison.Ordinal));
        var soft = line[OpenFilesLine.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, Unlimited) : Unlimited;
    }
}
