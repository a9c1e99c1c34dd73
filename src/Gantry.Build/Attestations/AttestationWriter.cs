using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Attestations;

/// <summary>
/// Puts statements about an image into a manifest beside it, as BuildKit does: each is an in-toto statement, a layer of an image for no platform, which an
/// index names together with the image it is about; or, if so wanted, of an artifact that refers to the image.
/// </summary>
internal static class AttestationWriter
{
    private const string StatementType = "application/vnd.in-toto+json";
    private const string PredicateAnnotation = "in-toto.io/predicate-type";
    private const string ArtifactType = "application/vnd.docker.attestation.manifest.v1+json";

    /// <summary>Writes statements.</summary>
    /// <param name="lease">Holds what is written.</param>
    /// <param name="image">What they are about.</param>
    /// <param name="names">The image's names.</param>
    /// <param name="predicates">What is said.</param>
    /// <param name="asArtifact">Whether the manifest is an artifact's (<c>oci-artifact=true</c>).</param>
    /// <returns>The entry of the index.</returns>
    public static Descriptor Write(
        ContentLease lease, Image image, IReadOnlyList<ImageReference> names, IEnumerable<StatementPredicate> predicates, bool asArtifact)
    {
        var layers = new List<Descriptor>();
        var subjects = (names.Count > 0 ? names.Select(name => PackageUrl.OfImage(name, image.Config.Platform)) : ["_"])
            .Select(name => new StatementSubject(name, image.Manifest.Digest)).ToList();
        foreach (var predicate in predicates)
        {
            var statement = InTotoStatement.Create(subjects, predicate, indented: false);
            layers.Add(new Descriptor
            {
                MediaType = StatementType, Digest = Add(lease, statement), Size = statement.Length,
                Annotations = new Dictionary<string, string> { [PredicateAnnotation] = predicate.Type },
            });
        }
        var manifest = ImageDocument.Create(asArtifact ? Artifact(lease, layers, image) : Unrunnable(lease, layers));
        Add(lease, manifest.Bytes.Span);
        return new Descriptor
        {
            MediaType = MediaTypes.OciManifest,
            Digest = manifest.Digest,
            Size = manifest.Bytes.Length,
            Platform = new Platform { Os = "unknown", Architecture = "unknown" },
            Annotations = new Dictionary<string, string>
            {
                [Oci.Images.Annotations.DockerReferenceType] = "attestation-manifest",
                [Oci.Images.Annotations.DockerReferenceDigest] = image.Manifest.Digest.ToString(),
            },
        };
    }

    private static ImageManifest Unrunnable(ContentLease lease, List<Descriptor> layers)
    {
        var config = ImageDocument.Create(new ImageConfig
        {
            Architecture = "unknown", Os = "unknown", Config = new ImageRunConfig(),
            RootFs = new ImageRootFs { DiffIds = [.. layers.Select(layer => layer.Digest)] },
        });
        Add(lease, config.Bytes.Span);
        return new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = config.Digest, Size = config.Bytes.Length },
            Layers = layers,
        };
    }

    /// <summary>An artifact has OCI's empty configuration (image-spec, manifest.md, "Guidance for an Empty Descriptor").</summary>
    private static ImageManifest Artifact(ContentLease lease, List<Descriptor> layers, Image image)
    {
        var empty = "{}"u8;
        return new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            ArtifactType = ArtifactType,
            Config = new Descriptor { MediaType = MediaTypes.OciEmpty, Digest = Add(lease, empty), Size = empty.Length, Data = empty.ToArray() },
            Layers = layers,
            Subject = new Descriptor { MediaType = image.Manifest.MediaType, Digest = image.Manifest.Digest, Size = image.Manifest.Size },
        };
    }

    private static Digest Add(ContentLease lease, ReadOnlySpan<byte> bytes)
    {
        var digest = Digest.Compute(bytes);
        return lease.TryHold(digest) ? digest : lease.Add(bytes);
    }
}
