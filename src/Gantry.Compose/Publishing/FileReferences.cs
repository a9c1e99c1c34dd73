using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gantry.Compose.Publishing;

/// <summary>
/// The places in a compose file's text at which services name other files. What stands around them, comments and style too, is left as it is.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="file">Where it is from, for messages.</param>
internal sealed class FileReferences(string text, string file)
{
    private readonly List<(int Start, int End, string Replacement)> _edits = [];

    /// <summary>Goes through the references.</summary>
    /// <param name="variables">Gives the new name of a file of variables, or null to leave it.</param>
    /// <param name="extended">Gives the new name of an extended file, or null to leave it.</param>
    /// <returns>The text with the new names.</returns>
    /// <exception cref="ComposeException">It is no YAML, or includes other local files.</exception>
    public string Replace(Func<string, string?> variables, Func<string, string?> extended)
    {
        foreach (var document in Documents())
        {
            if (document.RootNode is not YamlMappingNode root)
                continue;
            CheckIncludes(Child(root, "include"));
            if (Child(root, "services") is not YamlMappingNode services)
                continue;
            foreach (var service in services.Children.Values.OfType<YamlMappingNode>())
            {
                EditVariables(Child(service, "env_file"), variables);
                if (Child(service, "extends") is YamlMappingNode extends && Child(extends, "file") is YamlScalarNode other)
                    Edit(other, extended);
            }
        }
        return Apply();
    }

    private YamlStream Documents()
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new ComposeException($"failed to parse {file}: yaml: line {error.Start.Line}: {error.Message}");
        }
        return stream;
    }

    private static YamlNode? Child(YamlMappingNode map, string key) =>
        map.Children.FirstOrDefault(entry => entry.Key is YamlScalarNode name && name.Value == key).Value;

    // What they include would have to be published too; docker compose does not do that either.
    private static void CheckIncludes(YamlNode? include)
    {
        foreach (var entry in include is YamlSequenceNode list ? list.Children : [])
        {
            var path = entry is YamlMappingNode map ? Child(map, "path") : entry;
            var paths = path is YamlSequenceNode several ? several.Children : [path!];
            if (paths.OfType<YamlScalarNode>().Any(static scalar => !Files.ProjectEnvironment.IsRemote(scalar.Value ?? "")))
                throw new ComposeException("cannot publish compose file with local includes");
        }
    }

    private void EditVariables(YamlNode? node, Func<string, string?> rename)
    {
        switch (node)
        {
            case YamlScalarNode scalar:
                Edit(scalar, rename);
                break;
            case YamlSequenceNode list:
                foreach (var entry in list.Children)
                    Edit((entry is YamlMappingNode map ? Child(map, "path") : entry) as YamlScalarNode, rename);
                break;
        }
    }

    private void Edit(YamlScalarNode? scalar, Func<string, string?> rename)
    {
        if (scalar is { Value.Length: > 0 } && rename(scalar.Value) is { } name)
            _edits.Add(((int)scalar.Start.Index, (int)scalar.End.Index, name));
    }

    private string Apply()
    {
        var result = new StringBuilder(text);
        // From the end, so that the places before stay where they are; an anchor's value may be met several times.
        foreach (var (start, end, replacement) in _edits.Distinct().OrderByDescending(static edit => edit.Start))
            result.Remove(start, end - start).Insert(start, replacement);
        return result.ToString();
    }
}
