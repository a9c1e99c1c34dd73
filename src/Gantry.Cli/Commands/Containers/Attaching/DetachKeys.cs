using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>The keys that leave an attached container running: by default Ctrl-P Ctrl-Q.</summary>
internal static class DetachKeys
{
    /// <summary>What docker detaches by unless it is told otherwise.</summary>
    public const string Default = "ctrl-p,ctrl-q";

    /// <summary>The sequence of <c>--detach-keys</c>, else of the user's settings, else the default.</summary>
    /// <exception cref="CommandException">A key is unknown.</exception>
    public static (string Text, byte[] Bytes) Choose(string flag, CommandSession session)
    {
        var text = flag.Length > 0 ? flag : session.Settings.Text("detachKeys");
        return (text, Parse(text.Length > 0 ? text : Default));
    }

    /// <summary>Reads keys such as <c>ctrl-p,ctrl-q</c> or <c>a,b</c>.</summary>
    /// <exception cref="CommandException">A key is unknown.</exception>
    public static byte[] Parse(string text)
    {
        var bytes = new List<byte>();
        foreach (var key in text.Split(','))
        {
            if (key.Length == 1 && key[0] < 128)
                bytes.Add((byte)key[0]);
            else if (key.StartsWith("ctrl-", StringComparison.Ordinal) && key.Length == 6 && ControlCode(key[5]) is { } code)
                bytes.Add(code);
            else
                throw new CommandException($"invalid detach keys ({text}): unknown character: '{key}'");
        }
        return [.. bytes];
    }

    private static byte? ControlCode(char letter) => letter switch
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
