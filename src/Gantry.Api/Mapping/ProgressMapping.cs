using Gantry.Api.Model;
using Gantry.Images;

namespace Gantry.Api.Mapping;

/// <summary>Progress of image operations on the wire.</summary>
internal static class ProgressMapping
{
    /// <summary>A load's lines are text to be shown as it is, its layers are states.</summary>
    public static ProgressMessage OfLoad(ImageProgress progress) => progress.Line is { } line ? new ProgressMessage { Stream = line + "\n" } : OfLayer(progress);

    /// <summary>An import's lines are states, too.</summary>
    public static ProgressMessage OfImport(ImageProgress progress) => progress.Line is { } line ? new ProgressMessage { Status = line } : OfLayer(progress);

    private static ProgressMessage OfLayer(ImageProgress progress) => new()
    {
        Status = progress.Status,
        Id = progress.LayerId,
        ProgressDetail = new ProgressDetail { Current = progress.Current, Total = progress.Total },
    };
}
