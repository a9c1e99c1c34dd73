using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits of huge pages, in whichever version has the controller (Documentation/admin-guide/cgroup-v1/hugetlb.rst, cgroup-v2.rst).</summary>
internal static class HugepageLimits
{
    /// <exception cref="GantryException">There is no such controller or page size.</exception>
    internal static void Apply(ControllerFolders folders, IReadOnlyList<HugepageLimit> limits)
    {
        foreach (var limit in limits)
        {
            if (limit.PageSize.Contains('/'))
                throw GantryException.Invalid($"cgroup: \"{limit.PageSize}\" is not a size of huge pages");
            var unified = folders.Need("hugetlb", "the limit of huge pages").Hierarchy.IsUnified;
            var file = unified ? $"hugetlb.{limit.PageSize}.max" : $"hugetlb.{limit.PageSize}.limit_in_bytes";
            var reserved = unified ? $"hugetlb.{limit.PageSize}.rsvd.max" : $"hugetlb.{limit.PageSize}.rsvd.limit_in_bytes";
            var folder = folders.NeedFile("hugetlb", file, $"the limit of {limit.PageSize} pages");
            folder.Write(file, limit.Limit);
            // Limits reservations too, so that mmap fails instead of a later access; Linux 5.7.
            if (folder.Exists(reserved))
                folder.Write(reserved, limit.Limit);
        }
    }
}
