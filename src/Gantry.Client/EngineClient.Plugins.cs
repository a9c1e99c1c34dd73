using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Lists plugins.</summary>
    public Task<IReadOnlyList<Plugin>> ListPluginsAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query("/plugins").Add(filters).ToString()), ApiJson.Wire.IReadOnlyListPlugin, cancellation);

    /// <summary>Starts a plugin.</summary>
    /// <param name="name">The plugin.</param>
    /// <param name="timeout">How many seconds it is waited for.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task EnablePluginAsync(string name, long timeout, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query($"{PluginPath(name)}/enable").Add("timeout", timeout).ToString()), cancellation);

    /// <summary>Stops a plugin; with force also one that is in use.</summary>
    public Task DisablePluginAsync(string name, bool force, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query($"{PluginPath(name)}/disable").Add("force", force).ToString()), cancellation);

    /// <summary>Removes a plugin; with force also one that runs.</summary>
    public Task RemovePluginAsync(string name, bool force, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("DELETE", new Query(PluginPath(name)).Add("force", force).ToString()), cancellation);

    /// <summary>Changes settings of a plugin, each <c>KEY=VALUE</c>.</summary>
    public Task SetPluginAsync(string name, IReadOnlyList<string> settings, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", $"{PluginPath(name)}/set") { Body = JsonSerializer.SerializeToUtf8Bytes(settings, ApiJson.Wire.IReadOnlyListString) },
            cancellation);

    /// <summary>The swarm that the engine manages, as the daemon wrote it.</summary>
    public Task<byte[]> InspectSwarmRawAsync(CancellationToken cancellation = default) => CallRawAsync(new HttpRequest("GET", "/swarm"), cancellation);

    private static string PluginPath(string name) => "/plugins/" + Query.Escape(name);
}
