using Gantry.Oci;

namespace Gantry.Build.Trees;

/// <summary>Permissions as chmod(1) takes them: octal, or symbolic such as <c>u+x,go=rX</c>.</summary>
internal static class ModeText
{
    /// <summary>Applies a text to the permissions that a file has.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static uint Apply(string text, uint permissions, bool isDirectory)
    {
        if (text.Length > 0 && text.All(c => c is >= '0' and <= '7'))
            return text.Length <= 5 ? Convert.ToUInt32(text, 8) & 0xfff : throw Bad(text);
        foreach (var clause in text.Split(','))
            permissions = ApplyClause(text, clause, permissions, isDirectory);
        return permissions;
    }

    private static uint ApplyClause(string text, string clause, uint permissions, bool isDirectory)
    {
        var at = 0;
        uint who = 0;
        for (; at < clause.Length && clause[at] is 'u' or 'g' or 'o' or 'a'; at++)
            who |= clause[at] switch { 'u' => 0x9c0u /* 04700 */, 'g' => 0x438u /* 02070 */, 'o' => 0x207u /* 01007 */, _ => 0xfffu };
        if (who == 0)
            who = 0xfff;
        if (at >= clause.Length)
            throw Bad(text);
        while (at < clause.Length)
        {
            var form = clause[at++];
            if (form is not ('+' or '-' or '='))
                throw Bad(text);
            uint bits = 0;
            for (; at < clause.Length && clause[at] is not ('+' or '-' or '='); at++)
                bits |= Bits(text, clause[at], permissions, isDirectory);
            bits &= who;
            permissions = form switch { '+' => permissions | bits, '-' => permissions & ~bits, _ => (permissions & ~(who & 0x1ff)) | bits };
        }
        return permissions & 0xfff;
    }

    private static uint Bits(string text, char letter, uint permissions, bool isDirectory) => letter switch
    {
        'r' => 0x124,
        'w' => 0x92,
        'x' => 0x49,
        'X' => isDirectory || (permissions & 0x49) != 0 ? 0x49u : 0,
        's' => 0xc00,
        't' => 0x200,
        'u' => Spread(permissions >> 6 & 7),
        'g' => Spread(permissions >> 3 & 7),
        'o' => Spread(permissions & 7),
        _ => throw Bad(text),
    };

    private static uint Spread(uint bits) => bits << 6 | bits << 3 | bits;

    private static GantryException Bad(string text) =>
        GantryException.Invalid($"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777, or symbolic as for chmod(1)");
}
