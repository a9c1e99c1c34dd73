using Gantry.Api.Model;

namespace Gantry.Client.Http;

/// <summary>
/// Writes the request that creates a container: members that have no value, or the one that a missing member has, are left out, and what few
/// containers have is left to <see cref="RequestJson"/>. A test fills every member and compares.
/// </summary>
internal static class CreateRequestJson
{
    /// <summary>The JSON of a request.</summary>
    public static byte[] Write(ContainerCreateRequest request)
    {
        var text = new JsonText().Begin();
        WriteConfig(text, request);
        if (request.HostConfig is { } host)
        {
            text.Name("HostConfig"u8).Begin();
            WriteHost(text, host);
            WriteResources(text, host);
            text.End();
        }
        text.Text("MacAddress"u8, request.MacAddress);
        if (request.NetworkingConfig?.EndpointsConfig is { Count: > 0 } endpoints)
            WriteEndpoints(text, endpoints);
        return text.End().ToArray();
    }

    private static void WriteEndpoints(JsonText text, IReadOnlyDictionary<string, EndpointSettings?> endpoints)
    {
        text.Name("NetworkingConfig"u8).Begin().Name("EndpointsConfig"u8).Begin();
        foreach (var (network, settings) in endpoints)
        {
            text.Key(network);
            if (settings is null)
                text.Null();
            else
                WriteEndpoint(text.Begin(), settings).End();
        }
        text.End().End();
    }

    private static JsonText WriteEndpoint(JsonText text, EndpointSettings settings) => text
        .Other("IPAMConfig"u8, settings.IPAMConfig, static value => RequestJson.Write(value))
        .Texts("Links"u8, settings.Links)
        .Texts("Aliases"u8, settings.Aliases)
        .Text("MacAddress"u8, settings.MacAddress)
        .Map("DriverOpts"u8, settings.DriverOpts)
        .Number("GwPriority"u8, settings.GwPriority)
        .Text("NetworkID"u8, settings.NetworkID)
        .Text("EndpointID"u8, settings.EndpointID)
        .Text("Gateway"u8, settings.Gateway)
        .Text("IPAddress"u8, settings.IPAddress)
        .Number("IPPrefixLen"u8, settings.IPPrefixLen)
        .Text("IPv6Gateway"u8, settings.IPv6Gateway)
        .Text("GlobalIPv6Address"u8, settings.GlobalIPv6Address)
        .Number("GlobalIPv6PrefixLen"u8, settings.GlobalIPv6PrefixLen)
        .Texts("DNSNames"u8, settings.DNSNames);

    private static void WriteConfig(JsonText text, ContainerConfig config) => text
        .Text("Hostname"u8, config.Hostname)
        .Text("Domainname"u8, config.Domainname)
        .Text("User"u8, config.User)
        .Flag("AttachStdin"u8, config.AttachStdin)
        .Flag("AttachStdout"u8, config.AttachStdout)
        .Flag("AttachStderr"u8, config.AttachStderr)
        .Other("ExposedPorts"u8, config.ExposedPorts, static value => RequestJson.Write(value))
        .Flag("Tty"u8, config.Tty)
        .Flag("OpenStdin"u8, config.OpenStdin)
        .Flag("StdinOnce"u8, config.StdinOnce)
        .Texts("Env"u8, config.Env)
        .Texts("Cmd"u8, config.Cmd)
        .Other("Healthcheck"u8, config.Healthcheck, static value => RequestJson.Write(value))
        .Flag("ArgsEscaped"u8, config.ArgsEscaped)
        .Text("Image"u8, config.Image)
        .Other("Volumes"u8, config.Volumes is { Count: > 0 } volumes ? volumes : null, static value => RequestJson.Write(value))
        .Text("WorkingDir"u8, config.WorkingDir)
        .Texts("Entrypoint"u8, config.Entrypoint)
        .Flag("NetworkDisabled"u8, config.NetworkDisabled)
        .Texts("OnBuild"u8, config.OnBuild)
        .Map("Labels"u8, config.Labels)
        .Text("StopSignal"u8, config.StopSignal)
        .GivenNumber("StopTimeout"u8, config.StopTimeout)
        .Texts("Shell"u8, config.Shell);

    private static void WriteHost(JsonText text, HostConfig host)
    {
        text.Texts("Binds"u8, host.Binds).Text("ContainerIDFile"u8, host.ContainerIDFile);
        text.Name("LogConfig"u8).Begin().Text("Type"u8, host.LogConfig.Type).Map("Config"u8, host.LogConfig.Config).End();
        text.Text("NetworkMode"u8, host.NetworkMode);
        text.Other("PortBindings"u8, host.PortBindings is { Count: > 0 } ports ? ports : null, static value => RequestJson.Write(value));
        text.Name("RestartPolicy"u8).Begin().Text("Name"u8, host.RestartPolicy.Name).Number("MaximumRetryCount"u8, host.RestartPolicy.MaximumRetryCount).End();
        text.Flag("AutoRemove"u8, host.AutoRemove)
            .Text("VolumeDriver"u8, host.VolumeDriver)
            .Texts("VolumesFrom"u8, host.VolumesFrom);
        if (host.ConsoleSize[0] != 0 || host.ConsoleSize[1] != 0)
            text.Other("ConsoleSize"u8, host.ConsoleSize, static value => RequestJson.Write(value));
        text.Map("Annotations"u8, host.Annotations)
            .Texts("CapAdd"u8, host.CapAdd)
            .Texts("CapDrop"u8, host.CapDrop)
            .Text("CgroupnsMode"u8, host.CgroupnsMode)
            .Texts("Dns"u8, host.Dns)
            .Texts("DnsOptions"u8, host.DnsOptions)
            .Texts("DnsSearch"u8, host.DnsSearch)
            .Texts("ExtraHosts"u8, host.ExtraHosts)
            .Texts("GroupAdd"u8, host.GroupAdd)
            .Text("IpcMode"u8, host.IpcMode)
            .Text("Cgroup"u8, host.Cgroup)
            .Texts("Links"u8, host.Links)
            .Number("OomScoreAdj"u8, host.OomScoreAdj)
            .Text("PidMode"u8, host.PidMode)
            .Flag("Privileged"u8, host.Privileged)
            .Flag("PublishAllPorts"u8, host.PublishAllPorts)
            .Flag("ReadonlyRootfs"u8, host.ReadonlyRootfs)
            .Texts("SecurityOpt"u8, host.SecurityOpt)
            .Map("StorageOpt"u8, host.StorageOpt)
            .Map("Tmpfs"u8, host.Tmpfs)
            .Text("UTSMode"u8, host.UTSMode)
            .Text("UsernsMode"u8, host.UsernsMode)
            .Number("ShmSize"u8, host.ShmSize)
            .Map("Sysctls"u8, host.Sysctls)
            .Text("Runtime"u8, host.Runtime)
            .Text("Isolation"u8, host.Isolation)
            .Others("Mounts"u8, host.Mounts, static value => RequestJson.Write(value))
            .Texts("MaskedPaths"u8, host.MaskedPaths)
            .Texts("ReadonlyPaths"u8, host.ReadonlyPaths)
            .GivenFlag("Init"u8, host.Init);
    }

    private static void WriteResources(JsonText text, ContainerResources resources) => text
        .Number("CpuShares"u8, resources.CpuShares)
        .Number("Memory"u8, resources.Memory)
        .Number("NanoCpus"u8, resources.NanoCpus)
        .Text("CgroupParent"u8, resources.CgroupParent)
        .Number("BlkioWeight"u8, resources.BlkioWeight)
        .Others("BlkioWeightDevice"u8, resources.BlkioWeightDevice, static value => RequestJson.Write(value))
        .Others("BlkioDeviceReadBps"u8, resources.BlkioDeviceReadBps, static value => RequestJson.Write(value))
        .Others("BlkioDeviceWriteBps"u8, resources.BlkioDeviceWriteBps, static value => RequestJson.Write(value))
        .Others("BlkioDeviceReadIOps"u8, resources.BlkioDeviceReadIOps, static value => RequestJson.Write(value))
        .Others("BlkioDeviceWriteIOps"u8, resources.BlkioDeviceWriteIOps, static value => RequestJson.Write(value))
        .Number("CpuPeriod"u8, resources.CpuPeriod)
        .Number("CpuQuota"u8, resources.CpuQuota)
        .Number("CpuRealtimePeriod"u8, resources.CpuRealtimePeriod)
        .Number("CpuRealtimeRuntime"u8, resources.CpuRealtimeRuntime)
        .Text("CpusetCpus"u8, resources.CpusetCpus)
        .Text("CpusetMems"u8, resources.CpusetMems)
        .Others("Devices"u8, resources.Devices, static value => RequestJson.Write(value))
        .Texts("DeviceCgroupRules"u8, resources.DeviceCgroupRules)
        .Others("DeviceRequests"u8, resources.DeviceRequests, static value => RequestJson.Write(value))
        .Number("KernelMemoryTCP"u8, resources.KernelMemoryTCP)
        .Number("MemoryReservation"u8, resources.MemoryReservation)
        .Number("MemorySwap"u8, resources.MemorySwap)
        .GivenNumber("MemorySwappiness"u8, resources.MemorySwappiness)
        .GivenFlag("OomKillDisable"u8, resources.OomKillDisable)
        .GivenNumber("PidsLimit"u8, resources.PidsLimit)
        .Others("Ulimits"u8, resources.Ulimits, static value => RequestJson.Write(value))
        .Number("CpuCount"u8, resources.CpuCount)
        .Number("CpuPercent"u8, resources.CpuPercent)
        .Number("IOMaximumIOps"u8, resources.IOMaximumIOps)
        .Number("IOMaximumBandwidth"u8, resources.IOMaximumBandwidth);
}
