using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Client.Connections;
using Gantry.Oci.Values;

namespace Gantry.Cli.Contexts;

/// <summary>The value of <c>--docker</c>: <c>host=...,ca=FILE,cert=FILE,key=FILE,skip-tls-verify=true</c>, or <c>from=CONTEXT</c>.</summary>
internal sealed class EndpointOptions
{
    private static readonly string[] s_known = ["from", "host", "ca", "cert", "key", "skip-tls-verify"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the values of the flag.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public EndpointOptions(IEnumerable<string> values)
    {
        foreach (var field in values.SelectMany(CsvFields.Split))
        {
            var pair = field.Split('=', 2);
            if (pair.Length < 2)
                throw new CommandException($"{field} must be formatted as key=value");
            if (!s_known.Contains(pair[0]))
                throw new CommandException($"unrecognized config key: {pair[0]}");
            _values[pair[0]] = pair[1];
        }
        if (Host is { Length: > 0 } host)
            _ = EngineAddress.Parse(host);
    }

    /// <summary>Whether nothing was said.</summary>
    public bool IsEmpty => _values.Count == 0;

    /// <summary>The context to take the endpoint of; null for none.</summary>
    public string? From => _values.GetValueOrDefault("from");

    /// <summary>The address; null when it was not said.</summary>
    public string? Host => _values.GetValueOrDefault("host");

    /// <summary>Whether the engine need not prove who it is.</summary>
    public bool SkipTlsVerify => GoBoolean.Parse(_values.GetValueOrDefault("skip-tls-verify")) is true;

    /// <summary>Copies the certificate files that were named into a context.</summary>
    /// <exception cref="CommandException">A file cannot be read.</exception>
    public void CopyTls(ContextStore store, string name)
    {
        foreach (var (key, file) in ((string, string)[])[("ca", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")])
        {
            if (_values.GetValueOrDefault(key) is not { Length: > 0 } path)
                continue;
            if (!File.Exists(path))
                throw new CommandException($"unable to create docker endpoint config: open {path}: no such file or directory");
            store.WriteTlsFile(name, file, File.ReadAllBytes(path));
        }
    }
}
