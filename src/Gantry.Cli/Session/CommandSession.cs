using System.Text;
using Gantry.Cli.Contexts;
using Gantry.Cli.Credentials;
using Gantry.Cli.Flags;
using Gantry.Cli.Manifests;
using Gantry.Client;
using Gantry.Client.Connections;
using Gantry.Oci;

namespace Gantry.Cli.Session;

/// <summary>What one command works with: the daemon, the standard streams, the user's settings.</summary>
internal sealed class CommandSession : IDisposable
{
    private const string DefaultSocket = "/run/gantry/gantry.sock";

    // docker's document of credentials for a job that has no file of them.
    private const string AuthVariable = "DOCKER_AUTH_CONFIG";

    // The user may have to find a password for the helper's keychain first.
    private static readonly TimeSpan s_helperLimit = TimeSpan.FromMinutes(2);

    private readonly GlobalOptions _options;
    private readonly List<IDisposable> _kept = [];
    private EngineConnector? _connector;
    private EngineClient? _client;
    private ClientSettings? _settings;

    public CommandSession(CliContext context, GlobalOptions options)
    {
        Context = context;
        _options = options;
        Out = NewWriter(context.Output);
        Error = NewWriter(context.Error);
    }

    /// <summary>What surrounds the program.</summary>
    public CliContext Context { get; }

    /// <summary>The arguments the program was called with.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What is said after the message of every failure, or empty.</summary>
    public string Hint => TypesetDash.Hint(Arguments);

    /// <summary>The program's name as messages show it.</summary>
    public string Program => Context.ProgramName;

    /// <summary>Standard output for text. It is buffered: <see cref="Flush"/> it before waiting for anything.</summary>
    public TextWriter Out { get; }

    /// <summary>Standard error for text, buffered likewise.</summary>
    public TextWriter Error { get; }

    /// <summary>The daemon.</summary>
    public EngineClient Client => _client ??= Connect();

    /// <summary>The user's <c>config.json</c>.</summary>
    public ClientSettings Settings => _settings ??= ClientSettings.Load(ConfigFolder);

    /// <summary>The user's credentials for registries.</summary>
    public CredentialStore Credentials => new(
        Settings, new CredentialFile(ConfigFolder), name => new CredentialProgram(name, Context.Environment("PATH") ?? "", s_helperLimit),
        Context.Environment(AuthVariable) is { Length: > 0 } given ? CredentialEntries.Parse(given, $"read {AuthVariable}") : null);

    /// <summary>The user's named endpoints.</summary>
    public ContextStore Contexts => new(ConfigFolder);

    /// <summary>The name of the context that commands connect with, whether or not there is one of that name.</summary>
    public string CurrentContext
    {
        get
        {
            if (_options.Context.Value is { Length: > 0 } named)
                return named;
            if (_options.Host.Values.Count > 0 || FirstVariable("GANTRY_HOST", "DOCKER_HOST") is not null)
                return ContextStore.Default;
            if (Context.Environment("DOCKER_CONTEXT") is { Length: > 0 } variable)
                return variable;
            return Settings.Text("currentContext") is { Length: > 0 } current ? current : ContextStore.Default;
        }
    }

    /// <summary>The address of the default context.</summary>
    public string DefaultHost =>
        _options.Host.Values is [var host] ? host : FirstVariable("GANTRY_HOST", "DOCKER_HOST") ?? "unix://" + DefaultSocket;

    /// <summary>Opens connections to the daemon.</summary>
    public EngineConnector Connector => _connector ??= NewConnector();

    /// <summary>The user's lists of manifests.</summary>
    public ManifestListStore ManifestLists => new(Path.Combine(ConfigFolder, "manifests"));

    /// <summary>Address of the daemon as text.</summary>
    public string Host { get; private set; } = "";

    /// <summary>The folder of the client's configuration.</summary>
    public string ConfigFolder =>
        _options.Config.Value.Length > 0 ? _options.Config.Value
        : Context.Environment("DOCKER_CONFIG") is { Length: > 0 } folder ? folder
        : Path.Combine(Context.Environment("HOME") is { Length: > 0 } home ? home : "/root", ".docker");

    /// <summary>Writes a line to standard output.</summary>
    public void Print(string line)
    {
        Out.Write(line);
        Out.Write('\n');
    }

    /// <summary>Writes a line to standard error, after what was written to standard output.</summary>
    public void PrintError(string line)
    {
        Out.Flush();
        Error.Write(line);
        Error.Write('\n');
        Error.Flush();
    }

    /// <summary>Hands everything written so far to the kernel.</summary>
    public void Flush()
    {
        Out.Flush();
        Error.Flush();
    }

    /// <summary>Takes something that ends with the command.</summary>
    public T Keep<T>(T resource) where T : IDisposable
    {
        lock (_kept)
            _kept.Add(resource);
        return resource;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.ForEach(static resource => resource.Dispose());
        _client?.Dispose();
    }

    private static StreamWriter NewWriter(Stream stream) => new(stream, new UTF8Encoding(false), 4096, leaveOpen: true) { NewLine = "\n" };

    private EngineClient Connect() => new(Connector, Context.Environment("DOCKER_API_VERSION"))
    {
        Headers = Settings.Map("HttpHeaders"),
    };

    private EngineConnector NewConnector()
    {
        var (host, isDefault, context) = ChooseHost();
        Host = host;
        var tls = context is null ? ChooseTls() : TlsOf(context);
        var address = ParseAddress(host, tls is not null);
        var starter = isDefault ? Context.DaemonStarter : null;
        Func<CancellationToken, ValueTask<bool>>? revive = starter is null ? null : cancellation => starter.StartAsync(address.SocketPath!, cancellation);
        return new EngineConnector(address, tls, blocking: true, revive);
    }

    private static EngineAddress ParseAddress(string host, bool tls)
    {
        try
        {
            return EngineAddress.Parse(host, tls);
        }
        catch (GantryException error)
        {
            throw new CommandException($"Failed to initialize: unable to resolve docker endpoint: {error.Message}");
        }
    }

    private (string Host, bool IsDefault, ClientContext? Context) ChooseHost()
    {
        if (_options.Host.Values.Count > 1)
            throw new CommandException("Failed to initialize: unable to resolve docker endpoint: Specify only one -H");
        if (_options.Host.Values.Count == 1)
            return _options.Context.Value is "" ? (_options.Host.Values[0], false, null)
                : throw new CommandException("conflicting options: cannot specify both --host and --context");
        var name = CurrentContext;
        if (name != ContextStore.Default)
        {
            var context = Contexts.Find(name)
                ?? throw new CommandException(
                    $"Failed to initialize: unable to resolve docker endpoint: context \"{name}\": context not found: open {Contexts.MetadataFolder(name)}/meta.json: no such file or directory");
            return (context.Host.Length > 0 ? context.Host : "unix://" + DefaultSocket, false, context);
        }
        return FirstVariable("GANTRY_HOST", "DOCKER_HOST") is { } fallback ? (fallback, false, null) : ("unix://" + DefaultSocket, true, null);
    }

    private TlsOptions? TlsOf(ClientContext context)
    {
        var files = Contexts.TlsFilesOf(context.Name);
        if (files.Count == 0 && !context.SkipTlsVerify)
            return null;
        var folder = Path.Combine(Contexts.TlsFolder(context.Name), ClientContext.Endpoint);
        string? Named(string file) => files.Contains(file) ? Path.Combine(folder, file) : null;
        return new TlsOptions(Named("ca.pem"), Named("cert.pem"), Named("key.pem"), Verify: !context.SkipTlsVerify);
    }

    private TlsOptions? ChooseTls()
    {
        var verify = _options.TlsVerify.Value || !_options.TlsVerify.Changed && !string.IsNullOrEmpty(Context.Environment("DOCKER_TLS_VERIFY"));
        if (!verify && !_options.Tls.Value && string.IsNullOrEmpty(Context.Environment("DOCKER_TLS")))
            return null;
        var folder = Context.Environment("DOCKER_CERT_PATH") is { Length: > 0 } path ? path : ConfigFolder;
        return new TlsOptions(
            verify ? Pick(_options.Authority.Value, folder, "ca.pem") : null,
            Pick(_options.Certificate.Value, folder, "cert.pem"),
            Pick(_options.Key.Value, folder, "key.pem"),
            verify);
    }

    private static string Pick(string given, string folder, string name) => given.Length > 0 ? given : Path.Combine(folder, name);

    private string? FirstVariable(string first, string second) =>
        Context.Environment(first) is { Length: > 0 } value ? value : Context.Environment(second) is { Length: > 0 } other ? other : null;
}
