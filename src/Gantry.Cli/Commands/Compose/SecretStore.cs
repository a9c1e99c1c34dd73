using System.Security.Cryptography;
using System.Text;
using Gantry.Compose;

namespace Gantry.Cli.Commands.Compose;

/// <summary>
/// Secrets of a user for projects that declare them as external: a file for each, encrypted by AES-256-GCM with its name bound to it. The key is a file of its
/// own that only the user may read; it can be kept elsewhere than the secrets, e.g. on a disk that is not copied.
/// </summary>
/// <param name="folder">Where the secrets are.</param>
/// <param name="keyFile">The file of the key; empty for one in the folder.</param>
internal sealed class SecretStore(string folder, string keyFile)
{
    private const int KeyBytes = 32;
    private const string Ending = ".secret";

    private string KeyPath => keyFile.Length > 0 ? keyFile : Path.Combine(folder, "key");

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + Ending).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!
        : [];

    /// <summary>The value of a secret, or null when there is none.</summary>
    /// <exception cref="ComposeException">The key is missing or not that of the secret, or the file was changed.</exception>
    public byte[]? Find(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
            return null;
        var stored = File.ReadAllBytes(path);
        var nonce = AesGcm.NonceByteSizes.MaxSize;
        var tag = AesGcm.TagByteSizes.MaxSize;
        if (stored.Length < nonce + tag)
            throw new ComposeException($"secret {name}: {path} is cut short");
        if (!File.Exists(KeyPath))
            throw new ComposeException($"secret {name}: there is no key at {KeyPath}");
        var value = new byte[stored.Length - nonce - tag];
        try
        {
            using var cipher = new AesGcm(ReadKey(), tag);
            cipher.Decrypt(stored.AsSpan(0, nonce), stored.AsSpan(nonce + tag), stored.AsSpan(nonce, tag), value, Encoding.UTF8.GetBytes(name));
        }
        catch (CryptographicException)
        {
            throw new ComposeException($"secret {name}: {KeyPath} is not its key, or {path} was changed");
        }
        return value;
    }

    /// <summary>Sets a secret.</summary>
    /// <exception cref="ComposeException">The name has characters that none may have.</exception>
    public void Set(string name, byte[] value)
    {
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var encrypted = new byte[value.Length];
        var path = PathOf(name);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!File.Exists(KeyPath))
            Write(KeyPath, RandomNumberGenerator.GetBytes(KeyBytes));
        using var cipher = new AesGcm(ReadKey(), tag.Length);
        cipher.Encrypt(nonce, value, encrypted, tag, Encoding.UTF8.GetBytes(name));
        Write(path, [.. nonce, .. tag, .. encrypted]);
    }

    /// <summary>Removes a secret.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string name)
    {
        var path = PathOf(name);
        var exists = File.Exists(path);
        File.Delete(path);
        return exists;
    }

    private byte[] ReadKey()
    {
        var key = File.ReadAllBytes(KeyPath);
        return key.Length == KeyBytes ? key : throw new ComposeException($"{KeyPath} is no key: it has {key.Length} bytes instead of {KeyBytes}");
    }

    private string PathOf(string name) => name.Length > 0 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? Path.Combine(folder, name + Ending)
        : throw new ComposeException($"invalid name of a secret \"{name}\": letters, digits, -, _ and .");

    // Whole or not at all, and never for others to read.
    private static void Write(string path, byte[] content)
    {
        var temporary = $"{path}.{Environment.ProcessId}";
        using (var file = new FileStream(temporary,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
