using Gantry.Oci;

namespace Gantry.Build.Contexts;

/// <summary>A folder of the client whose files come one by one, when they are asked for: layouts of images and caches, of which a build uses a part.</summary>
public interface IClientFolder
{
    /// <summary>The length of a file in bytes; null: there is none.</summary>
    long? LengthOf(string path);

    /// <summary>Opens a file; it is not verified.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    Task<Stream> OpenAsync(string path, CancellationToken cancellation);
}
