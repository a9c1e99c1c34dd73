using Gantry.Build.Contexts;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci;

namespace Gantry.BuildKit.Gateway;

/// <summary>Build contexts that are no folder of the client: an archive that it sends, one from the web, a repository.</summary>
internal static class RemoteContext
{
    private const string UploadPrefix = "http://buildkit-session/";

    /// <summary>Reads it.</summary>
    /// <exception cref="GantryException">It cannot be had, or is no archive.</exception>
    public static async Task<FileSet> ReadAsync(
        FrontendAttributes attributes, ClientSession session, IBuildCredentials credentials, BuildService builds, ProgressStep step,
        CancellationToken cancellation)
    {
        var place = attributes.RemoteContext;
        FileSet files;
        if (place.StartsWith(UploadPrefix, StringComparison.Ordinal))
        {
            await using var upload = new UploadStream(session, place["http://buildkit-session".Length..], "buildkit-session", cancellation);
            files = await new ArchiveContextReader(builds.Files).ReadAsync(upload, cancellation);
        }
        else
        {
            files = await builds.FetchAsync(place, attributes.KeepsGitFolder, credentials, step, cancellation);
        }
        return ContextFilter.Below(files, attributes.ContextSubfolder);
    }
}
