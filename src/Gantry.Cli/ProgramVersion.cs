namespace Gantry.Cli;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>The version as people read it.</summary>
    public const string Text = "0.1.0";
}
