using Gantry.Compose.Model;

namespace Gantry.Compose.Planning;

/// <summary>The labels by which containers, networks and volumes are found again. They are docker's, so that both tools manage each other's projects.</summary>
public static class Labels
{
    /// <summary>The version of docker compose whose labels and hashes these are.</summary>
    public const string ComposeVersion = "2.40.3";

    /// <summary>The project.</summary>
    public const string Project = "com.docker.compose.project";

    /// <summary>The service.</summary>
    public const string Service = "com.docker.compose.service";

    /// <summary>The hash of the configuration.</summary>
    public const string ConfigHash = "com.docker.compose.config-hash";

    /// <summary>The number of the container within its service.</summary>
    public const string Number = "com.docker.compose.container-number";

    /// <summary>The name of the volume in the model.</summary>
    public const string Volume = "com.docker.compose.volume";

    /// <summary>The name of the network in the model.</summary>
    public const string Network = "com.docker.compose.network";

    /// <summary>The project's folder.</summary>
    public const string WorkingFolder = "com.docker.compose.project.working_dir";

    /// <summary>The project's files, separated by commas.</summary>
    public const string Files = "com.docker.compose.project.config_files";

    /// <summary>Its files of variables, separated by commas.</summary>
    public const string EnvironmentFile = "com.docker.compose.project.environment_file";

    /// <summary><c>True</c> for containers of <c>run</c>.</summary>
    public const string OneOff = "com.docker.compose.oneoff";

    /// <summary>The unique part of the name of a container of <c>run</c>.</summary>
    public const string Slug = "com.docker.compose.slug";

    /// <summary>The digest of the image.</summary>
    public const string Image = "com.docker.compose.image";

    /// <summary>What the service depends on: <c>name:condition:restart</c>, separated by commas.</summary>
    public const string DependsOn = "com.docker.compose.depends_on";

    /// <summary>The version of the tool.</summary>
    public const string Version = "com.docker.compose.version";

    /// <summary>The name of the container that this one replaces.</summary>
    public const string Replace = "com.docker.compose.replace";

    /// <summary>What a container is run for that is none of a service's own: <c>pre_start</c>.</summary>
    public const string Hook = "com.docker.compose.hook";

    /// <summary>Gives a service the labels that tell whose it is.</summary>
    internal static void AddOwn(Service service, Project project, IReadOnlyList<string> environmentFiles)
    {
        service.OwnLabels[Labels.Project] = project.Name;
        service.OwnLabels[Service] = service.Name;
        service.OwnLabels[Version] = ComposeVersion;
        service.OwnLabels[WorkingFolder] = project.WorkingFolder;
        service.OwnLabels[Files] = string.Join(',', project.Files);
        service.OwnLabels[OneOff] = "False";
        if (environmentFiles.Count > 0)
            service.OwnLabels[EnvironmentFile] = string.Join(',', environmentFiles);
    }
}
