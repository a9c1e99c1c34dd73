using System.Globalization;
using System.Text.Json;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>
/// Language models that services use: docker's plugin <c>docker-model</c> pulls and configures them, and the services get their names and address as variables.
/// </summary>
/// <param name="engine">Finds the plugin, takes progress.</param>
/// <param name="project">The project.</param>
internal sealed class ModelRunner(EngineAccess engine, Project project)
{
    /// <summary>Sees to the models of a project; nothing is done when it has none.</summary>
    /// <exception cref="ComposeException">The plugin is not there, or fails.</exception>
    public async Task EnsureAsync()
    {
        if (project.Models.Count == 0)
            return;
        var plugin = engine.Programs?.FindPlugin("model") ?? throw new ComposeException("'models' support requires Docker Model plugin");
        if (engine.IsDryRun)
            return;

        // 1. What is there, and where it answers.
        var present = Names(await AskAsync(plugin, "error checking available models", "ls", "--json").ConfigureAwait(false));
        var endpoint = Endpoint(await AskAsync(plugin, "error checking docker-model status", "status", "--json").ConfigureAwait(false));

        // 2. The models.
        await Threads.ForEachAsync([.. project.Models], model =>
            ConfigureAsync(plugin, model.Value.Text("name") is { Length: > 0 } name ? name : model.Key, model.Value, present)).ConfigureAwait(false);

        // 3. The services that use them.
        foreach (var service in project.Services.Values)
            Give(service, endpoint);
    }

    private void Give(Service service, string endpoint)
    {
        var variables = service.Map("environment") ?? new MapValue();
        foreach (var (name, value) in service.Map("models")?.Entries ?? [])
        {
            var prefix = name.ToUpperInvariant().Replace('-', '_');
            var names = value as MapValue;
            variables[names?.Text("model_var") is { Length: > 0 } model ? model : prefix + "_MODEL"] = ScalarValue.Of(project.Models[name].Text("model"));
            variables[names?.Text("endpoint_var") is { Length: > 0 } address ? address : prefix + "_URL"] = ScalarValue.Of(endpoint);
        }
        if (variables.Count > 0)
            service.Definition["environment"] = variables;
    }

    private async Task ConfigureAsync(string plugin, string name, MapValue model, HashSet<string> present)
    {
        if (!present.Contains(model.Text("model")))
        {
            engine.Progress.Working(name, "Pulling");
            await AskAsync(plugin, $"cannot pull model {model.Text("model")}", "pull", model.Text("model")).ConfigureAwait(false);
            engine.Progress.Working(name, "Pulled");
        }
        engine.Progress.Working(name, "Configuring");
        List<string> arguments = ["configure"];
        if (model.Number("context_size") > 0)
            arguments.AddRange("--context-size", model.Number("context_size").ToString(CultureInfo.InvariantCulture));
        arguments.Add(model.Text("model"));
        if (model.Texts("runtime_flags") is { Count: > 0 } flags)
            arguments.AddRange(["--", .. flags]);
        await AskAsync(plugin, $"cannot configure model {model.Text("model")}", [.. arguments]).ConfigureAwait(false);
        engine.Progress.Done(name, "Configured");
    }

    private async Task<string> AskAsync(string plugin, string failure, params string[] arguments)
    {
        var lines = new List<string>();
        var (code, error) = await engine.Programs!.RunAsync(plugin, arguments, project.Variables, (line, _) => lines.Add(line)).ConfigureAwait(false);
        return code == 0 ? string.Join('\n', lines) : throw new ComposeException($"{failure}: exit status {code}{(error.Length > 0 ? ": " + error : "")}");
    }

    private static HashSet<string> Names(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray()
                .Where(static model => model.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array)
                .SelectMany(static model => model.GetProperty("tags").EnumerateArray()).Select(static tag => tag.ToString())];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ComposeException($"error unmarshalling available models: {error.Message}");
        }
    }

    private static string Endpoint(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("endpoint", out var endpoint) ? endpoint.ToString() : "";
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ComposeException($"docker-model told no status: {error.Message}");
        }
    }
}
