using System.Text.Json;
using Gantry.Build.Attestations;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Exporters;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build;

/// <summary>What becomes of a build's result: images, archives, files.</summary>
public sealed partial class OpenBuild
{
    /// <summary>Makes an image of the store of builds: an index, if they are several or there is something to be said of them.</summary>
    /// <param name="builds">The builds, each for another platform; this one is among them.</param>
    /// <param name="names">The names.</param>
    /// <param name="options">In which form.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Image> StoreAsync(IReadOnlyList<OpenBuild> builds, IReadOnlyList<ImageReference> names, ImageExportOptions options,
        CancellationToken cancellation)
    {
        await Task.WhenAll(builds.Select(build => build.SolveAsync(cancellation)));
        return await _progress.Begin("exporting to image").RunAsync(async step =>
        {
            var image = await ComposeAsync(builds, names, options, step, cancellation);
            image = _builder.Exporter.Store(image, names);
            step.Part(image.Target.Digest == image.Manifest.Digest ? $"writing image {image.Id}" : $"exporting manifest list {image.Target.Digest}", "", 0, 0,
                completed: true);
            foreach (var name in names)
                step.Part($"naming to {name}", "", 0, 0, completed: true);
            return image;
        });
    }

    /// <summary>Makes the documents of an image, or of an index, without giving it to the store.</summary>
    /// <inheritdoc cref="StoreAsync"/>
    public async Task<Image> ComposeAsync(IReadOnlyList<OpenBuild> builds, IReadOnlyList<ImageReference> names, ImageExportOptions options,
        CancellationToken cancellation)
    {
        await Task.WhenAll(builds.Select(build => build.SolveAsync(cancellation)));
        return await ComposeAsync(builds, names, options, null, cancellation);
    }

    /// <summary>Writes an archive of the image of builds.</summary>
    /// <param name="builds">The builds, each for another platform; this one is among them.</param>
    /// <param name="output">Where to.</param>
    /// <param name="options">In which form.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<Image> WriteAsync(IReadOnlyList<OpenBuild> builds, BuildOutput output, ImageExportOptions options, CancellationToken cancellation)
    {
        await Task.WhenAll(builds.Select(build => build.SolveAsync(cancellation)));
        return await _progress.Begin("exporting to image archive").RunAsync(async step =>
        {
            var names = output.Names ?? _request.Names;
            var image = await ComposeAsync(builds, names, options, step, cancellation);
            await new ImageSaver(_builder.Images).SaveAsync(image, names, output.Target, cancellation);
            return image;
        });
    }

    /// <summary>Writes the files of builds as an archive, and what is said of them.</summary>
    /// <param name="builds">The builds, each for another platform; this one is among them.</param>
    /// <param name="target">Where to; left open.</param>
    /// <param name="options">In which form.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task WriteFilesAsync(IReadOnlyList<OpenBuild> builds, Stream target, FilesExportOptions options, CancellationToken cancellation)
    {
        await Task.WhenAll(builds.Select(build => build.SolveAsync(cancellation)));
        await _progress.Begin("exporting to client tarball").RunAsync(async _ =>
        {
            using var files = await OpenOutputAsync(builds, options, cancellation);
            await FilesExporter.WriteAsync(files.Folders, target, Newest, cancellation);
        });
    }

    /// <summary>Opens the files of builds, with what is said of them; those of several, each in a folder with the platform's name.</summary>
    /// <param name="builds">The builds, each for another platform; this one is among them.</param>
    /// <param name="options">In which form.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">Files for several platforms have the same place.</exception>
    public async Task<OutputFiles> OpenOutputAsync(IReadOnlyList<OpenBuild> builds, FilesExportOptions options, CancellationToken cancellation)
    {
        var isSplit = options.Split ?? builds.Count > 1;
        var output = new OutputFiles();
        try
        {
            foreach (var build in builds)
            {
                var files = output.Add(build._request.Options.Platform, isSplit ? build.FolderName : "", await build.OpenFilesAsync(cancellation));
                if (build.HasStatements)
                    await build.AttestAsync(files, options.StatementPrefix, isSplit || builds.Count == 1 ? "" : build.FolderName, cancellation);
            }
            output.Check();
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Whether something is said of it beside the result.</summary>
    public bool HasStatements => !_request.Attestations.IsEmpty;

    /// <summary>What the folder of its files is called beside those for other platforms, e.g. <c>linux_arm64</c>.</summary>
    private string FolderName => _request.Options.Platform.ToString().Replace('/', '_');

    /// <summary>The files that it came to, to look at or to send one by one.</summary>
    public async Task<ResultFiles> OpenFilesAsync(CancellationToken cancellation)
    {
        var result = await SolveAsync(cancellation);
        await _builder.Solver.Unpacker.EnsureUnpackedAsync(result.Layers, cancellation);
        return new ResultFiles(_builder.Workshop.OpenView(result));
    }

    private async Task<Image> ComposeAsync(
        IReadOnlyList<OpenBuild> builds, IReadOnlyList<ImageReference> names, ImageExportOptions options, Progress.ProgressStep? step,
        CancellationToken cancellation)
    {
        var images = new List<Image>();
        var statements = new List<Descriptor>();
        foreach (var build in builds)
        {
            var image = await build.ComposeOneAsync(options, cancellation);
            // What each build has written stays until all of it is an image.
            foreach (var blob in image.Layers.Select(layer => layer.Blob.Digest).Append(image.Id).Append(image.Manifest.Digest))
                _lease.TryHold(blob);
            images.Add(image);
        }
        step?.Part("exporting layers", "", 0, 0, completed: true);
        foreach (var (build, image) in builds.Zip(images).Where(pair => !pair.First._request.Attestations.IsEmpty))
        {
            statements.Add(await build.AttestAsync(image, names, options.AttestsByArtifacts, cancellation));
            _lease.TryHold(statements[^1].Digest);
            step?.Part($"exporting attestation manifest {statements[^1].Digest}", "", 0, 0, completed: true);
        }
        return builds.Count == 1 && statements.Count == 0 ? images[0] : _builder.Exporter.Index(images, statements, options, _lease);
    }

    private async Task<Image> ComposeOneAsync(ImageExportOptions options, CancellationToken cancellation)
    {
        var (compiled, result) = (await CompileAsync(cancellation), await SolveAsync(cancellation));
        var inline = _request.Caches.Inlines || CacheUse.InlinesBy(_request.Options.Arguments) ? InlineCache.Create(await KnownAsync(cancellation), result)
            : (JsonElement?)null;
        return await _builder.Exporter.ComposeAsync(compiled, result, new ImageExtras(_epoch, inline), options, _lease, cancellation);
    }

    private async Task<Descriptor> AttestAsync(Image image, IReadOnlyList<ImageReference> names, bool asArtifact, CancellationToken cancellation)
    {
        var name = names.Count > 0 ? names[0].Familiar : image.Id.ToString();
        return AttestationWriter.Write(_lease, image, names, await PredicatesAsync(name, image.Id.Hex, cancellation), asArtifact);
    }

    /// <summary>Puts what is said of files among them. It is said of each regular file.</summary>
    private async Task AttestAsync(ResultFiles files, string prefix, string platform, CancellationToken cancellation)
    {
        var subjects = files.Subjects(cancellation);
        var identity = (await SolveAsync(cancellation)).Identity;
        var time = Newest ?? new FileTime(_builder.Clock.GetUtcNow().ToUnixTimeSeconds(), 0);
        foreach (var predicate in await PredicatesAsync(identity, identity.Replace(':', '-'), cancellation))
        {
            var name = prefix + predicate.FileName;
            if (platform.Length > 0)
                name = $"{Path.GetFileNameWithoutExtension(name)}.{platform}{Path.GetExtension(name)}";
            files.Add(new StatementFile(name, InTotoStatement.Create(subjects, predicate, indented: true), time));
        }
    }

    private async Task<IReadOnlyList<StatementPredicate>> PredicatesAsync(string name, string id, CancellationToken cancellation)
    {
        var request = _request.Attestations;
        var predicates = new List<StatementPredicate>();
        if (request.Sbom)
        {
            using var files = await OpenFilesAsync(cancellation);
            var sbom = new SpdxPredicate(new PackageScanner(files).Scan(), name, $"https://spdx.org/spdxdocs/gantry-{id}", _epoch
                ?? _builder.Clock.GetUtcNow());
            predicates.Add(new StatementPredicate(SpdxPredicate.Type, SpdxPredicate.FileName, sbom.Write));
        }
        if (request.Provenance != ProvenanceMode.None)
        {
            var provenance = new ProvenancePredicate(await FactsAsync(cancellation), request);
            predicates.Add(new StatementPredicate(provenance.Type, request.ProvenanceName, provenance.Write));
        }
        return predicates;
    }

    private async Task<BuildFacts> FactsAsync(CancellationToken cancellation)
    {
        var compiled = await CompileAsync(cancellation);
        var nodes = compiled.Root?.Closure() ?? [];
        var materials = new List<Material>();
        foreach (var node in nodes)
        {
            if (await MaterialAsync(node, cancellation) is { } material && !materials.Contains(material))
                materials.Add(material);
        }
        return new BuildFacts
        {
            Dockerfile = _document?.File,
            Options = _request.Options,
            Materials = materials,
            Locals = [.. nodes.Select(node => node.Operation).OfType<LocalSource>().Select(local => local.Name).Distinct()],
            Steps = [.. nodes.Select(node =>
                (node.Label.Name, node.Digest.ToString(), (IReadOnlyList<string>)[.. node.Inputs.OfType<Node>().Select(input => input.Digest.ToString())]))],
            IsHermetic = nodes.All(node => node.Operation is not ExecOperation { Network: not StepNetwork.None }),
            InvocationId = Guid.NewGuid().ToString("N"),
            StartedAt = _startedAt,
            FinishedAt = _builder.Clock.GetUtcNow(),
        };
    }

    private async Task<Material?> MaterialAsync(Node node, CancellationToken cancellation)
    {
        switch (node.Operation)
        {
            case ImageSource source:
                if (Contexts.LayoutReference.IsOne(source.Reference))
                    return Material.Of(source.Reference, source.Resolved);
                var reference = ImageReference.Parse(source.Reference);
                return Material.Of(PackageUrl.OfImage(reference, source.Platform), _builder.Images.Find(source.Resolved)?.Target.Digest ?? source.Resolved);
            case HttpSource http:
                var files = ((FilesResult)await _run!.ResultAsync(node, cancellation)).Files;
                return Material.Of(http.Url, files.Find(http.FileName)?.Content ?? http.Checksum);
            case GitSource git:
                return new Material(git.Reference.Revision.Length > 0 ? $"{git.Reference.Remote}#{git.Reference.Revision}" : git.Reference.Remote, "sha1",
                    git.Reference.Commit);
            default:
                return null;
        }
    }
}
