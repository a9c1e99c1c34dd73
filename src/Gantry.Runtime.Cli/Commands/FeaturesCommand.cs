using System.Text.Json;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>features</c>: what this runtime can do, whatever the host can (features.md).</summary>
internal static class FeaturesCommand
{
    internal static int Run(ReadOnlySpan<string> words)
    {
        CommandOptions.Parse(words, []).Require("features", 0, 0);
        StandardStreams.Write(1, JsonSerializer.Serialize(RuntimeSupport.Describe(), RuntimeSpecJson.Default.RuntimeFeatures) + "\n");
        return 0;
    }
}
