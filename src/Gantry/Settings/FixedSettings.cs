namespace Gantry.Settings;

/// <summary>
/// Keys of docker's <c>daemon.json</c> for what Gantry does in one way only. The values that say so are taken; any other is refused with the reason.
/// </summary>
internal static class FixedSettings
{
    private static readonly Dictionary<string, (string[] Values, string Reason)> s_settings = new(StringComparer.Ordinal)
    {
        ["firewall-backend"] = (["nftables", ""], "rules are made by nftables, which needs no iptables"),
        ["ip-forward"] = (["true"], "containers on bridges need it; it is switched on when the first network needs it"),
        ["ip-forward-no-drop"] = (["true"], "the tables of others, and their policies, are left alone"),
        ["allow-direct-routing"] = (["false"], "say so for each network: com.docker.network.bridge.gateway_mode_ipv4=routed"),
        ["userland-proxy"] = (["true", "false"], ""),
        ["userland-proxy-path"] = ([""], "there is no such program: gantry-runtime passes on what the kernel cannot"),
        ["experimental"] = (["false"], "there is nothing experimental to switch on"),
        ["selinux-enabled"] = (["false"], "this version of Gantry sets no SELinux labels"),
        ["raw-logs"] = (["false"], "the daemon's messages have no colours; --log-format json has documents"),
        ["rootless"] = (["false"], "this version of Gantry runs as root"),
        ["exec-opts"] = (["native.cgroupdriver=cgroupfs"], "cgroups are made in the file system (cgroupfs), without systemd"),
        ["runtimes"] = (
            [], "containers are started by Gantry's own runtime, which is known as gantry and as runc; no other program is called: take the key out"),
        ["default-runtime"] = (["runc", "gantry", "io.containerd.runc.v2"],
            "containers are started by Gantry's own runtime: say gantry or runc, or take the key out"),
        ["userns-remap"] = ([""], "this version of Gantry maps no users for a whole daemon"),
        ["storage-opts"] = ([], "the storage drivers have no options"),
        ["authorization-plugins"] = ([], "there are no plugins: sockets with policies (--socket ADDRESS,policy=...) say who may do what"),
        ["containerd"] = ([""], "there is no containerd below Gantry"),
        ["containerd-namespace"] = (["moby", ""], "there is no containerd below Gantry"),
        ["containerd-plugin-namespace"] = (["plugins.moby", ""], "there is no containerd below Gantry"),
        ["swarm-default-advertise-addr"] = ([""], "this is no swarm manager"),
        ["node-generic-resources"] = ([], "this is no swarm manager"),
        ["network-control-plane-mtu"] = (["1500", "0"], "this is no swarm manager"),
        ["allow-nondistributable-artifacts"] = ([], "layers that a manifest gives other addresses for are never pushed"),
        ["cpu-rt-period"] = (["0"], "this version of Gantry sets no budget of real time for all containers"),
        ["cpu-rt-runtime"] = (["0"], "this version of Gantry sets no budget of real time for all containers"),
        ["oom-score-adjust"] = (["0"], "set it in the unit of systemd (OOMScoreAdjust=)"),
        ["cluster-store"] = ([""], "networks of several hosts are not offered"),
        ["cluster-advertise"] = ([""], "networks of several hosts are not offered"),
        ["init-path"] = ([""], "the init program is in Gantry, and needs no file"),
        ["features"] = (["buildkit=true", "containerd-snapshotter=true", "containerd-snapshotter=false", "cdi=false", "cdi=true"],
            "there is no such feature to switch"),
    };

    /// <summary>Whether docker has such a key.</summary>
    public static bool Knows(string key) => s_settings.ContainsKey(key);

    /// <summary>Why a value cannot be had; null: it is what is the case anyway.</summary>
    public static string? Refusal(string key, string value) => s_settings[key] is var (values, reason) && values.Contains(value)
        ? null
        : $"this version of Gantry does not do {(value.Length > 0 ? value : "that")}: {reason}";
}
