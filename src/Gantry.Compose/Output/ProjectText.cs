using Gantry.Compose.Model;
using Gantry.Compose.Model.Shapes;
using Gantry.Compose.Values;

namespace Gantry.Compose.Output;

/// <summary>Writes a project in the canonical form, as docker does.</summary>
public static class ProjectText
{
    /// <summary>The YAML of a project.</summary>
    /// <param name="project">The project.</param>
    /// <param name="withContent">Whether what secrets and variables hold is written, too.</param>
    public static string ToYaml(Project project, bool withContent = false)
    {
        var document = new MapValue();
        if (project.Name.Length > 0)
            document["name"] = ScalarValue.Of(project.Name);
        document["services"] = Each(project.Services, static service => ServiceShape.Service.ToYaml(service.Definition), NaturalOrder.Instance);
        AddYaml(document, "networks", project.Networks, ModelShapes.Network);
        AddYaml(document, "volumes", project.Volumes, ModelShapes.Volume);
        AddYaml(document, "secrets", withContent ? project.Secrets : Shown(project.Secrets, hideContent: true), ModelShapes.FileObject);
        AddYaml(document, "configs", withContent ? project.Configs : Shown(project.Configs, hideContent: false), ModelShapes.FileObject);
        AddYaml(document, "models", project.Models, ModelShapes.LanguageModel);
        foreach (var (key, value) in project.Extensions.Entries.OrderBy(static entry => entry.Key, NaturalOrder.Instance))
            document[key] = SortedTree.ForYaml(value);
        return YamlText.Write(document);
    }

    /// <summary>The JSON of a project.</summary>
    public static string ToJson(Project project)
    {
        var document = new MapValue();
        AddJson(document, "configs", Shown(project.Configs, hideContent: false), ModelShapes.FileObject);
        document["name"] = ScalarValue.Of(project.Name);
        AddJson(document, "networks", project.Networks, ModelShapes.Network);
        AddJson(document, "secrets", Shown(project.Secrets, hideContent: true), ModelShapes.FileObject);
        document["services"] = Each(project.Services, static service => ServiceShape.Service.ToJson(service.Definition), StringComparer.Ordinal);
        AddJson(document, "volumes", project.Volumes, ModelShapes.Volume);
        foreach (var (key, value) in project.Extensions.Entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            document[key] = SortedTree.ForJson(value);
        return JsonText.Write(document, indented: true);
    }

    /// <summary>The YAML of the images of a project's services alone: a file to lay over the others.</summary>
    public static string ImagesToYaml(Project project) => YamlText.Write(Images(project));

    /// <summary>The JSON of the images of a project's services alone.</summary>
    public static string ImagesToJson(Project project)
    {
        var document = Images(project);
        document["name"] = ScalarValue.Of("");
        return JsonText.Write(SortedTree.ForJson(document), indented: true);
    }

    /// <summary>The YAML of a model that was not given types.</summary>
    public static string ModelToYaml(MapValue model) => YamlText.Write((MapValue)SortedTree.ForYaml(model));

    /// <summary>The JSON of a model that was not given types.</summary>
    public static string ModelToJson(MapValue model) => JsonText.Write(SortedTree.ForJson(model), indented: true);

    private static MapValue Images(Project project)
    {
        var document = new MapValue();
        document["services"] = Each(project.Services, static service =>
        {
            var image = new MapValue();
            image["image"] = ScalarValue.Of(service.Image);
            return image;
        }, NaturalOrder.Instance);
        return document;
    }

    private static MapValue Each<T>(SortedDictionary<string, T> elements, Func<T, Value> convert, IComparer<string> order)
    {
        var result = new MapValue();
        foreach (var name in elements.Keys.Order(order))
            result[name] = convert(elements[name]);
        return result;
    }

    private static void AddYaml(MapValue document, string key, SortedDictionary<string, MapValue> resources, StructShape shape)
    {
        if (resources.Count > 0)
            document[key] = Each(resources, shape.ToYaml, NaturalOrder.Instance);
    }

    private static void AddJson(MapValue document, string key, SortedDictionary<string, MapValue> resources, StructShape shape)
    {
        if (resources.Count > 0)
            document[key] = Each(resources, shape.ToJson, StringComparer.Ordinal);
    }

    // What a secret holds is never shown, and what comes from the environment is named, not shown.
    private static SortedDictionary<string, MapValue> Shown(SortedDictionary<string, MapValue> files, bool hideContent)
    {
        var shown = new SortedDictionary<string, MapValue>(StringComparer.Ordinal);
        foreach (var (name, file) in files)
        {
            var copy = (MapValue)file.Clone();
            if (hideContent || file.Text("environment").Length > 0)
                copy.Remove("content");
            shown[name] = copy;
        }
        return shown;
    }
}
