using System.Text;
using System.Text.Json;
using Gantry.Compose.Model;
using Gantry.Compose.Model.Shapes;
using Gantry.Compose.Output;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>
/// Services that are no containers but are provided by a program: docker's plugin of the provider's type, or the program of that name. It is run as
/// <c>PROGRAM compose --project-name=PROJECT up|down|stop --OPTION=VALUE… SERVICE</c> and tells on its output, one JSON object after the other, what it does
/// and
/// what variables the services get that depend on it.
/// </summary>
/// <param name="engine">Finds the programs, takes progress.</param>
/// <param name="project">The project.</param>
internal sealed class ServiceProvider(EngineAccess engine, Project project)
{
    /// <summary>Has a service made, and gives those that depend on it their variables.</summary>
    /// <exception cref="ComposeException">There is no such program, or it failed.</exception>
    public async Task UpAsync(Service service)
    {
        var answers = await RunAsync(service, "up", "Creating", "Created", "create").ConfigureAwait(false);
        foreach (var dependent in project.DependentsOf(service.Name))
            lock (dependent)
                Give(dependent, service, answers);
    }

    /// <summary>Has a service removed.</summary>
    /// <exception cref="ComposeException">There is no such program, or it failed.</exception>
    public Task DownAsync(Service service) => RunAsync(service, "down", "Removing", "Removed", "remove");

    /// <summary>Has a service stopped, by a provider that can do that.</summary>
    /// <exception cref="ComposeException">There is no such program, or it failed.</exception>
    public Task StopAsync(Service service) => RunAsync(service, "stop", "Stopping", "Stopped", "stop");

    private void Give(Service dependent, Service service, ProviderAnswers answers)
    {
        var variables = dependent.Map("environment") ?? new MapValue();
        var prefix = service.Name.ToUpperInvariant() + "_";
        foreach (var (name, value) in answers.Prefixed)
            variables[prefix + name] = ScalarValue.Of(value);
        foreach (var (name, value) in answers.Plain)
        {
            if (variables.Contains(name) && variables.Text(name) != value)
                engine.Warn($"provider \"{service.Name}\" overrides environment variable \"{name}\" in service \"{dependent.Name}\"");
            variables[name] = ScalarValue.Of(value);
        }
        if (variables.Count > 0)
            dependent.Definition["environment"] = variables;
    }

    private async Task<ProviderAnswers> RunAsync(Service service, string command, string working, string done, string action)
    {
        var answers = new ProviderAnswers(engine, service);
        var type = service.Map("provider")!.Text("type");
        if (engine.IsDryRun)
        {
            engine.Progress.Done(service.Name, done);
            return answers;
        }
        var program = Find(type);
        var metadata = await ProviderMetadata.AskAsync(engine.Programs!, program, project.Variables).ConfigureAwait(false);
        if (command == "stop" && !metadata.CanStop)
            return answers;
        var arguments = Arguments(service, command, metadata);
        engine.Progress.Working(service.Name, working);
        var (code, error) = await engine.Programs!.RunAsync(program, arguments, project.Variables, answers.Take).ConfigureAwait(false);
        answers.Finish();
        if (code != 0)
        {
            engine.Progress.Failed(service.Name, $"exit status {code}");
            throw new ComposeException($"failed to {action} service provider: exit status {code}{(error.Length > 0 ? ": " + error : "")}");
        }
        engine.Progress.Done(service.Name, done);
        return answers;
    }

    private string Find(string type)
    {
        if (type == "compose")
            throw new ComposeException("'compose' is not a valid provider type");
        return engine.Programs?.FindPluginOrProgram(type) ?? throw new ComposeException($"exec: \"{type}\": executable file not found in $PATH");
    }

    private List<string> Arguments(Service service, string command, ProviderMetadata metadata)
    {
        var provider = service.Map("provider")!;
        var options = provider.Map("options");
        var known = metadata.ParametersOf(command);
        if (known?.FirstOrDefault(parameter => parameter.Required && options?.Contains(parameter.Name) != true) is { } missing)
            throw new ComposeException($"required parameter \"{missing.Name}\" is missing from provider \"{provider.Text("type")}\" definition");
        List<string> arguments = ["compose", "--project-name=" + project.Name, command];
        foreach (var (name, values) in options?.Entries ?? [])
            if (known is null || known.Any(parameter => parameter.Name == name))
                arguments.AddRange((values is ListValue list ? list.Items : [values]).Select(value => $"--{name}={value}"));
        arguments.Add(service.Name);
        return arguments;
    }

    /// <summary>What a provider says while it works.</summary>
    private sealed class ProviderAnswers(EngineAccess engine, Service service)
    {
        private readonly StringBuilder _open = new();

        /// <summary>Variables that get the service's name before theirs.</summary>
        public Dictionary<string, string> Prefixed { get; } = new(StringComparer.Ordinal);

        /// <summary>Variables that keep their names.</summary>
        public Dictionary<string, string> Plain { get; } = new(StringComparer.Ordinal);

        /// <summary>Takes a line: a message, or a part of one.</summary>
        public void Take(string line, TextWriter input)
        {
            _open.Append(line).Append('\n');
            var text = _open.ToString();
            if (text.AsSpan().Trim().IsEmpty || Parse(text) is not { } message)
                return;
            _open.Clear();
            using (message)
                Take(message.RootElement, input);
        }

        /// <summary>Ends the messages.</summary>
        /// <exception cref="ComposeException">What came last is none.</exception>
        public void Finish()
        {
            if (!_open.ToString().AsSpan().Trim().IsEmpty)
                throw new ComposeException($"invalid response from plugin: {_open.ToString().Trim()}");
        }

        private static JsonDocument? Parse(string text)
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), isFinalBlock: false, default);
            try
            {
                return JsonDocument.TryParseValue(ref reader, out var document) ? document : null;
            }
            catch (JsonException)
            {
                throw new ComposeException($"invalid response from plugin: {text.Trim()}");
            }
        }

        private void Take(JsonElement message, TextWriter input)
        {
            string Of(string name) => message.ValueKind == JsonValueKind.Object && message.TryGetProperty(name, out var value) ? value.ToString() : "";
            var text = Of("message");
            switch (Of("type"))
            {
                case "error":
                    engine.Progress.Failed(service.Name, text.Split('\n')[0]);
                    throw new ComposeException(text);
                case "info":
                    engine.Progress.Working(service.Name, text.Split('\n')[0]);
                    break;
                case "debug":
                    break;
                case "setenv":
                    Set(Prefixed, text);
                    break;
                case "rawsetenv":
                    Set(Plain, text);
                    break;
                case "get-service-config":
                    input.Write(JsonText.Write(ServiceShape.Service.ToJson(service.Definition)) + "\n");
                    input.Flush();
                    break;
                case var type:
                    throw new ComposeException($"invalid response from plugin: {type}");
            }
        }

        private static void Set(Dictionary<string, string> variables, string text)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new ComposeException($"invalid response from plugin: {text}");
            variables[text[..equals]] = text[(equals + 1)..];
        }
    }
}
