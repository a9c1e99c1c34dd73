using System.Text;
using System.Text.Json;
using Gantry.Cli.Commands.Manifests;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx imagetools inspect</c>: what a registry has under a name.</summary>
internal sealed class ImageToolsInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output using the given Go template: .Name and .Manifest");
    private readonly BoolFlag _raw = flags.Bool("raw", "Show original, unformatted JSON manifest");

    public static CommandEntry Entry => new(
        ["buildx imagetools inspect"], "[OPTIONS] NAME", "Show details of an image in the registry", ArgumentCount.Exactly(1), static flags =>
            new ImageToolsInspectCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        var reference = ManifestSource.Parse(arguments[0]);
        var found = await ManifestSource.FetchAsync(session, reference, insecure: false).ConfigureAwait(false);
        if (_raw.Value)
            session.Out.Write(Encoding.UTF8.GetString(found.Raw));
        else if (_format.Value.Length > 0)
            PrintFormatted(session, reference, found.Descriptor, found.Raw);
        else
            Print(session, reference, found.Descriptor, found.Raw);
        return 0;
    }

    private static void Print(CommandSession session, ImageReference reference, Descriptor descriptor, byte[] raw)
    {
        session.Print($"Name:      {reference}\nMediaType: {descriptor.MediaType}\nDigest:    {descriptor.Digest}");
        if (!MediaTypes.IsIndex(descriptor.MediaType))
            return;
        session.Print("           \nManifests: ");
        var entries = ImageDocument.ReadIndex(raw).Value.Manifests;
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0)
                session.Print("             ");
            var entry = entries[i];
            session.Print($"  Name:      {reference.WithoutTag()}@{entry.Digest}\n  MediaType: {entry.MediaType}");
            if (entry.Platform is { } platform)
                session.Print($"  Platform:  {platform}");
            if (entry.Annotations is not { Count: > 0 } annotations)
                continue;
            session.Print("  Annotations: ");
            var width = annotations.Keys.Max(static key => key.Length) + 1;
            foreach (var (key, value) in annotations.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
                session.Print($"    {(key + ":").PadRight(width)} {value}");
        }
    }

    private void PrintFormatted(CommandSession session, ImageReference reference, Descriptor descriptor, byte[] raw)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("Name", reference.ToString());
            json.WriteStartObject("Manifest");
            json.WriteString("digest", descriptor.Digest.ToString());
            json.WriteNumber("size", raw.Length);
            using (var manifest = JsonDocument.Parse(raw))
            {
                if (!manifest.RootElement.TryGetProperty("mediaType", out _))
                    json.WriteString("mediaType", descriptor.MediaType);
                foreach (var property in manifest.RootElement.EnumerateObject())
                    property.WriteTo(json);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        using var document = JsonDocument.Parse(memory.ToArray());
        var text = new StringBuilder();
        try
        {
            Listing.ParseTemplate(_format.Value).Execute(JsonTemplateMap.Wrap(document.RootElement), text);
        }
        catch (TemplateException error)
        {
            throw new CommandException(
                $"failed to execute template: {error.Message} (Gantry's imagetools knows .Name and .Manifest; --raw and manifest inspect show the documents)");
        }
        session.Print(text.ToString());
    }
}
