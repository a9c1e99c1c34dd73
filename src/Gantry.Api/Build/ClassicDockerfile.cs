using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Oci;

namespace Gantry.Api.Build;

/// <summary>The Dockerfile of a classic build. What is wrong with it is told in the words of docker's classic builder, which clients look for.</summary>
internal static class ClassicDockerfile
{
    /// <summary>Reads and parses it.</summary>
    /// <param name="store">Has the content of the context's files.</param>
    /// <param name="context">The context.</param>
    /// <param name="path">Its path in there.</param>
    /// <exception cref="GantryException">There is none, or it is malformed.</exception>
    public static DockerfileDocument Read(FileStore store, FileSet context, string path)
    {
        if (LeadsOut(path))
            throw GantryException.Invalid($"forbidden path outside the build context: {path} ()");
        var file = new ContextDockerfile(store).TryRead(context, path)
            ?? throw GantryException.Invalid($"Cannot locate specified Dockerfile: {path}");
        if (file.Text.Length == 0)
            throw GantryException.Invalid($"the Dockerfile ({path}) cannot be empty");
        try
        {
            return DockerfileDocument.Parse(file);
        }
        catch (DockerfileException error) when (error.Reason == DockerfileDocument.NoInstructions)
        {
            throw GantryException.Invalid($"failed to parse Dockerfile: {error.Message}", error);
        }
    }

    /// <summary>Whether a path climbs above the folder that it begins in.</summary>
    private static bool LeadsOut(string path)
    {
        var depth = 0;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static part => part != "."))
        {
            depth += part == ".." ? -1 : 1;
            // Nothing is above the root.
            if (depth < 0 && !path.StartsWith('/'))
                return true;
            depth = Math.Max(depth, 0);
        }
        return false;
    }
}
