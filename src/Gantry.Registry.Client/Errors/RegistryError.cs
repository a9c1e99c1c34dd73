namespace Gantry.Registry.Client.Errors;

/// <summary>One error that a registry reported (distribution-spec, "Error Codes").</summary>
/// <param name="Code">Its code in upper case, e.g. <c>MANIFEST_UNKNOWN</c>; empty when the registry sent text only.</param>
/// <param name="Message">The registry's words.</param>
/// <param name="Detail">More about it, as JSON text, or null.</param>
public sealed record RegistryError(string Code, string Message, string? Detail = null)
{
    /// <summary>The code as docker prints it: <c>manifest unknown</c>.</summary>
    public string Words => Code.ToLowerInvariant().Replace('_', ' ');

    /// <summary>Code and message: <c>manifest unknown: manifest unknown</c>.</summary>
    public override string ToString() => Code.Length == 0 ? Message : Message.Length == 0 ? Words : $"{Words}: {Message}";
}
