namespace Gantry.Cli.Commands.Swarm;

/// <summary>The commands of docker's that are known by name, to be refused in a way that helps. No help lists them.</summary>
internal static class SwarmTable
{
    /// <summary>Their groups.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Groups =>
    [
        ("config", "Manage Swarm configs"), ("node", "Manage Swarm nodes"), ("secret", "Manage Swarm secrets"), ("service", "Manage Swarm services"),
        ("stack", "Manage Swarm stacks"),
        ("swarm", "Manage Swarm"), ("trust", "Manage trust on Docker images"),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        Entry("config create", "[OPTIONS] CONFIG file|-", "Create a config from a file or STDIN", 2, 2),
        Entry("config inspect", "[OPTIONS] CONFIG [CONFIG...]", "Display detailed information on one or more configs", 1, Many, "pretty"),
        Entry("config ls,config list", "[OPTIONS]", "List configs", 0, 0, "quiet+"),
        Entry("config rm,config remove", "CONFIG [CONFIG...]", "Remove one or more configs", 1, Many),
        Entry("node demote", "NODE [NODE...]", "Demote one or more nodes from manager in the swarm", 1, Many),
        Entry("node inspect", "[OPTIONS] self|NODE [NODE...]", "Display detailed information on one or more nodes", 1, Many, "pretty"),
        Entry("node ls,node list", "[OPTIONS]", "List nodes in the swarm", 0, 0, "quiet+"),
        Entry("node promote", "NODE [NODE...]", "Promote one or more nodes to manager in the swarm", 1, Many),
        Entry("node ps", "[OPTIONS] [NODE...]", "List tasks running on one or more nodes, defaults to current node", 0, Many, "quiet+ no-resolve no-trunc"),
        Entry("node rm,node remove", "[OPTIONS] NODE [NODE...]", "Remove one or more nodes from the swarm", 1, Many, "force+"),
        Entry("node update", "[OPTIONS] NODE", "Update a node", 1, 1),
        Entry("secret create", "[OPTIONS] SECRET [file|-]", "Create a secret from a file or STDIN as content", 1, 2),
        Entry("secret inspect", "[OPTIONS] SECRET [SECRET...]", "Display detailed information on one or more secrets", 1, Many, "pretty"),
        Entry("secret ls,secret list", "[OPTIONS]", "List secrets", 0, 0, "quiet+"),
        Entry("secret rm,secret remove", "SECRET [SECRET...]", "Remove one or more secrets", 1, Many),
        Entry("service create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a new service", 1, Many,
            "detach+ init no-healthcheck no-resolve-image quiet+ read-only tty+ with-registry-auth", interspersed: false),
        Entry("service inspect", "[OPTIONS] SERVICE [SERVICE...]", "Display detailed information on one or more services", 1, Many, "pretty"),
        Entry("service logs", "[OPTIONS] SERVICE|TASK", "Fetch the logs of a service or task", 1, 1,
            "details follow+ no-resolve no-task-ids no-trunc raw timestamps+"),
        Entry("service ls,service list", "[OPTIONS]", "List services", 0, 0, "quiet+"),
        Entry("service ps", "[OPTIONS] SERVICE [SERVICE...]", "List the tasks of one or more services", 1, Many, "quiet+ no-resolve no-trunc"),
        Entry("service rm,service remove", "SERVICE [SERVICE...]", "Remove one or more services", 1, Many),
        Entry("service rollback", "[OPTIONS] SERVICE", "Revert changes to a service's configuration", 1, 1, "detach+ quiet+"),
        Entry("service scale", "SERVICE=REPLICAS [SERVICE=REPLICAS...]", "Scale one or multiple replicated services", 1, Many, "detach+"),
        Entry("service update", "[OPTIONS] SERVICE", "Update a service", 1, 1,
            "detach+ force init no-healthcheck no-resolve-image quiet+ read-only rollback tty+ with-registry-auth"),
        Entry("stack config", "[OPTIONS]", "Outputs the final config file, after doing merges and interpolations", 0, 0, "skip-interpolation"),
        Entry("stack deploy,stack up", "[OPTIONS] STACK", "Deploy a new stack or update an existing stack", 1, 1, "detach+ prune quiet+ with-registry-auth"),
        Entry("stack ls,stack list", "[OPTIONS]", "List stacks", 0, 0),
        Entry("stack ps", "[OPTIONS] STACK", "List the tasks in the stack", 1, 1, "quiet+ no-resolve no-trunc"),
        Entry("stack rm,stack remove,stack down", "[OPTIONS] STACK [STACK...]", "Remove one or more stacks", 1, Many, "detach+"),
        Entry("stack services", "[OPTIONS] STACK", "List the services in the stack", 1, 1, "quiet+"),
        Entry("swarm ca", "[OPTIONS]", "Display and rotate the root CA", 0, 0, "detach+ quiet+ rotate"),
        Entry("swarm init", "[OPTIONS]", "Initialize a swarm", 0, 0, "autolock force-new-cluster"),
        Entry("swarm join", "[OPTIONS] HOST:PORT", "Join a swarm as a node and/or manager", 1, 1),
        Entry("swarm join-token", "[OPTIONS] (worker|manager)", "Manage join tokens", 1, 1, "quiet+ rotate"),
        Entry("swarm leave", "[OPTIONS]", "Leave the swarm", 0, 0, "force+"),
        Entry("swarm unlock", "", "Unlock swarm", 0, 0),
        Entry("swarm unlock-key", "[OPTIONS]", "Manage the unlock key", 0, 0, "quiet+ rotate"),
        Entry("swarm update", "[OPTIONS]", "Update the swarm", 0, 0, "autolock"),
        .. TrustCommand.Entries,
    ];

    private const int Many = int.MaxValue;

    private static CommandEntry Entry(string paths, string usage, string summary, int least, int most, string switches = "", bool interspersed = true)
    {
        string[] all = paths.Split(',');
        return new(all, usage, summary, new ArgumentCount(least, most), flags => new SwarmCommand(all[0], flags, switches)) { Interspersed = interspersed };
    }
}
