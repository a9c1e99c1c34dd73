using Gantry.Oci.Filters;

namespace Gantry.Build.Dockerfile.Lint;

/// <summary>Finds what is copied of the build context although its <c>.dockerignore</c> leaves it out.</summary>
/// <param name="instructions">What is done.</param>
/// <param name="ignored">What is left out.</param>
/// <param name="report">Takes what is found.</param>
internal sealed class IgnoredFileLinter(IReadOnlyList<Instruction> instructions, PatternList ignored, LintReport report)
{
    /// <summary>Checks all of it.</summary>
    public void Check()
    {
        foreach (var transfer in instructions.OfType<TransferInstruction>()
            .Where(transfer => transfer is not CopyInstruction { From: not null }))
        {
            foreach (var source in transfer.Sources.Where(IsName))
            {
                var path = source.StartsWith("./", StringComparison.Ordinal) ? source[2..] : source;
                path = path.Trim('/');
                if (path.Length > 0 && path != "." && ignored.Excludes(path))
                    report.Add(LintRules.CopyIgnoredFile, $"Attempting to Copy file \"{source}\" that is excluded by .dockerignore", transfer.Range);
            }
        }
    }

    /// <summary>A pattern may fit other files, and what a variable means is another matter.</summary>
    private static bool IsName(string source) => source.AsSpan().IndexOfAny("*?[$") < 0 && !source.Contains("://", StringComparison.Ordinal);
}
