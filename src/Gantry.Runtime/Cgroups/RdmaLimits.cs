using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits of RDMA resources, alike in both versions (Documentation/admin-guide/cgroup-v1/rdma.rst).</summary>
internal static class RdmaLimits
{
    internal static void Apply(ControllerFolders folders, IReadOnlyDictionary<string, RdmaResources>? limits)
    {
        foreach (var (device, limit) in limits ?? new Dictionary<string, RdmaResources>())
        {
            var handles = limit.HcaHandles is { } most ? $" hca_handle={most}" : "";
            var objects = limit.HcaObjects is { } count ? $" hca_object={count}" : "";
            folders.Need("rdma", "RDMA limits").Write("rdma.max", device + handles + objects);
        }
    }
}
