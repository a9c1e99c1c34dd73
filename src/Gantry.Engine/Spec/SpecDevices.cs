using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Spec;

/// <summary>The device nodes of a container and which devices its cgroup may use.</summary>
/// <param name="Nodes">Nodes beside the default ones.</param>
/// <param name="Rules">Rules in the order in which they apply; the last that fits decides.</param>
internal sealed partial record SpecDevices(IReadOnlyList<DeviceSpec> Nodes, IReadOnlyList<DeviceRule> Rules)
{
    private static readonly DeviceRule[] s_defaultRules =
    [
        new() { Allow = false, Access = "rwm" },
        Rule("c", 1, 3), // null
        Rule("c", 1, 5), // zero
        Rule("c", 1, 7), // full
        Rule("c", 1, 8), // random
        Rule("c", 1, 9), // urandom
        Rule("c", 5, 0), // tty
        Rule("c", 5, 1), // console
        Rule("c", 5, 2), // ptmx
        Rule("c", 136, null), // pts/*
        new() { Allow = true, Type = "c", Access = "m" },
        new() { Allow = true, Type = "b", Access = "m" },
    ];

    public static SpecDevices Build(HostConfig host)
    {
        var nodes = new List<DeviceSpec>();
        var rules = new List<DeviceRule>(s_defaultRules);
        if (host.Privileged)
        {
            rules = [new() { Allow = true, Access = "rwm" }];
            nodes.AddRange(All("/dev").Select(d => d.At(d.Path)));
        }

        foreach (var mapping in host.Devices ?? [])
            Add(mapping, nodes, rules);
        if (!host.Privileged)
            rules.AddRange((host.DeviceCgroupRules ?? []).Select(ParseRule));
        return new SpecDevices(nodes, rules);
    }

    private static void Add(DeviceMapping mapping, List<DeviceSpec> nodes, List<DeviceRule> rules)
    {
        var source = mapping.PathOnHost ?? "";
        var target = string.IsNullOrEmpty(mapping.PathInContainer) ? source : mapping.PathInContainer;
        var access = string.IsNullOrEmpty(mapping.CgroupPermissions) ? "rwm" : mapping.CgroupPermissions;
        List<HostDevice> devices = HostDevice.Read(source) is { } single ? [single] : [.. All(source)];
        if (devices.Count == 0)
        {
            throw GantryException.Invalid(
                $"error gathering device information while adding custom device \"{source}\": "
                + (Path.Exists(source) ? "not a device node" : "no such file or directory"));
        }

        foreach (var device in devices)
        {
            var path = device.Path == source ? target : target + device.Path[source.Length..];
            nodes.RemoveAll(n => n.Path == path);
            nodes.Add(device.At(path));
            rules.Add(device.Allow(access));
        }
    }

    /// <summary>The devices below a folder, but not what a container has of its own: pts, shm, mqueue, console.</summary>
    private static IEnumerable<HostDevice> All(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null || (folder == "/dev" && entry.Name is "pts" or "shm" or "fd" or "mqueue" or "console" or ".lxc"))
                continue;
            if (entry is DirectoryInfo)
            {
                foreach (var below in All(entry.FullName))
                    yield return below;
            }
            else if (HostDevice.Read(entry.FullName) is { } device)
            {
                yield return device;
            }
        }
    }

    private static DeviceRule ParseRule(string text)
    {
        if (RuleForm().Match(text) is not { Success: true } match)
            throw GantryException.Invalid($"invalid device cgroup rule format: '{text}'");
        return new DeviceRule
        {
            Allow = true,
            Type = match.Groups[1].Value,
            Major = Number(match.Groups[2].Value),
            Minor = Number(match.Groups[3].Value),
            Access = match.Groups[4].Value,
        };
    }

    private static long? Number(string text) => text == "*" ? null : long.Parse(text, CultureInfo.InvariantCulture);

    private static DeviceRule Rule(string type, long major, long? minor) =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = "rwm" };

    [GeneratedRegex(@"^([acb]) ([0-9]{1,9}|\*):([0-9]{1,9}|\*) ([rwm]{1,3})$")]
    private static partial Regex RuleForm();
}
