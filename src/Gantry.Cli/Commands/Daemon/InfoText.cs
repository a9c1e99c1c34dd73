using System.Globalization;
using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands.Daemon;

/// <summary>The text form of what a daemon says of itself.</summary>
internal static class InfoText
{
    /// <summary>Formats the daemon's part; it ends with an empty line.</summary>
    public static string Format(SystemInfo info)
    {
        var text = new StringBuilder();
        AppendObjects(text, info);
        AppendPlugins(text, info);
        AppendRuntimes(text, info);
        AppendSecurity(text, info);
        AppendHost(text, info);
        AppendSettings(text, info);
        return text.Append('\n').ToString();
    }

    private static void AppendObjects(StringBuilder text, SystemInfo info)
    {
        Line(text, 1, "Containers", Number(info.Containers));
        Line(text, 2, "Running", Number(info.ContainersRunning));
        Line(text, 2, "Paused", Number(info.ContainersPaused));
        Line(text, 2, "Stopped", Number(info.ContainersStopped));
        Line(text, 1, "Images", Number(info.Images));
        LineUnlessEmpty(text, 1, "Server Version", info.ServerVersion);
        Line(text, 1, "Storage Driver", info.Driver);
        foreach (var status in info.DriverStatus)
            Line(text, 2, status[0], status.Count > 1 ? status[1] : "");
    }

    private static void AppendPlugins(StringBuilder text, SystemInfo info)
    {
        LineUnlessEmpty(text, 1, "Logging Driver", info.LoggingDriver);
        LineUnlessEmpty(text, 1, "Cgroup Driver", info.CgroupDriver);
        LineUnlessEmpty(text, 1, "Cgroup Version", info.CgroupVersion ?? "");
        text.Append(" Plugins:\n");
        Line(text, 2, "Volume", string.Join(' ', info.Plugins.Volume));
        Line(text, 2, "Network", string.Join(' ', info.Plugins.Network));
        if (info.Plugins.Authorization is { Count: > 0 } authorization)
            Line(text, 2, "Authorization", string.Join(' ', authorization));
        Line(text, 2, "Log", string.Join(' ', info.Plugins.Log));
        AppendList(text, "CDI spec directories", info.CDISpecDirs);
    }

    private static void AppendRuntimes(StringBuilder text, SystemInfo info)
    {
        LineUnlessEmpty(text, 1, "Swarm", info.Swarm.LocalNodeState);
        if (info.Runtimes.Count > 0)
        {
            Line(text, 1, "Runtimes", string.Join(' ', info.Runtimes.Keys.Order(StringComparer.Ordinal)));
            Line(text, 1, "Default Runtime", info.DefaultRuntime);
        }
        if (info.OSType != "linux")
            return;
        Line(text, 1, "Init Binary", info.InitBinary);
        Line(text, 1, "containerd version", info.ContainerdCommit.ID);
        Line(text, 1, "runc version", info.RuncCommit.ID);
        Line(text, 1, "init version", info.InitCommit.ID);
    }

    private static void AppendSecurity(StringBuilder text, SystemInfo info)
    {
        if (info.SecurityOptions.Count == 0)
            return;
        text.Append(" Security Options:\n");
        foreach (var option in info.SecurityOptions)
        {
            foreach (var (key, value) in option.Split(',')
                .Select(static part => (part[..part.IndexOf('=', StringComparison.Ordinal)], part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..])))
            {
                if (key == "name")
                    text.Append(CultureInfo.InvariantCulture, $"  {value}\n");
                else
                    Line(text, 3, char.ToUpperInvariant(key[0]) + key[1..], value);
            }
        }
    }

    private static void AppendHost(StringBuilder text, SystemInfo info)
    {
        LineUnlessEmpty(text, 1, "Kernel Version", info.KernelVersion);
        LineUnlessEmpty(text, 1, "Operating System", info.OperatingSystem);
        LineUnlessEmpty(text, 1, "OSType", info.OSType);
        LineUnlessEmpty(text, 1, "Architecture", info.Architecture);
        Line(text, 1, "CPUs", Number(info.NCPU));
        Line(text, 1, "Total Memory", HumanText.BinarySize(info.MemTotal));
        LineUnlessEmpty(text, 1, "Name", info.Name);
        LineUnlessEmpty(text, 1, "ID", info.ID);
    }

    private static void AppendSettings(StringBuilder text, SystemInfo info)
    {
        Line(text, 1, "Docker Root Dir", info.DockerRootDir);
        Line(text, 1, "Debug Mode", Truth(info.Debug));
        LineUnlessEmpty(text, 1, "HTTP Proxy", info.HttpProxy);
        LineUnlessEmpty(text, 1, "HTTPS Proxy", info.HttpsProxy);
        LineUnlessEmpty(text, 1, "No Proxy", info.NoProxy);
        AppendList(text, "Labels", info.Labels);
        Line(text, 1, "Experimental", Truth(info.ExperimentalBuild));
        if (info.RegistryConfig is { } registry)
        {
            AppendList(text, "Insecure Registries",
                [.. registry.IndexConfigs.Where(static index => !index.Value.Secure).Select(static index => index.Key), .. registry.InsecureRegistryCIDRs]);
            AppendList(text, "Registry Mirrors", registry.Mirrors);
        }
        Line(text, 1, "Live Restore Enabled", Truth(info.LiveRestoreEnabled));
        LineUnlessEmpty(text, 1, "Product License", info.ProductLicense ?? "");
    }

    private static void AppendList(StringBuilder text, string name, IReadOnlyList<string>? items)
    {
        if (items is not { Count: > 0 })
            return;
        text.Append(' ').Append(name).Append(":\n");
        foreach (var item in items)
            text.Append("  ").Append(item).Append('\n');
    }

    private static void Line(StringBuilder text, int indent, string name, string value) =>
        text.Append(' ', indent).Append(name).Append(": ").Append(value).Append('\n');

    private static void LineUnlessEmpty(StringBuilder text, int indent, string name, string value)
    {
        if (value.Length > 0)
            Line(text, indent, name, value);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Truth(bool value) => value ? "true" : "false";
}
