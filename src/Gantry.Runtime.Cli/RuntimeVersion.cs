using Gantry.Runtime.Create;

namespace Gantry.Runtime.Cli;

/// <summary>Versions that are printed and written.</summary>
internal static class RuntimeVersion
{
    /// <summary>The newest runtime-spec that is understood.</summary>
    internal const string Specification = RuntimeSupport.Specification;

    /// <summary>This program's version.</summary>
    internal static string Program { get; } = typeof(RuntimeVersion).Assembly.GetName().Version?.ToString(3) ?? "0";
}
