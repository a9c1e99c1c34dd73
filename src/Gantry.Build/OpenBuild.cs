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
using Gantry.Oci.Filters;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build;

/// <summary>
/// A build whose parts are taken one after another: compiled, solved, stored, written. Each is done once, however often it is asked for. It holds what it
/// made and found until it is disposed.
/// </summary>
public sealed partial class OpenBuild : IDisposable
{
    private const int MostDockerfileBytes = 8 << 20;
    private readonly ImageBuilder _builder;
    private readonly BuildRequest _request;
    private readonly BuildProgress _progress;
    private readonly ContentLease _lease;
    private readonly DateTimeOffset? _epoch;
    private readonly DateTimeOffset _startedAt;
    private readonly Lock _gate = new();
    private DockerfileDocument? _document;
    private readonly LayoutImages _layouts;
    private ProgressStep? _loading;
    private Task<CompiledImage>? _compiled;
    private Task<LayerResult>? _result;
    private SolveRun? _run;

    internal OpenBuild(ImageBuilder builder, BuildRequest request, BuildProgress progress)
    {
        (_builder, _request, _progress) = (builder, request, progress);
        _epoch = Epoch(request.Options);
        _layouts = new LayoutImages(request.OpenLayout, builder.Images, builder.Solver.Receiver);
        _startedAt = builder.Clock.GetUtcNow();
        _lease = builder.Content.Lease();
    }

    /// <summary>What is doubtful in the Dockerfile; null before <see cref="CompileAsync"/>, and for a build that has none.</summary>
    public LintReport? Lint { get; private set; }

    private FileTime? Newest => _epoch is { } time ? new FileTime(time.ToUnixTimeSeconds(), 0) : null;

    /// <summary>The Dockerfile, when it has been read.</summary>
    internal DockerfileDocument? Document => _document;

    /// <summary>What it is compiled with.</summary>
    internal FrontendOptions Options => _request.Options;

    /// <summary>The Dockerfile, parsed.</summary>
    /// <exception cref="DockerfileException">It is malformed; the error has the lines.</exception>
    // That it could be loaded is told before it is read: what is wrong in it is no failure of that.
    public async Task<DockerfileDocument> ReadDocumentAsync(CancellationToken cancellation) => _document ??= DockerfileDocument.Parse(await _progress
        .Begin($"[internal] load build definition from {Path.GetFileName(_request.Dockerfile?.Name ?? _request.DockerfilePath)}")
        .RunAsync(async step =>
        {
            _loading = step;
            return _request.Dockerfile ?? await (_request.ReadDockerfile?.Invoke(step, cancellation) ?? FromContextAsync(cancellation));
        }));

    /// <summary>What finds base images for this build: each once.</summary>
    public IImageResolver CreateResolver() => new ImageResolution(_builder.Images, _layouts, _request, _progress);

    /// <summary>The graph of what the target needs.</summary>
    /// <exception cref="DockerfileException">The Dockerfile is wrong; the error has the lines.</exception>
    public Task<CompiledImage> CompileAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _compiled ??= ReadAndCompileAsync(_request.Options, cancellation);
    }

    /// <summary>Goes through the Dockerfile for what is doubtful in it: without a target in all of its stages.</summary>
    /// <exception cref="DockerfileException">The Dockerfile is wrong; the error has the lines.</exception>
    internal Task CheckAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _compiled ??= ReadAndCompileAsync(_request.Options with { ChecksAll = true }, cancellation);
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

    /// <summary>The results that are known of all its steps: for a cache that is handed on. It is solved first.</summary>
    internal async Task<IReadOnlyList<KnownResult>> KnownAsync(CancellationToken cancellation)
    {
        await SolveAsync(cancellation);
        return _run is { } run && (await CompileAsync(cancellation)).Root is { } root ? await run.KnownAsync(root, cancellation) : [];
    }

    /// <inheritdoc/>
    public void Dispose() => _lease.Dispose();

    private async Task<CompiledImage> ReadAndCompileAsync(FrontendOptions options, CancellationToken cancellation)
    {
        var document = await ReadDocumentAsync(cancellation);
        var lint = Lint = new LintReport(_request.Options.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK", document.Directives.Check ?? ""));
        new DocumentLinter(document, lint).Check();
        var compiled = await DockerfileCompiler.CompileAsync(document, options, CreateResolver(), cancellation, lint);
        if (_request.ReadIgnored is { } read && lint.Asks(LintRules.CopyIgnoredFile))
            new IgnoredFileLinter(compiled.Steps, PatternList.Parse(await read(_progress, cancellation)), lint).Check();
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
            Sources = new SessionSources(_builder.Images, _layouts, _request.Contexts, _builder.Web, _builder.Git, _request.Credentials),
            Credentials = _request.Credentials,
            Progress = _progress,
            Lease = _lease,
            Newest = Newest,
            KeepsFailed = _request.KeepsFailed,
            CacheNamespace = _request.Options.Arguments.GetValueOrDefault("BUILDKIT_CACHE_MOUNT_NS", ""),
            NameOf = node => compiled.Names.GetValueOrDefault(node.Digest, node.Label.Name),
            InstructionOf = node => compiled.Instructions.GetValueOrDefault(node)?.Text,
        });
        try
        {
            return await run.SolveAsync(compiled.Root, cancellation);
        }
        catch (NodeFailedException error) when (error.Node.Label.Range is { } range && _document is { } document)
        {
            if (error.InnerException is StepFailedException { State: { } state } failed)
                failed.Image = _builder.Exporter.Keep(compiled.Config, failed.Operation, state, _lease).Id;
            throw DockerfileException.At(range, error.Message, error.InnerException ?? error).In(document.File);
        }
    }

    private async Task<SourceFile> FromContextAsync(CancellationToken cancellation) =>
        new ContextDockerfile(_builder.Files).Read(await _request.Contexts.ReadAsync("context", _progress, cancellation), _request.DockerfilePath);

    private static DateTimeOffset? Epoch(FrontendOptions options)
    {
        if (!options.Arguments.TryGetValue("SOURCE_DATE_EPOCH", out var text) || text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw GantryException.Invalid($"invalid SOURCE_DATE_EPOCH: {text}: give the seconds since 1970");
    }
}
