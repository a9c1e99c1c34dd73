namespace Gantry.Compose.Model.Shapes;

/// <summary>The types of the model's elements but services. The order of members is that of docker's output.</summary>
internal static class ModelShapes
{
    internal static readonly TextShape Text = new();
    internal static readonly FlagShape Flag = new();
    internal static readonly WholeShape Whole = new();
    internal static readonly SingleShape Fraction = new();
    internal static readonly BytesShape Bytes = new();
    internal static readonly DurationShape Duration = new();
    internal static readonly TextListShape Texts = new();
    internal static readonly CommandShape Command = new();
    internal static readonly TextMapShape Map = new(Unset.Empty);
    internal static readonly TextMapShape Variables = new(Unset.Null);

    /// <summary>A network.</summary>
    internal static readonly StructShape Network = new(
        F("name", Text), F("driver", Text), F("driver_opts", Map),
        F("ipam", new StructShape(
            F("driver", Text),
            F("config", new ListShape(new StructShape(F("subnet", Text), F("gateway", Text), F("ip_range", Text), F("aux_addresses", Map)))))),
        F("external", Flag), F("internal", Flag), F("attachable", Flag), F("labels", Map), Optional("enable_ipv4", Flag), Optional("enable_ipv6", Flag));

    /// <summary>A volume.</summary>
    internal static readonly StructShape Volume = new(F("name", Text), F("driver", Text), F("driver_opts", Map), F("external", Flag), F("labels", Map));

    /// <summary>A secret or a configuration.</summary>
    internal static readonly StructShape FileObject = new(
        F("name", Text), F("file", Text), F("environment", Text), F("content", Text), F("external", Flag), F("labels", Map), F("driver", Text),
        F("driver_opts", Map), F("template_driver", Text));

    /// <summary>A language model.</summary>
    internal static readonly StructShape LanguageModel = new(F("name", Text), F("model", Text), F("context_size", Whole), F("runtime_flags", Texts));

    /// <summary>A command that is run beside a container's own.</summary>
    internal static readonly StructShape Hook = new(
        new Field("command", Command) { AlwaysInJson = true }, F("user", Text), F("privileged", Flag), F("working_dir", Text), F("environment", Variables));

    /// <summary>A secret or a configuration in a service.</summary>
    internal static readonly StructShape FileMount = new(
        F("source", Text), F("target", Text), F("uid", Text), F("gid", Text), Optional("mode", new FileModeShape()));

    /// <summary>Devices that are asked for by what they can do.</summary>
    internal static readonly StructShape DeviceRequest = new(
        F("capabilities", Texts), F("driver", Text), F("count", new DeviceCountShape()), F("device_ids", Texts), F("options", Map));

    /// <summary>How to build an image.</summary>
    internal static readonly StructShape Build = new(
        F("context", Text), F("dockerfile", Text), F("dockerfile_inline", Text), F("entitlements", Texts), F("args", Variables), F("provenance", Text),
        F("sbom", Text), F("ssh", new SshShape()), F("labels", Map), F("cache_from", Texts), F("cache_to", Texts), F("no_cache", Flag),
        F("no_cache_filter", Texts),
        F("additional_contexts", Map), F("pull", Flag), F("extra_hosts", new HostsShape()), F("isolation", Text), F("network", Text), F("target", Text),
        F("secrets", new ListShape(FileMount)), F("shm_size", Bytes), F("tags", Texts), F("ulimits", new NamedShape(new UlimitShape())), F("platforms", Texts),
        F("privileged", Flag));

    /// <summary>How a service is deployed.</summary>
    internal static readonly StructShape Deploy = new(
        F("mode", Text), Optional("replicas", Whole), F("labels", Map), Optional("update_config", Update()), Optional("rollback_config", Update()),
        F("resources", new StructShape(Optional("limits", Resource()), Optional("reservations", Resource()))),
        Optional("restart_policy", new StructShape(
            F("condition", Text), Optional("delay", Duration), Optional("max_attempts", Whole), Optional("window", Duration))),
        F("placement", new StructShape(
            F("constraints", Texts), F("preferences", new ListShape(new StructShape(F("spread", Text)))), F("max_replicas_per_node", Whole))),
        F("endpoint_mode", Text));

    /// <summary>What to do when files change.</summary>
    internal static readonly StructShape Develop = new(F("watch", new ListShape(new StructShape(
        new Field("path", Text) { AlwaysInYaml = true, AlwaysInJson = true }, new Field("action", Text) { AlwaysInYaml = true, AlwaysInJson = true },
        F("target", Text), F("exec", Hook), F("include", Texts), F("ignore", Texts), F("initial_sync", Flag)))));

    /// <summary>A member that is left out when it is zero.</summary>
    internal static Field F(string name, Shape shape) => new(name, shape);

    /// <summary>A member that counts when it is there.</summary>
    internal static Field Optional(string name, Shape shape) => new(name, shape) { Optional = true };

    private static StructShape Update() => new(
        Optional("parallelism", Whole), F("delay", Duration), F("failure_action", Text), F("monitor", Duration), F("max_failure_ratio", Fraction),
        F("order", Text));

    private static StructShape Resource() => new(
        F("cpus", Fraction), F("memory", Bytes), F("pids", Whole), F("devices", new ListShape(DeviceRequest)),
        F("generic_resources", new ListShape(new StructShape(Optional("discrete_resource_spec", new StructShape(
            new Field("kind", Text) { AlwaysInYaml = true, AlwaysInJson = true }, new Field("value", Whole) { AlwaysInYaml = true, AlwaysInJson = true }))))));
}
