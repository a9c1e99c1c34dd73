using Gantry.Compose.Planning;

namespace Gantry.Compose.Tests;

/// <summary>What becomes of a service's attributes in the configuration of its container.</summary>
public class ContainerRequestTests
{
    [Fact]
    public void Attributes_arrive()
    {
        var request = Build("""
            services:
              web:
                image: busybox
                command: sh -c 'echo hi'
                environment: {B: 2, A: 1, NONE: }
                ports: ["127.0.0.1:8080:80", "53/udp"]
                expose: [90]
                restart: on-failure:3
                mem_limit: 64m
                cpus: 0.5
                ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
                stop_grace_period: 1m30s
                healthcheck: {test: "true", interval: 2s, retries: 4}
                extra_hosts: ["a=1.2.3.4"]
                tmpfs: ["/run:size=1m", /tmp]
                volumes: ["data:/data:ro", "/x:/y", "/anon", {type: bind, source: /a, target: /b}]
                cap_add: [NET_ADMIN]
                logging: {driver: json-file, options: {max-size: 1m}}
            volumes: {data: }
            """);
        var host = request.HostConfig!;
        Assert.Equal(["sh", "-c", "echo hi"], request.Cmd!);
        Assert.Equal(["A=1", "B=2", "NONE"], request.Env!);
        Assert.Equal(["53/udp", "80/tcp", "90"], request.ExposedPorts!.Keys);
        Assert.Equal(("127.0.0.1", "8080"), (host.PortBindings!["80/tcp"]![0].HostIp, host.PortBindings["80/tcp"]![0].HostPort));
        Assert.Equal(("on-failure", 3), (host.RestartPolicy.Name, host.RestartPolicy.MaximumRetryCount));
        Assert.Equal((64L << 20, 500_000_000L, 90), (host.Memory, host.NanoCpus, request.StopTimeout));
        Assert.Equal([("nofile", 1L, 2L), ("nproc", 3L, 3L)], host.Ulimits!.Select(static limit => (limit.Name, limit.Soft, limit.Hard)));
        Assert.Equal(["CMD-SHELL", "true"], request.Healthcheck!.Test!);
        Assert.Equal((2_000_000_000L, 4), (request.Healthcheck.Interval, request.Healthcheck.Retries));
        Assert.Equal(["a:1.2.3.4"], host.ExtraHosts!);
        Assert.Equal(("size=1m", ""), (host.Tmpfs!["/run"], host.Tmpfs["/tmp"]));
        Assert.Equal(["/a:/b:rw", "/x:/y:rw", "p_data:/data:ro"], host.Binds!.Order(StringComparer.Ordinal));
        Assert.Equal(["/anon"], host.Mounts!.Select(static mount => mount.Target!));
        Assert.Equal("1m", host.LogConfig.Config!["max-size"]);
        Assert.Equal("p_default", host.NetworkMode);
        Assert.Equal(["p-web-1", "web"], request.NetworkingConfig!.EndpointsConfig!["p_default"]!.Aliases!);
    }

    [Fact]
    public void The_labels_are_dockers()
    {
        var labels = Build(
            "services:\n  web: {image: busybox, labels: {own: x}, depends_on: {db: {condition: service_healthy, restart: true}}}\n  db: {image: busybox}\n").Labels!;
        Assert.Equal("x", labels["own"]);
        Assert.Equal(("p", "web", "1", "False"), (labels[Labels.Project], labels[Labels.Service], labels[Labels.Number], labels[Labels.OneOff]));
        Assert.Equal("db:service_healthy:true", labels[Labels.DependsOn]);
        Assert.Equal(64, labels[Labels.ConfigHash].Length);
    }

    private static Api.Model.ContainerCreateRequest Build(string text)
    {
        var project = LoadedProject.Of(text);
        var service = project.Service("web");
        var labels = service.Definition.TextMap("labels");
        foreach (var (key, value) in service.OwnLabels)
            labels[key] = value;
        var mounts = MountPlan.Of(project, service, [], [], static _ => { });
        return new ContainerRequests(project).Build(service, new ContainerPurpose(1, labels, [], mounts));
    }
}
