using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;
using Gantry.Compose.Validation;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Loads a project: finds its files and variables, reads and merges the files, checks them, and works out what they mean.</summary>
/// <param name="context">What surrounds the load.</param>
public sealed class ProjectLoader(LoadContext context)
{
    /// <summary>Loads a project.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="services">The services that are asked for, with what they depend on; empty for all.</param>
    /// <exception cref="ComposeException">There are no files, or they are wrong.</exception>
    public Project Load(LoadOptions options, IReadOnlyList<string> services)
    {
        // 1. The files, the variables and the model in its long form.
        var environment = ProjectEnvironment.Find(options, context);
        var (model, name) = LoadModel(options, environment);

        // 2. Values of their types; services of other profiles set aside.
        var project = new Project
        {
            Name = name,
            WorkingFolder = environment.Folder,
            Files = environment.Files,
            Variables = environment.Variables,
            Separator = options.Compatibility || environment.Variables.GetValueOrDefault("COMPOSE_COMPATIBILITY", "").ToLowerInvariant() is "1" or "true" or "t"
                ? "_" : "-",
        };
        project.Fill(model);
        project.Activate(ProfilesOf(options, environment.Variables));

        // 3. What must hold between its elements.
        if (options.CheckConsistency)
            ConsistencyRules.Check(project);
        ServiceEnvironment.ResolveLabels(project, options.KeepLabelFiles);
        if (options.ResolveEnvironment)
            ServiceEnvironment.Resolve(project, context.Warn);

        // 4. What is asked for.
        project.Enable(services);
        foreach (var service in project.Services.Values)
            Planning.Labels.AddOwn(service, project, options.EnvironmentFiles);
        project.Select(services);
        if (!options.AllResources)
            project.DropUnusedResources();
        return project;
    }

    /// <summary>Loads the model of a project without giving its values types: for showing it without interpolation.</summary>
    public MapValue LoadModel(LoadOptions options) => LoadModel(options, ProjectEnvironment.Find(options, context)).Model;

    private (MapValue Model, string Name) LoadModel(LoadOptions options, ProjectEnvironment environment)
    {
        var contents = environment.Files.Select(file => new SourceFile(file, file == "-" ? context.ReadInput() : ReadFile(file))).ToArray();
        var documents = contents.Select(static file => (file.Path, Documents: YamlReader.Read(file.Text, file.Path))).ToArray();
        var name = ProjectName.Choose(options, environment, documents.SelectMany(static file => file.Documents), context.Warn);
        environment.Variables["COMPOSE_PROJECT_NAME"] = name;

        var reader = new ModelReader(options, context, new FileScope(environment.Folder, environment.Folder, environment.Variables));
        var model = reader.Read(documents);
        if (model.Count == 0)
            throw new ComposeException("empty compose file");
        if (name.Length == 0)
            throw new ComposeException("project name must not be empty");
        if (options.Normalize)
        {
            model["name"] = ScalarValue.Of(name);
            new Normalizer(name, environment.Variables).Apply(model);
        }
        return (model, name);
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ComposeException($"open {file}: no such file or directory");
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(file))
        {
            throw new ComposeException($"read {file}: is a directory");
        }
    }

    private static string[] ProfilesOf(LoadOptions options, IReadOnlyDictionary<string, string> variables) => options.Profiles.Count > 0
        ? [.. options.Profiles]
        : [.. variables.GetValueOrDefault("COMPOSE_PROFILES", "").Split(',').Select(static profile => profile.Trim())];

    private sealed record SourceFile(string Path, string Text);
}
