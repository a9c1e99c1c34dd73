using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Client;

/// <summary>How an image is built, as the Engine API's classic <c>POST /build</c> has it.</summary>
public sealed record ClassicBuildOptions
{
    /// <summary>The Dockerfile's path within the context.</summary>
    public string Dockerfile { get; init; } = "";

    /// <summary>The names that the image gets.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Arguments by name.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The stage that is built, or empty for the last.</summary>
    public string Target { get; init; } = "";

    /// <summary>The network of steps, or empty.</summary>
    public string Network { get; init; } = "";

    /// <summary>Whether no step is taken from the cache.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether base images are pulled.</summary>
    public bool Pull { get; init; }

    /// <summary>The platform, or empty.</summary>
    public string Platform { get; init; } = "";

    /// <summary>Images whose steps may be used.</summary>
    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    /// <summary>Names of hosts, <c>name:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Size of <c>/dev/shm</c> in bytes, or 0.</summary>
    public long ShmSize { get; init; }

    /// <summary>Where the daemon fetches the context, or empty.</summary>
    public string Remote { get; init; } = "";
}

public sealed partial class EngineClient
{
    /// <summary>Builds an image.</summary>
    /// <param name="options">How.</param>
    /// <param name="context">The context as tar, or null when the daemon fetches it.</param>
    /// <param name="credentials">The user's for a registry, or null.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> BuildClassicAsync(
        ClassicBuildOptions options, Stream? context, AuthConfig? credentials, CancellationToken cancellation = default)
    {
        var query = new Query("/build").Add("dockerfile", options.Dockerfile).Add("rm", true).Add("target", options.Target).Add("networkmode", options.Network)
            .Add("nocache", options.NoCache).Add("pull", options.Pull ? "1" : null).Add("platform", options.Platform).Add("remote", options.Remote)
            .Add("shmsize", options.ShmSize > 0 ? options.ShmSize : null);
        foreach (var tag in options.Tags)
            query.Add("t", tag);
        if (options.Arguments.Count > 0)
            query.Add("buildargs", Json(options.Arguments));
        if (options.Labels.Count > 0)
            query.Add("labels", Json(options.Labels));
        if (options.CacheFrom.Count > 0)
            query.Add("cachefrom", Json(options.CacheFrom));
        foreach (var host in options.ExtraHosts)
            query.Add("extrahosts", host);
        return MessagesAsync(
            new HttpRequest("POST", query.ToString())
            {
                BodyStream = context,
                ContentType = TarArchive,
                Headers = credentials is null ? [] : [new("X-Registry-Config", Encode(credentials))],
            },
            cancellation);
    }

    private static string Encode(AuthConfig credentials)
    {
        var document =
            $"{{\"{credentials.ServerAddress}\":{Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(credentials, ApiJson.Wire.AuthConfig))}}}";
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(document)).Replace('+', '-').Replace('/', '_');
    }

    private static string Json(IReadOnlyDictionary<string, string> map) => Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (key, value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    });

    private static string Json(IReadOnlyList<string> list) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var value in list)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            write(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
