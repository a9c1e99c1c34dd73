namespace Gantry.Architecture.Tests;

/// <summary>
/// Which project may use which: the one place where that is fixed. `docs/placement.md` says why.
/// A project may use what its row names and nothing else, not even what comes along with a reference of a reference.
/// </summary>
internal static class ReferenceTable
{
    public static IReadOnlyDictionary<string, string[]> Rows { get; } = new Dictionary<string, string[]>
    {
        ["Gantry.Os"] = [],
        ["Gantry.Oci"] = [],
        ["Gantry.Dns"] = [],
        ["Gantry.Runtime"] = ["Gantry.Os", "Gantry.Oci"],
        ["Gantry.Runtime.Cli"] = ["Gantry.Runtime", "Gantry.Dns", "Gantry.Os", "Gantry.Oci"],
        ["Gantry.Storage"] = ["Gantry.Os", "Gantry.Oci"],
        ["Gantry.Registry.Client"] = ["Gantry.Oci"],
        ["Gantry.Registry.Server"] = ["Gantry.Storage", "Gantry.Oci"],
        // Os: its exception, which tells a damaged file from a missing one.
        ["Gantry.Images"] = ["Gantry.Storage", "Gantry.Registry.Client", "Gantry.Oci", "Gantry.Os"],
        ["Gantry.Networking"] = ["Gantry.Os", "Gantry.Oci"],
        ["Gantry.Volumes"] = ["Gantry.Os", "Gantry.Oci"],
        // Os: files of contexts and steps are reached by descriptors, so that no link leads out of them.
        ["Gantry.Build"] = ["Gantry.Images", "Gantry.Storage", "Gantry.Oci", "Gantry.Os"],
        // A container's configuration is the API's document, stored and returned unchanged: hence Api.Model. Registry.Client: its one client is
        // wired here and handed to pull, push and login.
        ["Gantry.Engine"] =
        [
            "Gantry.Images", "Gantry.Storage", "Gantry.Networking", "Gantry.Volumes", "Gantry.Build", "Gantry.Runtime", "Gantry.Oci", "Gantry.Os",
            "Gantry.Api.Model", "Gantry.Registry.Client",
        ],
        ["Gantry.Api.Model"] = ["Gantry.Oci"],
        // Build: BuildKit's clients see its progress and results. Images, Registry.Client: names of what is exported, credentials of a client. Os: kinds of
        // files.
        ["Gantry.BuildKit"] = ["Gantry.Engine", "Gantry.Build", "Gantry.Images", "Gantry.Oci", "Gantry.Os", "Gantry.Registry.Client"],
        // Os: the owner of the socket it listens on. Registry.Client: the credentials of a request. Build, Images, Networking, Volumes: the engine hands out
        // their stores as they are, as services
        // that only passed calls on would add nothing; their objects are mapped to the wire here.
        ["Gantry.Api"] =
        [
            "Gantry.Engine", "Gantry.Api.Model", "Gantry.Build", "Gantry.BuildKit", "Gantry.Images", "Gantry.Networking", "Gantry.Volumes", "Gantry.Oci",
            "Gantry.Os", "Gantry.Registry.Client",
        ],
        // Os: unix sockets without .NET's event loop, whose start takes longer than a request.
        ["Gantry.Client"] = ["Gantry.Api.Model", "Gantry.Oci", "Gantry.Os"],
        ["Gantry.Compose"] = ["Gantry.Client", "Gantry.Api.Model", "Gantry.Oci"],
        // Os: the terminal of the user (raw mode, window size). Storage: the archives that `cp` packs and unpacks on the user's side. Registry.Client: compose
        // projects in registries.
        ["Gantry.Cli"] = ["Gantry.Client", "Gantry.Compose", "Gantry.Registry.Client", "Gantry.Api.Model", "Gantry.Storage", "Gantry.Oci", "Gantry.Os"],
        // The composition root wires everything but the runtime's own program.
        ["Gantry"] =
        [
            "Gantry.Api", "Gantry.Api.Model", "Gantry.Cli", "Gantry.Client", "Gantry.Compose", "Gantry.Engine", "Gantry.Images", "Gantry.Storage",
            "Gantry.Networking", "Gantry.Volumes", "Gantry.Build", "Gantry.BuildKit", "Gantry.Runtime", "Gantry.Registry.Client", "Gantry.Registry.Server",
            "Gantry.Oci", "Gantry.Os",
        ],
    };
}
