using Gantry.Oci;

namespace Gantry.Engine.Attach;

/// <summary>
/// Finds the key sequence that detaches in what a client types. Keys that may begin the sequence are held back until it is clear whether
/// they do, and are passed on if not.
/// </summary>
internal sealed class DetachKeys
{
    private const string Default = "ctrl-p,ctrl-q";

    private readonly byte[] _keys;
    private int _matched;

    private DetachKeys(byte[] keys) => _keys = keys;

    /// <summary>Reads a list such as <c>ctrl-p,ctrl-q</c> or <c>ctrl-a,x</c>.</summary>
    /// <param name="text">The list; empty: the default.</param>
    /// <param name="what">What the user calls them, for errors.</param>
    /// <exception cref="GantryException">A key is neither a character nor <c>ctrl-</c> and one of <c>a-z@[\]^_</c> (InvalidArgument).</exception>
    public static DetachKeys Parse(string? text, string what = "detach")
    {
        var names = (string.IsNullOrEmpty(text) ? Default : text).Split(',');
        return new DetachKeys([.. names.Select(n => Key(n) ?? throw GantryException.Invalid($"Invalid {what} keys ({text}) provided"))]);
    }

    /// <summary>Takes what the client typed; gives what goes to the process.</summary>
    /// <param name="typed">The bytes as they came.</param>
    /// <param name="passed">Where those that go on are appended.</param>
    /// <returns>True when the sequence was completed: what follows it is not looked at.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, List<byte> passed)
    {
        foreach (var key in typed)
        {
            if (key == _keys[_matched])
            {
                if (++_matched == _keys.Length)
                    return true;
                continue;
            }

            passed.AddRange(_keys.AsSpan(0, _matched));
            _matched = key == _keys[0] ? 1 : 0;
            if (_matched == 0)
                passed.Add(key);
            else if (_keys.Length == 1)
                return true;
        }

        return false;
    }

    private static byte? Key(string name)
    {
        if (name.Length == 1)
            return (byte)name[0];
        if (!name.StartsWith("ctrl-", StringComparison.OrdinalIgnoreCase) || name.Length != 6)
            return null;
        var letter = char.ToLowerInvariant(name[5]);
        return letter switch
        {
            >= 'a' and <= 'z' => (byte)(letter - 'a' + 1),
            '@' => 0,
            '[' => 27,
            '\\' => 28,
            ']' => 29,
            '^' => 30,
            '_' => 31,
            _ => null,
        };
    }
}
