using Gantry.Engine.Migrate;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Migrate;

public sealed class DockerContainersTests : IDisposable
{
    private static readonly string s_id = new('a', 64);
    private static readonly string s_volume = new('b', 64);
    private readonly DockerFolder _docker = new();

    public void Dispose() => _docker.Dispose();

    private void Add(string id, string host = "{}", string name = "/web")
    {
        _docker.Write($"containers/{id}/config.v2.json", $$$$"""
            {"ID":"{{{{id}}}}","Name":"{{{{name}}}}","Image":"sha256:{{{{new string('c', 64)}}}}",
             "Config":{"Hostname":"h","Image":"app:1","Cmd":["serve"],"Entrypoint":null,"Env":["A=1"],"Volumes":{"/anon":{}}},
             "NetworkSettings":{"Networks":{"front":{"IPAMConfig":{"IPv4Address":"10.9.0.5"},"Aliases":["www"],"DesiredMacAddress":"02:00:00:00:00:01"}}},
             "MountPoints":{"/anon":{"Type":"volume","Name":"{{{{s_volume}}}}","RW":true},"/named":{"Type":"volume","Name":"data","RW":true},"/other":{"Type":"volume","Name":"theirs","RW":false}}}
            """);
        _docker.Write($"containers/{id}/hostconfig.json", host);
    }

    [Fact]
    public void A_container_is_asked_for_as_it_was()
    {
        Add(s_id, """{"Binds":["data:/named"],"NetworkMode":"front","Runtime":"runc","VolumesFrom":["gone"],"RestartPolicy":{"Name":"always","MaximumRetryCount":0}}""");
        using var root = DockerRoot.Open(_docker.Root);
        var containers = new DockerContainers(root);
        var container = Assert.Single(containers.Read((id, problem) => Assert.Fail(problem)));

        var creation = containers.Describe(container, "app:1", name => name);

        Assert.Equal((s_id, "web"), (creation.Id, creation.Name));
        Assert.Equal(["serve"], creation.Config.Cmd!);
        Assert.Equal([""], creation.Config.Entrypoint!); // The image's must not come back.
        Assert.Equal(["data:/named", $"{s_volume}:/anon", "theirs:/other:ro"], creation.HostConfig.Binds);
        Assert.Null(creation.HostConfig.VolumesFrom);
        Assert.Null(creation.HostConfig.Runtime);
        Assert.Equal("always", creation.HostConfig.RestartPolicy.Name);
        var endpoint = creation.Networking!.EndpointsConfig!["front"]!;
        Assert.Equal(("10.9.0.5", "02:00:00:00:00:01"), (endpoint.IPAMConfig!.IPv4Address, endpoint.MacAddress));
        Assert.Equal(["www"], endpoint.Aliases);
        Assert.Equal(["front"], containers.NetworksOf(container));
        Assert.Equal([s_volume, "data", "theirs"], container.Volumes);
    }

    [Fact]
    public void On_another_network_nothing_of_the_lost_one_is_asked_for()
    {
        Add(s_id, """{"NetworkMode":"front"}""");
        using var root = DockerRoot.Open(_docker.Root);
        var containers = new DockerContainers(root);
        var creation = containers.Describe(containers.Read((_, _) => { })[0], "app:1", _ => "bridge");
        Assert.Equal("bridge", creation.HostConfig.NetworkMode);
        var (name, endpoint) = Assert.Single(creation.Networking!.EndpointsConfig!);
        Assert.Equal("bridge", name);
        Assert.Null(endpoint!.Aliases);
        Assert.Equal("", endpoint.MacAddress);
    }

    [Fact]
    public void One_that_cannot_be_read_is_told_and_the_others_are_read()
    {
        Add(s_id);
        _docker.Write($"containers/{new string('d', 64)}/config.v2.json", "{");
        _docker.Write($"containers/{new string('e', 64)}/config.v2.json", """{"ID":"other"}""");
        Directory.CreateDirectory(Path.Combine(_docker.Root, "containers", new string('f', 64)));
        Directory.CreateDirectory(Path.Combine(_docker.Root, "containers", "no ID"));
        using var root = DockerRoot.Open(_docker.Root);
        var problems = new List<string>();
        Assert.Single(new DockerContainers(root).Read((id, _) => problems.Add(id)));
        Assert.Equal([new string('d', 64), new string('e', 64)], problems);
    }

    [Fact]
    public void The_changes_are_in_the_folder_that_is_named_and_nowhere_else()
    {
        Add(s_id);
        using var root = DockerRoot.Open(_docker.Root);
        var containers = new DockerContainers(root);
        var container = containers.Read((_, _) => { })[0];
        _docker.Write("overlay2/m1/diff/a", "one");
        _docker.Write($"image/overlay2/layerdb/mounts/{s_id}/mount-id", "m1");
        containers.OpenChanges(container).Dispose();
        _docker.Write($"image/overlay2/layerdb/mounts/{s_id}/mount-id", "../m1");
        Assert.Throws<GantryException>(() => containers.OpenChanges(container));
    }

    [Fact]
    public void Names_choose_and_bring_what_they_need()
    {
        Add(s_id);
        using var root = DockerRoot.Open(_docker.Root);
        var containers = new DockerContainers(root).Read((_, _) => { });
        var none = new Dictionary<string, string>();
        var all = new MigrationPlan(
            [new DockerImage(containers[0].Image, []),
                new DockerImage(Gantry.Oci.Images.Digest.Compute("x"u8), [Gantry.Oci.Images.ImageReference.Parse("app:1")])],
            [new DockerVolume("data", "local", none, none), new DockerVolume("free", "local", none, none),
                new DockerVolume("lost", "local", none, new Dictionary<string, string> { ["com.docker.volume.anonymous"] = "" })],
            containers);

        var one = MigrationPlan.Choose(["web"], all, "x");
        Assert.Equal([containers[0].Image], one.Images.Select(image => image.Id));
        Assert.Equal(["data"], one.Volumes.Select(volume => volume.Name));
        Assert.Equal(["web"], one.Containers.Select(container => container.Name));

        var whole = MigrationPlan.Choose([], all, "x");
        Assert.Equal(2, whole.Images.Count);
        Assert.Equal(["data", "free"], whole.Volumes.Select(volume => volume.Name));

        Assert.Equal("app:1", Assert.Single(MigrationPlan.Choose(["app:1"], all, "x").Images).Title);
        Assert.Empty(MigrationPlan.Choose(["free"], all, "x").Containers);
        Assert.Equal("migrate: there is no image, volume or container \"nothing\" in x",
            Assert.Throws<GantryException>(() => MigrationPlan.Choose(["nothing"], all, "x")).Message);
    }
}
