using System.Globalization;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands.Images;

/// <summary>What <c>images</c> can show of an image.</summary>
internal static class ImageColumns
{
    private const string Unknown = "N/A";

    /// <summary>The columns of <c>system df --verbose</c>, where containers are counted.</summary>
    public static IReadOnlyList<Column<ImageRow>> OfUsage =>
    [
        .. All(truncate: true).Select(static column => column.Name == "Containers"
            ? column with { Value = static row => row.Image.Containers.ToString(CultureInfo.InvariantCulture) }
            : column),
    ];

    /// <summary>The columns by docker's names.</summary>
    /// <param name="truncate">Whether IDs are cut.</param>
    public static IReadOnlyList<Column<ImageRow>> All(bool truncate) =>
    [
        new("ID", "IMAGE ID", row => truncate ? HumanText.ShortId(row.Image.Id) : row.Image.Id),
        new("Repository", "REPOSITORY", static row => row.Repository),
        new("Tag", "TAG", static row => row.Tag),
        new("Digest", "DIGEST", static row => row.Digest),
        new("CreatedSince", "CREATED", static row => HumanText.Ago(DateTimeOffset.FromUnixTimeSeconds(row.Image.Created))),
        new("CreatedAt", "CREATED AT", static row => HumanText.Timestamp(DateTimeOffset.FromUnixTimeSeconds(row.Image.Created))),
        new("LastUsed", "LAST USED", static row => row.Image.LastUsedAt is { } time ? HumanText.Ago(time) : Unknown),
        new("Size", "SIZE", static row => HumanText.Size(row.Image.Size, 3)),
        new("Containers", "CONTAINERS", static row => row.Image.Containers < 0 ? Unknown : row.Image.Containers.ToString(CultureInfo.InvariantCulture)),
        new("VirtualSize", "VIRTUAL SIZE", static row => HumanText.Size(row.Image.Size)),
        new("SharedSize", "SHARED SIZE", static row => row.Image.SharedSize < 0 ? Unknown : HumanText.Size(row.Image.SharedSize)),
        new("UniqueSize", "UNIQUE SIZE", static row => row.Image.SharedSize < 0 ? Unknown : HumanText.Size(row.Image.Size - row.Image.SharedSize)),
    ];
}
