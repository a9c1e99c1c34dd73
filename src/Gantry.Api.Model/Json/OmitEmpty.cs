namespace Gantry.Api.Model;

/// <summary>Go's `omitempty`: an empty value is the same as none, so setters turn it into null, and null is not written.</summary>
internal static class OmitEmpty
{
    public static string? Of(string? value) => string.IsNullOrEmpty(value) ? null : value;

    public static IReadOnlyList<T>? Of<T>(IReadOnlyList<T>? value) => value is { Count: 0 } ? null : value;

    public static IReadOnlyDictionary<string, T>? Of<T>(IReadOnlyDictionary<string, T>? value) => value is { Count: 0 } ? null : value;
}
