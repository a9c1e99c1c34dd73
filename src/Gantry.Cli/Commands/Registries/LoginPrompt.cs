using System.Text;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Registries;

/// <summary>Asks the user at the terminal for a name and a password.</summary>
internal static class LoginPrompt
{
    private const byte Interrupt = 3, EndOfInput = 4, Backspace = 8, EraseLine = 21, Delete = 127;
    private const int Interrupted = 128 + 2;

    /// <summary>Asks for a line that is shown while it is typed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="question">What is shown before it.</param>
    public static string AskLine(CommandSession session, string question)
    {
        session.Out.Write(question);
        session.Flush();
        var typed = new List<byte>();
        while (ReadByte(session) is { } letter and not (byte)'\n')
            typed.Add(letter);
        return TextOf(typed).Trim();
    }

    /// <summary>Asks for a line that nobody is to see.</summary>
    /// <param name="session">The session.</param>
    /// <param name="question">What is shown before it.</param>
    /// <exception cref="CommandException">The user pressed Ctrl-C.</exception>
    public static string AskSecret(CommandSession session, string question)
    {
        session.Out.Write(question);
        session.Flush();
        try
        {
            using var raw = session.Context.Terminal.EnterRawMode();
            return ReadSecret(session);
        }
        finally
        {
            session.Print("");
        }
    }

    // Raw mode hides what is typed and brings every key here, also those that the terminal would act upon.
    private static string ReadSecret(CommandSession session)
    {
        var typed = new List<byte>();
        while (ReadByte(session) is { } key)
        {
            switch (key)
            {
                case (byte)'\r' or (byte)'\n' or EndOfInput:
                    return TextOf(typed);
                case Interrupt:
                    throw new CommandException("", Interrupted);
                case EraseLine:
                    typed.Clear();
                    break;
                case Backspace or Delete:
                    RemoveLastLetter(typed);
                    break;
                default:
                    typed.Add(key);
                    break;
            }
        }
        return TextOf(typed);
    }

    // A letter in UTF-8 is a byte and those after it that begin with the bits 10.
    private static void RemoveLastLetter(List<byte> typed)
    {
        var start = typed.FindLastIndex(static letter => (letter & 0xC0) != 0x80);
        if (start >= 0)
            typed.RemoveRange(start, typed.Count - start);
    }

    private static byte? ReadByte(CommandSession session)
    {
        Span<byte> letter = stackalloc byte[1];
        return session.Context.Input.Read(letter) == 1 ? letter[0] : null;
    }

    private static string TextOf(List<byte> typed) => Encoding.UTF8.GetString(typed.ToArray());
}
