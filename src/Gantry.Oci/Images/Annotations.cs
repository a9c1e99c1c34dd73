namespace Gantry.Oci.Images;

/// <summary>Annotation keys of descriptors that Gantry reads and writes.</summary>
public static class Annotations
{
    /// <summary>The tag (<c>latest</c>) in an OCI layout's index (image-spec, annotations.md); skopeo and umoci look images up by it.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";

    /// <summary>The whole name (<c>docker.io/library/busybox:latest</c>) in an OCI layout's index, as containerd and docker write it.</summary>
    public const string ContainerdImageName = "io.containerd.image.name";

    /// <summary>When a document was made, RFC 3339.</summary>
    public const string Created = "org.opencontainers.image.created";

    /// <summary>BuildKit's mark of a manifest that is no image: <c>attestation-manifest</c>.</summary>
    public const string DockerReferenceType = "vnd.docker.reference.type";

    /// <summary>The manifest that a BuildKit attestation is about.</summary>
    public const string DockerReferenceDigest = "vnd.docker.reference.digest";
}
