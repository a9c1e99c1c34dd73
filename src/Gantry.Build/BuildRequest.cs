using Gantry.Build.Attestations;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Exporters;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Build;

/// <summary>Pulls an image; the engine does it with the caller's credentials.</summary>
/// <param name="reference">What to pull.</param>
/// <param name="platform">For which platform.</param>
/// <param name="progress">Is told what goes on.</param>
/// <param name="cancellation">Stops it.</param>
public delegate Task<Image> PullImage(ImageReference reference, Platform platform, Action<ImageProgress> progress, CancellationToken cancellation);

/// <summary>A build: what to build, of what, and what becomes of it.</summary>
public sealed record BuildRequest
{
    /// <summary>The Dockerfile itself; null: <see cref="DockerfilePath"/> in the build context.</summary>
    public SourceFile? Dockerfile { get; init; }

    /// <summary>Brings the Dockerfile when it is needed; null: it is <see cref="Dockerfile"/>, or in the build context.</summary>
    public Func<ProgressStep, CancellationToken, Task<SourceFile>>? ReadDockerfile { get; init; }

    /// <summary>The path of the Dockerfile in the build context.</summary>
    public string DockerfilePath { get; init; } = "Dockerfile";

    /// <summary>Brings the patterns of what the build context leaves out; null: nobody knows them.</summary>
    public Func<BuildProgress, CancellationToken, Task<string>>? ReadIgnored { get; init; }

    /// <summary>Opens an OCI layout that a context names, <c>oci-layout://…</c>; null: there is none.</summary>
    public Func<LayoutReference, ICacheSource>? OpenLayout { get; init; }

    /// <summary>Whether the files of a step that failed become an image, to be looked at.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>Where the files of contexts come from.</summary>
    public required IBuildContexts Contexts { get; init; }

    /// <summary>What the Dockerfile is compiled with.</summary>
    public FrontendOptions Options { get; init; } = new();

    /// <summary>The names of the image.</summary>
    public IReadOnlyList<ImageReference> Names { get; init; } = [];

    /// <summary>Whether base images are looked up in registries even if they are here.</summary>
    public bool AlwaysPull { get; init; }

    /// <summary>Pulls.</summary>
    public required PullImage Pull { get; init; }

    /// <summary>Secrets and agents.</summary>
    public required IBuildCredentials Credentials { get; init; }

    /// <summary>Is told progress, one call at a time.</summary>
    public required Action<BuildStatus> Progress { get; init; }

    /// <summary>Is told the graph before anything of it is run.</summary>
    public Action<CompiledImage>? Compiled { get; init; }

    /// <summary>Whether progress tells what is doubtful in the Dockerfile, and the build fails if the file says so.</summary>
    public bool Warns { get; init; } = true;

    /// <summary>Caches that are handed on.</summary>
    public CacheUse Caches { get; init; } = CacheUse.None;

    /// <summary>Whether an image of the store becomes of it.</summary>
    public bool StoresImage { get; init; } = true;

    /// <summary>In which form the image is.</summary>
    public ImageExportOptions Form { get; init; } = ImageExportOptions.Plain;

    /// <summary>What is said of it beside the image.</summary>
    public AttestationRequest Attestations { get; init; } = AttestationRequest.None;

    /// <summary>What else becomes of it.</summary>
    public IReadOnlyList<BuildOutput> Outputs { get; init; } = [];
}

/// <summary>What is written of a build.</summary>
public enum BuildOutputKind
{
    /// <summary>The image as an archive that is an OCI layout and a docker archive at once.</summary>
    ImageArchive,

    /// <summary>The files as a tar archive.</summary>
    Files,
}

/// <summary>An output of a build.</summary>
/// <param name="Kind">What is written.</param>
/// <param name="Target">Where to; left open.</param>
public sealed record BuildOutput(BuildOutputKind Kind, Stream Target)
{
    /// <summary>The names of the image in its archive; null: those of the build.</summary>
    public IReadOnlyList<ImageReference>? Names { get; init; }

    /// <summary>In which form the image in an archive is; null: that of the build.</summary>
    public ImageExportOptions? Form { get; init; }

    /// <summary>In which form files are.</summary>
    public FilesExportOptions Files { get; init; } = FilesExportOptions.Plain;
}

/// <summary>What became of a build.</summary>
/// <param name="Image">The image; null when none was asked for.</param>
/// <param name="Result">Its layers.</param>
public sealed record BuildOutcome(Image? Image, Steps.LayerResult Result);
