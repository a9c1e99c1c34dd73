using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Build;
using Gantry.Build.Attestations;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Exporters;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Build;

/// <summary>Makes the builder's request of the wire's.</summary>
internal static class BuildOrders
{
    /// <exception cref="GantryException">Something in it is malformed, or not done.</exception>
    public static BuildRequest Of(
        BuildSessionRequest request, SessionContexts contexts, PullImage pull, Action<BuildStatus> progress, Func<int, Stream> open,
        string? platform = null)
    {
        var outputs = Outputs(request);
        return new BuildRequest
        {
            Dockerfile = new SourceFile(request.DockerfileName, request.Dockerfile),
            ReadIgnored = (_, _) => Task.FromResult(request.Ignored),
            KeepsFailed = request.KeepsFailed,
            Contexts = contexts,
            Options = Options(request, contexts, platform ?? request.Platform),
            Names = Names(request),
            AlwaysPull = request.Pull,
            Pull = pull,
            Credentials = Credentials(request),
            Progress = progress,
            Warns = request.Call.Length == 0,
            StoresImage = outputs.Any(output => output.Type is "image" or "registry"),
            Outputs = [.. outputs.Select((output, number) => (output, number)).Where(pair => pair.output.Type is not ("image" or "registry" or "cacheonly"))
                .Select(pair => new BuildOutput(Kind(pair.output.Type), open(pair.number)) { Form = Form(pair.output), Files = Files(pair.output) })],
            Form = ImageForm(request),
            Attestations = AttestationRequest.Parse(request.Attestations ?? new Dictionary<string, string>()),
        };
    }

    /// <summary>What the client lends.</summary>
    public static IBuildCredentials Credentials(BuildSessionRequest request) => new LentCredentials(request);

    /// <summary>What becomes of the result.</summary>
    public static IReadOnlyList<BuildSessionOutput> Outputs(BuildSessionRequest request) =>
        request.Outputs is { Count: > 0 } given ? given : [new BuildSessionOutput { Type = "image" }];

    /// <summary>In which form an output is.</summary>
    /// <exception cref="GantryException">An attribute is malformed, or asks for what is not done.</exception>
    public static ImageExportOptions Form(BuildSessionOutput output) => ImageExportOptions.Parse(output.Attributes ?? new Dictionary<string, string>());

    /// <summary>In which form the files of an output are.</summary>
    /// <exception cref="GantryException">An attribute is malformed.</exception>
    public static FilesExportOptions Files(BuildSessionOutput output) => FilesExportOptions.Parse(output.Attributes ?? new Dictionary<string, string>());

    /// <summary>
    /// In which form the image of the store is. An index names manifests by digests: its layers are compressed before it is made, not when it is pushed.
    /// </summary>
    /// <exception cref="GantryException">An attribute is malformed, or asks for what is not done.</exception>
    public static ImageExportOptions ImageForm(BuildSessionRequest request)
    {
        var image = Outputs(request).FirstOrDefault(output => output.Type is "image" or "registry");
        if (image is null)
            return ImageExportOptions.Plain;
        var form = Form(image);
        var isIndex = request.Platform.Contains(',', StringComparison.Ordinal) || request.Attestations is { Count: > 0 };
        return isIndex && form.Layers is null && Pushing(request).Any() ? form with { Layers = LayerForm.Gzip } : form;
    }

    /// <summary>All names that the image gets.</summary>
    /// <exception cref="GantryException">One is malformed.</exception>
    public static IReadOnlyList<ImageReference> Names(BuildSessionRequest request) =>
        [.. (request.Tags ?? []).Concat(Outputs(request).Where(output => !Form(output).PushesByDigest).SelectMany(NamesOf)).Distinct()
            .Select(ClassicBuildQuery.Name)];

    /// <summary>The names under which the image is pushed.</summary>
    /// <exception cref="GantryException">There is none, or one is malformed.</exception>
    public static IReadOnlyList<ImageReference> Pushed(BuildSessionRequest request)
    {
        var pushing = Pushing(request).Where(output => !Form(output).PushesByDigest).ToList();
        if (pushing.Count == 0)
            return [];
        var names = pushing.SelectMany(output => NamesOf(output).ToList() is { Count: > 0 } own ? own : request.Tags ?? []).Distinct().ToList();
        return names.Count > 0 ? [.. names.Select(ClassicBuildQuery.Name)] : throw GantryException.Invalid("tag is needed when pushing to registry");
    }

    /// <summary>The repositories to which the image is pushed without a tag.</summary>
    /// <exception cref="GantryException">There is none, or one is malformed.</exception>
    public static IReadOnlyList<ImageReference> PushedByDigest(BuildSessionRequest request) =>
        [.. Pushing(request).Where(output => Form(output).PushesByDigest).SelectMany(output => NamesOf(output).ToList() is { Count: > 0 } names ? names
            : throw GantryException.Invalid("push-by-digest needs the name of a repository: name=REPOSITORY")).Distinct().Select(ImageReference.Parse)];

    private static IEnumerable<BuildSessionOutput> Pushing(BuildSessionRequest request) =>
        Outputs(request).Where(output => output.Type == "registry" || QueryValue.IsTrue(output.Attributes?.GetValueOrDefault("push") ?? ""));

    private static IEnumerable<string> NamesOf(BuildSessionOutput output) =>
        (output.Attributes?.GetValueOrDefault("name") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static BuildOutputKind Kind(string type) => type switch
    {
        "local" or "tar" => BuildOutputKind.Files,
        "oci" or "docker" => BuildOutputKind.ImageArchive,
        _ => throw GantryException.NotImplemented(
            $"output {type} is not implemented in this version of Gantry: image, registry, local, tar, oci, docker or cacheonly"),
    };

    private static FrontendOptions Options(BuildSessionRequest request, SessionContexts contexts, string platform)
    {
        var named = new Dictionary<string, string>();
        foreach (var (name, reference) in request.NamedImages ?? new Dictionary<string, string>())
            named[name.ToLowerInvariant()] = reference;
        foreach (var name in contexts.Further)
            named[name.ToLowerInvariant()] = "local:" + name;
        return new FrontendOptions
        {
            Target = request.Target,
            Arguments = request.Arguments ?? new Dictionary<string, string>(),
            Labels = request.Labels ?? new Dictionary<string, string>(),
            Platform = platform.Length > 0 ? Platform.Parse(platform) : Platform.Host,
            NoCache = request.NoCache,
            NoCacheFilter = request.NoCacheFilter ?? [],
            Network = Network(request.Network),
            ExtraHosts = request.ExtraHosts ?? [],
            Ulimits = request.Ulimits ?? [],
            ShmSize = request.ShmSize,
            CgroupParent = request.CgroupParent,
            AllowInsecure = request.AllowInsecure,
            NamedContexts = named,
            Resources = Resources(request.Resources ?? new ContainerResources()),
        };
    }

    private static StepNetwork Network(string mode) => ClassicBuildQuery.Network(mode) is var network and not StepNetwork.Named ? network
        : throw GantryException.NotImplemented($"network mode \"{mode}\" not supported by the builder: default, none or host");

    private static StepResources Resources(ContainerResources resources) => new()
    {
        Memory = resources.Memory, MemorySwap = resources.MemorySwap, CpuShares = resources.CpuShares, CpuPeriod = resources.CpuPeriod,
        CpuQuota = resources.CpuQuota, CpusetCpus = resources.CpusetCpus, CpusetMems = resources.CpusetMems,
    };

    private sealed class LentCredentials(BuildSessionRequest request) : IBuildCredentials
    {
        public ValueTask<ReadOnlyMemory<byte>?> FindSecretAsync(string id, CancellationToken cancellation) => ValueTask.FromResult(
            request.Secrets is not null && request.Secrets.TryGetValue(id, out var secret) ? secret : (ReadOnlyMemory<byte>?)null);

        public ValueTask<string?> FindAgentAsync(string id, CancellationToken cancellation) => ValueTask.FromResult(request.Agents?.GetValueOrDefault(id));
    }
}
