using static Gantry.Compose.Model.Shapes.ModelShapes;

namespace Gantry.Compose.Model.Shapes;

/// <summary>The type of a service: all its attributes, in docker's order.</summary>
internal static class ServiceShape
{
    private static readonly StructShape s_weight = Throttle("weight", Whole);
    private static readonly ListShape s_throttles = new(Throttle("rate", Bytes));

    private static readonly StructShape s_blkio = new(
        F("weight", Whole), F("weight_device", new ListShape(s_weight)), F("device_read_bps", s_throttles), F("device_read_iops", s_throttles),
        F("device_write_bps", s_throttles), F("device_write_iops", s_throttles));

    private static readonly StructShape s_dependency = new(
        F("condition", Text), F("restart", Flag), new Field("required", Flag) { AlwaysInYaml = true, AlwaysInJson = true });

    private static readonly StructShape s_health = new(
        F("test", new HealthTestShape()), Optional("timeout", Duration), Optional("interval", Duration), Optional("retries", Whole),
        Optional("start_period", Duration), Optional("start_interval", Duration), F("disable", Flag));

    private static readonly StructShape s_network = new(
        F("aliases", Texts), F("driver_opts", Map), F("gw_priority", Whole), F("interface_name", Text), F("ipv4_address", Text), F("ipv6_address", Text),
        F("link_local_ips", Texts), F("mac_address", Text), F("priority", Whole));

    private static readonly StructShape s_port = new(
        F("name", Text), F("mode", Text), F("host_ip", Text), F("target", Whole), F("published", Text), F("protocol", Text), F("app_protocol", Text));

    private static readonly StructShape s_volume = new(
        F("type", Text), F("source", Text), F("target", Text), F("read_only", Flag), F("consistency", Text),
        Optional("bind", new StructShape(F("selinux", Text), F("propagation", Text), F("create_host_path", Flag), F("recursive", Text))),
        Optional("volume", new StructShape(F("labels", Map), F("nocopy", Flag), F("subpath", Text))),
        Optional("tmpfs", new StructShape(F("size", Bytes), F("mode", Whole))),
        Optional("image", new StructShape(F("subpath", Text))));

    private static readonly StructShape s_preStart = new(
        new Field("command", Command) { AlwaysInJson = true }, F("image", Text), F("user", Text), F("privileged", Flag), F("working_dir", Text),
        F("environment", Variables), F("per_replica", Flag));

    /// <summary>The service.</summary>
    public static readonly StructShape Service = new(
    [
        F("profiles", Texts), F("annotations", Map), Optional("attach", Flag), Optional("build", Build), Optional("develop", Develop),
        Optional("blkio_config", s_blkio), F("cap_add", Texts), F("cap_drop", Texts), F("cgroup_parent", Text), F("cgroup", Text),
        F("cpu_count", Whole), F("cpu_percent", Fraction), F("cpu_period", Whole), F("cpu_quota", Whole), F("cpu_rt_period", Whole),
        F("cpu_rt_runtime", Whole), F("cpus", Fraction), F("cpuset", Text), F("cpu_shares", Whole),
        new Field("command", Command) { AlwaysInJson = true },
        F("configs", new ListShape(FileMount)), F("container_name", Text),
        Optional("credential_spec", new StructShape(F("config", Text), F("file", Text), F("registry", Text))),
        F("depends_on", new NamedShape(s_dependency)), Optional("deploy", Deploy), F("device_cgroup_rules", Texts),
        F("devices", new ListShape(new StructShape(F("source", Text), F("target", Text), F("permissions", Text)))),
        F("dns", Texts), F("dns_opt", Texts), F("dns_search", Texts), F("domainname", Text),
        new Field("entrypoint", Command) { AlwaysInJson = true },
        Optional("provider", new StructShape(F("type", Text), F("options", new OptionListShape()))),
        F("environment", Variables), F("env_file", new ListShape(new EnvironmentFileShape())), F("expose", Texts),
        Optional("extends", new StructShape(F("file", Text), F("service", Text))), F("external_links", Texts), F("extra_hosts", new HostsShape()),
        F("group_add", Texts), F("gpus", new ListShape(DeviceRequest)), F("hostname", Text), Optional("healthcheck", s_health), F("image", Text),
        Optional("init", Flag), F("ipc", Text), F("isolation", Text), F("labels", Map), F("label_file", Texts), F("links", Texts),
        Optional("logging", new StructShape(F("driver", Text), F("options", Map))), F("mem_limit", Bytes), F("mem_reservation", Bytes),
        F("memswap_limit", Bytes), F("mem_swappiness", Bytes), F("mac_address", Text),
        F("models", new NamedShape(new StructShape(F("endpoint_var", Text), F("model_var", Text)))), F("network_mode", Text),
        F("networks", new NamedShape(s_network)), F("oom_kill_disable", Flag), F("oom_score_adj", Whole), F("pid", Text), F("pids_limit", Whole),
        F("platform", Text), F("ports", new ListShape(s_port)), F("privileged", Flag), F("pull_policy", Text),
        new Field("pull_refresh_after", Text) { Unwritten = true },
        F("read_only", Flag), F("restart", Text), F("runtime", Text), Optional("scale", Whole), F("secrets", new ListShape(FileMount)),
        F("security_opt", Texts), F("shm_size", Bytes), F("stdin_open", Flag), Optional("stop_grace_period", Duration), F("stop_signal", Text),
        F("storage_opt", Map), F("sysctls", Map), F("tmpfs", Texts), F("tty", Flag), F("ulimits", new NamedShape(new UlimitShape())),
        F("use_api_socket", Flag), F("user", Text), F("userns_mode", Text), F("uts", Text), F("volumes", new ListShape(s_volume)),
        F("volumes_from", Texts), F("working_dir", Text), F("pre_start", new ListShape(s_preStart)), F("post_start", new ListShape(Hook)),
        F("pre_stop", new ListShape(Hook)),
    ]);

    // These two have capitals in JSON, as docker's types have no names for it.
    private static StructShape Throttle(string name, Shape shape) => new(
        new Field("path", Text) { JsonName = "Path", AlwaysInYaml = true, AlwaysInJson = true },
        new Field(name, shape) { JsonName = char.ToUpperInvariant(name[0]) + name[1..], AlwaysInYaml = true, AlwaysInJson = true });
}
