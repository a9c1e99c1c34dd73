namespace Gantry.Api.Model;

/// <summary>One item of `GET /containers/{id}/changes`.</summary>
public sealed record FilesystemChange
{
    /// <summary>0: changed, 1: added, 2: deleted.</summary>
    public int Kind { get; set; }

    /// <summary>Absolute path in the container.</summary>
    public string Path { get; set; } = "";
}
