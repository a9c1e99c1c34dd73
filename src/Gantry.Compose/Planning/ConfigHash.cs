using System.Text;
using Gantry.Compose.Model;
using Gantry.Compose.Model.Shapes;
using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>
/// The hash of a configuration, which tells whether a container is still what the files say. It is docker's: SHA-256 of the JSON of the
/// service without what does not need another container (how to build, pull and scale it, its dependencies and profiles).
/// </summary>
public static class ConfigHash
{
    /// <summary>The hash of a service.</summary>
    public static string Of(Service service)
    {
        var definition = (MapValue)service.Definition.Clone();
        foreach (var key in (string[])["build", "pull_policy", "scale", "depends_on", "profiles"])
            definition.Remove(key);
        definition.Map("deploy")?.Remove("replicas");
        return Of(ServiceShape.Service.ToJson(definition));
    }

    /// <summary>The hash of a network.</summary>
    public static string OfNetwork(MapValue network) => Of(ModelShapes.Network.ToJson(network));

    /// <summary>The hash of a volume.</summary>
    public static string OfVolume(MapValue volume)
    {
        var definition = (MapValue)volume.Clone();
        if (definition.Text("driver").Length == 0)
            definition["driver"] = ScalarValue.Of("local");
        return Of(ModelShapes.Volume.ToJson(definition));
    }

    private static string Of(Value json) => Convert.ToHexStringLower(ShortSha256.Of(Encoding.UTF8.GetBytes(JsonText.Write(json))));
}
