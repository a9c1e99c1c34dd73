using System.Globalization;
using System.Text;
using Gantry.Build.Cache;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Exporters;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build;

/// <summary>Builds images of Dockerfiles. One serves all builds of an engine.</summary>
public sealed class ImageBuilder
{
    private const int MostDockerfileBytes = 8 << 20;
    private readonly BuildSolver _solver;
    private readonly ImageStore _images;
    private readonly ContentStore _content;
    private readonly ImageExporter _exporter;
    private readonly TimeProvider _clock;
    private readonly RemoteSources _remotes;
    private readonly FilesExporter _files;

    /// <param name="solver">Solves the graphs.</param>
    /// <param name="images">Where base images come from and images go.</param>
    /// <param name="content">Where archives of layers are.</param>
    /// <param name="workshop">Makes layers.</param>
    /// <param name="clock">The time.</param>
    public ImageBuilder(BuildSolver solver, ImageStore images, ContentStore content, LayerWorkshop workshop, TimeProvider clock)
    {
        (_solver, _images, _content, _clock) = (solver, images, content, clock);
        _exporter = new ImageExporter(images, workshop, clock);
        _remotes = new RemoteSources(solver.Files);
        _files = new FilesExporter(workshop, solver.Unpacker);
    }

    /// <summary>Where the content of contexts goes.</summary>
    public FileStore Files => _solver.Files;

    /// <summary>The records of what was built.</summary>
    public BuildCache Cache => _solver.Cache;

    /// <summary>Builds.</summary>
    /// <exception cref="DockerfileException">The Dockerfile is wrong, or one of its steps failed; the error has the lines.</exception>
    /// <exception cref="GantryException">Something else cannot be had.</exception>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancellation)
    {
        using var lease = _content.Lease();
        var progress = new BuildProgress(_clock, request.Progress);
        // 1. The Dockerfile.
        var document = ReadDockerfile(request, progress);
        // 2. The graph of what its target needs.
        var resolver = new ImageResolution(_images, request, progress);
        var epoch = Epoch(request.Options);
        var compiled = await DockerfileCompiler.CompileAsync(document, request.Options, resolver, cancellation);
        request.Compiled?.Invoke(compiled);
        // 3. What is not known of it is run.
        var run = _solver.Begin(new SolveSession
        {
            Sources = new SessionSources(_images, request.Contexts, _remotes),
            Credentials = request.Credentials,
            Progress = progress,
            Lease = lease,
            Newest = epoch is { } time ? new FileTime(time.ToUnixTimeSeconds(), 0) : null,
            CacheNamespace = request.Options.Arguments.GetValueOrDefault("BUILDKIT_CACHE_MOUNT_NS", ""),
            InstructionOf = node => compiled.Instructions.GetValueOrDefault(node)?.Text,
        });
        var result = await SolveAsync(run, compiled, document, cancellation);
        // 4. What becomes of it.
        var image = request.StoresImage ? Export(request, compiled, result, epoch, lease, progress) : null;
        foreach (var output in request.Outputs)
            await WriteAsync(output, image ?? _exporter.Compose(compiled, result, epoch, lease), result, request, progress, cancellation);
        return new BuildOutcome(image, result);
    }

    private async Task WriteAsync(
        BuildOutput output, Image image, LayerResult result, BuildRequest request, BuildProgress progress, CancellationToken cancellation)
    {
        var step = progress.Begin(output.Kind == BuildOutputKind.Files ? "exporting to client files" : "exporting to an image archive");
        try
        {
            if (output.Kind == BuildOutputKind.Files)
                await _files.WriteAsync(result, output.Target, cancellation);
            else
                await new ImageSaver(_images).SaveAsync(image, request.Names, output.Target, cancellation);
            step.Complete();
        }
        catch (Exception error)
        {
            step.Fail(error.Message);
            throw;
        }
    }

    private static async Task<LayerResult> SolveAsync(SolveRun run, CompiledImage compiled, DockerfileDocument document, CancellationToken cancellation)
    {
        try
        {
            return await run.SolveAsync(compiled.Root, cancellation);
        }
        catch (NodeFailedException error) when (error.Node.Label.Range is { } range)
        {
            throw DockerfileException.At(range, $"failed to solve: {error.Message}", error.InnerException ?? error).In(document.File);
        }
    }

    private Image Export(
        BuildRequest request, CompiledImage compiled, LayerResult result, DateTimeOffset? epoch, ContentLease lease, BuildProgress progress)
    {
        var step = progress.Begin("exporting to image");
        try
        {
            var image = _exporter.Export(compiled, result, request.Names, epoch, lease);
            step.Part($"writing image {image.Id}", "", 0, 0, completed: true);
            foreach (var name in request.Names)
                step.Part($"naming to {name}", "", 0, 0, completed: true);
            step.Complete();
            return image;
        }
        catch (Exception error)
        {
            step.Fail(error.Message);
            throw;
        }
    }

    private DockerfileDocument ReadDockerfile(BuildRequest request, BuildProgress progress)
    {
        var step = progress.Begin($"[internal] load build definition from {Path.GetFileName(request.Dockerfile?.Name ?? request.DockerfilePath)}");
        try
        {
            var document = DockerfileDocument.Parse(request.Dockerfile ?? FromContext(request));
            step.Complete();
            return document;
        }
        catch (GantryException error)
        {
            step.Fail(error.Message);
            throw;
        }
    }

    private SourceFile FromContext(BuildRequest request)
    {
        using var tree = new Trees.FileSetTree(request.Contexts["context"], Files);
        var path = Trees.TreePaths.Resolve(tree, request.DockerfilePath);
        if (path is null || tree.Find(path) is not { Kind: FileKind.Regular } entry)
        {
            throw GantryException.Invalid(
                $"failed to read dockerfile: open {request.DockerfilePath}: no such file or directory{Suggestion.For(request.DockerfilePath, tree.List(""))}");
        }
        if (entry.Size > MostDockerfileBytes)
            throw GantryException.Invalid($"the Dockerfile {request.DockerfilePath} has {entry.Size} bytes, more than the {MostDockerfileBytes} allowed");
        return new SourceFile(Path.GetFileName(path), Encoding.UTF8.GetString(Files.ReadBytes(tree.ContentOf(path))));
    }

    private static DateTimeOffset? Epoch(FrontendOptions options)
    {
        if (!options.Arguments.TryGetValue("SOURCE_DATE_EPOCH", out var text) || text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw GantryException.Invalid($"invalid SOURCE_DATE_EPOCH: {text}: give the seconds since 1970");
    }
}
