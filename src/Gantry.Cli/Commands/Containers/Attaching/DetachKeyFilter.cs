namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>Finds the detach keys in what a user types. The keys of a sequence that is not finished are held back until it is clear.</summary>
/// <param name="keys">The sequence; empty never detaches.</param>
internal sealed class DetachKeyFilter(byte[] keys)
{
    private int _matched;

    /// <summary>Passes input on.</summary>
    /// <param name="input">What was typed.</param>
    /// <param name="output">Takes what goes to the container.</param>
    /// <returns>True when the sequence is complete: what follows it in <paramref name="input"/> is dropped.</returns>
    public bool Process(ReadOnlySpan<byte> input, List<byte> output)
    {
        foreach (var letter in input)
        {
            if (_matched < keys.Length && letter == keys[_matched])
            {
                if (++_matched == keys.Length)
                    return true;
                continue;
            }
            // Not the sequence: what was held back was meant for the container, and this key may begin a new one.
            output.AddRange(keys.AsSpan(0, _matched));
            _matched = keys.Length > 0 && letter == keys[0] ? 1 : 0;
            if (_matched == 0)
                output.Add(letter);
            else if (keys.Length == 1)
                return true;
        }
        return false;
    }
}
