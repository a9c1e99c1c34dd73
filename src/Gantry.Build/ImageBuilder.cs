using Gantry.Build.Cache;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Exporters;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Build.Steps;
using Gantry.Build.Graph;
using Gantry.Build.Trees;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;
using Gantry.Storage.Content;

namespace Gantry.Build;

/// <summary>Builds images of Dockerfiles. One serves all builds of an engine.</summary>
public sealed class ImageBuilder
{
    /// <param name="solver">Solves the graphs.</param>
    /// <param name="images">Where base images come from and images go.</param>
    /// <param name="content">Where archives of layers are.</param>
    /// <param name="workshop">Makes layers.</param>
    /// <param name="clock">The time.</param>
    public ImageBuilder(BuildSolver solver, ImageStore images, ContentStore content, LayerWorkshop workshop, TimeProvider clock)
    {
        (Solver, Images, Content, Workshop, Clock) = (solver, images, content, workshop, clock);
        Exporter = new ImageExporter(images, content, workshop, clock);
        Web = new WebSources(solver.Files);
        Git = new GitCheckout(solver.Files);
        CacheExporter = new CacheExporter(content);
    }

    /// <summary>Where the content of contexts goes.</summary>
    public FileStore Files => Solver.Files;

    /// <summary>The records of what was built.</summary>
    public BuildCache Cache => Solver.Cache;

    internal BuildSolver Solver { get; }

    internal ImageStore Images { get; }

    internal ContentStore Content { get; }

    internal LayerWorkshop Workshop { get; }

    internal TimeProvider Clock { get; }

    internal ImageExporter Exporter { get; }

    internal WebSources Web { get; }

    internal GitCheckout Git { get; }

    internal CacheExporter CacheExporter { get; }

    /// <summary>Builds.</summary>
    /// <exception cref="DockerfileException">The Dockerfile is wrong, or one of its steps failed; the error has the lines.</exception>
    /// <exception cref="GantryException">Something else cannot be had.</exception>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancellation)
    {
        // 1. The Dockerfile, and the graph of what its target needs.
        var progress = new BuildProgress(Clock, request.Progress);
        using var build = Open(request, progress);
        request.Compiled?.Invoke(await build.CompileAsync(cancellation));
        // 2. What is not known of it is run.
        var result = await build.SolveAsync(cancellation);
        // 3. What becomes of it.
        var image = request.StoresImage ? await build.StoreAsync([build], request.Names, request.Form, cancellation) : null;
        foreach (var output in request.Outputs)
        {
            if (output.Kind == BuildOutputKind.Files)
                await build.WriteFilesAsync([build], output.Target, output.Files, cancellation);
            else
                await build.WriteAsync([build], output, output.Form ?? request.Form, cancellation);
        }
        await ExportCachesAsync([build], request.Caches.Exports, progress, cancellation);
        return new BuildOutcome(image, result);
    }

    /// <summary>What a file from the web is called in the context that it alone is.</summary>
    public const string FetchedDockerfile = "Dockerfile";

    /// <summary>Whether a context is a file from the web that is no archive: it is the Dockerfile, whatever it is called there.</summary>
    public static bool IsDockerfileAlone(FileSet context) => context.Entries.Count == 1 && context.Entries.First().Path == FetchedDockerfile;

    /// <summary>
    /// Brings a context from elsewhere: a repository, or a file from the web, which is taken apart if it is an archive; else it is the Dockerfile.
    /// </summary>
    /// <param name="place">Where it is.</param>
    /// <param name="keepsGitFolder">Whether a repository that does not say so keeps its <c>.git</c>.</param>
    /// <param name="credentials">What a repository may ask for.</param>
    /// <param name="step">Is told what goes on.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">It cannot be had.</exception>
    public async Task<FileSet> FetchAsync(string place, bool keepsGitFolder, IBuildCredentials credentials, ProgressStep step, CancellationToken cancellation)
    {
        if (GitReference.IsOne(place))
        {
            var reference = GitReference.Parse(place);
            return await Git.ReadAsync(reference with { KeepsGitFolder = reference.KeepsGitFolder ?? keepsGitFolder }, credentials, step, cancellation);
        }
        var files = await Web.DownloadAsync(new HttpSource(place, FetchedDockerfile, default), step, cancellation);
        using var tree = new FileSetTree(files, Files);
        if (!ArchiveTransfer.IsArchive(tree, FetchedDockerfile))
            return files;
        await using var archive = new DescriptorReader(tree.Open(FetchedDockerfile));
        return await new ArchiveContextReader(Files).ReadAsync(archive, cancellation);
    }

    /// <summary>Writes caches of what builds for one or several platforms came to.</summary>
    /// <returns>What was written last: a manifest or an index; null: nothing.</returns>
    /// <exception cref="GantryException">One cannot be written, and its error is not to be ignored.</exception>
    public async Task<Descriptor?> ExportCachesAsync(
        IReadOnlyList<OpenBuild> builds, IReadOnlyList<CacheExport> exports, BuildProgress progress, CancellationToken cancellation)
    {
        Descriptor? last = null;
        foreach (var export in exports)
            last = await CacheExporter.ExportAsync(builds, export, progress, cancellation) ?? last;
        return last;
    }

    /// <summary>Begins a build whose parts the caller takes one after another.</summary>
    /// <param name="request">What to build; its outputs, names and callbacks are not looked at.</param>
    /// <param name="progress">Who follows it; several builds may share one.</param>
    public OpenBuild Open(BuildRequest request, BuildProgress progress) => new(this, request, progress);
}
