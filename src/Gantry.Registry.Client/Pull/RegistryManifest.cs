using Gantry.Oci.Images;

namespace Gantry.Registry.Client.Pull;

/// <summary>A manifest or index, verified, as the registry sent it.</summary>
/// <param name="Descriptor">Its type, digest and size.</param>
/// <param name="Bytes">Its bytes; never to be serialized anew.</param>
public sealed record RegistryManifest(Descriptor Descriptor, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The longest manifest that is taken, in bytes (distribution-spec, "Pushing Manifests", asks for 4 MiB at least).</summary>
    public const int MaxLength = 4 << 20;

    /// <summary>Whether it is a list of manifests.</summary>
    public bool IsIndex => MediaTypes.IsIndex(Descriptor.MediaType);
}
