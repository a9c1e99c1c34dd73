using Gantry.Compose.Interpolation;
using Gantry.Oci.Values;

namespace Gantry.Compose.Files;

/// <summary>Where a project is and what surrounds it.</summary>
/// <param name="Files">Its files, absolute, or <c>-</c>.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Variables">The variables for interpolation: the process's own win over those of files.</param>
internal sealed record ProjectEnvironment(IReadOnlyList<string> Files, string Folder, Dictionary<string, string> Variables)
{
    /// <summary>Finds files, folder and variables.</summary>
    /// <exception cref="ComposeException">There are no files, or a file of variables is wrong.</exception>
    public static ProjectEnvironment Find(LoadOptions options, LoadContext context)
    {
        var variables = new Dictionary<string, string>(context.Environment, StringComparer.Ordinal);
        variables.TryAdd("PWD", context.CurrentFolder);
        var files = options.Files.Select(file => IsRemote(file) ? Fetch(file, context) : file == "-" ? file : Path.GetFullPath(file, context.CurrentFolder))
            .ToArray() as IReadOnlyList<string>;

        // The variables may name the files, and the folder of the files may have variables.
        var folder = FolderOf(options, files, context);
        Merge(variables, options, folder, context);
        if (files.Count == 0)
        {
            files = FileFinder.FromVariable(variables, context.CurrentFolder) ?? FileFinder.ByName(folder, context.Warn);
            if (files.Count == 0)
                throw new ComposeException("no configuration file provided: not found");
            var found = FolderOf(options, files, context);
            if (found != folder)
                Merge(variables, options, found, context);
            folder = found;
        }
        return new ProjectEnvironment(files, folder, variables);
    }

    /// <summary>Whether a file is in a git repository or a registry.</summary>
    public static bool IsRemote(string file) =>
        GitReference.IsRemoteContext(file) || file.StartsWith("file://", StringComparison.Ordinal) || file.StartsWith("oci://", StringComparison.Ordinal);

    /// <summary>Fetches a remote file.</summary>
    /// <exception cref="ComposeException">That cannot be done.</exception>
    public static string Fetch(string file, LoadContext context) => context.FetchRemote is { } fetch
        ? fetch(file)
        : throw new ComposeException($"{file}: compose files in git repositories and registries are not supported; fetch it and name the local file");

    private static string FolderOf(LoadOptions options, IReadOnlyList<string> files, LoadContext context)
    {
        if (options.ProjectFolder.Length > 0)
            return Path.GetFullPath(options.ProjectFolder, context.CurrentFolder).TrimEnd('/') is { Length: > 0 } path ? path : "/";
        var first = files.FirstOrDefault(static file => file != "-");
        return first is null ? context.CurrentFolder : Path.GetDirectoryName(first)!;
    }

    private static void Merge(Dictionary<string, string> variables, LoadOptions options, string folder, LoadContext context)
    {
        IReadOnlyList<string> files = options.EnvironmentFiles.Count > 0
            ? [.. options.EnvironmentFiles.Select(file => Path.GetFullPath(file, context.CurrentFolder))]
            : DefaultFile(folder, context);
        // A variable that is not set is told once, not again for the folder of the files.
        foreach (var (name, value) in VariableFiles.Read(variables, files, context.Warn))
            variables.TryAdd(name, value);
    }

    private static IReadOnlyList<string> DefaultFile(string folder, LoadContext context)
    {
        if (GoBoolean.Parse(context.Environment.GetValueOrDefault("COMPOSE_DISABLE_ENV_FILE")) is true)
            return [];
        var file = Path.Combine(folder, ".env");
        return File.Exists(file) ? [file] : [];
    }
}
