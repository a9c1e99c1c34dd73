namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Who was killed, with SIGKILL, in one round.</summary>
internal enum Damage
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>The command line of each life.</summary>
    Clients,

    /// <summary>The daemon, which is started again.</summary>
    Daemon,

    /// <summary>The keeper, which the daemon replaces.</summary>
    Keeper,

    /// <summary>The daemon, and, when another one runs, the keeper: that daemon is not the one that started it.</summary>
    DaemonThenKeeper,

    /// <summary>The keeper, and its successor at once.</summary>
    KeeperTwice,

    /// <summary>Daemon and keeper together: what they held in memory is lost.</summary>
    Both,
}
