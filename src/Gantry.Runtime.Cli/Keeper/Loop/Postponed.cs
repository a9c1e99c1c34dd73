namespace Gantry.Runtime.Cli.Keeper.Loop;

/// <summary>What waits for something, and is done once: when that has come, or by itself before.</summary>
internal sealed class Postponed
{
    private readonly List<Action> _waiting = [];

    /// <summary>Adds an action.</summary>
    /// <returns>Does it if it waits still.</returns>
    public Action Add(Action action)
    {
        // An object of its own, so that the same action may wait twice.
        void Once() => action();
        Action waiting = Once;
        _waiting.Add(waiting);
        return () =>
        {
            if (_waiting.Remove(waiting))
                action();
        };
    }

    /// <summary>Does all that wait, in the order in which they came.</summary>
    public void RunAll()
    {
        Action[] waiting = [.. _waiting];
        _waiting.Clear();
        foreach (var action in waiting)
            action();
    }
}
