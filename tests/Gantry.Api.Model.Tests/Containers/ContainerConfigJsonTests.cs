using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gantry.Api.Model.Tests.Containers;

public class ContainerConfigJsonTests
{
    // What a Docker 28.5 daemon answers for `create --network none -e K=V --health-cmd true --health-interval 5s -v /tmp:/c:ro --tmpfs /t -m 64m`.
    private const string HostConfigOfDocker =
        """{"Binds":["/tmp:/c:ro"],"ContainerIDFile":"","LogConfig":{"Type":"json-file","Config":{}},"NetworkMode":"none","PortBindings":{},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"host","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"Tmpfs":{"/t":""},"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc","Isolation":"","CpuShares":0,"Memory":67108864,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,"DeviceRequests":null,"MemoryReservation":0,"MemorySwap":134217728,"MemorySwappiness":null,"OomKillDisable":false,"PidsLimit":null,"Ulimits":[],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":["/proc/asound"],"ReadonlyPaths":["/proc/bus"]}""";

    private const string ConfigOfDocker =
        """{"Hostname":"d53ba785f89c","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["K=V"],"Cmd":["sleep","600"],"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000},"Image":"busybox","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{}}""";

    [Fact]
    public void HostConfig_is_written_exactly_as_docker_writes_it() =>
        Assert.Equal(
            HostConfigOfDocker, JsonSerializer.Serialize(JsonSerializer.Deserialize(HostConfigOfDocker, ApiJson.Wire.HostConfig)!, ApiJson.Wire.HostConfig));

    [Fact]
    public void Config_is_written_exactly_as_docker_writes_it() =>
        Assert.Equal(
            ConfigOfDocker, JsonSerializer.Serialize(JsonSerializer.Deserialize(ConfigOfDocker, ApiJson.Wire.ContainerConfig)!, ApiJson.Wire.ContainerConfig));

    [Fact]
    public void An_empty_request_has_the_zero_values_of_Go()
    {
        var request = JsonSerializer.Deserialize("""{"HostConfig":{}}""", ApiJson.Wire.ContainerCreateRequest)!;
        Assert.Equal("", request.Hostname);
        Assert.Null(request.Env);
        var host = JsonNode.Parse(JsonSerializer.Serialize(request.HostConfig!, ApiJson.Wire.HostConfig))!;
        Assert.Equal("[0,0]", host["ConsoleSize"]!.ToJsonString());
        Assert.Equal("""{"Name":"","MaximumRetryCount":0}""", host["RestartPolicy"]!.ToJsonString());
        Assert.False(host.AsObject().ContainsKey("Tmpfs"));
    }

    [Theory]
    [InlineData("""{"image":"a","ENV":["A=b"],"hostconfig":{"memory":5}}""")]
    [InlineData("""{"Image":"a","Env":["A=b"],"HostConfig":{"Memory":5,"Mystery":[1]},"Other":{"x":null}}""")]
    [InlineData("""{"Image":"a","Env":["A=b"],"Hostname":null,"Tty":null,"Labels":null,"HostConfig":{"Memory":5,"CpuShares":null,"LogConfig":null,"ConsoleSize":null,"RestartPolicy":null,"OomScoreAdj":null}}""")]
    public void Case_unknown_fields_and_nulls_do_not_matter(string body)
    {
        var request = JsonSerializer.Deserialize(body, ApiJson.Wire.ContainerCreateRequest)!;
        Assert.Equal("a", request.Image);
        Assert.Equal(["A=b"], request.Env!);
        Assert.Equal(5, request.HostConfig!.Memory);
        Assert.Equal("", request.Hostname);
        Assert.Equal("", request.HostConfig.LogConfig.Type);
    }

    [Fact]
    public void A_command_may_be_one_string()
    {
        var config = JsonSerializer.Deserialize("""{"Cmd":"ls -l","Entrypoint":["/a",null]}""", ApiJson.Wire.ContainerConfig)!;
        Assert.Equal(["ls -l"], config.Cmd!);
        Assert.Equal(["/a", ""], config.Entrypoint!);
    }

    [Fact]
    public void A_number_as_command_is_refused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"Cmd":[1]}""", ApiJson.Wire.ContainerConfig));

    [Fact]
    public void The_stored_configuration_has_no_host_configuration()
    {
        var request = JsonSerializer.Deserialize("""{"Image":"a","HostConfig":{}}""", ApiJson.Wire.ContainerCreateRequest)!;
        Assert.IsType<ContainerConfig>(request.ToConfig());
    }

    [Fact]
    public void Text_is_not_escaped_beyond_need() =>
        Assert.Contains("\"a<b>&ü\"", JsonSerializer.Serialize(new ContainerConfig { User = "a<b>&ü" }, ApiJson.Wire.ContainerConfig));
}
