namespace Gantry.Oci.Values;

/// <summary>True and false in the forms that docker's programs take (<c>strconv.ParseBool</c> of Go).</summary>
public static class GoBoolean
{
    /// <summary>Reads one.</summary>
    /// <returns>Null: the text is neither.</returns>
    public static bool? Parse(string? text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };
}
