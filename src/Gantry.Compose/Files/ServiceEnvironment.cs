using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Works out the environment and labels of services: what their files say, below what the services say themselves.</summary>
public static class ServiceEnvironment
{
    /// <summary>Reads the services' files of variables into their environment; the files are forgotten after that.</summary>
    /// <exception cref="ComposeException">A file is missing or malformed.</exception>
    public static void Resolve(Project project, Action<string> warn)
    {
        foreach (var service in project.Services.Values)
            Resolve(service, project.Variables, warn);
    }

    /// <summary>Reads the services' files of labels into their labels.</summary>
    /// <param name="project">The project.</param>
    /// <param name="keep">Whether the files are not forgotten after that: they count for the hash of containers, but are not shown.</param>
    /// <exception cref="ComposeException">A file is missing or malformed.</exception>
    internal static void ResolveLabels(Project project, bool keep)
    {
        foreach (var service in project.Services.Values)
        {
            var files = service.Definition.Texts("label_file");
            if (files.Count == 0)
                continue;
            var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var file in files)
            {
                if (!File.Exists(file))
                    throw new ComposeException($"label file {file} not found: stat {file}: no such file or directory");
                var read = new Dictionary<string, string>(StringComparer.Ordinal);
                VariableFiles.Parse(file, read, name => labels.GetValueOrDefault(name), null);
                foreach (var (name, value) in read)
                    labels[name] = value;
            }
            foreach (var (name, value) in service.Definition.TextMap("labels"))
                labels[name] = value;
            var map = new MapValue();
            foreach (var (name, value) in labels)
                map[name] = ScalarValue.Of(value);
            service.Definition["labels"] = map;
            if (!keep)
                service.Definition.Remove("label_file");
        }
    }

    private static void Resolve(Service service, IReadOnlyDictionary<string, string> variables, Action<string> warn)
    {
        var own = service.Map("environment") ?? new MapValue();
        foreach (var (name, value) in own.Entries.ToArray())
            if (value.IsNull && variables.TryGetValue(name, out var resolved))
                own[name] = ScalarValue.Of(resolved, value.At);

        var environment = own.Entries.Where(static entry => !entry.Value.IsNull)
            .ToDictionary(static entry => entry.Key, static entry => entry.Value.ToString()!, StringComparer.Ordinal);
        foreach (var file in service.Maps("env_file"))
        {
            var path = file.Text("path");
            if (!File.Exists(path))
            {
                if (file.Flag("required"))
                    throw new ComposeException($"{service.WhereOf("env_file")}env file {path} not found: stat {path}: no such file or directory");
                continue;
            }
            string? Find(string name) => variables.TryGetValue(name, out var value) ? value : own[name]?.ToString();
            VariableFiles.Parse(path, environment, Find, warn, file.Text("format"));
        }
        foreach (var (name, value) in environment)
            if (!own.Contains(name))
                own[name] = ScalarValue.Of(value);
        if (own.Count > 0)
            service.Definition["environment"] = own;
        service.Definition.Remove("env_file");
    }
}
