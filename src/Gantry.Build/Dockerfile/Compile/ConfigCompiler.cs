using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Runtime;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>Compiles the instructions that change nothing but the configuration of a stage.</summary>
internal sealed class ConfigCompiler(StageState stage)
{
    /// <exception cref="DockerfileException">What it says cannot be had, or it changes more than the configuration.</exception>
    public void Compile(Instruction instruction)
    {
        switch (instruction)
        {
            case EnvInstruction env:
                SetEnvironment(env);
                break;
            case LabelInstruction label:
                SetLabels(label);
                break;
            case CmdInstruction cmd:
                stage.Config.Cmd = CommandOf(cmd.Command);
                stage.Config.ArgsEscaped = true;
                stage.HasCommand = true;
                stage.AddHistory($"CMD {Quoted(stage.Config.Cmd)}", hasLayer: false);
                break;
            case EntrypointInstruction entrypoint:
                stage.Config.Entrypoint = CommandOf(entrypoint.Command);
                if (!stage.HasCommand)
                    stage.Config.Cmd = null;
                stage.AddHistory($"ENTRYPOINT {Quoted(stage.Config.Entrypoint)}", hasLayer: false);
                break;
            case ExposeInstruction expose:
                Expose(expose);
                break;
            case VolumeInstruction volume:
                DeclareVolumes(volume);
                break;
            case UserInstruction user:
                stage.Config.User = stage.Variables.Expand(user.User, user.Range);
                stage.AddHistory($"USER {stage.Config.User}", hasLayer: false);
                break;
            default:
                ConfigureRare(instruction);
                break;
        }
    }

    private void ConfigureRare(Instruction instruction)
    {
        switch (instruction)
        {
            case StopSignalInstruction signal:
                stage.Config.StopSignal = Signal(stage.Variables.Expand(signal.Signal, signal.Range), signal.Range);
                stage.AddHistory($"STOPSIGNAL {stage.Config.StopSignal}", hasLayer: false);
                break;
            case ShellInstruction shell:
                stage.Config.Shell = [.. shell.Words];
                stage.AddHistory($"SHELL [{string.Join(' ', shell.Words)}]", hasLayer: false);
                break;
            case HealthcheckInstruction health:
                stage.Config.Healthcheck = Healthcheck(health);
                stage.AddHistory($"HEALTHCHECK {Describe(stage.Config.Healthcheck)}", hasLayer: false);
                break;
            case OnBuildInstruction trigger:
                // As with BuildKit, the history says nothing of it.
                (stage.Config.OnBuild ??= []).Add(trigger.Trigger);
                break;
            case MaintainerInstruction maintainer:
                stage.Author = maintainer.Maintainer;
                stage.AddHistory($"MAINTAINER {maintainer.Maintainer}", hasLayer: false);
                break;
            default:
                throw DockerfileException.Parse(instruction.Range, $"unknown instruction: {instruction.Name}");
        }
    }

    /// <summary>A signal that there is: otherwise no container of the image could be stopped.</summary>
    private static string Signal(string text, SourceRange range)
    {
        try
        {
            SignalNames.Parse(text);
            return text;
        }
        catch (GantryException error)
        {
            throw DockerfileException.At(range, error.Message, error);
        }
    }

    private void SetEnvironment(EnvInstruction env)
    {
        // All values are expanded before any is set.
        var pairs = env.Pairs.Select(pair => (Key: stage.Variables.Expand(pair.Key, env.Range), Value: stage.Variables.Expand(pair.Value, env.Range))).ToList();
        foreach (var (key, value) in pairs)
            stage.Variables.SetEnvironment(key, value);
        stage.AddHistory($"ENV {string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))}", hasLayer: false);
    }

    private void SetLabels(LabelInstruction label)
    {
        var pairs = label.Pairs.Select(pair => (Key: stage.Variables.Expand(pair.Key, label.Range), Value: stage.Variables.Expand(pair.Value, label.Range)))
            .ToList();
        foreach (var (key, value) in pairs)
            (stage.Config.Labels ??= [])[key] = value;
        stage.AddHistory($"LABEL {string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))}", hasLayer: false);
    }

    private List<string> CommandOf(CommandLine command) => command.IsShell ? [.. stage.Shell, command.ShellText] : [.. command.Words];

    private void Expose(ExposeInstruction expose)
    {
        var ports = expose.Ports.SelectMany(port => stage.Variables.ExpandToWords(port, expose.Range)).ToList();
        foreach (var port in ports)
        {
            foreach (var one in PortsOf(port, expose.Range))
                (stage.Config.ExposedPorts ??= [])[one] = new EmptyObject();
        }
        var listed = ports.SelectMany(port => PortsOf(port, expose.Range)).Order(StringComparer.Ordinal).Distinct();
        stage.AddHistory($"EXPOSE [{string.Join(' ', listed)}]", hasLayer: false);
    }

    private static IEnumerable<string> PortsOf(string text, SourceRange range)
    {
        var slash = text.IndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var ports = slash < 0 ? text : text[..slash];
        // What docker run takes as address:host:container is taken here for the container's port.
        ports = ports[(ports.LastIndexOf(':') + 1)..];
        var dash = ports.IndexOf('-');
        if (protocol is not ("tcp" or "udp" or "sctp"))
            throw DockerfileException.At(range, $"invalid proto: {protocol}");
        if (!ushort.TryParse(dash < 0 ? ports : ports[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !ushort.TryParse(dash < 0 ? ports : ports[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
            throw DockerfileException.At(range, $"invalid containerPort: {text}");
        return Enumerable.Range(first, last - first + 1).Select(port => $"{port}/{protocol}");
    }

    private void DeclareVolumes(VolumeInstruction volume)
    {
        var paths = volume.Paths.Select(path => stage.Variables.Expand(path, volume.Range)).ToList();
        foreach (var path in paths)
        {
            if (path.Length == 0)
                throw DockerfileException.At(volume.Range, "VOLUME specified can not be an empty string");
            (stage.Config.Volumes ??= [])[path] = new EmptyObject();
        }
        stage.AddHistory($"VOLUME [{string.Join(' ', paths)}]", hasLayer: false);
    }

    private ImageHealthcheck Healthcheck(HealthcheckInstruction health)
    {
        long Time(string name)
        {
            if (!health.Options.TryGetValue(name, out var text))
                return 0;
            var nanoseconds = GoTime.Parse(text) ?? throw DockerfileException.At(health.Range, $"time: invalid duration \"{text}\"");
            if (nanoseconds is > 0 and < 1_000_000)
                throw DockerfileException.Parse(health.Range, $"Interval \"{name}\" cannot be less than 1ms");
            return nanoseconds >= 0 ? nanoseconds : throw DockerfileException.At(health.Range, $"Interval \"{name}\" cannot be negative");
        }

        var retries = 0;
        if (health.Options.TryGetValue("retries", out var count)
            && (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out retries) || retries < 1))
            throw DockerfileException.At(health.Range, $"--retries cannot be negative or zero ({count})");
        List<string> test = health.Command is not { } command ? ["NONE"] : command.IsShell ? ["CMD-SHELL", command.ShellText] : ["CMD", .. command.Words];
        return new ImageHealthcheck
        {
            Test = test, Interval = Time("interval"), Timeout = Time("timeout"), StartPeriod = Time("start-period"), StartInterval = Time("start-interval"),
            Retries = retries,
        };
    }

    private static string Describe(ImageHealthcheck health)
    {
        string Time(long nanoseconds) => $"\"{GoTime.Format(nanoseconds)}\"";
        return $"&{{{Quoted(health.Test!)} {Time(health.Interval)} {Time(health.Timeout)} {Time(health.StartPeriod)} {Time(health.StartInterval)} '\\x{health.Retries:x2}'}}";
    }

    /// <summary>A list as Go's <c>%q</c> prints it.</summary>
    private static string Quoted(IReadOnlyList<string> words) =>
        $"[{string.Join(' ', words.Select(static word => $"\"{Escaped(word)}\""))}]";

    private static string Escaped(string word) => word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
}
