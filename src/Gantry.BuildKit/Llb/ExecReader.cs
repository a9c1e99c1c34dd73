using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Llb;

/// <summary>Reads <c>pb.ExecOp</c>: a process and what is mounted for it.</summary>
/// <param name="operation">The operation.</param>
/// <param name="inputs">The nodes that it stands on.</param>
/// <param name="entitlements">What the client may do, as it was asked.</param>
internal sealed class ExecReader(LlbOperation operation, List<Node?> inputs, IReadOnlyCollection<string> entitlements)
{
    private readonly List<string> _arguments = [];
    private readonly List<string> _environment = [];
    private readonly List<string> _proxies = [];
    private readonly List<string> _hosts = [];
    private readonly List<string> _ulimits = [];
    private readonly List<LlbMount> _mounts = [];
    private readonly List<StepMount> _secretVariables = [];
    private readonly List<int> _validCodes = [];
    private string _folder = "/";
    private string _user = "";
    private string _hostName = "";
    private string _cgroupParent = "";
    private long _network;
    private bool _insecure;

    /// <summary>The nodes of its results, by their numbers: what the mounts that say so have become, in their order.</summary>
    /// <exception cref="GantryException">It is malformed, or asks for what is not done.</exception>
    public IReadOnlyList<Node?> Read(Func<string, NodeLabel> label)
    {
        ReadBody();
        var root = _mounts.Find(mount => mount.Destination == "/") ?? throw GantryException.Invalid("invalid exec operation without a mount at /");
        if (root.Selector is not ("" or "/"))
            throw GantryException.NotImplemented($"a root that is the folder {root.Selector} of its files is not implemented in this version of Gantry");
        var nodes = new List<Node?> { Node.AsRoot(Input(root)) };
        var mounts = new List<StepMount>(_secretVariables);
        foreach (var mount in _mounts.Where(mount => mount != root))
            mounts.Add(mount.ToStep(AddInput(mount, nodes)) with { IsResult = IsResult(mount) });
        var process = new Node(
            new ExecOperation
            {
                Arguments = _arguments, Environment = _environment, ProxyEnvironment = _proxies, WorkingDirectory = _folder, User = _user, Mounts = mounts,
                Network = _network switch { 1 => StepNetwork.Host, 2 => StepNetwork.None, _ => StepNetwork.Default },
                Insecure = _insecure, HostName = _hostName, ExtraHosts = _hosts, Ulimits = _ulimits, CgroupParent = _cgroupParent, ValidExitCodes = _validCodes,
                HasReadOnlyRoot = root.IsReadOnly, DropsRoot = root.Output < 0, Platform = operation.Platform ?? Platform.Host,
            },
            nodes,
            label(string.Join(' ', _arguments)));
        return Results(process, root);
    }

    private List<Node?> Results(Node process, LlbMount root)
    {
        var (results, last) = (new List<Node?>(), 0);
        foreach (var mount in _mounts.Where(mount => mount is { Output: >= 0, Kind: LlbMountKind.Bind }))
        {
            // Files that cannot be changed are what they were.
            results.Add(mount == root ? process
                : IsResult(mount) ? new Node(new MountOutput(last++), [process],
                    new NodeLabel { Name = $"mount {mount.Destination} from exec {string.Join(' ', _arguments)}" })
                : Input(mount));
        }
        return results;
    }

    private static bool IsResult(LlbMount mount) => mount is { Output: >= 0, Kind: LlbMountKind.Bind } && !(mount.IsReadOnly && mount.Input >= 0);

    private Node? Input(LlbMount mount) => mount.Input < 0 ? null
        : mount.Input < inputs.Count ? inputs[(int)mount.Input] : throw GantryException.Invalid($"invalid exec operation: it has no input {mount.Input}");

    private int AddInput(LlbMount mount, List<Node?> nodes)
    {
        if (mount.Kind is not (LlbMountKind.Bind or LlbMountKind.Cache) || (mount.Kind == LlbMountKind.Cache && mount.Input < 0))
            return -1;
        nodes.Add(Input(mount));
        return nodes.Count - 1;
    }

    private void ReadBody()
    {
        var reader = new ProtoReader(operation.Body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: ReadMeta(reader.Bytes()); break;
                case 2: _mounts.Add(LlbMount.Parse(reader.Bytes())); break;
                case 3: _network = Allowed(reader.Number(), 1, "network.host"); break;
                case 4: _insecure = Allowed(reader.Number(), 1, "security.insecure") == 1; break;
                case 5: ReadSecretVariable(reader.Bytes()); break;
                case 6: throw GantryException.NotImplemented("devices of steps (CDI) are not implemented in this version of Gantry");
                default: reader.Skip(); break;
            }
        }
    }

    private long Allowed(long value, long restricted, string entitlement) => value != restricted || entitlements.Contains(entitlement) ? value
        : throw new GantryException(ErrorKind.Forbidden, $"{entitlement} is not allowed: build with --allow {entitlement}");

    private void ReadMeta(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: _arguments.Add(reader.Text()); break;
                case 2: _environment.Add(reader.Text()); break;
                case 3: _folder = reader.Text(); break;
                case 4: _user = reader.Text(); break;
                case 5: ReadProxies(reader.Bytes()); break;
                case 6: _hosts.Add(Joined(reader.Bytes())); break;
                case 7: _hostName = reader.Text(); break;
                case 9: _ulimits.Add(Ulimit(reader.Bytes())); break;
                case 10: _cgroupParent = reader.Text(); break;
                case 12: _validCodes.AddRange(reader.Numbers().Select(static code => (int)code)); break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadProxies(ReadOnlySpan<byte> bytes)
    {
        string[] names = ["", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field < names.Length)
            {
                var value = reader.Text();
                _proxies.AddRange([$"{names[reader.Field].ToUpperInvariant()}={value}", $"{names[reader.Field]}={value}"]);
            }
            else
                reader.Skip();
        }
    }

    private void ReadSecretVariable(ReadOnlySpan<byte> bytes)
    {
        var (id, name, optional) = ("", "", false);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text(); break;
                case 2: name = reader.Text(); break;
                case 3: optional = reader.Flag(); break;
                default: reader.Skip(); break;
            }
        }
        _secretVariables.Add(new StepMount { Kind = StepMountKind.Secret, Target = "", Id = id, Variable = name, Required = !optional });
    }

    /// <summary>A host's name and address.</summary>
    private static string Joined(ReadOnlySpan<byte> bytes)
    {
        var (host, address) = ("", "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                host = reader.Text();
            else if (reader.Field == 2)
                address = reader.Text();
            else
                reader.Skip();
        }
        return $"{host}:{address}";
    }

    private static string Ulimit(ReadOnlySpan<byte> bytes)
    {
        var (name, soft, hard) = ("", 0L, 0L);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: soft = reader.Number(); break;
                case 3: hard = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }
        return $"{name}={soft}:{hard}";
    }
}
