using System.Globalization;
using Gantry.Oci;

namespace Gantry.Registry.Client.Hosts;

/// <summary>
/// A <c>hosts.toml</c> as containerd has them: the hosts to ask for one registry, in order, and the registry itself (<c>server</c>) last.
/// Keys that are not known are refused: an ignored <c>skip_verify</c> or <c>ca</c> would be found out much later.
/// </summary>
internal sealed class HostsFile
{
    private readonly string _file;
    private readonly string _registry;

    private HostsFile(string file, string registry) => (_file, _registry) = (file, registry);

    /// <summary>The endpoints that the file names; none for the registry itself when the file says nothing about it.</summary>
    /// <exception cref="GantryException">The file is not understood.</exception>
    internal static (IReadOnlyList<RegistryEndpoint> Mirrors, RegistryEndpoint? Server) Read(string file, string registry) =>
        new HostsFile(file, registry).Interpret(TomlReader.Read(file, File.ReadAllText(file)));

    private (IReadOnlyList<RegistryEndpoint> Mirrors, RegistryEndpoint? Server) Interpret(TomlTable root)
    {
        var mirrors = new List<RegistryEndpoint>();
        string? server = null;
        var own = new TomlTable();
        foreach (var (key, value) in root.Entries)
        {
            if (key == "server")
                server = Text(key, value);
            else if (key == "host")
                mirrors.AddRange(Table(key, value).Entries.Select(host => ReadHost(host.Key, Table(host.Key, host.Value), mirror: true)));
            else
                own.TryAdd(key, value);
        }
        if (server is null && own.Entries.Count > 0)
            throw Error($"\"{own.Entries[0].Key}\" needs a \"server\" that it is said of");
        return (mirrors, server is null ? null : ReadHost(server, own, mirror: false));
    }

    private RegistryEndpoint ReadHost(string address, TomlTable table, bool mirror)
    {
        var endpoint = new RegistryEndpoint { Base = new Uri("any://none"), IsMirror = mirror, Namespace = mirror ? _registry : null };
        var overridePath = false;
        foreach (var (key, value) in table.Entries)
        {
            switch (key)
            {
                case "capabilities":
                    var capabilities = Strings(key, value).Aggregate(EndpointCapabilities.None, (sum, word) => sum | Capability(word));
                    endpoint = endpoint with { Capabilities = capabilities };
                    break;
                case "ca":
                    endpoint = endpoint with { Tls = endpoint.Tls with { AuthorityFiles = [.. Strings(key, value).Select(Existing)] } };
                    break;
                case "client":
                    endpoint = endpoint with { Tls = endpoint.Tls with { ClientCertificates = ClientCertificates(value) } };
                    break;
                case "skip_verify":
                    endpoint = endpoint with { Tls = endpoint.Tls with { SkipVerify = Flag(key, value) } };
                    break;
                case "override_path":
                    overridePath = Flag(key, value);
                    break;
                case "dial_timeout":
                    endpoint = endpoint with { ConnectTimeout = Duration(key, value) };
                    break;
                case "header":
                    var headers = Table(key, value).Entries
                        .SelectMany(header => Strings(header.Key, header.Value).Select(text => KeyValuePair.Create(header.Key, text)));
                    endpoint = endpoint with { Headers = [.. headers] };
                    break;
                default:
                    throw Error($"unknown key \"{key}\"");
            }
        }
        var uri = Address(address, overridePath);
        return endpoint with { Base = uri, IsInsecure = uri.Scheme == Uri.UriSchemeHttp };
    }

    private Uri Address(string text, bool overridePath)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0)
            throw Error($"\"{text}\" is no address such as https://mirror.example.com");
        var path = uri.AbsolutePath.Trim('/');
        if (!overridePath && path != "v2" && !path.EndsWith("/v2", StringComparison.Ordinal))
            path = path.Length == 0 ? "v2" : path + "/v2";
        return new Uri(uri, path.Length == 0 ? "/" : $"/{path}/");
    }

    private List<ClientCertificateFiles> ClientCertificates(object value) => value switch
    {
        string file => [Pair([file])],
        List<object> list when list.TrueForAll(entry => entry is string) => [.. list.Select(entry => Pair([(string)entry]))],
        List<object> list => [.. list.Select(entry => Pair(Strings("client", entry)))],
        _ => throw Error("\"client\" has to be a file, or a list of [certificate, key]"),
    };

    private ClientCertificateFiles Pair(List<string> files) => files switch
    {
        [var both] => new ClientCertificateFiles(Existing(both), Existing(both)),
        [var certificate, ""] => new ClientCertificateFiles(Existing(certificate), Existing(certificate)),
        [var certificate, var key] => new ClientCertificateFiles(Existing(certificate), Existing(key)),
        _ => throw Error("an entry of \"client\" has to be [certificate, key]"),
    };

    /// <summary>Relative names start where the file is.</summary>
    private string Existing(string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_file))!, name);
        return File.Exists(path) ? path : throw Error($"there is no file {path}");
    }

    private EndpointCapabilities Capability(string word) => word switch
    {
        "pull" => EndpointCapabilities.Pull,
        "resolve" => EndpointCapabilities.Resolve,
        "push" => EndpointCapabilities.Push,
        _ => throw Error($"unknown capability \"{word}\": there are pull, resolve and push"),
    };

    /// <summary>Go's durations, of one unit: <c>500ms</c>, <c>5s</c>, <c>1m</c>.</summary>
    private TimeSpan Duration(string key, object value)
    {
        var text = Text(key, value);
        var digits = text.AsSpan().TrimEnd("ms");
        var unit = text[digits.Length..] switch { "ms" => 0.001, "s" => 1, "m" => 60, _ => 0 };
        return unit > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number * unit < 86400
            ? TimeSpan.FromSeconds(number * unit)
            : throw Error($"\"{key}\" has to be a time such as \"5s\"");
    }

    private bool Flag(string key, object value) => value is bool flag ? flag : throw Error($"\"{key}\" has to be true or false");

    private string Text(string key, object value) => value as string ?? throw Error($"\"{key}\" has to be a string");

    private TomlTable Table(string key, object value) => value as TomlTable ?? throw Error($"\"{key}\" has to be a table");

    private List<string> Strings(string key, object value) => value switch
    {
        string text => [text],
        List<object> list when list.TrueForAll(entry => entry is string) => [.. list.Cast<string>()],
        _ => throw Error($"\"{key}\" has to be a string or a list of strings"),
    };

    private GantryException Error(string what) => GantryException.Invalid($"{_file}: {what}");
}
