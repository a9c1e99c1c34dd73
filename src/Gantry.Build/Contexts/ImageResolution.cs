using System.Collections.Concurrent;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Progress;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Contexts;

/// <summary>Finds the base images of one build: each once, in the store unless a registry was to be asked.</summary>
internal sealed class ImageResolution(ImageStore images, LayoutImages layouts, BuildRequest request, BuildProgress progress) : IImageResolver
{
    private readonly ConcurrentDictionary<(string, string), Lazy<Task<Image>>> _found = new();

    public Task<Image> ResolveAsync(string reference, Platform platform, CancellationToken cancellation) =>
        _found.GetOrAdd((reference, platform.ToString()), _ => new Lazy<Task<Image>>(() => FindAsync(reference, platform, cancellation))).Value;

    private Task<Image> FindAsync(string reference, Platform platform, CancellationToken cancellation)
    {
        if (LayoutReference.IsOne(reference))
            return progress.Begin($"[internal] load metadata for {reference}").RunAsync(_ => layouts.ResolveAsync(reference, platform, cancellation));
        var parsed = ImageReference.Parse(reference).WithDefaultTag();
        return progress.Begin($"[internal] load metadata for {parsed}").RunAsync(async step =>
        {
            // A few letters that happen to begin the ID of an image are a name.
            var image = Local(IsId(reference) ? reference : parsed.ToString(), platform);
            if (image is null || request.AlwaysPull)
                image = await request.Pull(parsed, platform, state => Report(step, state), cancellation);
            images.Use.Touch(image.Id);
            return image;
        });
    }

    private Image? Local(string reference, Platform platform)
    {
        if (images.Find(reference) is not { } image)
            return null;
        try
        {
            return images.Resolve(reference, platform);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.NotFound)
        {
            return request.Options.IsClassic ? image : null;
        }
    }

    private static bool IsId(string reference)
    {
        const string algorithm = "sha256:";
        const int shortLength = 12;
        var digits = reference.StartsWith(algorithm, StringComparison.Ordinal) ? reference.AsSpan(algorithm.Length) : reference;
        return digits.Length >= shortLength && !digits.ContainsAnyExcept("0123456789abcdef");
    }

    private static void Report(ProgressStep step, ImageProgress state)
    {
        if (state.LayerId is { } layer)
            step.Part(layer, state.Status ?? state.Line ?? "", state.Current, state.Total, state.Status is "Pull complete" or "Already exists");
    }
}
