using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>A compose project in a folder of its own; it is taken down at the end.</summary>
internal sealed class ComposeProject : IDisposable
{
    private readonly Engine _engine;
    private readonly WorkFolder _folder = new();

    public ComposeProject(Engine engine, string file)
    {
        _engine = engine;
        Name = engine.NewName().ToLowerInvariant().Replace(".", "", StringComparison.Ordinal);
        Write(file);
    }

    public string Name { get; }

    public void Write(string file) => File.WriteAllText(_folder.File("compose.yaml"), file);

    /// <summary>Writes another file of the project.</summary>
    public string Write(string name, string content)
    {
        var path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Variables of the commands beside those of the test, or null.</summary>
    public Dictionary<string, string>? Environment { get; init; }

    /// <summary>The project's folder.</summary>
    public string Folder => _folder.Path;

    public Command Start(params string[] arguments) =>
        _engine.Client("gantry").Start(["compose", "-p", Name, "-f", _folder.File("compose.yaml"), .. arguments]);

    public CommandResult Run(params string[] arguments) => RunPlain(["-f", _folder.File("compose.yaml"), .. arguments]);

    /// <summary>Runs a command that does not name the project's file.</summary>
    public CommandResult RunPlain(params string[] arguments)
    {
        string[] words = ["compose", "-p", Name, .. arguments];
        var client = _engine.Client("gantry");
        return Environment is null ? client.Run(words) : Command.Run([.. client.Prefix, .. words], environment: Environment);
    }

    /// <summary>The containers of services that run.</summary>
    public string[] Ids(params string[] services) => [.. services.SelectMany(service => Run("ps", "-q", service).Lines)];

    public void Dispose()
    {
        Run("down", "-v", "--remove-orphans", "-t", "0");
        _folder.Dispose();
    }
}
