using System.Net.Sockets;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>
/// An engine of its own for one test class: a daemon with private folders and socket, the test image loaded. At the end its containers are
/// removed and it has to leave nothing behind. With a peer, the daemon that is there already.
/// </summary>
public sealed class Engine : IDisposable
{
    /// <summary>The image of the tests: Debian's busybox.</summary>
    public const string Image = "gantry-e2e:latest";

    private readonly Daemon? _daemon;
    private readonly List<string> _names = [];

    public Engine()
        : this(null)
    {
    }

    /// <summary>An engine whose daemon has these flags, and, with what it starts, these variables in its environment.</summary>
    internal Engine(IReadOnlyDictionary<string, string>? environment, IReadOnlyList<string>? flags = null, string before = "")
    {
        if (TestEnvironment.Peer is null) _daemon = new Daemon(environment, flags, before);
        Host = _daemon?.Host ?? TestEnvironment.Peer!;
        var hostRoot = _daemon is null ? TestEnvironment.PeerRoot : "";
        HostFolder = Directory.CreateTempSubdirectory("gantry-e2e-host-").FullName;
        if (hostRoot.Length > 0) Directory.CreateDirectory(HostFolderAsSeenHere = hostRoot + HostFolder);
        else HostFolderAsSeenHere = HostFolder;
        File.SetUnixFileMode(HostFolderAsSeenHere, (UnixFileMode)0b111_101_101);

        Docker.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
    }

    /// <summary>Where the engine listens.</summary>
    internal string Host { get; }

    /// <summary>A folder of the machine the engine runs on, by the path the engine knows.</summary>
    internal string HostFolder { get; }

    /// <summary>The same folder, by the path that this process knows.</summary>
    internal string HostFolderAsSeenHere { get; }

    /// <summary>The daemon, for tests that harm it.</summary>
    internal Daemon Daemon => _daemon ?? throw new InvalidOperationException("this test is about Gantry's own processes: it cannot run against a peer");

    internal Client Docker => new(TestEnvironment.DockerClient, Host);

    internal Client Client(string name) => name == "docker" ? Docker : new Client(TestEnvironment.Gantry, Host);

    /// <summary>A name for a container that no other test uses; the container is removed at the end.</summary>
    internal string NewName(string stem = "c")
    {
        var name = $"e2e-{stem}-{Guid.NewGuid().ToString("N")[..12]}";
        lock (_names) _names.Add(name);
        return name;
    }

    /// <summary>Starts a container in the background with a command for its shell; gives its name.</summary>
    internal string RunShell(string script, params string[] options)
    {
        var name = NewName();
        Docker.Run(["run", "-d", "--name", name, .. options, Image, "sh", "-c", script]).Succeeded();
        return name;
    }

    /// <summary>A connection to the engine's socket, for what no client sends.</summary>
    internal Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Host["unix://".Length..]));
        return socket;
    }

    public void Dispose()
    {
        string[] names;
        lock (_names) names = [.. _names];
        if (names.Length > 0) Docker.Run(["rm", "-f", .. names]);
        Directory.Delete(HostFolder, recursive: true);
        if (Directory.Exists(HostFolderAsSeenHere)) Directory.Delete(HostFolderAsSeenHere, recursive: true);
        _daemon?.Dispose();
    }
}
