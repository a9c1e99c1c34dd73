using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>One row of `GET /images/json`.</summary>
public sealed record ImageSummary
{
    /// <summary>Containers that use it; -1: not counted.</summary>
    public int Containers { get; set; }

    /// <summary>When it was made, seconds since 1970.</summary>
    public long Created { get; set; }

    /// <summary>Digest of its configuration.</summary>
    public string Id { get; set; } = "";

    /// <summary>Labels in its configuration.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Image it was built from, when known.</summary>
    public string ParentId { get; set; } = "";

    /// <summary>Names with digest.</summary>
    public IReadOnlyList<string> RepoDigests { get; set => field = value ?? []; } = [];

    /// <summary>Names with tag.</summary>
    public IReadOnlyList<string> RepoTags { get; set => field = value ?? []; } = [];

    /// <summary>Bytes shared with other images; -1: not computed.</summary>
    public long SharedSize { get; set; }

    /// <summary>Bytes of all its layers, unpacked.</summary>
    public long Size { get; set; }

    /// <summary>The same as <see cref="Size"/>, for clients up to 1.43; null: later ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? VirtualSize { get; set; }

    /// <summary>When it was last used, if that is known; Gantry's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>What the names refer to: a manifest, or an index of several; from 1.48 on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OciDescriptor? Descriptor { get; set; }

    /// <summary>The manifests behind the names, when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ImageManifestSummary>? Manifests { get; set; }
}

/// <summary>One layer or step in `GET /images/{name}/history`.</summary>
public sealed record ImageHistoryItem
{
    /// <summary>Remark.</summary>
    public string Comment { get; set; } = "";

    /// <summary>When it was made, seconds since 1970.</summary>
    public long Created { get; set; }

    /// <summary>Command that made it.</summary>
    public string CreatedBy { get; set; } = "";

    /// <summary>Image that ended here, else `&lt;missing&gt;`.</summary>
    public string Id { get; set; } = "";

    /// <summary>Bytes it added.</summary>
    public long Size { get; set; }

    /// <summary>Tags of that image.</summary>
    public IReadOnlyList<string>? Tags { get; set; }
}

/// <summary>One thing that `DELETE /images/{name}` did.</summary>
public sealed record ImageDeleteItem
{
    /// <summary>A name that was taken away.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Untagged { get; set => field = OmitEmpty.Of(value); }

    /// <summary>An image or layer that was deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Deleted { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>Answer of `POST /images/prune`.</summary>
public sealed record ImagesPruneResponse
{
    /// <summary>What was untagged and deleted.</summary>
    public IReadOnlyList<ImageDeleteItem>? ImagesDeleted { get; set; }

    /// <summary>Bytes freed.</summary>
    public long SpaceReclaimed { get; set; }
}

/// <summary>An ID alone (commit).</summary>
public sealed record IdResponse
{
    /// <summary>The ID.</summary>
    public string Id { get; set; } = "";
}
