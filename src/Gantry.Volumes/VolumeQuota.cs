using System.Security.Cryptography;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Volumes;

/// <summary>Limits of volumes, by project quotas of the file system that they lie on.</summary>
internal static class VolumeQuota
{
    // Above what people and other engines number by hand.
    private const int FirstProject = 1 << 20;

    private const int Attempts = 64;

    /// <summary>Refuses a limit that could not be kept.</summary>
    /// <exception cref="GantryException">The file system does not enforce project quotas; docker's text.</exception>
    internal static void Check(string volume, string folder)
    {
        using var directory = Open(folder);
        if (!ProjectQuota.IsEnforced(directory))
            throw GantryException.Invalid($"create {volume}: quota size requested but no quota support");
    }

    /// <summary>Limits what will be in an empty folder.</summary>
    /// <returns>The project that counts it.</returns>
    internal static uint Set(string folder, long bytes)
    {
        using var directory = Open(folder);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var project = (uint)RandomNumberGenerator.GetInt32(FirstProject, int.MaxValue);
            if (!ProjectQuota.IsFree(directory, project))
                continue;
            ProjectQuota.Assign(directory, project);
            ProjectQuota.Limit(directory, project, bytes);
            return project;
        }
        throw new GantryException(ErrorKind.System, $"no free project number for the quota of {folder} was found in {Attempts} attempts");
    }

    /// <summary>Forgets a limit; the file system's own record of it would stay for ever otherwise.</summary>
    internal static void Clear(string folder, uint project)
    {
        using var directory = Open(folder);
        try
        {
            ProjectQuota.Limit(directory, project, 0);
        }
        catch (OsException)
        {
            // Quotas were switched off since: there is nothing that limits, and nothing to clear.
        }
    }

    private static Fd Open(string folder) => FileOpener.Open(folder, OpenFlags.ReadOnly | OpenFlags.Directory);
}
