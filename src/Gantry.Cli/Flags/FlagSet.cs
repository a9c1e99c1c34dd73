using Gantry.Oci.Values;

namespace Gantry.Cli.Flags;

/// <summary>The flags of one command, and the reading of its arguments in the manner of Go's pflag.</summary>
public sealed class FlagSet
{
    private readonly List<Flag> _flags = [];

    /// <summary>Whether flags may follow positional arguments. Otherwise the first positional ends the flags, as in <c>run IMAGE ls -l</c>.</summary>
    public bool Interspersed { get; set; } = true;

    /// <summary>
    /// Whether flags that are not defined are passed over, with the value that each is taken to have: for commands that are refused whatever they are told.
    /// </summary>
    public bool PassesOverUnknown { get; set; }

    /// <summary>Whether <c>--help</c> (or an undefined <c>-h</c>) was given.</summary>
    public bool HelpRequested { get; private set; }

    /// <summary>The flags in the order of their definition.</summary>
    public IReadOnlyList<Flag> Flags => _flags;

    /// <summary>Adds a flag of any kind.</summary>
    public TFlag Add<TFlag>(TFlag flag)
        where TFlag : Flag
    {
        _flags.Add(flag);
        return flag;
    }

    /// <summary>Adds a switch that is off by default.</summary>
    public BoolFlag Bool(string name, char shorthand, string usage) => Add(new BoolFlag(name, shorthand, usage));

    /// <summary>Adds a switch without a short form.</summary>
    public BoolFlag Bool(string name, string usage) => Bool(name, '\0', usage);

    /// <summary>Adds a flag that takes any text.</summary>
    public ValueFlag<string> String(string name, char shorthand, string usage, string value = "") =>
        Add(new ValueFlag<string>(name, shorthand, "string", usage, static text => text, value) { DefaultText = value.Length > 0 ? $"\"{value}\"" : "" });

    /// <summary>Adds a flag that takes any text and has no short form.</summary>
    public ValueFlag<string> String(string name, string usage, string value = "") => String(name, '\0', usage, value);

    /// <summary>Adds a flag that collects texts.</summary>
    public ListFlag<string> List(string name, char shorthand, string usage, Func<string, string>? parse = null) =>
        Add(new ListFlag<string>(name, shorthand, "list", usage, parse ?? (static text => text)));

    /// <summary>Adds a flag that collects texts and has no short form.</summary>
    public ListFlag<string> List(string name, string usage, Func<string, string>? parse = null) => List(name, '\0', usage, parse);

    /// <summary>Adds a flag that collects <c>key=value</c>.</summary>
    public MapFlag Map(string name, char shorthand, string usage, Func<string, string>? check = null) => Add(new MapFlag(name, shorthand, usage, check));

    /// <summary>Adds a flag with a value of another type.</summary>
    public ValueFlag<T> Value<T>(string name, char shorthand, string type, string usage, Func<string, T> parse, T value, string shown = "") =>
        Add(new ValueFlag<T>(name, shorthand, type, usage, parse, value) { DefaultText = shown });

    /// <summary>Adds a whole number.</summary>
    public ValueFlag<long> Int(string name, char shorthand, string usage, long value = 0) =>
        Value(name, shorthand, "int", usage, FlagValues.ParseInt64, value, value != 0 ? value.ToString(System.Globalization.CultureInfo.InvariantCulture) : "");

    /// <summary>Adds a whole number without a short form.</summary>
    public ValueFlag<long> Int(string name, string usage, long value = 0) => Int(name, '\0', usage, value);

    /// <summary>Adds a size such as <c>64m</c>, in bytes.</summary>
    public ValueFlag<long> Bytes(string name, char shorthand, string usage) => Value(name, shorthand, "bytes", usage, ByteSize.Parse, 0L);

    /// <summary>Adds a duration such as <c>1m30s</c>.</summary>
    public ValueFlag<long> Duration(string name, string usage) => Value(name, '\0', "duration", usage, GoDuration.Parse, 0L, "0s");

    /// <summary>Reads arguments; the result is what is not a flag.</summary>
    /// <exception cref="UsageException">A flag is unknown, or its value is missing or wrong.</exception>
    public List<string> Parse(ReadOnlySpan<string> arguments)
    {
        var positional = new List<string>(arguments.Length);
        for (var at = 0; at < arguments.Length && !HelpRequested; at++)
        {
            var argument = arguments[at];
            if (argument.Length < 2 || argument[0] != '-')
            {
                positional.Add(argument);
                if (Interspersed)
                    continue;
                positional.AddRange(arguments[(at + 1)..]);
                break;
            }
            if (argument == "--")
            {
                positional.AddRange(arguments[(at + 1)..]);
                break;
            }
            if (argument[1] == '-')
                ParseLong(argument, arguments, ref at);
            else
                ParseShort(argument, arguments, ref at);
        }
        return positional;
    }

    private void ParseLong(string argument, ReadOnlySpan<string> arguments, ref int at)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        if (name.Length == 0 || name[0] == '-')
            throw new UsageException($"bad flag syntax: {argument}");
        var flag = Find(name);
        if (flag is null && name == "help")
            HelpRequested = true;
        else if (flag is null && PassesOverUnknown)
            at += equals < 0 ? 1 : 0;
        else if (flag is null)
            throw new UsageException($"unknown flag: --{name}");
        else if (equals >= 0)
            flag.Set(argument[(equals + 1)..]);
        else if (flag.IsSwitch)
            flag.Set("true");
        else if (at + 1 < arguments.Length)
            flag.Set(arguments[++at]);
        else
            throw new UsageException($"flag needs an argument: {argument}");
    }

    private void ParseShort(string argument, ReadOnlySpan<string> arguments, ref int at)
    {
        for (var letter = 1; letter < argument.Length; letter++)
        {
            var flag = Find(argument[letter]);
            if (flag is null && argument[letter] == 'h')
            {
                HelpRequested = true;
                return;
            }
            if (flag is null && PassesOverUnknown)
            {
                at += letter + 1 == argument.Length ? 1 : 0;
                return;
            }
            if (flag is null)
                throw new UsageException($"unknown shorthand flag: '{argument[letter]}' in -{argument[letter..]}");
            var rest = argument[(letter + 1)..];
            if (rest.StartsWith('='))
            {
                flag.Set(rest[1..]);
                return;
            }
            if (flag.IsSwitch)
            {
                flag.Set("true");
                continue;
            }
            if (rest.Length > 0)
                flag.Set(rest);
            else if (at + 1 < arguments.Length)
                flag.Set(arguments[++at]);
            else
                throw new UsageException($"flag needs an argument: '{argument[letter]}' in -{argument[letter..]}");
            return;
        }
    }

    private Flag? Find(string name)
    {
        foreach (var flag in _flags)
            if (flag.Name == name)
                return flag;
        return null;
    }

    private Flag? Find(char shorthand)
    {
        foreach (var flag in _flags)
            if (flag.Shorthand == shorthand)
                return flag;
        return null;
    }
}
