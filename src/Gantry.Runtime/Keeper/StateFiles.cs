using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Os.Files;

namespace Gantry.Runtime.Keeper;

/// <summary>
/// The two documents of a process in its state folder: <c>process.json</c> (what runs) and <c>exit</c> (how it ended). Both are replaced by
/// rename and never synced: they tell of one boot, whose ID is in them, and mean nothing after it.
/// </summary>
public static class StateFiles
{
    /// <summary>The name of the document that tells what runs.</summary>
    public const string ProcessFile = "process.json";

    /// <summary>The name of the document that tells how it ended.</summary>
    public const string ExitFile = "exit";

    /// <summary>The ID of the present boot.</summary>
    public static string ReadBootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Writes what runs.</summary>
    /// <exception cref="IOException">The folder is gone, or the disk is full.</exception>
    public static void WriteProcess(string folder, ProcessRecord record) =>
        AtomicFile.Write(Path.Combine(folder, ProcessFile), JsonSerializer.SerializeToUtf8Bytes(record, KeeperJson.Default.ProcessRecord), sync: false);

    /// <summary>Reads what ran when the document was written; null: nothing of the present boot.</summary>
    public static ProcessRecord? ReadProcess(string folder) =>
        Read(folder, ProcessFile, KeeperJson.Default.ProcessRecord) is { } record && record.BootId == ReadBootId() ? record : null;

    /// <summary>Writes how it ended.</summary>
    /// <exception cref="IOException">The folder is gone, or the disk is full.</exception>
    public static void WriteExit(string folder, ProcessRecord record, ProcessExit exit) => AtomicFile.Write(
        Path.Combine(folder, ExitFile),
        JsonSerializer.SerializeToUtf8Bytes(new ExitDocument(record.BootId, record.Pid, record.StartTicks, exit), KeeperJson.Default.ExitDocument),
        sync: false);

    /// <summary>Reads how a process ended; null: nothing is recorded of this very one.</summary>
    public static ProcessExit? ReadExit(string folder, ProcessRecord record) =>
        Read(folder, ExitFile, KeeperJson.Default.ExitDocument) is { } document
        && (document.BootId, document.Pid, document.StartTicks) == (record.BootId, record.Pid, record.StartTicks) ? document.Exit : null;

    /// <summary>Deletes both documents.</summary>
    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        File.Delete(Path.Combine(folder, ProcessFile));
        File.Delete(Path.Combine(folder, ExitFile));
    }

    private static T? Read<T>(string folder, string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, name)), type);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Torn by a power cut: it told of an earlier boot.
            return null;
        }
    }
}

/// <summary>What the file <c>exit</c> holds.</summary>
/// <param name="BootId">The boot in which the process ran.</param>
/// <param name="Pid">Its process ID.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot.</param>
/// <param name="Exit">How it ended.</param>
internal sealed record ExitDocument(string BootId, int Pid, long StartTicks, ProcessExit Exit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(ExitDocument))]
internal sealed partial class KeeperJson : JsonSerializerContext;
