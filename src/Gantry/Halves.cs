using System.Diagnostics.CodeAnalysis;

namespace Gantry;

/// <summary>
/// Which halves of the program this code has. Published, command line and daemon are compiled by themselves and linked into one file (see
/// <c>eng/client-half</c>): .NET makes an object for every type with static fields when it starts, and the daemon's five thousand would cost
/// each command a tenth of its time. The compiler takes the answers from the project file; anything else has both.
/// </summary>
internal static class Halves
{
    /// <summary>Whether the command line is there.</summary>
    [FeatureSwitchDefinition("Gantry.Client")]
    internal static bool HasClient => !AppContext.TryGetSwitch("Gantry.Client", out var has) || has;

    /// <summary>Whether the daemon is there.</summary>
    [FeatureSwitchDefinition("Gantry.Daemon")]
    internal static bool HasDaemon => !AppContext.TryGetSwitch("Gantry.Daemon", out var has) || has;
}
