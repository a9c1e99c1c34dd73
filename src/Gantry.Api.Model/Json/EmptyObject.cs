namespace Gantry.Api.Model;

/// <summary>The value of a Go set on the wire (`map[string]struct{}`): always `{}`.</summary>
public sealed record EmptyObject
{
    /// <summary>The only value there is.</summary>
    public static EmptyObject Value { get; } = new();
}
