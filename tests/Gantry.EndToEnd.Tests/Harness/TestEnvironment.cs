namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>
/// What the tests run against: the published binaries, or, when <c>GANTRY_TEST_PEER</c> holds the address of a Docker daemon, that daemon.
/// The same expectations hold for both: running them against the peer shows that they are docker's own behaviour.
/// </summary>
internal static class TestEnvironment
{
    /// <summary>The folder of the checked-out sources.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published binary; <c>GANTRY_TEST_BINARIES</c> names another folder.</summary>
    public static string Gantry { get; } = Path.Combine(Binaries, "gantry");

    /// <summary>The published OCI runtime.</summary>
    public static string GantryRuntime { get; } = Path.Combine(Binaries, "gantry-runtime");

    /// <summary>The stock docker client, as <c>eng/docker-client</c> finds it.</summary>
    public static string DockerClient { get; } = FindDockerClient();

    /// <summary>The stock docker-buildx, if there is one: that which <c>GANTRY_TEST_BUILDX</c> names, else docker's plugin.</summary>
    public static string? Buildx { get; } = FindBuildx();

    /// <summary>The address of the Docker daemon to test instead of Gantry, if any.</summary>
    public static string? Peer { get; } = NullIfEmpty(Environment.GetEnvironmentVariable("GANTRY_TEST_PEER"));

    /// <summary>Where the peer's root folder is, if it does not see this machine's: a host folder of a test is made below it.</summary>
    public static string PeerRoot { get; } = Environment.GetEnvironmentVariable("GANTRY_TEST_PEER_ROOT") ?? "";

    /// <summary>The command of the OCI runtime to test instead of gantry-runtime, if any, e.g. <c>runc</c>; its words are separated by spaces.</summary>
    public static string[]? PeerRuntime { get; } = NullIfEmpty(Environment.GetEnvironmentVariable("GANTRY_TEST_PEER_RUNTIME"))?.Split(' ');

    /// <summary>The image archive of the tests, as <c>eng/test</c> makes it.</summary>
    public static string ImageArchive { get; } = Path.Combine(Root, "out", "images", "e2e.tar");

    /// <summary>The image archive with Debian's network programs, as <c>eng/network-image</c> makes it.</summary>
    public static string NetworkArchive { get; } = Path.Combine(Root, "out", "images", "network.tar");

    private static string Binaries => NullIfEmpty(Environment.GetEnvironmentVariable("GANTRY_TEST_BINARIES")) ?? Path.Combine(Root, "out", "bin");

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string FindDockerClient()
    {
        var found = Command.Run([Path.Combine(Root, "eng", "docker-client")]);
        return found.ExitCode == 0 ? found.Output.Trim() : throw new InvalidOperationException(found.Error);
    }

    private static string? FindBuildx() => NullIfEmpty(Environment.GetEnvironmentVariable("GANTRY_TEST_BUILDX"))
        ?? ((string[])["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins", "/usr/local/lib/docker/cli-plugins"])
            .Select(folder => Path.Combine(folder, "docker-buildx")).FirstOrDefault(File.Exists);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gantry.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run below the checked-out sources");
        return folder;
    }
}
