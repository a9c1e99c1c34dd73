using System.Globalization;
using System.Text.Json;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Images;

/// <summary><c>system df</c> tells what <c>du</c> finds.</summary>
public sealed class DiskUsageTests(Engine engine) : IClassFixture<Engine>
{
    // What belongs to no object: the folders around them, locks, the list of networks, each of a block or two.
    private const long Furniture = 128 * 1024;

    [Fact]
    [Trait("Only", "Gantry")]
    public void The_sums_are_those_of_du()
    {
        var docker = engine.Docker;
        var name = engine.NewName();
        docker.Run("run", "--name", name, "-v", "e2e-df:/v", Engine.Image, "sh", "-c",
            "dd if=/dev/urandom of=/own bs=1M count=3; dd if=/dev/urandom of=/v/f bs=1M count=5; ln /own /again; i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done").Succeeded();
        // The image and its child share a layer, which counts once.
        docker.Run("commit", name, "e2e-df-child:1").Succeeded();
        Command.Run(["sync", "-f", engine.Daemon.Folder]).Succeeded();
        using var usage = JsonDocument.Parse(Get("/v1.52/system/df?verbose=1"));
        var reported = new[] { "ImageUsage", "ContainerUsage", "VolumeUsage", "BuildCacheUsage" }
            .Sum(kind => usage.RootElement.GetProperty(kind).GetProperty("TotalSize").GetInt64());
        var found = long.Parse(Command.Shell($"du -s -B1 '{engine.Daemon.Root}'").Split('\t')[0], CultureInfo.InvariantCulture);
        Assert.InRange(found - reported, 0, Furniture);

        var images = usage.RootElement.GetProperty("ImageUsage").GetProperty("Items").EnumerateArray().ToList();
        Assert.Equal(2, images.Count);
        var shared = images.Select(image => image.GetProperty("SharedSize").GetInt64()).Distinct().ToList();
        Assert.True(Assert.Single(shared) > 1_000_000);
        var unique = images.Sum(image => image.GetProperty("Size").GetInt64() - image.GetProperty("SharedSize").GetInt64());
        var total = usage.RootElement.GetProperty("ImageUsage").GetProperty("TotalSize").GetInt64();
        Assert.InRange(total - unique - shared[0], 0, Furniture);
        docker.Run("rm", name).Succeeded();
        docker.Run("rmi", "e2e-df-child:1").Succeeded();
        docker.Run("volume", "rm", "e2e-df").Succeeded();
    }

    [Theory, BothClients]
    public void The_table_has_dockers_rows(string client)
    {
        var lines = engine.Client(client).Run("system", "df").Succeeded().Lines;
        Assert.Matches("^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$", lines[0]);
        Assert.Equal(["Images", "Containers", "Local Volumes", "Build Cache"], lines.Skip(1).Select(line => line[..15].Trim()));
        Assert.Equal("Images 1", engine.Client(client).Run("system", "df", "--format", "{{.Type}} {{.TotalCount}}").Lines[0]);
    }

    [Theory, BothClients]
    public void The_details_list_every_object(string client)
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "--name", name, "-v", "e2e-df-details:/v", Engine.Image, "true").Succeeded();
        var text = engine.Client(client).Run("system", "df", "-v").Succeeded().Output;
        Assert.Matches(
            $"(?m)^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS{(client == "docker" ? "" : " +LAST USED")}$", text);
        Assert.Matches("(?m)^gantry-e2e +latest +[0-9a-f]{12} ", text);
        Assert.Contains(name, text, StringComparison.Ordinal);
        Assert.Matches("(?m)^e2e-df-details +1 ", text);
        Assert.Contains(name, engine.Client(client).Text("system", "df", "-v", "--format", "{{range .Containers}}{{.Names}} {{end}}"),
            StringComparison.Ordinal);
        engine.Docker.Run("rm", "-v", name).Succeeded();
        engine.Docker.Run("volume", "rm", "e2e-df-details").Succeeded();
    }

    [Fact]
    public void Only_what_is_asked_for_is_measured()
    {
        using var volumes = JsonDocument.Parse(Get("/v1.51/system/df?type=volume"));
        Assert.Equal(JsonValueKind.Null, volumes.RootElement.GetProperty("Images").ValueKind);
        Assert.Equal(JsonValueKind.Array, volumes.RootElement.GetProperty("Volumes").ValueKind);
        Assert.Contains("unknown object type: nonsense", RawHttp.Get(engine, "/system/df?type=nonsense").Body, StringComparison.Ordinal);
    }

    private string Get(string path) => RawHttp.Get(engine, path).Body;
}
