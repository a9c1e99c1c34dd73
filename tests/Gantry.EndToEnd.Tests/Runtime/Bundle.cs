using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Runtime;

/// <summary>An OCI bundle in a folder of its own, and the runtime's command line with a state folder of its own.</summary>
internal sealed class Bundle : IDisposable
{
    private readonly List<string> _ids = [];

    public Bundle(params string[] command)
    {
        // The path must mean the same to a peer that has a root folder of its own.
        Path = "/tmp/gantry-e2e-bundle-" + Guid.NewGuid().ToString("N")[..12];
        SeenHere = (TestEnvironment.PeerRuntime is null ? "" : TestEnvironment.PeerRoot) + Path;
        Directory.CreateDirectory(SeenHere + "/rootfs");
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' | tar -xC '{SeenHere}/rootfs'");
        Runtime("spec", "--bundle", Path).Succeeded();
        Change(spec =>
        {
            spec["process"]!["terminal"] = false;
            spec["process"]!["args"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]);
        });
    }

    public string Path { get; }

    public string SeenHere { get; }

    private string StateFolder => Path + "/state";

    /// <summary>A new container ID; what bears it is deleted at the end.</summary>
    public string NewId()
    {
        var id = "e2e-" + Guid.NewGuid().ToString("N")[..12];
        _ids.Add(id);
        return id;
    }

    /// <summary>Runs the runtime with these arguments.</summary>
    public CommandResult Runtime(params string[] arguments) =>
        Command.Run([.. TestEnvironment.PeerRuntime ?? [TestEnvironment.GantryRuntime], "--root", StateFolder, .. arguments]);

    /// <summary>Creates a container whose output goes to a file: what is created keeps its standard streams, and the command must end.</summary>
    public CommandResult Create(string id, string output) =>
        Command.Run(["sh", "-c", $"\"$@\" >'{output}' 2>&1 </dev/null", "sh", .. TestEnvironment.PeerRuntime ?? [TestEnvironment.GantryRuntime], "--root",
            StateFolder, "create", "--bundle", Path, id]);

    public JsonNode State(string id) => JsonNode.Parse(Runtime("state", id).Text)!;

    public string Status(string id) => (string)State(id)["status"]!;

    /// <summary>Edits the bundle's config.json.</summary>
    public void Change(Action<JsonNode> change)
    {
        var file = SeenHere + "/config.json";
        var spec = JsonNode.Parse(File.ReadAllText(file))!;
        change(spec);
        File.WriteAllText(file, spec.ToJsonString());
    }

    public void Dispose()
    {
        foreach (var id in _ids) Runtime("delete", "--force", id);
        Directory.Delete(SeenHere, recursive: true);
    }
}
