namespace Gantry.Cli.Commands.Buildx;

/// <summary>A place in a text of HCL.</summary>
/// <param name="text">The text.</param>
/// <param name="file">Where it is from, for messages.</param>
internal sealed class HclCursor(string text, string file)
{
    /// <summary>The place.</summary>
    public int At { get; set; }

    /// <summary>The brackets that are open around it: within some, a line's end says nothing.</summary>
    public int Brackets { get; set; }

    /// <summary>Whether nothing follows at all.</summary>
    public bool IsAtEnd => At >= text.Length;

    /// <summary>The character at the place, whatever it is.</summary>
    public char Current => IsAtEnd ? '\0' : text[At];

    /// <summary>The next character that says something; blanks, lines' ends and comments do not. 0: the end.</summary>
    public char Peek()
    {
        Skip(overLines: true);
        return Current;
    }

    /// <summary>Likewise, within the expression that it is in.</summary>
    public char PeekInExpression()
    {
        Skip(overLines: Brackets > 0);
        return Current is '\n' or '\r' ? '\0' : Current;
    }

    /// <summary>Whether this comes next in the expression.</summary>
    public bool Follows(string wanted)
    {
        PeekInExpression();
        return text.AsSpan(At).StartsWith(wanted, StringComparison.Ordinal);
    }

    /// <summary>Goes behind something if it comes next in the expression.</summary>
    public bool TryTake(string wanted)
    {
        if (!Follows(wanted))
            return false;
        At += wanted.Length;
        return true;
    }

    /// <summary>Goes behind a character that has to come next.</summary>
    public void Expect(char wanted)
    {
        if (Peek() != wanted)
            throw Wrong($"expected {wanted}");
        At++;
    }

    /// <summary>The characters up to a place.</summary>
    public string Since(int start) => text[start..At];

    /// <summary>Reads a name.</summary>
    public string ReadName()
    {
        Peek();
        var start = At;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '-')
            At++;
        return At > start ? Since(start) : throw Wrong(IsAtEnd ? "it ends too early" : $"unexpected {Current}");
    }

    /// <summary>Reads to the end of the line.</summary>
    public string ReadLine()
    {
        var end = text.IndexOf('\n', At) is var found and >= 0 ? found : text.Length;
        var line = text[At..end];
        At = Math.Min(end + 1, text.Length);
        return line.TrimEnd('\r');
    }

    /// <summary>After <see cref="ReadLine"/>: the line's end belongs to what follows.</summary>
    public void BackToLineEnd()
    {
        if (At > 0 && text[At - 1] == '\n')
            At--;
    }

    /// <summary>What is wrong here.</summary>
    public CommandException Wrong(string message) => new($"{file}:{1 + text.AsSpan(0, Math.Min(At, text.Length)).Count('\n')}: {message}");

    private void Skip(bool overLines)
    {
        while (!IsAtEnd)
        {
            if (Current is ' ' or '\t' || (overLines && Current is '\n' or '\r'))
                At++;
            else if (Current == '#' || text.AsSpan(At).StartsWith("//"))
                At = text.IndexOf('\n', At) is var end and >= 0 ? end : text.Length;
            else if (text.AsSpan(At).StartsWith("/*"))
                At = text.IndexOf("*/", At, StringComparison.Ordinal) is var close and >= 0 ? close + 2 : text.Length;
            else
                return;
        }
    }
}
