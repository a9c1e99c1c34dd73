using Gantry.Client;

namespace Gantry.Cli.Flags;

/// <summary>The flag <c>--filter name=value</c>.</summary>
internal sealed class FilterFlag
{
    private readonly ListFlag<(string Name, string Value)> _flag;

    private FilterFlag(ListFlag<(string Name, string Value)> flag) => _flag = flag;

    /// <summary>Whether any was given.</summary>
    public bool Changed => _flag.Changed;

    /// <summary>The filters given.</summary>
    public Filters Filters
    {
        get
        {
            var filters = new Filters();
            foreach (var (name, value) in _flag.Values)
                filters.Add(name, value);
            return filters;
        }
    }

    /// <summary>Adds the flag to a command.</summary>
    public static FilterFlag Define(FlagSet flags, char shorthand, string usage) =>
        new(flags.Add(new ListFlag<(string, string)>("filter", shorthand, "filter", usage, FlagValues.ParseFilter)));
}
