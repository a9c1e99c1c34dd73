using System.Globalization;
using Gantry.Build.Graph;
using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>A stage while its instructions are gone through.</summary>
internal sealed class StageState
{
    public required BuildStage Stage { get; init; }

    public required VariableScope Variables { get; init; }

    public required Platform Platform { get; init; }

    /// <summary>The configuration of containers; changed in place.</summary>
    public required ImageRunConfig Config { get; init; }

    public required List<ImageHistory> History { get; init; }

    /// <summary>The files so far; null: none.</summary>
    public Node? Root { get; set; }

    public string? Author { get; set; }

    public bool HasCommand { get; set; }

    /// <summary>Whether the file itself names a working directory, in this stage or one below.</summary>
    public bool DeclaresFolder { get; set; }

    public bool IgnoresCache { get; init; }

    /// <summary>How many nodes the stage has, and the number of the next.</summary>
    public int Total { get; init; }

    public int Next { get; set; } = 1;

    /// <summary>Whether there are other stages: then names of nodes have the stage's.</summary>
    public bool IsOneOfMany { get; init; }

    public string WorkingDirectory => string.IsNullOrEmpty(Config.WorkingDir) ? "/" : Config.WorkingDir;

    public IReadOnlyList<string> Shell => Config.Shell is { Count: > 0 } shell ? shell : ["/bin/sh", "-c"];

    /// <summary>The name of the next node, with its number.</summary>
    public string NextName(string text)
    {
        var number = Next++;
        var count = Total.ToString(CultureInfo.InvariantCulture);
        return $"[{(IsOneOfMany ? Stage.DisplayName + " " : "")}{number.ToString(CultureInfo.InvariantCulture).PadLeft(count.Length)}/{count}] {text}";
    }

    public void AddHistory(string createdBy, bool hasLayer) => History.Add(new ImageHistory
    {
        CreatedBy = createdBy, Comment = "buildkit.dockerfile.v0", EmptyLayer = !hasLayer,
    });

    /// <summary>A path as seen from the working directory; a slash at its end stays.</summary>
    public string Absolute(string path)
    {
        var keepsSlash = path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal) || path is "." or "";
        var full = Path.GetFullPath(path.StartsWith('/') ? path : $"{WorkingDirectory}/{path}");
        return keepsSlash && !full.EndsWith('/') ? full + "/" : full;
    }
}
