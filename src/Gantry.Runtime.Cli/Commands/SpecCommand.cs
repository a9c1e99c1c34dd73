using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>spec</c>: a configuration to start from.</summary>
internal static class SpecCommand
{
    internal static int Run(ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, [new("bundle", Short: "b"), new("rootless", false)]);
        options.Require("spec", 0, 0);
        if (options.Has("rootless"))
            throw GantryException.NotImplemented("rootless containers are not supported");
        var bundle = Path.GetFullPath(options.Value("bundle") ?? ".");
        if (!Directory.Exists(bundle))
            throw GantryException.Invalid($"chdir {bundle}: no such file or directory");
        var path = Path.Combine(bundle, "config.json");
        if (File.Exists(path))
            throw GantryException.Conflict("File config.json exists. Remove it first");
        var spec = DefaultSpec.Create(RuntimeVersion.Specification, CgroupHost.Detect().Layout == CgroupLayout.Unified);
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(spec, RuntimeSpecJson.Default.RuntimeSpec));
        return 0;
    }
}
