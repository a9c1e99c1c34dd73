using System.Buffers;
using System.Text;
using Gantry.Oci;

namespace Gantry.Storage.Snapshots;

/// <summary>Keys as names of folders: <c>:</c>, which overlayfs's options give a meaning, is written as <c>=</c>.</summary>
internal static class SnapshotKey
{
    private static readonly SearchValues<char> _allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:");

    /// <exception cref="GantryException">The key is malformed.</exception>
    internal static byte[] ToFolder(string key)
    {
        if (key.Length is 0 or > 200 || key[0] == '.' || key.AsSpan().ContainsAnyExcept(_allowed))
            throw GantryException.Invalid($"invalid snapshot key \"{key}\"");
        return Encoding.ASCII.GetBytes(key.Replace(':', '='));
    }

    internal static string FromFolder(ReadOnlySpan<byte> folder) => Encoding.UTF8.GetString(folder).Replace('=', ':');
}
