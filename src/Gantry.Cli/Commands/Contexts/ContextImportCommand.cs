using System.Formats.Tar;
using System.Text.Json;
using Gantry.Cli.Contexts;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context import</c>: takes a context from an archive.</summary>
internal sealed class ContextImportCommand : Command
{
    private const int LargestFile = 10 << 20; // What docker's client takes, too.

    public static CommandEntry Entry => new(
        ["context import"], "CONTEXT FILE|-",
        "Import a context from a tar file",
        ArgumentCount.Exactly(2), static _ => new ContextImportCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var name = arguments[0];
        ContextStore.CheckName(name);
        if (session.Contexts.Find(name) is not null)
            throw new CommandException($"context \"{name}\" already exists");
        using var input = arguments[1] == "-" ? session.Context.Input : FileArgument.Open(arguments[1]);
        var files = Unpack(input);
        if (!files.TryGetValue("meta.json", out var document))
            throw new CommandException("invalid context: no metadata found");
        ClientContext context;
        try
        {
            context = ClientContext.Parse(document) with { Name = name };
        }
        catch (JsonException error)
        {
            throw new CommandException($"invalid context: {error.Message}");
        }
        session.Contexts.Write(context);
        foreach (var file in ContextStore.TlsFiles)
        {
            if (files.TryGetValue($"tls/{ClientContext.Endpoint}/{file}", out var content))
                session.Contexts.WriteTlsFile(name, file, content);
        }
        session.Print(name);
        session.PrintError($"Successfully imported context \"{name}\"");
        return Task.FromResult(0);
    }

    private static Dictionary<string, byte[]> Unpack(Stream input)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var tar = new TarReader(input);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.DataStream is null || entry.Length > LargestFile)
                    continue;
                using var content = new MemoryStream();
                entry.DataStream.CopyTo(content);
                files[entry.Name] = content.ToArray();
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new CommandException($"invalid context: {error.Message}");
        }
        return files;
    }
}
