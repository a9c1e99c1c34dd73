using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Spec;

/// <summary>Which namespaces a container has to itself and which it shares with the host or another container.</summary>
/// <param name="registry">Where the other containers are found.</param>
/// <param name="cgroupNamespaceByDefault">Whether the host's cgroups are version 2: then a cgroup namespace of its own is the default.</param>
internal sealed class SpecNamespaces(ContainerRegistry registry, bool cgroupNamespaceByDefault)
{
    private const string Joined = "container:";

    public IReadOnlyList<NamespaceSpec> Build(Container container)
    {
        var host = container.HostConfig;
        var result = new List<NamespaceSpec> { new("mount") };
        Add(result, "network", host.NetworkMode, "net");
        Add(result, "pid", host.PidMode, "pid");
        Add(result, "ipc", host.IpcMode, "ipc");
        Add(result, "uts", host.UTSMode, "uts");
        if (HasCgroupNamespace(host.CgroupnsMode))
            result.Add(new NamespaceSpec("cgroup"));
        return result;
    }

    /// <summary>The kinds of namespace that the running container is in besides the host's.</summary>
    public IReadOnlyList<NamespaceSpec> Kinds(Container container) =>
        HasCgroupNamespace(container.HostConfig.CgroupnsMode) ? [new NamespaceSpec("cgroup")] : [];

    /// <summary>Whether the container has a network namespace, and so kernel parameters of it, to itself.</summary>
    public static bool OwnsNetwork(Container container) => container.HostConfig.NetworkMode != "host" && !IsJoined(container.HostConfig.NetworkMode);

    /// <summary>The container that a mode such as <c>container:web</c> names; null when it names none.</summary>
    public Container? Other(string? mode) => IsJoined(mode) ? registry.Get(mode![Joined.Length..]) : null;

    private bool HasCgroupNamespace(string mode) => mode switch
    {
        "host" => false,
        "private" => true,
        _ => cgroupNamespaceByDefault,
    };

    private void Add(List<NamespaceSpec> result, string type, string mode, string procName)
    {
        if (mode == "host")
            return;
        if (Other(mode) is not { } other)
        {
            result.Add(new NamespaceSpec(type));
            return;
        }

        if (!other.State.IsRunning)
            throw GantryException.Conflict(
                $"cannot join {type} namespace of a non running container: container {other.Name} is {other.State.Status.ToString().ToLowerInvariant()}");
        result.Add(new NamespaceSpec(type, $"/proc/{other.State.Pid}/ns/{procName}"));
    }

    private static bool IsJoined(string? mode) => mode?.StartsWith(Joined, StringComparison.Ordinal) is true;
}
