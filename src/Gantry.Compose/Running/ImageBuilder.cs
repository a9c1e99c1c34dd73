using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Client.Streams;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;
using Gantry.Oci.Values;

namespace Gantry.Compose.Running;

/// <summary>Has the daemon build the images of services by the classic build of the Engine API, as other daemons than Gantry offer it.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="output">Where the steps of the build are told.</param>
/// <param name="credentials">Finds the user's credentials.</param>
public sealed class ImageBuilder(EngineAccess engine, Project project, TextWriter output, FindCredentials credentials)
{
    /// <summary>Whether no step is taken from the cache.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether base images are pulled.</summary>
    public bool Pull { get; init; }

    /// <summary>Further arguments of the build, by name.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Builds the image of a service.</summary>
    /// <exception cref="ComposeException">It cannot be built.</exception>
    public async Task BuildAsync(Service service)
    {
        var build = service.Map("build")!;
        Refuse(service, build);
        try
        {
            using var context = BuildContext.Open(build);
            using var messages = await engine.Client.BuildClassicAsync(
                Options(service, context.Dockerfile), context.Archive, await CredentialsAsync(service).ConfigureAwait(false)).ConfigureAwait(false);
            while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
            {
                if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
                    throw new ComposeException($"failed to build {service.Name}: {failure}");
                if (message.Stream is { Length: > 0 } text)
                    output.Write(text);
            }
            output.Flush();
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            throw error is ClientException ? new ComposeException($"failed to build {service.Name}: Error response from daemon: {error.Message}") : error;
        }
    }

    // What the classic build of the Engine API cannot express is refused, not left out.
    private static void Refuse(Service service, MapValue build)
    {
        foreach (var key in (string[])["additional_contexts", "ssh", "secrets", "entitlements", "cache_to", "provenance", "sbom", "privileged",
            "no_cache_filter"])
            if (build[key] is { } value && !(value is ScalarValue { Kind: ScalarKind.Boolean, IsTrue: false } || value.ToString() is "false" or ""))
                throw new ComposeException($"{service.WhereOf("build")}services.{service.Name}.build.{key}: not supported yet");
    }

    private ClassicBuildOptions Options(Service service, string dockerfile)
    {
        var section = new BuildSection(project, service);
        var build = section.Definition;
        return new ClassicBuildOptions
        {
            Dockerfile = dockerfile,
            Tags = section.Tags,
            Arguments = section.Arguments(Arguments),
            Labels = section.ImageLabels(),
            Target = build.Text("target"),
            Network = build.Text("network"),
            NoCache = NoCache || build.Flag("no_cache"),
            Pull = Pull || build.Flag("pull"),
            Platform = build.Texts("platforms").FirstOrDefault() ?? service.Text("platform"),
            CacheFrom = build.Texts("cache_from"),
            ExtraHosts = section.Hosts(),
            ShmSize = build.Number("shm_size"),
            Remote = GitReference.IsRemoteContext(build.Text("context")) ? build.Text("context") : "",
        };
    }

    private async Task<AuthConfig?> CredentialsAsync(Service service) =>
        Oci.Images.ImageReference.TryParse(service.Image, out var reference) ? await credentials(reference).ConfigureAwait(false) : null;
}
