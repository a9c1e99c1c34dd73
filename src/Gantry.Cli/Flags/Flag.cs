using Gantry.Oci.Values;

namespace Gantry.Cli.Flags;

/// <summary>One flag of a command.</summary>
/// <param name="name">The long name, without dashes.</param>
/// <param name="shorthand">The letter of the short form, or <c>'\0'</c>.</param>
/// <param name="type">The word for the value in the help, e.g. <c>string</c>; empty for a switch.</param>
/// <param name="usage">The help text.</param>
public abstract class Flag(string name, char shorthand, string type, string usage)
{
    /// <summary>The long name, without dashes.</summary>
    public string Name { get; } = name;

    /// <summary>The letter of the short form, or <c>'\0'</c>.</summary>
    public char Shorthand { get; } = shorthand;

    /// <summary>The word for the value in the help; empty for a switch.</summary>
    public string Type { get; } = type;

    /// <summary>The help text.</summary>
    public string Usage { get; } = usage;

    /// <summary>Whether the command line names this flag.</summary>
    public bool Changed { get; private set; }

    /// <summary>What the help shows as default, or empty for none.</summary>
    public string DefaultText { get; init; } = "";

    /// <summary>Whether the help leaves this flag out: it is taken for compatibility only.</summary>
    public bool Hidden { get; init; }

    /// <summary>Whether the flag can stand without a value.</summary>
    public virtual bool IsSwitch => false;

    /// <summary>The forms of the flag as messages name it, e.g. <c>-m, --memory</c>.</summary>
    public string Display => Shorthand == '\0' ? $"--{Name}" : $"-{Shorthand}, --{Name}";

    /// <summary>Takes a value from the command line.</summary>
    /// <exception cref="UsageException">The value is not one of this flag.</exception>
    public void Set(string value)
    {
        try
        {
            Accept(value);
        }
        catch (FormatException error)
        {
            throw new UsageException($"invalid argument {Quote(value)} for \"{Display}\" flag: {error.Message}");
        }
        Changed = true;
    }

    /// <summary>Reads and keeps a value.</summary>
    /// <exception cref="FormatException">The value is not one of this flag; the message says why.</exception>
    protected abstract void Accept(string value);

    private static string Quote(string value) => Templates.GoJson.Write(value, escapeHtml: false);
}

/// <summary>A switch: <c>--name</c>, <c>--name=false</c>.</summary>
public sealed class BoolFlag(string name, char shorthand, string usage) : Flag(name, shorthand, "", usage)
{
    /// <summary>Whether it is on.</summary>
    public bool Value { get; set; }

    /// <inheritdoc/>
    public override bool IsSwitch => true;

    /// <inheritdoc/>
    protected override void Accept(string value) => Value =
        GoBoolean.Parse(value) ?? throw new FormatException($"strconv.ParseBool: parsing \"{value}\": invalid syntax");
}

/// <summary>A flag with one value, of which the last one given counts.</summary>
/// <param name="name">The long name.</param>
/// <param name="shorthand">The short form's letter.</param>
/// <param name="type">The word for the value in the help.</param>
/// <param name="usage">The help text.</param>
/// <param name="parse">Reads the value; throws <see cref="FormatException"/>.</param>
/// <param name="value">The value when the flag is not given.</param>
public sealed class ValueFlag<T>(string name, char shorthand, string type, string usage, Func<string, T> parse, T value)
    : Flag(name, shorthand, type, usage)
{
    /// <summary>The value given, or the default.</summary>
    public T Value { get; private set; } = value;

    /// <inheritdoc/>
    protected override void Accept(string value) => Value = parse(value);
}

/// <summary>A flag that may be given many times.</summary>
/// <param name="name">The long name.</param>
/// <param name="shorthand">The short form's letter.</param>
/// <param name="type">The word for the value in the help.</param>
/// <param name="usage">The help text.</param>
/// <param name="parse">Checks a value and reads it; throws <see cref="FormatException"/>.</param>
public sealed class ListFlag<T>(string name, char shorthand, string type, string usage, Func<string, T> parse) : Flag(name, shorthand, type, usage)
{
    private readonly List<T> _values = [];

    /// <summary>The values in the order given.</summary>
    public IReadOnlyList<T> Values => _values;

    /// <inheritdoc/>
    protected override void Accept(string value) => _values.Add(parse(value));
}

/// <summary>A flag whose values are <c>key=value</c>; a later value replaces an earlier one of the same key.</summary>
public sealed class MapFlag(string name, char shorthand, string usage, Func<string, string>? check = null) : Flag(name, shorthand, "map", usage)
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>What was given, sorted by key.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <inheritdoc/>
    protected override void Accept(string value)
    {
        value = check?.Invoke(value) ?? value;
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            _values[value] = "";
        else
            _values[value[..equals]] = value[(equals + 1)..];
    }
}
