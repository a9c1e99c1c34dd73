using Gantry.Build.Cache;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Messages;

/// <summary><c>pb.Platform</c>.</summary>
internal sealed record PlatformMessage(Platform Platform) : IProtoMessage
{
    public static Platform? Parse(ReadOnlySpan<byte> bytes)
    {
        var (architecture, os, variant) = ("", "", "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: architecture = reader.Text(); break;
                case 2: os = reader.Text(); break;
                case 3: variant = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }
        return os.Length == 0 || architecture.Length == 0 ? null
            : Platform.Parse(variant.Length == 0 ? $"{os}/{architecture}" : $"{os}/{architecture}/{variant}");
    }

    public void Write(ProtoWriter writer) => writer.Text(1, Platform.Architecture).Text(2, Platform.Os).Text(3, Platform.Variant);
}

/// <summary><c>moby.buildkit.v1.types.BuildkitVersion</c>.</summary>
internal sealed record VersionMessage(string Package, string Version) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Text(1, Package).Text(2, Version);
}

/// <summary><c>moby.buildkit.v1.types.GCPolicy</c>.</summary>
internal sealed record CollectionPolicyMessage(CachePolicy Policy) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer
        .Flag(1, Policy.All).Number(2, Policy.KeepDuration.Ticks * TimeSpan.NanosecondsPerTick).Number(3, Policy.Bounds.Reserved).Texts(4, Policy.Filter.Texts)
        .Number(5, Policy.Bounds.MostUsed).Number(6, Policy.Bounds.LeastFree);
}

/// <summary><c>moby.buildkit.v1.types.WorkerRecord</c>: who runs the steps.</summary>
internal sealed record WorkerMessage : IProtoMessage
{
    public required string Id { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required IReadOnlyList<Platform> Platforms { get; init; }

    public required VersionMessage Version { get; init; }

    /// <summary>How the cache is kept within bounds.</summary>
    public IReadOnlyList<CachePolicy> Policies { get; init; } = [];

    public void Write(ProtoWriter writer) => writer
        .Text(1, Id).Map(2, Labels).Messages(3, Platforms.Select(platform => new PlatformMessage(platform)))
        .Messages(4, Policies.Select(policy => new CollectionPolicyMessage(policy))).Message(5, Version);
}

/// <summary><c>moby.buildkit.v1.ListWorkersResponse</c>.</summary>
internal sealed record WorkersMessage(IReadOnlyList<WorkerMessage> Workers) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Messages(1, Workers);
}

/// <summary><c>moby.buildkit.v1.InfoResponse</c>.</summary>
internal sealed record InfoMessage(VersionMessage Version) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Message(1, Version);
}

/// <summary><c>moby.buildkit.v1.frontend.PongResponse</c>: what the gateway and the solver can do.</summary>
internal sealed record PongMessage(IReadOnlyList<string> Gateway, IReadOnlyList<string> Solver, WorkerMessage Worker) : IProtoMessage
{
    public void Write(ProtoWriter writer)
    {
        foreach (var capability in Gateway)
            writer.Block(1, new ProtoWriter().Text(1, capability).Flag(2, true).Written.Span);
        foreach (var capability in Solver)
            writer.Block(2, new ProtoWriter().Text(1, capability).Flag(2, true).Written.Span);
        writer.Message(3, Worker);
    }
}

/// <summary><c>moby.buildkit.v1.UsageRecord</c>: a record of the cache.</summary>
internal sealed record UsageMessage : IProtoMessage
{
    public required string Id { get; init; }

    public bool Mutable { get; init; }

    public bool InUse { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public long UsageCount { get; init; }

    public required string Description { get; init; }

    public required string RecordType { get; init; }

    public bool Shared { get; init; }

    public void Write(ProtoWriter writer) => writer
        .Text(1, Id).Flag(2, Mutable).Flag(3, InUse).Number(4, Size).Time(6, CreatedAt).Time(7, LastUsedAt).Number(8, UsageCount).Text(9, Description)
            .Text(10, RecordType).Flag(11, Shared);
}

/// <summary><c>moby.buildkit.v1.DiskUsageResponse</c>.</summary>
internal sealed record DiskUsageMessage(IReadOnlyList<UsageMessage> Records) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Messages(1, Records);
}

/// <summary><c>moby.buildkit.v1.DiskUsageRequest</c>.</summary>
internal sealed record DiskUsageRequest
{
    public List<string> Filters { get; } = [];

    public static DiskUsageRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var request = new DiskUsageRequest();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                request.Filters.Add(reader.Text());
            else
                reader.Skip();
        }
        return request;
    }
}

/// <summary><c>moby.buildkit.v1.PruneRequest</c>.</summary>
internal sealed record PruneRequest
{
    public List<string> Filters { get; } = [];

    public bool All { get; private set; }

    public long KeepNanoseconds { get; private set; }

    public CacheBounds Bounds { get; private set; }

    public static PruneRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var request = new PruneRequest();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: request.Filters.Add(reader.Text()); break;
                case 2: request.All = reader.Flag(); break;
                case 3: request.KeepNanoseconds = reader.Number(); break;
                case 4: request.Bounds = request.Bounds with { Reserved = reader.Number() }; break;
                case 5: request.Bounds = request.Bounds with { MostUsed = reader.Number() }; break;
                case 6: request.Bounds = request.Bounds with { LeastFree = reader.Number() }; break;
                default: reader.Skip(); break;
            }
        }
        return request;
    }
}
