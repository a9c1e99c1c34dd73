using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Copies secrets and configurations into containers that are no files but the content of a variable or of the compose file.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
internal sealed class FileInjector(EngineAccess engine, Project project)
{
    /// <summary>Copies what a service wants into its container.</summary>
    /// <exception cref="ComposeException">A variable is not set, or nothing can be written there.</exception>
    public async Task InjectAsync(Service service, ContainerSummary container)
    {
        foreach (var secret in service.Maps("secrets"))
            await InjectAsync(service, container, secret, project.Secrets[secret.Text("source")], "secret", "/run/secrets/").ConfigureAwait(false);
        foreach (var config in service.Maps("configs"))
            await InjectAsync(service, container, config, project.Configs[config.Text("source")], "config", "/").ConfigureAwait(false);
    }

    private async Task InjectAsync(Service service, ContainerSummary container, MapValue file, MapValue source, string kind, string folder)
    {
        var content = Content(source, kind);
        if (content.Length == 0)
            return;
        if (service.Definition.Flag("read_only"))
            throw new ComposeException(
                $"cannot create {kind} \"{source.Text("name")}\" in read-only service {service.Name}: `file` is the sole supported option");
        var target = file.Text("target") is { Length: > 0 } given ? given : file.Text("source");
        using var archive = Pack(target.StartsWith('/') ? target : folder + target, content, file);
        await engine.Client.PutArchiveAsync(container.Id, "/", archive, copyOwner: file.Contains("uid") || file.Contains("gid")).ConfigureAwait(false);
    }

    private byte[] Content(MapValue source, string kind)
    {
        var name = source.Text("name");
        if (kind == "secret" && source.Flag("external"))
            return engine.FindSecret?.Invoke(name)
                ?? throw new ComposeException($"unsupported external secret {name}: the store of secrets has none of this name (`compose secret set {name}`)");
        var content = source.Text("content");
        if (content.Length == 0 && source.Text("environment") is { Length: > 0 } variable)
            content = project.Variables.TryGetValue(variable, out var value) ? value
                : throw new ComposeException($"environment variable \"{variable}\" required by {kind} \"{name}\" is not set");
        return Encoding.UTF8.GetBytes(content);
    }

    private static MemoryStream Pack(string path, byte[] content, MapValue file)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path.TrimStart('/'))
            {
                Mode = (UnixFileMode)(file["mode"] is null ? Convert.ToInt32("444", 8) : (int)file.Number("mode")),
                Uid = Number(file, "uid"),
                Gid = Number(file, "gid"),
                DataStream = new MemoryStream(content),
            });
        }
        archive.Position = 0;
        return archive;
    }

    private static int Number(MapValue file, string key) => file.Text(key) is { Length: > 0 } text
        ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ComposeException($"{key} must be a number, not '{text}'")
        : 0;
}
