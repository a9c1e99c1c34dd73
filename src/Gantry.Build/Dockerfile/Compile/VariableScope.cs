using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>The variables of a stage: those of its environment and those of ARG. Of two with one name the one that was set last counts.</summary>
internal sealed class VariableScope(char escape)
{
    /// <summary>Is told of variables that are used and nowhere defined.</summary>
    public Action<string, SourceRange>? Undefined { get; set; }

    /// <summary>The names of all variables.</summary>
    public IEnumerable<string> Names => _environment.Select(variable => variable.Name).Concat(_arguments.Select(argument => argument.Name));

    private readonly List<(string Name, string Value)> _environment = [];
    private readonly List<(string Name, string? Value)> _arguments = [];
    private readonly HashSet<string> _hiding = [];

    /// <summary>The environment as <c>NAME=value</c>, in the order in which the names came up.</summary>
    public List<string> Environment => _environment.ConvertAll(variable => $"{variable.Name}={variable.Value}");

    /// <summary>The arguments that are declared.</summary>
    public IReadOnlyList<(string Name, string? Value)> Arguments => _arguments;

    /// <summary>The environment of a step: with the arguments that have a value.</summary>
    public List<string> StepEnvironment =>
    [
        .. _environment.Select(variable => $"{variable.Name}={Find(variable.Name)}"),
        .. _arguments.Where(argument => argument.Value is not null && !_environment.Exists(variable => variable.Name == argument.Name))
            .Select(argument => $"{argument.Name}={argument.Value}"),
    ];

    public void SetEnvironment(string name, string value)
    {
        _hiding.Remove(name);
        var at = _environment.FindIndex(variable => variable.Name == name);
        if (at < 0)
            _environment.Add((name, value));
        else
            _environment[at] = (name, value);
    }

    public void SetArgument(string name, string? value)
    {
        if (value is not null)
            _hiding.Add(name);
        var at = _arguments.FindIndex(argument => argument.Name == name);
        if (at < 0)
            _arguments.Add((name, value));
        else
            _arguments[at] = (name, value);
    }

    public string? Find(string name)
    {
        foreach (var variable in _environment)
        {
            if (variable.Name == name && !_hiding.Contains(name))
                return variable.Value;
        }
        foreach (var argument in _arguments)
        {
            if (argument.Name == name)
                return argument.Value;
        }
        return null;
    }

    /// <summary>Expands a word to one.</summary>
    /// <exception cref="DockerfileException">It is malformed.</exception>
    public string Expand(string word, SourceRange range) => Guard(word, range, expander => expander.Expand(word), new WordExpander(escape, Find));

    /// <summary>Expands a word to the words it has.</summary>
    /// <inheritdoc cref="Expand"/>
    public List<string> ExpandToWords(string word, SourceRange range) =>
        Guard(word, range, expander => expander.ExpandToWords(word), new WordExpander(escape, Find));

    /// <summary>Expands a document: quotes mean nothing in it.</summary>
    /// <inheritdoc cref="Expand"/>
    public string ExpandDocument(string text, SourceRange range) =>
        Guard(text, range, expander => expander.Expand(text), new WordExpander('\\', Find) { KeepQuotes = true, KeepEscapes = true });

    /// <summary>Expands what a user is shown; what is malformed stays.</summary>
    public string ExpandForDisplay(string text)
    {
        try
        {
            return new WordExpander(escape, Find) { KeepQuotes = true, KeepEscapes = true, KeepUnset = true }.Expand(text);
        }
        catch (FormatException)
        {
            return text;
        }
    }

    public void Take(ImageRunConfig config)
    {
        foreach (var variable in config.Env ?? [])
        {
            var equals = variable.IndexOf('=');
            SetEnvironment(equals < 0 ? variable : variable[..equals], equals < 0 ? "" : variable[(equals + 1)..]);
        }
    }

    private T Guard<T>(string word, SourceRange range, Func<WordExpander, T> expand, WordExpander expander)
    {
        try
        {
            var result = expand(expander);
            foreach (var name in expander.Unset.Where(name => !_arguments.Exists(argument => argument.Name == name)))
                Undefined?.Invoke(name, range);
            return result;
        }
        catch (FormatException error)
        {
            throw DockerfileException.At(range, $"failed to process \"{word}\": {error.Message}", error);
        }
    }
}
