using Gantry.Os;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Keeper;
using Gantry.Volumes;

namespace Gantry.Engine.Containers;

/// <summary>What exists on the host for a container whose process runs. Owned by <see cref="ContainerStarter"/> until it runs, then by
/// <see cref="ContainerExitHandler"/>.</summary>
/// <param name="Process">The process, held by the keeper.</param>
/// <param name="Cgroup">Its cgroup.</param>
/// <param name="RootMount">Its root filesystem; null for a run that an earlier daemon started (then <c>/proc/PID/root</c> leads there).</param>
/// <param name="Volumes">The volumes that are mounted for it.</param>
/// <param name="Hooks">Runs its hooks; null: it has none.</param>
internal sealed record ContainerRun(KeptProcess Process, Cgroup Cgroup, Fd? RootMount, IReadOnlyList<VolumeUse> Volumes, HookRunner? Hooks);
