using System.Globalization;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Images;

namespace Gantry.Api.Mapping;

/// <summary>Progress of image operations on the wire.</summary>
internal static class ProgressMapping
{
    /// <summary>A load's lines are text to be shown as it is, its layers are states.</summary>
    public static ProgressMessage OfLoad(ImageProgress progress) =>
        progress.Line is { } line ? new ProgressMessage { Stream = line + "\n" } : OfLayer(progress);

    /// <summary>An import's lines are states, too.</summary>
    public static ProgressMessage OfImport(ImageProgress progress) => progress.Line is { } line ? new ProgressMessage { Status = line } : OfLayer(progress);

    /// <summary>A pull's or push's lines are states, some of a tag.</summary>
    public static ProgressMessage OfTransfer(ImageProgress progress) =>
        progress.Line is { } line ? new ProgressMessage { Status = line, Id = progress.LayerId } : OfLayer(progress) with { Progress = Bar(progress) };

    /// <summary>What a push ends with for programs.</summary>
    public static ProgressMessage OfPushed(PushedImage image) => new()
    {
        ProgressDetail = new ProgressDetail(),
        Aux = JsonSerializer.SerializeToElement(
            new PushResult { Tag = image.Tag, Digest = image.Target.Digest.ToString(), Size = image.Target.Size }, ApiJson.Wire.PushResult),
    };

    /// <summary>The state as clients that know no numbers show it: <c>[=====>     ]  1.2MB/3.4MB</c>.</summary>
    private static string? Bar(ImageProgress progress)
    {
        const int width = 50;
        if (progress.Total <= 0)
            return null;
        var done = (int)(Math.Min(progress.Current, progress.Total) * width / progress.Total);
        var bar = done == width ? new string('=', width) : new string('=', done) + ">" + new string(' ', width - done - 1);
        return $"[{bar}]  {Size(progress.Current)}/{Size(progress.Total)}";
    }

    private static string Size(double bytes)
    {
        ReadOnlySpan<string> units = ["B", "kB", "MB", "GB", "TB"];
        var unit = 0;
        for (; bytes >= 1000 && unit < units.Length - 1; unit++)
            bytes /= 1000;
        return bytes.ToString("G4", CultureInfo.InvariantCulture) + units[unit];
    }

    private static ProgressMessage OfLayer(ImageProgress progress) => new()
    {
        Status = progress.Status,
        Id = progress.LayerId,
        ProgressDetail = new ProgressDetail { Current = progress.Current, Total = progress.Total },
    };
}
