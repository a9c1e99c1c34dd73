using System.Globalization;
using Gantry.Oci;

namespace Gantry.Api.Requests;

/// <summary>The size in a resize request.</summary>
internal static class TerminalSizeQuery
{
    /// <exception cref="GantryException">Height or width is missing or malformed (400).</exception>
    public static (int Rows, int Columns) Read(ApiCall call) => (Read(call, "h", "height"), Read(call, "w", "width"));

    private static int Read(ApiCall call, string name, string what) =>
        ushort.TryParse(call.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw GantryException.Invalid(
                $"invalid resize {what} \"{call.Query(name)}\": {(IsNumber(call.Query(name)) ? "value out of range" : "invalid syntax")}");

    private static bool IsNumber(string text) => text.TrimStart('-') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit);
}
