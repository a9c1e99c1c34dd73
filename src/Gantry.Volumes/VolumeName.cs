using System.Security.Cryptography;
using Gantry.Oci;

namespace Gantry.Volumes;

/// <summary>Names of volumes: they are names of folders too.</summary>
internal static class VolumeName
{
    private const int MaxLength = 255;

    internal static string NewAnonymous() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    internal static bool IsAnonymous(string name) => name.Length == 64 && !name.AsSpan().ContainsAnyExcept("0123456789abcdef");

    internal static bool IsValid(string name) => name.Length is >= 2 and <= MaxLength && HasValidCharacters(name);

    /// <exception cref="GantryException">The name is not allowed, in docker's words.</exception>
    internal static void Check(string name)
    {
        if (name.Length == 1)
            throw GantryException.Invalid($"create {name}: volume name is too short, names should be at least two alphanumeric characters");
        if (!HasValidCharacters(name))
        {
            throw GantryException.Invalid(
                $"create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");
        }
        if (name.Length > MaxLength)
            throw GantryException.Invalid($"create {name}: volume name is longer than {MaxLength} characters");
    }

    private static bool HasValidCharacters(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
