using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Where docker's plugins and other programs are.</summary>
/// <param name="config">The user's folder of settings.</param>
/// <param name="path">The search path.</param>
internal sealed class PluginFolders(string config, string path)
{
    private static readonly string[] s_common =
    [
        "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
    ];

    /// <summary>The programs, told of a daemon.</summary>
    public OtherPrograms Programs(string host) =>
        new(name => Find("docker-" + name, [Path.Combine(config, "cli-plugins"), .. s_common]), name => Find(name, path.Split(':')), host);

    private static string? Find(string name, IEnumerable<string> folders) =>
        // A name with a slash would be looked for elsewhere.
        name.Contains('/', StringComparison.Ordinal) ? null
            : folders.Where(static folder => folder.Length > 0).Select(folder => Path.Combine(folder, name))
                .FirstOrDefault(static file => File.Exists(file) && (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != 0);
}
