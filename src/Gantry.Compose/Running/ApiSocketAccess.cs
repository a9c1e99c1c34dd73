using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary><c>use_api_socket</c>: the containers of a service have the engine's socket, and the user's credentials for registries.</summary>
/// <param name="engine">The daemon.</param>
internal sealed class ApiSocketAccess(EngineAccess engine)
{
    private const string Config = "#apisocket";
    private const string SocketInside = "/var/run/docker.sock";
    private const string FolderInside = "/run/secrets/docker";
    private const string Variable = "DOCKER_CONFIG";

    /// <summary>Gives the socket to the services that want it.</summary>
    /// <exception cref="ComposeException">The engine has none here.</exception>
    public async Task ApplyAsync(Project project)
    {
        var services = project.Services.Values.Where(static service => service.Definition.Flag("use_api_socket")).ToArray();
        if (services.Length == 0 || project.Configs.ContainsKey(Config))
            return;
        if (engine.Client.Address.SocketPath is not { } socket)
            throw new ComposeException("use_api_socket can only be used with unix sockets");
        var config = new MapValue();
        config["name"] = ScalarValue.Of(Config);
        config["content"] = ScalarValue.Of(engine.RegistryCredentials is null ? "{}" : await engine.RegistryCredentials().ConfigureAwait(false));
        project.Configs[Config] = config;
        foreach (var service in services)
            Give(service.Definition, socket);
    }

    private static void Give(MapValue definition, string socket)
    {
        Append(definition, "volumes", ("type", ScalarValue.Of("bind")), ("source", ScalarValue.Of(socket)), ("target", ScalarValue.Of(SocketInside)));
        var variables = definition.Map("environment") ?? new MapValue();
        if (!variables.Contains(Variable))
            variables[Variable] = ScalarValue.Of(FolderInside);
        definition["environment"] = variables;
        Append(definition, "configs", ("source", ScalarValue.Of(Config)), ("target", ScalarValue.Of($"{FolderInside}/config.json")));
    }

    private static void Append(MapValue definition, string key, params ReadOnlySpan<(string Key, Value Value)> members)
    {
        var entry = new MapValue();
        foreach (var (name, value) in members)
            entry[name] = value;
        var list = definition.List(key) ?? new ListValue();
        list.Items.Add(entry);
        definition[key] = list;
    }
}
