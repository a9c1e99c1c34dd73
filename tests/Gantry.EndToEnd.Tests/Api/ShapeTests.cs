using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>
/// The API's documents have docker's properties, each of docker's JSON type: null, an empty list and an absent property are three things to a
/// client. What a Docker 28.5 answered at version 1.51 is recorded in <c>Shapes/</c>; with <c>GANTRY_TEST_RECORD</c> naming a folder and a
/// peer to ask it is recorded anew.
/// </summary>
public sealed class ShapeTests(Engine engine) : IClassFixture<Engine>
{
    /// <summary>Objects whose property names are data, and what belongs to the storage driver or to the machine.</summary>
    private static readonly string[] s_opaque =
    [
        "GraphDriver.Data", "Config.Labels", "Labels", "NetworkSettings.Networks", "NetworkSettings.Ports", "HostConfig.Annotations", "HostConfig.Tmpfs",
        "HostConfig.LogConfig.Config", "Components[]",
        "DriverStatus[]", "Runtimes", "RegistryConfig", "Plugins", "DefaultAddressPools[]", "CDISpecDirs", "Swarm", "Mounts[]",
    ];

    /// <summary>
    /// What Docker tells of the parts it is made of (descriptors of images with its containerd store only), what depends on the kernel's version of cgroups,
    /// and what only Gantry tells.
    /// </summary>
    private static readonly string[] s_ofTheMachine = [
        "Descriptor", "[].Descriptor", "LastUsedAt", "[].LastUsedAt", "BuildTime", "FirewallBackend", "Containerd", "Warnings", "HostConfig.OomKillDisable"];

    [Fact]
    public void Container_inspect() => Check("container-inspect", $"/containers/{Running()}/json");

    [Fact]
    public void Container_inspect_of_one_that_ended()
    {
        var name = Started("[\"false\"]");
        engine.Docker.Run("wait", name).Succeeded();
        Check("container-inspect-ended", $"/containers/{name}/json");
    }

    [Fact]
    public void Container_list() => Check("container-list", $"/containers/json?filters={Uri.EscapeDataString($"{{\"name\":[\"{Running()}\"]}}")}");

    [Fact]
    public void Image_inspect() => Check("image-inspect", $"/images/{Engine.Image}/json");

    [Fact]
    public void Image_list() => Check("image-list", $"/images/json?filters={Uri.EscapeDataString($"{{\"reference\":[\"{Engine.Image}\"]}}")}");

    [Fact]
    public void Image_history() => Check("image-history", $"/images/{Engine.Image}/history");

    [Fact]
    public void Version() => Check("version", "/version");

    [Fact]
    public void Info() => Check("info", "/info");

    [Fact]
    public void Top() => Check("top", $"/containers/{Running()}/top");

    [Fact]
    public void Exec_inspect()
    {
        var created = RawHttp.Post(engine, $"/v1.51/containers/{Running()}/exec", """{"Cmd":["true"],"AttachStdout":true}""");
        Assert.Equal(201, created.Status);
        Check("exec-inspect", $"/exec/{JsonDocument.Parse(created.Body).RootElement.GetProperty("Id").GetString()}/json");
    }

    private string Running() => Started("[\"sleep\",\"600\"]");

    /// <summary>Not through a client: which properties it sends beside those that were asked for depends on its version.</summary>
    private string Started(string command)
    {
        var name = engine.NewName();
        var body = $$$"""{"Image":"{{{Engine.Image}}}","Cmd":{{{command}}},"Env":["K=V"],"Labels":{"a":"b"},"HostConfig":{"Binds":["{{{engine.HostFolder}}}:/c:ro"],"NetworkMode":"none"}}""";
        Assert.Equal(201, RawHttp.Post(engine, $"/v1.51/containers/create?name={name}", body).Status);
        Assert.Equal(204, RawHttp.Post(engine, $"/v1.51/containers/{name}/start").Status);
        return name;
    }

    private void Check(string name, string path)
    {
        var answer = RawHttp.Get(engine, "/v1.51" + path);
        Assert.True(answer.Status == 200, answer.Body);
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        Describe(JsonDocument.Parse(answer.Body).RootElement, "", lines);
        if (Environment.GetEnvironmentVariable("GANTRY_TEST_RECORD") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, name + ".txt"), lines);
            return;
        }

        var expected = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Api", "Shapes", name + ".txt"));
        var differences = expected.Except(lines).Select(line => "missing: " + line).Concat(lines.Except(expected).Select(line => "not docker's: " + line))
            .ToList();
        Assert.True(differences.Count == 0, $"{path}\n{string.Join('\n', differences)}\n{answer.Body}");
    }

    /// <summary>One line for each property: its path and its JSON type.</summary>
    private static void Describe(JsonElement element, string path, SortedSet<string> lines)
    {
        if (s_ofTheMachine.Contains(path)) return;
        var kind = element.ValueKind is JsonValueKind.True or JsonValueKind.False ? "Boolean" : element.ValueKind.ToString();
        if (path.Length > 0 && !path.EndsWith("[]", StringComparison.Ordinal)) lines.Add($"{path}: {kind}");
        if (s_opaque.Contains(path.Length > 2 && path.StartsWith("[].", StringComparison.Ordinal) ? path[3..] : path)) return;
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject()) Describe(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", lines);
        else if (element.ValueKind == JsonValueKind.Array)
            foreach (var item in element.EnumerateArray()) Describe(item, path + "[]", lines);
    }
}
