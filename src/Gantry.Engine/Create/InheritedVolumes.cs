using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>One entry of <c>HostConfig.VolumesFrom</c>: <c>container[:options]</c>.</summary>
/// <param name="Container">Whose mounts are wanted.</param>
/// <param name="Mode">Options for all of them.</param>
internal sealed record InheritedVolumes(string Container, string Mode)
{
    /// <exception cref="GantryException">It is malformed, in docker's words.</exception>
    public static InheritedVolumes Parse(string text)
    {
        if (text.Length == 0)
            throw GantryException.Invalid("volumes-from specification cannot be an empty string");
        var colon = text.IndexOf(':');
        var result = colon < 0 ? new InheritedVolumes(text, "") : new InheritedVolumes(text[..colon], text[(colon + 1)..]);
        return colon < 0 || (result.Mode.Length > 0 && BindSpec.IsMode(result.Mode)) ? result : throw GantryException.Invalid($"invalid mode: {result.Mode}");
    }
}
