namespace Gantry.Images;

/// <summary>How plain layers are compressed when they are pushed.</summary>
public enum LayerCompression
{
    /// <summary>gzip, which everybody reads.</summary>
    Gzip,

    /// <summary>Zstandard: smaller and faster; docker before 20.10 and registries' scanners of that time do not read it.</summary>
    Zstd,
}
