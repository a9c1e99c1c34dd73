using Gantry.Compose.Values;

namespace Gantry.Compose.Interpolation;

/// <summary>The places of a model where a text, which is all a variable can give, is turned into a number or a boolean before the schema sees it.</summary>
internal static class ScalarTypes
{
    /// <summary>The type of a place, or null where texts stay texts.</summary>
    public static ScalarKind? At(List<string> path) => path switch
    {
        ["services", _, var key] => OfService(key),
        ["services", _, "ulimits", _] or ["services", _, "ulimits", _, "hard" or "soft"] => ScalarKind.Integer,
        ["services", _, "ports", "[]", "target"] => ScalarKind.Integer,
        ["services", _, "volumes", "[]", "read_only"] or ["services", _, "volumes", "[]", "volume", "nocopy"] => ScalarKind.Boolean,
        ["services", _, "healthcheck", "retries"] => ScalarKind.Integer,
        ["services", _, "healthcheck", "disable"] => ScalarKind.Boolean,
        ["services", _, "deploy", "replicas"] => ScalarKind.Integer,
        ["services", _, "deploy", "update_config" or "rollback_config", "parallelism"] => ScalarKind.Integer,
        ["services", _, "deploy", "update_config" or "rollback_config", "max_failure_ratio"] => ScalarKind.Float,
        ["services", _, "deploy", "restart_policy", "max_attempts"] => ScalarKind.Integer,
        ["services", _, "deploy", "placement", "max_replicas_per_node"] => ScalarKind.Integer,
        ["networks", _, "external" or "internal" or "attachable" or "enable_ipv4" or "enable_ipv6"] => ScalarKind.Boolean,
        ["volumes" or "secrets" or "configs", _, "external"] => ScalarKind.Boolean,
        _ => null,
    };

    private static ScalarKind? OfService(string key) => key switch
    {
        "cpu_count" or "cpu_period" or "cpu_quota" or "cpu_rt_period" or "cpu_rt_runtime" or "cpu_shares" or "oom_score_adj" or "pids_limit" or "scale" =>
            ScalarKind.Integer,
        "cpu_percent" => ScalarKind.Float,
        "cpus" => ScalarKind.Single,
        "init" or "oom_kill_disable" or "privileged" or "read_only" or "stdin_open" or "tty" => ScalarKind.Boolean,
        _ => null,
    };
}
