using System.Text;
using Gantry.Compose.Files;
using Gantry.Compose.Model;

namespace Gantry.Compose.Publishing;

/// <summary>What is looked at before a project is published: whether it can be, and what the user should know of first.</summary>
/// <param name="project">The project.</param>
/// <param name="resolved">The same with what files of variables hold.</param>
public sealed class PublishChecks(Project project, Project resolved)
{
    /// <summary>Refuses what cannot be published.</summary>
    /// <exception cref="ComposeException">A service has no image that others could pull.</exception>
    public void CheckImages()
    {
        var built = project.AllServices.Where(static service => service.Image.Length == 0 && service.Map("build") is not null).ToArray();
        if (built.Length > 0)
            throw new ComposeException("your Compose stack cannot be published as it only contains a build section for service(s):\n"
                + string.Concat(built.Select(static service => $"- \"{service.Name}\"\n")));
    }

    /// <summary>Refuses to publish variables that the user did not ask for.</summary>
    /// <exception cref="ComposeException">There are some.</exception>
    public void CheckVariables()
    {
        var text = new StringBuilder();
        foreach (var service in project.AllServices)
        {
            if (service.Maps("env_file").Any() || service.Definition.Texts("env_file").Count > 0)
                text.Append($"service \"{service.Name}\" has env_file declared.\n");
            if (service.Map("environment") is { Count: > 0 })
                text.Append($"service \"{service.Name}\" has environment variable(s) declared.\n");
        }
        foreach (var config in project.Configs.Values.Where(static config => config.Text("environment").Length > 0))
            text.Append($"config \"{config.Text("name")}\" is declare as an environment variable.\n");
        if (text.Length > 0)
            throw new ComposeException(
                text + "To avoid leaking sensitive data, you must either explicitly allow the sending of environment variables by using the --with-env flag,\n"
                + "or remove sensitive data from your Compose configuration");
    }

    /// <summary>The questions to be answered with yes before the project is published.</summary>
    /// <param name="withVariables">Whether variables are published.</param>
    public IEnumerable<string> Questions(bool withVariables)
    {
        if (Mounts() is { Length: > 0 } mounts)
            yield return "you are about to publish bind mounts declaration within your OCI artifact.\nonly the bind mount declarations will be added to the OCI artifact (not content)\n"
                + $"please double check that you are not mounting potential user's sensitive directories or data\n{mounts}Are you ok to publish these bind mount declarations?";
        if (string.Concat(Suspected().Select(static found => $"{found.Kind}\n\"{found.Place}\": {found.Value}\n")) is { Length: > 0 } secrets)
            yield return $"you are about to publish sensitive data within your OCI artifact.\nplease double check that you are not leaking sensitive data\n{secrets}Are you ok to publish these sensitive data?";
        if (withVariables && Variables() is { Length: > 0 } variables)
            yield return $"you are about to publish environment variables within your OCI artifact.\nplease double check that you are not leaking sensitive data\n{variables}"
                + "Are you ok to publish these environment variables?";
    }

    private string Mounts() =>
        string.Concat(project.AllServices.Select(static service =>
            (service.Name, Binds: service.Maps("volumes").Where(static volume => volume.Text("type") == "bind").ToArray()))
        .Where(static service => service.Binds.Length > 0)
        .Select(static service =>
            service.Name + string.Concat(
                service.Binds.Select(static volume => $"{volume.Text("source")}:{volume.Text("target")}:{(volume.Flag("read_only") ? "ro" : "rw")}\n"))));

    private string Variables() =>
        string.Concat(resolved.AllServices.Where(static service => service.Map("environment") is { Count: > 0 }).Select(static service =>
            $"Service/Config  {service.Name}\n" + string.Concat(
                service.Definition.TextMap("environment").Select(static variable => $"{variable.Key}={variable.Value}\n"))))
        + string.Concat(project.Configs.Values.Where(static config => config.Text("environment").Length > 0).Select(static config =>
            $"Service/Config  {config.Text("name")}\n{config.Text("name")}={config.Text("environment")}\n"));

    private IEnumerable<SuspectedSecret> Suspected()
    {
        foreach (var file in project.Files.Where(File.Exists))
            foreach (var document in YamlReader.Read(File.ReadAllText(file), file))
                foreach (var found in SecretPatterns.Find(document.Root))
                    yield return found;
        var others = project.AllServices.SelectMany(static service => service.Maps("env_file")).Select(static file => file.Text("path"))
            .Concat(project.Configs.Values.Concat(project.Secrets.Values).Select(static source => source.Text("file"))).Where(static file => file.Length > 0)
                .Distinct();
        foreach (var found in others.SelectMany(SecretPatterns.FindInLines))
            yield return found;
    }
}
