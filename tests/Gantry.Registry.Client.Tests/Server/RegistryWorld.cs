using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Tests.Server;

/// <summary>A registry, a client and a folder of certificates for one test.</summary>
internal sealed class RegistryWorld : IAsyncDisposable
{
    private readonly List<RegistryClient> _clients = [];
    private readonly List<TestRegistry> _registries = [];

    public RegistryWorld() => Registry = AddRegistry();

    public TestRegistry Registry { get; }

    public InstantTime Time { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("gantry-registry-").FullName;

    public TestRegistry AddRegistry()
    {
        var registry = new TestRegistry();
        _registries.Add(registry);
        return registry;
    }

    public RegistryClient Client(Func<RegistryClientOptions, RegistryClientOptions>? change = null)
    {
        var options = new RegistryClientOptions
        {
            Hosts = new RegistryHostOptions { Folders = [Folder] },
            Proxy = new ProxyOptions(),
            Time = Time,
            StallTimeout = TimeSpan.FromMilliseconds(200),
        };
        var client = new RegistryClient(change is null ? options : change(options));
        _clients.Add(client);
        return client;
    }

    public Task<RegistryRepository> RepositoryAsync(string name = "app", RegistryCredentials? credentials = null,
        RegistryClient? client = null) =>
        (client ?? Client()).RepositoryAsync(ImageReference.Parse($"{Registry.Authority}/{name}"), credentials);

    /// <summary>Writes a file into the folder of a host.</summary>
    public string Write(string host, string file, string text)
    {
        var path = Path.Combine(Folder, host, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        await using var owned = stream;
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var registry in _registries)
            await registry.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
