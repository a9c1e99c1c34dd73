using Gantry.Cli.Session;

namespace Gantry.Cli.Commands;

/// <summary>The question before something is removed for good.</summary>
internal static class Confirmation
{
    /// <summary>Asks; only <c>y</c> or <c>Y</c> agrees.</summary>
    /// <exception cref="CommandException">The user did not agree.</exception>
    public static void Ask(CommandSession session, string warning)
    {
        session.Out.Write($"WARNING! {warning}\nAre you sure you want to continue? [y/N] ");
        session.Flush();
        Span<byte> letter = stackalloc byte[1];
        var answer = new List<byte>();
        while (session.Context.Input.Read(letter) == 1 && letter[0] != '\n')
            answer.Add(letter[0]);
        // Declining is no failure.
        if (answer is not [(byte)'y' or (byte)'Y'])
            throw new CommandException("", exitCode: 0);
    }
}
