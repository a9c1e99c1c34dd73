using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands.Daemon;

/// <summary>The disk space of objects of one kind, as <c>system df</c> shows it.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Active">How many are in use.</param>
/// <param name="Bytes">What all occupy.</param>
/// <param name="ReclaimableBytes">What those not in use occupy.</param>
/// <param name="WithPercent">Whether docker shows a percentage for this kind.</param>
internal sealed record DiskUsageRow(string Type, int Total, int Active, long Bytes, long ReclaimableBytes, bool WithPercent = true)
{
    /// <summary>What templates can show.</summary>
    public static IReadOnlyList<Column<DiskUsageRow>> Columns =>
    [
        new("Type", "TYPE", static row => row.Type),
        new("TotalCount", "TOTAL", static row => row.Total.ToString(CultureInfo.InvariantCulture)),
        new("Active", "ACTIVE", static row => row.Active.ToString(CultureInfo.InvariantCulture)),
        new("Size", "SIZE", static row => HumanText.Size(row.Bytes)),
        new("Reclaimable", "RECLAIMABLE", static row => row.Reclaimable),
    ];

    private string Reclaimable => WithPercent && Bytes > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{HumanText.Size(ReclaimableBytes)} ({ReclaimableBytes * 100 / Bytes}%)")
        : HumanText.Size(ReclaimableBytes);

    /// <summary>The rows, computed from the lists as docker's client does.</summary>
    public static IReadOnlyList<DiskUsageRow> Of(SystemDiskUsageResponse usage)
    {
        var images = usage.Images ?? [];
        var containers = usage.Containers ?? [];
        var volumes = usage.Volumes ?? [];
        var usedImages = images.Where(static image => image.Containers != 0).ToArray();
        var idle = containers.Where(static container => !IsActive(container)).ToArray();
        return
        [
            new("Images", images.Count, usedImages.Length, usage.LayersSize, usage.LayersSize - usedImages.Sum(static image => image.Size - image.SharedSize)),
            new("Containers", containers.Count, containers.Count - idle.Length, containers.Sum(static one => one.SizeRw), idle.Sum(static one => one.SizeRw)),
            new(
                "Local Volumes", volumes.Count, volumes.Count(static volume => volume.UsageData?.RefCount > 0), volumes.Sum(SizeOf),
                volumes.Where(static volume => volume.UsageData?.RefCount is 0).Sum(SizeOf)),
            new("Build Cache", usage.BuildCache?.Count ?? 0, 0, usage.BuilderSize ?? 0, usage.BuilderSize ?? 0, WithPercent: false),
        ];
    }

    private static long SizeOf(VolumeResource volume) => Math.Max(0, volume.UsageData?.Size ?? 0);

    private static bool IsActive(ContainerSummary container) => container.State is "running" or "paused" or "restarting";
}
