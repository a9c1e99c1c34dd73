using System.Globalization;
using System.Text;
using Gantry.Compose.Model;
using Gantry.Compose.Output;
using Gantry.Compose.Running;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Compose;

/// <summary>
/// A project as images get it that transform it: with the names of all images, the ports that these expose, and what files and variables hold.
/// </summary>
internal static class BridgeModel
{
    /// <summary>The image that transforms when none is named.</summary>
    public const string UsualImage = "docker/compose-bridge-kubernetes";

    /// <summary>The label of images that transform.</summary>
    public const string Label = "com.docker.compose.bridge";

    /// <summary>Its value.</summary>
    public const string LabelValue = "transformation";

    /// <summary>The YAML of a project.</summary>
    public static async Task<string> CompleteAsync(Project project, EngineAccess engine, ImageEnsurer images)
    {
        foreach (var service in project.Services.Values)
        {
            var image = service.ImageOrDefault(project.Name, project.Separator);
            if (!await images.IsPresentAsync(image).ConfigureAwait(false))
            {
                if (service.Map("build") is null)
                    await images.PullAsync(service.Name, image, "").ConfigureAwait(false);
                else
                    engine.Warn($"image {image} for service {service.Name} not found locally; ports that its Dockerfile exposes are not included: build it first");
            }
            var ports = service.Definition.Texts("expose").Concat(images.PortsOf(image))
                .Concat(service.Maps("ports").Select(static port => port.Number("target").ToString(CultureInfo.InvariantCulture)));
            service.Definition["image"] = ScalarValue.Of(image);
            if (ports.Distinct().Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } exposed)
                service.Definition["expose"] = ListValue.Of(exposed);
        }
        foreach (var source in project.Secrets.Values.Concat(project.Configs.Values).Where(static source => !source.Flag("external")))
        {
            if (source.Text("environment") is { Length: > 0 } variable)
                source["content"] = ScalarValue.Of(project.Variables.TryGetValue(variable, out var value) ? value : "");
            else if (source.Text("file") is { Length: > 0 } file)
                source["content"] = ScalarValue.Of(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file).ConfigureAwait(false)));
        }
        return ProjectText.ToYaml(project, withContent: true);
    }
}
