using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Oci.Images;

namespace Gantry.Build.Attestations;

/// <summary>What a provenance is made of.</summary>
internal sealed record BuildFacts
{
    /// <summary>The Dockerfile; null: a graph was built.</summary>
    public required SourceFile? Dockerfile { get; init; }

    /// <summary>What it was built with.</summary>
    public required FrontendOptions Options { get; init; }

    /// <summary>What came from outside.</summary>
    public required IReadOnlyList<Material> Materials { get; init; }

    /// <summary>The folders of the client that were used.</summary>
    public required IReadOnlyList<string> Locals { get; init; }

    /// <summary>The steps: what each is called, its digest, and the digests of those that it stands on.</summary>
    public required IReadOnlyList<(string Name, string Digest, IReadOnlyList<string> Inputs)> Steps { get; init; }

    /// <summary>Whether nothing came from a network while steps were run.</summary>
    public required bool IsHermetic { get; init; }

    /// <summary>What the build is called.</summary>
    public required string InvocationId { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>The platform that steps ran on.</summary>
    public Platform Builder { get; init; } = Platform.Host;
}
