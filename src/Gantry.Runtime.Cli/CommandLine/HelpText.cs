namespace Gantry.Runtime.Cli.CommandLine;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    /// <summary>All commands and the options before them.</summary>
    internal const string General =
        """
        NAME:
           gantry-runtime - OCI runtime of Gantry

        USAGE:
           gantry-runtime [global options] command [command options] [arguments...]

        COMMANDS:
           create      create a container
           delete      delete a container and what it holds
           exec        execute a process in a running container
           features    show what this runtime can do
           kill        send a signal (default: SIGTERM) to a container's first process
           list        list the containers under the given root
           pause       suspend all processes of a container
           ps          show the processes of a container
           resume      let paused processes go on
           run         create a container and start it
           spec        write a configuration to start from
           start       start a created container
           state       print the state of a container
           keeper      hold containers for an engine (not for people)

        GLOBAL OPTIONS:
           --root value            folder for the state of containers (default: "/run/gantry-runtime")
           --log value             file for errors (default: standard error)
           --log-format value      text or json (default: "text")
           --cgroup-manager value  cgroupfs or disabled (default: "cgroupfs")
           --help, -h              show help
           --version, -v           print the version

        """;

    private const string Making =
        """
           --bundle value, -b value  folder of the bundle (default: the current one)
           --console-socket value    unix socket that is sent the master side of the terminal
           --pid-file value          file for the ID of the first process
           --no-pivot                move the root instead of pivoting into it
           --no-new-keyring          share the session keyring
           --preserve-fds value      pass on so many descriptors behind the standard streams (default: 0)

        """;

    /// <summary>A command's usage and options; null: there is no such command.</summary>
    internal static string? Of(string command) => command switch
    {
        "create" => Format(command, "[command options] <container-id>", Making),
        "run" => Format(command, "[command options] <container-id>",
            Making + "   --detach, -d              do not wait for the container\n   --keep                    do not delete the container when it ends\n"),
        "delete" => Format(command, "[command options] <container-id>", "   --force, -f  kill the container first if it runs\n"),
        "kill" => Format(command, "<container-id> [signal]", ""),
        "list" => Format(command, "[command options]",
            "   --format value, -f value  table or json (default: \"table\")\n   --quiet, -q               print IDs only\n"),
        "ps" => Format(command, "[command options] <container-id> [ps options]", "   --format value, -f value  table or json (default: \"table\")\n"),
        "spec" => Format(command, "[command options]", "   --bundle value, -b value  folder of the bundle\n"),
        "features" => Format(command, "", ""),
        "exec" => Format(
            command,
            "[command options] <container-id> <command> [arguments]  || -p process.json <container-id>",
            """
               --console-socket value             unix socket that is sent the master side of the terminal
               --cwd value                        working directory in the container
               --env value, -e value              set an environment variable
               --tty, -t                          allocate a terminal
               --user value, -u value             user (format: <uid>[:<gid>])
               --additional-gids value, -g value  additional groups
               --process value, -p value          file with the process as JSON
               --detach, -d                       do not wait for the process
               --pid-file value                   file for the ID of the process
               --no-new-privs                     set no_new_privs
               --cap value, -c value              add a capability
               --preserve-fds value               pass on so many descriptors behind the standard streams (default: 0)
               --ignore-paused                    allow exec in a paused container

            """),
        "start" or "state" or "pause" or "resume" => Format(command, "<container-id>", ""),
        _ => null,
    };

    private static string Format(string command, string arguments, string options) =>
        $"USAGE:\n   gantry-runtime {command} {arguments}\n" + (options.Length > 0 ? "\nOPTIONS:\n" + options : "");
}
