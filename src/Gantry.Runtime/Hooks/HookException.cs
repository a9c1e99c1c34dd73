using Gantry.Oci;

namespace Gantry.Runtime.Hooks;

/// <summary>A hook failed: the text says which and how, in runc's words.</summary>
/// <param name="kind">Its name in the configuration, e.g. <c>createContainer</c>.</param>
/// <param name="message">The whole text.</param>
/// <param name="cause">The failure below this one, if any.</param>
public sealed class HookException(string kind, string message, Exception? cause = null) : GantryException(ErrorKind.System, message, cause)
{
    /// <summary>Its name in the configuration.</summary>
    public string Hook { get; } = kind;
}
