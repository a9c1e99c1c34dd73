using System.Text.Json.Serialization;
using Gantry.Oci.Images;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /distribution/{name}/json`: what a registry has under a name.</summary>
public sealed record DistributionInspect
{
    /// <summary>The index or manifest.</summary>
    public Descriptor Descriptor { get; set; } = new();

    /// <summary>What there are images for.</summary>
    public IReadOnlyList<Platform> Platforms { get; set; } = [];
}

/// <summary>One element of the answer of `GET /images/search`.</summary>
public sealed record ImageSearchItem
{
    /// <summary>How often users have marked it.</summary>
    [JsonPropertyName("star_count")]
    public int StarCount { get; set; }

    /// <summary>Whether it is one of the registry's own.</summary>
    [JsonPropertyName("is_official")]
    public bool IsOfficial { get; set; }

    /// <summary>The repository.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Always false; kept for old clients.</summary>
    [JsonPropertyName("is_automated")]
    public bool IsAutomated { get; set; }

    /// <summary>What it is.</summary>
    [JsonPropertyName("description")]
    public string Description { get; set; } = "";
}

/// <summary>What a push ends with for programs, in the `aux` of its last message.</summary>
public sealed record PushResult
{
    /// <summary>The tag.</summary>
    public string Tag { get; set; } = "";

    /// <summary>Digest of the manifest or index that the tag means now.</summary>
    public string Digest { get; set; } = "";

    /// <summary>Its length in bytes.</summary>
    public long Size { get; set; }
}

/// <summary>
/// A manifest or index with what describes it: answer of `GET /gantry/registry/manifest`, and body of `PUT` there, whose digest and size
/// are not looked at: the registry's answer tells them.
/// </summary>
public sealed record ManifestDocument
{
    /// <summary>Type, digest and size; of a single image also the platform.</summary>
    public Descriptor Descriptor { get; set; } = new();

    /// <summary>The document as it is; base64 in JSON.</summary>
    public byte[] Raw { get; set; } = [];
}
