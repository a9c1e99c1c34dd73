using Gantry.Oci;

namespace Gantry.Runtime.Cgroups;

/// <summary>The folders of one control group, by controller: what the limits of both versions are written through.</summary>
internal sealed class ControllerFolders(IReadOnlyList<CgroupFolder> folders)
{
    internal CgroupFolder? Find(string controller)
    {
        foreach (var folder in folders)
            if (folder.Hierarchy.Has(controller))
                return folder;
        return null;
    }

    /// <summary>The folder of a controller that a limit needs.</summary>
    /// <exception cref="GantryException">The controller is not there: a limit is never dropped in silence.</exception>
    internal CgroupFolder Need(string controller, string limit) =>
        Find(controller) ?? throw GantryException.Invalid($"cgroup: cannot set {limit}: this machine has no {controller} controller");

    /// <summary>The folder of a controller whose file the kernel may have been built without.</summary>
    /// <exception cref="GantryException">Controller or file are not there.</exception>
    internal CgroupFolder NeedFile(string controller, string file, string limit)
    {
        var folder = Need(controller, limit);
        return folder.Exists(file)
            ? folder
            : throw GantryException.Invalid($"cgroup: cannot set {limit}: the {controller} controller of this kernel has no {file}");
    }
}
