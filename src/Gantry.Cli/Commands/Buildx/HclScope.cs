using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>What names mean in an expression.</summary>
/// <param name="find">The value of a variable; null: there is none.</param>
/// <param name="functions">The functions that the files define.</param>
internal sealed class HclScope(Func<string, Value?> find, IReadOnlyDictionary<string, HclFunction> functions)
{
    private const int MostCalls = 100;
    private int _calls;

    /// <summary>Nothing.</summary>
    public static HclScope Empty { get; } = new(static _ => null, new Dictionary<string, HclFunction>());

    /// <summary>A variable.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public Value Variable(string name) => find(name) ?? throw new CommandException($"Unknown variable; There is no variable named \"{name}\".");

    /// <summary>With one variable more.</summary>
    public HclScope With(string name, Value value) => new(other => other == name ? value : find(other), functions) { _calls = _calls };

    /// <summary>Calls a function: one of the files, or one that there is in any case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="unknown">Thrown when there is none of that name.</param>
    /// <exception cref="CommandException">It cannot be called so.</exception>
    public Value Call(string name, IReadOnlyList<Value> arguments, CommandException unknown)
    {
        if (!functions.TryGetValue(name, out var function))
            return HclFunctions.Call(name, arguments) ?? throw unknown;
        if (_calls > MostCalls)
            throw new CommandException($"the function {name}() calls itself without an end");
        if (arguments.Count < function.Parameters.Count || (function.Rest is null && arguments.Count > function.Parameters.Count))
            throw new CommandException($"the function {name}() takes {function.Parameters.Count} arguments, not {arguments.Count}");
        var inner = new HclScope(find, functions) { _calls = _calls + 1 };
        for (var i = 0; i < function.Parameters.Count; i++)
            inner = inner.With(function.Parameters[i], arguments[i]);
        if (function.Rest is { } rest)
        {
            var more = new ListValue();
            more.Items.AddRange(arguments.Skip(function.Parameters.Count));
            inner = inner.With(rest, more);
        }
        return function.Result.Evaluate(inner);
    }
}

/// <summary>A function that a file defines.</summary>
/// <param name="Parameters">The names of its parameters.</param>
/// <param name="Rest">The name of the list of further ones; null: there are none.</param>
/// <param name="Result">What it is worth.</param>
internal sealed record HclFunction(IReadOnlyList<string> Parameters, string? Rest, HclDeferred Result);
