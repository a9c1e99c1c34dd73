using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Engine.Create;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Create;

public sealed class MountValidatorTests
{
    private static void Check(HostConfig host) => MountValidator.Check(new ContainerConfig(), host);

    private static string Problem(HostConfig host)
    {
        var error = Assert.Throws<GantryException>(() => Check(host));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        return error.Message;
    }

    [Theory]
    [InlineData("""{"Type":"tmpfs","Target":"/t","BindOptions":{}}""", "BindOptions must not be specified on mount type \"tmpfs\"")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","VolumeOptions":{}}""", "VolumeOptions must not be specified on mount type \"bind\"")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","TmpfsOptions":{}}""", "TmpfsOptions must not be specified on mount type \"bind\"")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","ImageOptions":{}}""",
        "invalid mount config for type \"bind\": field ImageOptions must not be specified")]
    [InlineData("""{"Type":"bind","Source":"/tmp"}""", "invalid mount config for type \"bind\": field Target must not be empty")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"t"}""",
        "invalid mount config for type \"bind\": invalid mount path: 't' mount path must be absolute")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t/.."}""",
        "invalid mount config for type \"bind\": invalid specification: destination can't be '/'")]
    [InlineData("""{"Source":"/tmp","Target":"/t"}""", "invalid mount config for type \"\": mount type unknown")]
    [InlineData("""{"Type":"npipe","Source":"/tmp","Target":"/t"}""", "invalid mount config for type \"npipe\": mount type unknown")]
    [InlineData("""{"Type":"bind","Target":"/t"}""", "invalid mount config for type \"bind\": field Source must not be empty")]
    [InlineData("""{"Type":"bind","Source":"tmp","Target":"/t"}""",
        "invalid mount config for type \"bind\": invalid mount path: 'tmp' mount path must be absolute")]
    [InlineData("""{"Type":"bind","Source":"/nonexistent/x","Target":"/t"}""",
        "invalid mount config for type \"bind\": bind source path does not exist: /nonexistent/x")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"Propagation":"foo"}}""",
        "invalid mount config for type \"bind\": invalid propagation mode: foo")]
    [InlineData("""{"Type":"volume","Target":"/t","VolumeOptions":{"Subpath":"x"}}""",
        "invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes")]
    [InlineData("""{"Type":"volume","Source":"v1","Target":"/t","VolumeOptions":{"Subpath":"a/../../x"}}""",
        "invalid mount config for type \"volume\": subpath must be a relative path within the volume")]
    [InlineData("""{"Type":"image","Source":"i","Target":"/t","ImageOptions":{"Subpath":"/x"}}""",
        "invalid mount config for type \"image\": subpath must be a relative path within the volume")]
    [InlineData("""{"Type":"image","Target":"/t"}""", "invalid mount config for type \"image\": field Source must not be empty")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"ReadOnlyForceRecursive":true}}""",
        "mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"ReadOnlyNonRecursive":true}}""",
        "mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive")]
    [InlineData("""{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":-1}}""", "invalid mount config for type \"tmpfs\": invalid size: -1")]
    [InlineData("""{"Type":"tmpfs","Source":"x","Target":"/t"}""", "invalid mount config for type \"tmpfs\": field Source must not be specified")]
    [InlineData("""{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Options":[["foo"]]}}""", "invalid mount config for type \"tmpfs\": invalid option: foo")]
    [InlineData("""{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"Options":[["uid","5","6"]]}}""",
        "invalid mount config for type \"tmpfs\": invalid option array length")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"IDMapping":{}}}""",
        "invalid mount config for type \"bind\": field IDMapping: needs the source \"match-user\", or UIDMaps or GIDMaps, without a User")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"IDMapping":{"Source":"userns"}}}""",
        "invalid mount config for type \"bind\": field IDMapping: the source \"userns\" needs a container with a user namespace of its own")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"IDMapping":{"UIDMaps":[{"ContainerID":0,"HostID":5,"Size":3},{"ContainerID":2,"HostID":50,"Size":3}]}}}""", "invalid mount config for type \"bind\": field IDMapping: ranges of UIDMaps overlap")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/t","BindOptions":{"IDMapping":{"GIDMaps":[{"ContainerID":0,"HostID":4294967294,"Size":2}]}}}""",
        "invalid mount config for type \"bind\": field IDMapping: GIDMaps has the range 0:4294967294:2, which is not one of IDs")]
    public void Refuses_in_docker_s_words(string mount, string problem) =>
        Assert.Equal(problem, Problem(new HostConfig { Mounts = [JsonSerializer.Deserialize(mount, ApiJson.Wire.Mount)!] }));

    [Fact]
    public void One_place_is_taken_once()
    {
        Assert.Equal("Duplicate mount point: /x", Problem(new HostConfig { Binds = ["va:/x", "/tmp:/x/"] }));
        Assert.Equal("Duplicate mount point: /y", Problem(new HostConfig { Binds = ["va:/x/../y"], Tmpfs = new Dictionary<string, string> { ["/y"] = "" } }));
        Assert.Equal("Duplicate mount point: /y", Problem(new HostConfig { Binds = ["va:/y"], Mounts = [new Mount { Type = "tmpfs", Target = "/y" }] }));
        // The image's own volumes, and -v without a source, give way.
        MountValidator.Check(new ContainerConfig { Volumes = new Dictionary<string, EmptyObject> { ["/y"] = EmptyObject.Value } },
            new HostConfig { Binds = ["va:/y"] });
    }

    [Theory]
    [InlineData("/a:b", "invalid volume specification: '/a:b': invalid mount config for type \"bind\": invalid mount path: 'b' mount path must be absolute")]
    [InlineData("va", "invalid volume specification: 'va': invalid mount config for type \"volume\": invalid mount path: 'va' mount path must be absolute")]
    [InlineData("/a:/b:foo", "invalid mode: foo")]
    [InlineData("/a:/b:ro,rw", "invalid mode: ro,rw")]
    [InlineData("va:/b:rslave,rslave", "invalid mode: rslave,rslave")]
    [InlineData("va:/b:shared",
        "invalid volume specification: 'va:/b:shared': invalid mount config for type \"volume\": field BindOptions must not be specified")]
    [InlineData("/a:/b:nocopy",
        "invalid volume specification: '/a:/b:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified")]
    [InlineData("a:b:c:d", "invalid volume specification: 'a:b:c:d'")]
    public void Binds_are_refused_in_docker_s_words(string bind, string problem) =>
        Assert.Equal(problem, Assert.Throws<GantryException>(() => Check(new HostConfig { Binds = [bind] })).Message);

    [Theory]
    [InlineData("", "volumes-from specification cannot be an empty string")]
    [InlineData("a:foo", "invalid mode: foo")]
    [InlineData("a:b:c", "invalid mode: b:c")]
    public void Inherited_volumes_are_refused_in_docker_s_words(string from, string problem) =>
        Assert.Equal(problem, Problem(new HostConfig { VolumesFrom = [from] }));

    [Fact]
    public void Tmpfs_places_are_refused_in_docker_s_words()
    {
        Assert.Equal("invalid mount path: 'x' mount path must be absolute", Problem(new HostConfig { Tmpfs = new Dictionary<string, string> { ["x"] = "" } }));
        Assert.Equal("invalid specification: destination can't be '/'", Problem(new HostConfig { Tmpfs = new Dictionary<string, string> { ["/"] = "" } }));
    }
}
