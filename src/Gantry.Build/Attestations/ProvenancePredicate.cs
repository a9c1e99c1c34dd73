using System.Text;
using System.Text.Json;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;

namespace Gantry.Build.Attestations;

/// <summary>Writes how an image was built, as SLSA's provenance (slsa.dev/provenance) with BuildKit's additions.</summary>
/// <param name="facts">What is known.</param>
/// <param name="request">How much of it is told.</param>
internal sealed class ProvenancePredicate(BuildFacts facts, AttestationRequest request)
{
    /// <summary>The type of the predicate.</summary>
    public string Type => request.IsVersion1 ? "https://slsa.dev/provenance/v1" : "https://slsa.dev/provenance/v0.2";

    private bool IsWhole => request.Provenance == ProvenanceMode.Max;

    private bool TellsAllParameters => IsWhole || (facts.Options.Arguments.Count == 0 && facts.Options.Labels.Count == 0);

    /// <summary>Writes it as a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (request.IsVersion1)
            WriteVersion1(json);
        else
            WriteVersion02(json);
        json.WriteEndObject();
    }

    private void WriteVersion02(Utf8JsonWriter json)
    {
        WriteBuilder(json);
        json.WriteString("buildType", "https://mobyproject.org/buildkit@v1");
        WriteMaterials(json, "materials");
        json.WriteStartObject("invocation");
        WriteSource(json, "entryPoint");
        json.WriteStartObject("parameters");
        WriteParameters(json);
        json.WriteEndObject();
        json.WriteStartObject("environment");
        json.WriteString("platform", facts.Builder.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
        if (IsWhole)
            WriteSteps(json);
        json.WriteStartObject("metadata");
        json.WriteString("buildInvocationID", facts.InvocationId);
        json.WriteString("buildStartedOn", facts.StartedAt);
        json.WriteString("buildFinishedOn", facts.FinishedAt);
        json.WriteStartObject("completeness");
        json.WriteBoolean("parameters", TellsAllParameters);
        json.WriteBoolean("environment", true);
        json.WriteBoolean("materials", facts.Locals.Count == 0 && facts.IsHermetic);
        json.WriteEndObject();
        json.WriteBoolean("reproducible", request.Reproducible);
        json.WriteBoolean("https://mobyproject.org/buildkit@v1#hermetic", facts.IsHermetic);
        WriteDockerfile(json, "https://mobyproject.org/buildkit@v1#metadata");
        json.WriteEndObject();
    }

    private void WriteVersion1(Utf8JsonWriter json)
    {
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md");
        json.WriteStartObject("externalParameters");
        WriteSource(json, "path");
        json.WriteStartObject("request");
        WriteParameters(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("internalParameters");
        if (IsWhole)
            WriteSteps(json);
        json.WriteString("builderPlatform", facts.Builder.ToString());
        json.WriteEndObject();
        WriteMaterials(json, "resolvedDependencies");
        json.WriteEndObject();
        json.WriteStartObject("runDetails");
        WriteBuilder(json);
        json.WriteStartObject("metadata");
        json.WriteString("invocationId", facts.InvocationId);
        json.WriteString("startedOn", facts.StartedAt);
        json.WriteString("finishedOn", facts.FinishedAt);
        json.WriteBoolean("buildkit_hermetic", facts.IsHermetic);
        json.WriteStartObject("buildkit_completeness");
        json.WriteBoolean("request", TellsAllParameters);
        json.WriteBoolean("resolvedDependencies", facts.Locals.Count == 0 && facts.IsHermetic);
        json.WriteEndObject();
        json.WriteBoolean("buildkit_reproducible", request.Reproducible);
        WriteDockerfile(json, "buildkit_metadata");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteBuilder(Utf8JsonWriter json)
    {
        json.WriteStartObject("builder");
        json.WriteString("id", request.BuilderId);
        json.WriteEndObject();
    }

    private void WriteMaterials(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        foreach (var material in facts.Materials)
        {
            json.WriteStartObject();
            json.WriteString("uri", material.Uri);
            if (material.Hex.Length > 0)
            {
                json.WriteStartObject("digest");
                json.WriteString(material.Algorithm, material.Hex);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteSource(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject("configSource");
        if (facts.Dockerfile is { } file)
            json.WriteString(path, file.Name);
        json.WriteEndObject();
    }

    private void WriteParameters(Utf8JsonWriter json)
    {
        json.WriteString("frontend", "dockerfile.v0");
        json.WriteStartObject("args");
        if (facts.Options.Target is { Length: > 0 } target)
            json.WriteString("target", target);
        if (facts.Options.NoCache)
            json.WriteString("no-cache", "");
        if (facts.Options.Network != StepNetwork.Default)
            json.WriteString("force-network-mode", NetworkOf(facts.Options));
        // Values may be secrets that somebody was careless with: only those who ask for everything get them.
        if (IsWhole)
        {
            foreach (var (key, value) in facts.Options.Arguments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString($"build-arg:{key}", value);
            foreach (var (key, value) in facts.Options.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString($"label:{key}", value);
        }
        json.WriteEndObject();
        json.WriteStartArray("locals");
        foreach (var local in facts.Locals)
        {
            json.WriteStartObject();
            json.WriteString("name", local);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string NetworkOf(FrontendOptions options) => options.Network switch
    {
        StepNetwork.Host => "host",
        StepNetwork.None => "none",
        _ => options.NetworkName,
    };

    private void WriteSteps(Utf8JsonWriter json)
    {
        json.WriteStartObject("buildConfig");
        json.WriteStartArray("steps");
        foreach (var (name, digest, inputs) in facts.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("digest", digest);
            json.WriteStartArray("inputs");
            foreach (var input in inputs)
                json.WriteStringValue(input);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteDockerfile(Utf8JsonWriter json, string name)
    {
        if (!IsWhole || facts.Dockerfile is not { } file)
            return;
        json.WriteStartObject(name);
        json.WriteStartObject("source");
        json.WriteStartArray("infos");
        json.WriteStartObject();
        json.WriteString("filename", file.Name);
        json.WriteString("language", "Dockerfile");
        json.WriteBase64String("data", Encoding.UTF8.GetBytes(file.Text));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
