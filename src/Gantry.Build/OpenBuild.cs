using System.Globalization;
using System.Text;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Dockerfile.Lint;
using Gantry.Build.Exporters;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build;

/// <summary>
/// A build whose parts are taken one after another: compiled, solved, stored, written. Each is done once, however often it is asked for. It holds what it
/// made and found until it is disposed.
/// </summary>
public sealed class OpenBuild : IDisposable
{
    private const int MostDockerfileBytes = 8 << 20;
    private readonly ImageBuilder _builder;
    private readonly BuildRequest _request;
    private readonly BuildProgress _progress;
    private readonly ContentLease _lease;
    private readonly DateTimeOffset? _epoch;
    private readonly Lock _gate = new();
    private DockerfileDocument? _document;
    private ProgressStep? _loading;
    private Task<CompiledImage>? _compiled;
    private Task<LayerResult>? _result;
    private SolveRun? _run;

    internal OpenBuild(ImageBuilder builder, BuildRequest request, BuildProgress progress)
    {
        (_builder, _request, _progress) = (builder, request, progress);
        _epoch = Epoch(request.Options);
        _lease = builder.Content.Lease();
    }

    /// <summary>What is doubtful in the Dockerfile; null before <see cref="CompileAsync"/>, and for a build that has none.</summary>
    public LintReport? Lint { get; private set; }

    /// <summary>The Dockerfile, when it has been read.</summary>
    internal DockerfileDocument? Document => _document;

    /// <summary>What it is compiled with.</summary>
    internal FrontendOptions Options => _request.Options;

    /// <summary>The Dockerfile, parsed.</summary>
    /// <exception cref="DockerfileException">It is malformed; the error has the lines.</exception>
    public async Task<DockerfileDocument> ReadDocumentAsync(CancellationToken cancellation) => _document ??= await _progress
        .Begin($"[internal] load build definition from {Path.GetFileName(_request.Dockerfile?.Name ?? _request.DockerfilePath)}")
        .RunAsync(async step =>
        {
            _loading = step;
            return DockerfileDocument.Parse(_request.Dockerfile ?? await (_request.ReadDockerfile?.Invoke(step, cancellation) ?? FromContextAsync(cancellation)));
        });

    /// <summary>What finds base images for this build: each once.</summary>
    public IImageResolver CreateResolver() => new ImageResolution(_builder.Images, _request, _progress);

    /// <summary>The graph of what the target needs.</summary>
    /// <exception cref="DockerfileException">The Dockerfile is wrong; the error has the lines.</exception>
    public Task<CompiledImage> CompileAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _compiled ??= ReadAndCompileAsync(cancellation);
    }

    /// <summary>Takes a graph that another frontend made, in place of a Dockerfile's.</summary>
    public void Take(CompiledImage compiled)
    {
        lock (_gate)
            _compiled = Task.FromResult(compiled);
    }

    /// <summary>The layers that the target comes to; what is not known is run.</summary>
    /// <exception cref="DockerfileException">A step failed; the error has the lines.</exception>
    public Task<LayerResult> SolveAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _result ??= CompileAndSolveAsync(cancellation);
    }

    /// <summary>Makes an image of the store of it.</summary>
    public async Task<Image> StoreAsync(IReadOnlyList<ImageReference> names, CancellationToken cancellation)
    {
        var compiled = await CompileAsync(cancellation);
        var result = await SolveAsync(cancellation);
        var extras = await ExtrasAsync(result, cancellation);
        return await _progress.Begin("exporting to image").RunAsync(step =>
        {
            step.Part("exporting layers", "", 0, 0, completed: true);
            var image = _builder.Exporter.Export(compiled, result, names, extras, _lease);
            step.Part($"writing image {image.Id}", "", 0, 0, completed: true);
            foreach (var name in names)
                step.Part($"naming to {name}", "", 0, 0, completed: true);
            return Task.FromResult(image);
        });
    }

    /// <summary>Makes the image's documents without giving it to the store.</summary>
    public async Task<Image> ComposeAsync(CancellationToken cancellation)
    {
        var result = await SolveAsync(cancellation);
        return _builder.Exporter.Compose(await CompileAsync(cancellation), result, await ExtrasAsync(result, cancellation), _lease);
    }

    /// <summary>The results that are known of all its steps: for a cache that is handed on. It is solved first.</summary>
    internal async Task<IReadOnlyList<KnownResult>> KnownAsync(CancellationToken cancellation)
    {
        await SolveAsync(cancellation);
        return _run is { } run && (await CompileAsync(cancellation)).Root is { } root ? await run.KnownAsync(root, cancellation) : [];
    }

    /// <summary>Makes one image of the store of builds for several platforms: an index.</summary>
    /// <param name="builds">The builds; this one is among them.</param>
    /// <param name="names">The names.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Image> StoreAsync(IReadOnlyList<OpenBuild> builds, IReadOnlyList<ImageReference> names, CancellationToken cancellation)
    {
        var images = await Task.WhenAll(builds.Select(build => build.ComposeAsync(cancellation)));
        return await _progress.Begin("exporting to image").RunAsync(step =>
        {
            step.Part("exporting layers", "", 0, 0, completed: true);
            var image = _builder.Exporter.Export(images, names, _lease);
            step.Part($"exporting manifest list {image.Target.Digest}", "", 0, 0, completed: true);
            foreach (var name in names)
                step.Part($"naming to {name}", "", 0, 0, completed: true);
            return Task.FromResult(image);
        });
    }

    /// <summary>Writes an archive of the images of builds for several platforms.</summary>
    /// <inheritdoc cref="StoreAsync(IReadOnlyList{OpenBuild}, IReadOnlyList{ImageReference}, CancellationToken)"/>
    public async Task<Image> WriteAsync(IReadOnlyList<OpenBuild> builds, BuildOutput output, CancellationToken cancellation)
    {
        var images = await Task.WhenAll(builds.Select(build => build.ComposeAsync(cancellation)));
        return await _progress.Begin("exporting to image archive").RunAsync(async _ =>
        {
            var image = ImageWriter.Compose(_lease, images);
            await new ImageSaver(_builder.Images).SaveAsync(image, output.Names ?? _request.Names, output.Target, cancellation);
            return image;
        });
    }

    /// <summary>Writes an output.</summary>
    public async Task WriteAsync(BuildOutput output, CancellationToken cancellation)
    {
        var result = await SolveAsync(cancellation);
        if (output.Kind == BuildOutputKind.Files)
        {
            await _progress.Begin("exporting to client tarball").RunAsync(_ => _builder.FilesExporter.WriteAsync(result, output.Target, cancellation));
            return;
        }
        await _progress.Begin("exporting to image archive").RunAsync(async _ =>
            await new ImageSaver(_builder.Images).SaveAsync(await ComposeAsync(cancellation), output.Names ?? _request.Names, output.Target, cancellation));
    }

    /// <summary>The files that it came to, to look at or to send one by one.</summary>
    public async Task<ResultFiles> OpenFilesAsync(CancellationToken cancellation)
    {
        var result = await SolveAsync(cancellation);
        await _builder.Solver.Unpacker.EnsureUnpackedAsync(result.Layers, cancellation);
        return new ResultFiles(_builder.Workshop.OpenView(result));
    }

    /// <inheritdoc/>
    public void Dispose() => _lease.Dispose();

    private async Task<CompiledImage> ReadAndCompileAsync(CancellationToken cancellation)
    {
        var document = await ReadDocumentAsync(cancellation);
        var lint = Lint = new LintReport(_request.Options.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK", document.Directives.Check ?? ""));
        new DocumentLinter(document, lint).Check();
        var compiled = await DockerfileCompiler.CompileAsync(document, _request.Options, CreateResolver(), cancellation, lint);
        if (_request.Warns)
        {
            Warn(document, lint);
            lint.Check();
        }
        return compiled;
    }

    private void Warn(DockerfileDocument document, LintReport lint)
    {
        var source = new StatusSource(document.File.Name, Encoding.UTF8.GetBytes(document.File.Text), "Dockerfile");
        foreach (var warning in lint.Warnings)
        {
            _loading!.Warn(new StatusWarning
            {
                Short = Encoding.UTF8.GetBytes(warning.Short),
                Detail = [Encoding.UTF8.GetBytes(warning.Rule.Description)],
                Url = warning.Rule.Url,
                Source = source,
                Ranges = [new StatusRange(new StatusPosition(warning.Range.First), new StatusPosition(warning.Range.Last))],
            });
        }
    }

    private async Task<LayerResult> CompileAndSolveAsync(CancellationToken cancellation)
    {
        var compiled = await CompileAsync(cancellation);
        await Task.WhenAll(_request.Caches.Imports.Select(import => import.LoadAsync(_progress, cancellation)));
        var run = _run = _builder.Solver.Begin(new SolveSession
        {
            Imports = _request.Caches.Imports,
            Sources = new SessionSources(_builder.Images, _request.Contexts, _builder.Remotes),
            Credentials = _request.Credentials,
            Progress = _progress,
            Lease = _lease,
            Newest = _epoch is { } time ? new FileTime(time.ToUnixTimeSeconds(), 0) : null,
            CacheNamespace = _request.Options.Arguments.GetValueOrDefault("BUILDKIT_CACHE_MOUNT_NS", ""),
            InstructionOf = node => compiled.Instructions.GetValueOrDefault(node)?.Text,
        });
        try
        {
            return await run.SolveAsync(compiled.Root, cancellation);
        }
        catch (NodeFailedException error) when (error.Node.Label.Range is { } range && _document is { } document)
        {
            throw DockerfileException.At(range, error.Message, error.InnerException ?? error).In(document.File);
        }
    }

    private async Task<ImageExtras> ExtrasAsync(LayerResult result, CancellationToken cancellation) =>
        new(_epoch, _request.Caches.Inlines || CacheUse.InlinesBy(_request.Options.Arguments) ? InlineCache.Create(await KnownAsync(cancellation), result) : null);

    private async Task<SourceFile> FromContextAsync(CancellationToken cancellation)
    {
        using var tree = new Trees.FileSetTree(await _request.Contexts.ReadAsync("context", _progress, cancellation), _builder.Files);
        var path = Trees.TreePaths.Resolve(tree, _request.DockerfilePath);
        if (path is null || tree.Find(path) is not { Kind: FileKind.Regular } entry)
        {
            throw GantryException.Invalid(
                $"failed to read dockerfile: open {_request.DockerfilePath}: no such file or directory{Suggestion.For(_request.DockerfilePath, tree.List(""))}");
        }
        if (entry.Size > MostDockerfileBytes)
            throw GantryException.Invalid($"the Dockerfile {_request.DockerfilePath} has {entry.Size} bytes, more than the {MostDockerfileBytes} allowed");
        return new SourceFile(Path.GetFileName(path), Encoding.UTF8.GetString(_builder.Files.ReadBytes(tree.ContentOf(path))));
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
