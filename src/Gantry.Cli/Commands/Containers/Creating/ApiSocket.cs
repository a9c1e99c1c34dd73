using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Client.Connections;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary><c>--use-api-socket</c>: a container that itself speaks with the engine has its socket, and the user's credentials for registries.</summary>
internal static class ApiSocket
{
    private const string SocketInside = "/var/run/docker.sock";
    private const string FolderInside = "/run/secrets/docker";
    private const string ConfigVariable = "DOCKER_CONFIG";

    /// <summary>Adds the socket to what is to be created.</summary>
    /// <exception cref="CommandException">The engine has none here.</exception>
    public static void Give(CommandSession session, ContainerFlags flags, ContainerCreateRequest request)
    {
        if (!flags.UseApiSocket.Value)
            return;
        _ = session.Client; // The address is known with it.
        if (EngineAddress.Parse(session.Host).SocketPath is not { } socket)
            throw new CommandException("flag --use-api-socket can only be used with unix sockets");
        request.HostConfig!.Mounts = [.. request.HostConfig.Mounts ?? [],
            new Mount { Type = "bind", Source = socket, Target = SocketInside, BindOptions = new BindOptions() }];
        if (!(request.Env ?? []).Any(static variable => variable.StartsWith(ConfigVariable + "=", StringComparison.Ordinal)))
            request.Env = [.. request.Env ?? [], $"{ConfigVariable}={FolderInside}"];
    }

    /// <summary>Puts the credentials into the container that was created.</summary>
    public static async Task GiveCredentialsAsync(CommandSession session, ContainerFlags flags, string id)
    {
        if (!flags.UseApiSocket.Value || await session.Credentials.AllAsync().ConfigureAwait(false) is not { Count: > 0 } all)
            return;
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, FolderInside[1..]) { Mode = Owner | UnixFileMode.UserExecute })
                .ConfigureAwait(false);
            using var document = new MemoryStream(Document(all));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"{FolderInside[1..]}/config.json") { Mode = Owner, DataStream = document })
                .ConfigureAwait(false);
        }
        archive.Position = 0;
        await session.Client.WriteContainerArchiveAsync(id, "/", archive, toContainerUser: false).ConfigureAwait(false);
    }

    /// <summary>Credentials in the form of a client's <c>config.json</c>.</summary>
    public static byte[] Document(IReadOnlyDictionary<string, AuthConfig> all)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteStartObject("auths");
            foreach (var (address, credentials) in all)
            {
                json.WriteStartObject(address);
                if (credentials.IdentityToken is { } token)
                    json.WriteString("identitytoken", token);
                else
                    json.WriteString("auth", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}")));
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return text.ToArray();
    }
}
