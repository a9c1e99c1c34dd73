using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands;

/// <summary>A command, made for one run: its flags are read before <see cref="RunAsync"/>.</summary>
internal abstract class Command
{
    /// <summary>Does what the command is for.</summary>
    /// <param name="session">The daemon, streams and settings.</param>
    /// <param name="arguments">What is not a flag.</param>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments);
}

/// <summary>What is known of a command before it is made.</summary>
/// <param name="Paths">The ways to call it, the chief one first, e.g. <c>container ls</c> and <c>ps</c>.</param>
/// <param name="Usage">What follows its name in the usage line, e.g. <c>[OPTIONS] IMAGE</c>; <c>{0}</c> is the program's name.</param>
/// <param name="Summary">One line for help texts.</param>
/// <param name="Count">How many arguments it takes.</param>
/// <param name="Create">Defines its flags and makes it.</param>
internal sealed record CommandEntry(IReadOnlyList<string> Paths, string Usage, string Summary, ArgumentCount Count, Func<FlagSet, Command> Create)
{
    /// <summary>What the help tells after the flags, or null.</summary>
    public Func<string>? Details { get; init; }

    /// <summary>Whether flags may follow the first argument.</summary>
    public bool Interspersed { get; init; } = true;

    /// <summary>The name in a group (null: at the top level), or null when the command is not right there.</summary>
    public string? NameIn(string? group)
    {
        foreach (var path in Paths)
        {
            if (CommandTable.NameIn(group, path) is { } name)
                return name;
        }
        return null;
    }
}

/// <summary>How many arguments a command takes.</summary>
/// <param name="Least">At least so many.</param>
/// <param name="Most">At most so many.</param>
internal readonly record struct ArgumentCount(int Least, int Most)
{
    public static ArgumentCount None => new(0, 0);

    public static ArgumentCount Any => new(0, int.MaxValue);

    public static ArgumentCount Exactly(int count) => new(count, count);

    public static ArgumentCount AtLeast(int count) => new(count, int.MaxValue);

    public static ArgumentCount AtMost(int count) => new(0, count);

    /// <summary>What is wrong with a number of arguments, or null.</summary>
    public string? Check(int count)
    {
        if (count >= Least && count <= Most)
            return null;
        if (Most == 0)
            return "accepts no arguments";
        var bound = Most == int.MaxValue ? $"at least {Least}" : Least == Most ? $"{Least}" : Least == 0 ? $"at most {Most}"
            : $"at least {Least} and at most {Most}";
        var plural = (Most == int.MaxValue ? Least : Most) == 1 ? "argument" : "arguments";
        return $"requires {bound} {plural}";
    }
}
