using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>Settles for which platform an image is built that is then run: the service's, or the default one.</summary>
public static class BuildPlatform
{
    /// <summary>Changes a service that is built.</summary>
    /// <exception cref="ComposeException">It cannot be built for its platform.</exception>
    public static void Apply(Service service, IReadOnlyDictionary<string, string> variables)
    {
        if (service.Map("build") is not { } build)
            return;
        var platforms = build.Texts("platforms");
        var usual = variables.TryGetValue("DOCKER_DEFAULT_PLATFORM", out var value) ? value : "";
        if (usual.Length > 0 && service.Text("platform").Length == 0)
        {
            if (platforms.Count > 0 && !platforms.Contains(usual))
                throw new ComposeException($"service \"{service.Name}\" build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: {usual}");
            service.Definition["platform"] = ScalarValue.Of(usual);
        }
        var platform = service.Text("platform");
        if (platform.Length > 0 && platforms.Count > 0 && !platforms.Contains(platform))
            throw new ComposeException($"service \"{service.Name}\" build configuration does not support platform: {platform}");
        if (platform.Length > 0)
            build["platforms"] = ListValue.Of([platform]);
        else if (platforms.Count > 1)
            build.Remove("platforms");
    }
}
