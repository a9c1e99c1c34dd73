namespace Gantry.Compose.Publishing;

/// <summary>
/// A project of a registry as local files, in docker compose's layout: one <c>compose.yaml</c> of all its compose files, beside it those they extend and their
/// variables.
/// </summary>
public static class ArtifactFolder
{
    /// <summary>The name of the file that begins the project.</summary>
    public const string FileName = "compose.yaml";

    private const string Separator = "\n---\n";

    /// <summary>Writes the files of a project into a folder.</summary>
    /// <param name="folder">The folder; it is made here.</param>
    /// <param name="files">The files, their names checked.</param>
    public static void Write(string folder, IEnumerable<PublishedFile> files)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var first = true;
        foreach (var file in files)
        {
            using var target = new FileStream(Path.Combine(folder, file.Kind == PublishedKind.Compose ? FileName : file.Name), FileMode.Append);
            if (file.Kind == PublishedKind.Compose && !first)
                target.Write(System.Text.Encoding.UTF8.GetBytes(Separator));
            first &= file.Kind != PublishedKind.Compose;
            target.Write(file.Content);
        }
    }
}
