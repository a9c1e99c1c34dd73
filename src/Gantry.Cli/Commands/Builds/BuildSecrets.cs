using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Oci;
using Gantry.Oci.Values;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Reads <c>--secret</c> and <c>--ssh</c>.</summary>
internal static class BuildSecrets
{
    private const int MostBytes = 500 << 10;

    /// <summary>The secrets by their names: <c>id=name[,src=path][,env=VARIABLE]</c>.</summary>
    /// <exception cref="CommandException">One is malformed, or cannot be read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Read(CommandSession session, IReadOnlyList<string> texts)
    {
        var result = new Dictionary<string, byte[]>();
        foreach (var text in texts)
        {
            var fields = text.Split(',').Select(static field => field.Split('=', 2)).ToList();
            string? id = null, source = null, variable = null, type = null;
            foreach (var field in fields)
            {
                var value = field.Length > 1 ? field[1] : throw new CommandException($"invalid field '{field[0]}' must be a key=value pair");
                switch (field[0].ToLowerInvariant())
                {
                    case "id": id = value; break;
                    case "src" or "source": source = value; break;
                    case "env": variable = value; break;
                    case "type" when value is "file" or "env": type = value; break;
                    default: throw new CommandException($"unexpected key '{field[0]}' in '{string.Join('=', field)}'");
                }
            }
            if (string.IsNullOrEmpty(id))
                throw new CommandException("secret missing id");
            result[id] = Value(session, id, type == "env" ? variable ?? source ?? id : variable, source);
        }
        return result;
    }

    /// <summary>The sockets of SSH agents by their names: <c>name[=socket|key[,key]]</c>. Keys get an agent that ends with the command.</summary>
    /// <exception cref="CommandException">There is no agent or no such key, or the daemon is on another machine.</exception>
    public static IReadOnlyDictionary<string, string> Agents(CommandSession session, IReadOnlyList<string> texts)
    {
        var result = new Dictionary<string, string>();
        // The daemon connects to the agent's socket itself.
        if (texts.Count > 0 && session.Client.Address is { SocketPath: null, Host: not ("localhost" or "127.0.0.1" or "::1") } address)
            throw new CommandException(
                $"an SSH agent cannot be lent to the daemon at {address.Text}, which is not on this machine: docker buildx build --ssh can");
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var id = equals < 0 ? text : text[..equals];
            var paths = equals < 0 ? session.Context.Environment("SSH_AUTH_SOCK") ?? "" : text[(equals + 1)..];
            if (paths.Length == 0)
                throw new CommandException($"invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set");
            result[id] = SocketOf(session, id, [.. paths.Split(',').Select(Path.GetFullPath)]);
        }
        return result;
    }

    /// <summary>Lends the user's agent to a build whose context is a repository that is reached by SSH, as docker does, unless one was lent.</summary>
    public static void LendAgentForContext(CommandSession session, BuildSessionRequest request)
    {
        if (GitReference.IsOne(request.Remote) && GitReference.Parse(request.Remote).UsesSsh && request.Agents?.ContainsKey("default") != true
            && session.Context.Environment("SSH_AUTH_SOCK") is { Length: > 0 })
            request.Agents = new Dictionary<string, string>([.. request.Agents ?? new Dictionary<string, string>(), .. Agents(session, ["default"])]);
    }

    private static string SocketOf(CommandSession session, string id, string[] paths)
    {
        foreach (var path in paths)
            if (!File.Exists(path))
                throw new CommandException($"--ssh {id}: {path}: no such file or directory: it is neither an agent's socket nor a key");
        var target = File.ResolveLinkTarget(paths[0], returnFinalTarget: true)?.FullName ?? paths[0];
        if (FileStatusReader.Read(null, KernelPath.FromText(target)).Kind == FileKind.Socket)
            return paths.Length == 1 ? paths[0] : throw new CommandException($"--ssh {id}: only one socket is allowed");
        return session.Keep(new KeyAgent(paths)).Socket;
    }

    private static byte[] Value(CommandSession session, string id, string? variable, string? source)
    {
        if (source is null && (variable ?? (session.Context.Environment(id) is not null ? id : null)) is { } name)
            return Encoding.UTF8.GetBytes(session.Context.Environment(name)
                ?? throw new CommandException($"the environment has no variable {name} for the secret {id}"));
        var path = source ?? id;
        using var file = FileArgument.Open(path);
        if (file.Length > MostBytes)
            throw new CommandException($"invalid secret size {file.Length}: a secret has at most {MostBytes} bytes");
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
