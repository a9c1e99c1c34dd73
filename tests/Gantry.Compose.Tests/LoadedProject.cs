using Gantry.Compose.Files;
using Gantry.Compose.Model;

namespace Gantry.Compose.Tests;

/// <summary>Loads projects from texts.</summary>
internal static class LoadedProject
{
    public static Project Of(string text, Action<string>? warn = null, params string[] services)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("compose.yaml"), text);
        var context = new LoadContext
        {
            CurrentFolder = folder.Path,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal),
            Warn = warn ?? (static _ => { }),
            ReadInput = static () => "",
        };
        return new ProjectLoader(context).Load(new LoadOptions { ProjectName = "p" }, services);
    }

    private sealed class TestFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gantry-compose-").FullName;

        public string File(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
