using System.Text;
using System.Text.Json;
using Gantry.Build;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Calls;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Control;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Llb;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Gateway;

/// <summary>
/// Makes results of what clients give: a Dockerfile, by the builder's own compiler, or a graph. Nothing is run here but what must be to know what is to be run.
/// </summary>
/// <param name="builds">The builder.</param>
/// <param name="jobs">Has the results that builds stand on.</param>
/// <param name="clock">The time.</param>
internal sealed class DockerfileFrontend(BuildService builds, JobRegistry jobs, TimeProvider clock)
{
    private const string ConfigKey = "containerimage.config";
    private const string PlatformsKey = "refs.platforms";

    /// <summary>Makes a result of a Dockerfile.</summary>
    /// <param name="frontend">The frontend's name: the built-in one, or an image that means it.</param>
    /// <param name="values">Its attributes.</param>
    /// <param name="inputs">The graphs that its attributes name.</param>
    /// <param name="job">The build it belongs to.</param>
    /// <exception cref="GantryException">It is wrong, or asks for what is not done.</exception>
    public async Task<GatewayResult> SolveAsync(
        string frontend, IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, byte[]> inputs, BuildJob job)
    {
        // 1. What is asked for.
        CheckFrontend(frontend, values);
        var attributes = new FrontendAttributes(values);
        // 2. The Dockerfile, once for all platforms.
        var client = new ClientContexts(job.Session, new SessionCredentials(job.Session, job.Agents), builds, attributes, clock);
        var contexts = new ComposedContexts(client);
        Task<SourceFile>? dockerfile = null;
        var caches = Caches(job, attributes.CacheImports);
        if (attributes.Request.Length > 0)
            return await AskAsync(attributes, job, contexts, client);
        // 3. The graph for each platform.
        var platforms = attributes.Platforms;
        var references = new Dictionary<string, string>();
        var metadata = new Dictionary<string, byte[]>();
        foreach (var platform in platforms.Count > 0 ? platforms : [Platform.Host])
        {
            var options = attributes.Options(platform, job.Request.Entitlements) with
            {
                NamedResults = await InputsAsync(attributes, platform, inputs, contexts, job),
            };
            var build = Open(job, contexts, request => request with
            {
                ReadIgnored = client.ReadIgnoredAsync,
                ReadDockerfile = (step, stop) => dockerfile ??= client.ReadDockerfileAsync(step, stop),
                Options = options,
                AlwaysPull = attributes.AlwaysPull,
                Caches = caches,
                Attestations = attributes.Attestations,
            });
            references[platform.ToString()] = job.Add(build, contexts);
            var compiled = await build.CompileAsync(job.Cancellation);
            metadata[attributes.IsMultiPlatform ? $"{ConfigKey}/{platform}" : ConfigKey] = ImageDocument.Create(compiled.Config).Bytes.ToArray();
        }
        var result = attributes.IsMultiPlatform ? GatewayResult.Of(references) : GatewayResult.Of(references.Values.First());
        foreach (var (key, value) in metadata)
            result.Metadata[key] = value;
        if (attributes.IsMultiPlatform)
            result.Metadata[PlatformsKey] = PlatformList(platforms);
        return result;
    }

    /// <summary>What is asked for is not a build: the answer is what is said of an empty result.</summary>
    private async Task<GatewayResult> AskAsync(FrontendAttributes attributes, BuildJob job, ComposedContexts contexts, ClientContexts client)
    {
        const string prefix = "frontend.";
        if (!attributes.Request.StartsWith(prefix, StringComparison.Ordinal))
            throw new GrpcException(GrpcCode.Unimplemented, $"unsupported request {attributes.Request}");
        var options = attributes.Options(attributes.Platforms.FirstOrDefault(Platform.Host), job.Request.Entitlements);
        using var build = Open(
            job, contexts, request =>
                request with { ReadDockerfile = client.ReadDockerfileAsync, ReadIgnored = client.ReadIgnoredAsync, Options = options,
                    AlwaysPull = attributes.AlwaysPull, Warns = false });
        var answer = await FrontendCall.AskAsync(attributes.Request[prefix.Length..], build, job.Cancellation);
        var result = GatewayResult.Of("");
        result.Metadata["result.json"] = Encoding.UTF8.GetBytes(answer.Json);
        result.Metadata["result.txt"] = Encoding.UTF8.GetBytes(answer.Text);
        result.Metadata["version"] = Encoding.UTF8.GetBytes(CallAnswer.Version);
        if (answer.ExitCode > 0)
            result.Metadata["result.statuscode"] = "1"u8.ToArray();
        return result;
    }

    /// <summary>Makes a result of a graph.</summary>
    /// <exception cref="GantryException">It is malformed, or asks for what is not done.</exception>
    public async Task<GatewayResult> SolveAsync(byte[] definition, BuildJob job)
    {
        var folders = new GraphContexts(job.Session, builds, clock);
        var contexts = new ComposedContexts(folders);
        var build = Open(job, contexts, request => request with { Caches = Caches(job, []) });
        var name = job.Add(build, contexts);
        build.Take(new CompiledImage
        {
            Root = await ReadGraphAsync(definition, folders, contexts, build, job),
            Config = new ImageConfig { Architecture = Platform.Host.Architecture, Os = Platform.Host.Os, Config = new ImageRunConfig() },
            History = [],
            Instructions = new Dictionary<Node, Instruction>(),
            Steps = [],
            BaseHistory = 0,
        });
        return GatewayResult.Of(name);
    }

    /// <summary>The results of other builds, and other graphs, that a Dockerfile may name.</summary>
    private async Task<Dictionary<string, NamedResult>> InputsAsync(
        FrontendAttributes attributes, Platform platform, IReadOnlyDictionary<string, byte[]> inputs, ComposedContexts contexts, BuildJob job)
    {
        var results = new Dictionary<string, NamedResult>();
        foreach (var (name, input) in attributes.InputsFor(platform))
        {
            if (!inputs.TryGetValue(input, out var graph))
                throw GantryException.Invalid($"invalid input {input} for {name}");
            // The folders of the graph are those of this client, by names that no context has.
            var folders = new GraphContexts(job.Session, builds, clock);
            var own = new ComposedContexts(folders);
            using var build = Open(job, own, static request => request);
            var root = await ReadGraphAsync(graph, folders, own, build, job);
            var image = new CompiledImage
            {
                Root = root, Config = new ImageConfig(), History = [], BaseHistory = 0, Steps = [], Instructions = new Dictionary<Node, Instruction>(),
            };
            results[name.ToLowerInvariant()] = new NamedResult(contexts.Take(new SharedResult($"input {input}", image, own)), attributes.ConfigOf(input));
        }
        return results;
    }

    private Task<Node?> ReadGraphAsync(byte[] graph, GraphContexts folders, ComposedContexts contexts, OpenBuild build, BuildJob job) =>
        new GraphReader(graph, folders, build.CreateResolver(), async name => contexts.Take(await jobs.FindResultAsync(name)), job.Request.Entitlements)
            .ReadAsync(job.Cancellation);

    /// <summary>The image that a client's build function asks about.</summary>
    /// <exception cref="GantryException">It cannot be had.</exception>
    public async Task<Images.Image> ResolveAsync(ImageConfigRequest request, BuildJob job)
    {
        using var build = Open(job, new GraphContexts(job.Session, builds, clock), build => build with { AlwaysPull = request.Mode is "pull" or "forcepull" });
        return await build.CreateResolver().ResolveAsync(request.Ref, request.Platform ?? Platform.Host, job.Cancellation);
    }

    private static CacheUse Caches(BuildJob job, IReadOnlyList<Exporter> named) => new()
    {
        Imports = job.Caches.Imports([.. job.Request.CacheImports, .. named]), Inlines = job.Request.CacheExports.Exists(export => export.Type == "inline"),
    };

    private OpenBuild Open(BuildJob job, Build.Contexts.IBuildContexts contexts, Func<BuildRequest, BuildRequest> say) => builds.Open(
        pull => say(new BuildRequest
        {
            Contexts = contexts, Pull = pull, Credentials = new SessionCredentials(job.Session, job.Agents), Progress = static _ => { },
            OpenLayout = layout => new ClientContent(job.Session, $"oci:{layout.Name}", layout.Digest),
        }),
        job.Session.FindCredentialsAsync,
        job.Progress);

    private static void CheckFrontend(string frontend, IReadOnlyDictionary<string, string> values)
    {
        if (frontend == "dockerfile.v0")
            return;
        var image = values.GetValueOrDefault("source", "");
        // What a `syntax` line names is honoured by meaning.
        var isDockerfile = frontend == "gateway.v0" && ImageReference.Parse(image).Name.EndsWith("docker/dockerfile", StringComparison.Ordinal);
        if (!isDockerfile)
            throw GantryException.NotImplemented($"the frontend {(image.Length > 0 ? image : frontend)} is not implemented: only that of Dockerfiles is");
    }

    private static byte[] PlatformList(IReadOnlyList<Platform> platforms)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("Platforms");
            foreach (var platform in platforms)
            {
                writer.WriteStartObject();
                writer.WriteString("ID", platform.ToString());
                writer.WriteStartObject("Platform");
                writer.WriteString("architecture", platform.Architecture);
                writer.WriteString("os", platform.Os);
                if (!string.IsNullOrEmpty(platform.Variant))
                    writer.WriteString("variant", platform.Variant);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return memory.ToArray();
    }
}
