using Gantry.Storage.Snapshots;
using Gantry.Storage.Snapshots.Overlay;
using Gantry.Storage.Snapshots.Vfs;

namespace Gantry.Storage.Tests.Snapshots;

public sealed class OverlaySnapshotterTests : SnapshotterConformance
{
    protected override ISnapshotter Open(string root, string bootId, Action<Exception> report) => OverlaySnapshotter.Open(root, bootId, report);
}

/// <summary>Overlay as kernels before 6.8 do it.</summary>
public sealed class OldOverlaySnapshotterTests : SnapshotterConformance
{
    protected override ISnapshotter Open(string root, string bootId, Action<Exception> report)
        => OverlaySnapshotter.Open(root, bootId, report, OldOverlayMounter.Mount);
}

public sealed class VfsSnapshotterTests : SnapshotterConformance
{
    protected override ISnapshotter Open(string root, string bootId, Action<Exception> report) => VfsSnapshotter.Open(root, bootId, report);
}
