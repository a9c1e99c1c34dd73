using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Buildx;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Builds;

/// <summary><c>build</c>: makes an image of a Dockerfile.</summary>
internal sealed class BuildCommand(FlagSet flags) : Command
{
    private readonly BuildFlags _flags = new(flags);
    private readonly ValueFlag<string> _call = flags.String("call", "Set method for evaluating build (\"check\", \"outline\", \"targets\")", "build");
    private readonly BoolFlag _check = flags.Bool("check", "Shorthand for \"--call=check\"");
    private readonly ValueFlag<string> _file = flags.String("file", 'f', "Name of the Dockerfile (default: \"PATH/Dockerfile\")");
    private readonly BoolFlag _debug = flags.Bool("debug", "Keep the files of a step that fails as an image, and open a shell in it");
    private readonly BoolFlag _explain = flags.Bool("explain", "Tell for each step that is run why it is: what has changed");
    private readonly ValueFlag<string> _iidFile = flags.String("iidfile", "Write the image ID to a file");
    private readonly BoolFlag _load = flags.Bool("load", "Shorthand for \"--output=type=docker\": what is done in any case");
    private readonly ValueFlag<string> _metadataFile = flags.String("metadata-file", "Write build result metadata to a file");
    private readonly ListFlag<string> _output = flags.List("output", 'o', "Output destination (format: \"type=local,dest=path\")");
    private readonly ListFlag<string> _policy = flags.List("policy", "Not offered: policies for the sources of builds");
    private readonly ListFlag<string> _resource = flags.List("resource", "Not offered: say --memory, --cpus ...");
    private readonly ValueFlag<string> _progress = flags.String(
        "progress", "Set type of progress output (\"auto\", \"quiet\", \"plain\", \"tty\", \"rawjson\")", "auto");
    private readonly BoolFlag _push = flags.Bool("push", "Shorthand for \"--output=type=registry\"");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Suppress the build output and print image ID on success");

    public static CommandEntry Entry => new(
        ["image build", "build", "buildx build", "buildx b", "builder build"], "[OPTIONS] PATH | URL | -", "Build an image from a Dockerfile",
        ArgumentCount.Exactly(1), static flags => new BuildCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        _ = _load.Value;
        BuilderRefusal.Check(_policy, _resource);
        // 1. What is asked for, and of which files.
        foreach (var warning in _flags.Warnings)
            session.PrintError($"WARNING: {warning}");
        var request = _flags.Request(session);
        request.Outputs = [.. _output.Values.Select(Output)];
        if (_push.Value)
            request.Outputs = [.. request.Outputs, new BuildSessionOutput { Type = "registry" }];
        request.Outputs = Annotated(request.Outputs, _flags.Annotations);
        (request.Call, var format) = Call();
        request.Credentials = await session.Credentials.AllAsync().ConfigureAwait(false);
        var context = ContextArgument.Resolve(session, arguments[0], _file.Value);
        (request.Dockerfile, request.DockerfileName, request.Ignored, request.KeepsFailed) = (
            context.Dockerfile, context.DockerfileName, context.Ignored.Text, _debug.Value);
        using var contexts = new ContextList(context, _flags.Contexts, request, message => session.PrintError($"WARNING: {message}"));
        BuildSecrets.LendAgentForContext(session, request);
        using var outputs = new OutputList(session, request.Outputs, request.CacheTo ?? []);

        // 2. The build.
        var display = Display(session);
        using var connection = await session.Client.BuildAsync().ConfigureAwait(false);
        await connection.SendAsync(request).ConfigureAwait(false);
        await contexts.SendEntriesAsync(connection).ConfigureAwait(false);
        var result = await FollowAsync(connection, contexts, outputs, display, session).ConfigureAwait(false);

        // 3. What became of it.
        if (result.Answer is { } answer)
        {
            session.Out.Write(format == "json" ? answer.Json + "\n" : answer.Text);
            return answer.ExitCode;
        }
        Report(session, result);
        return 0;
    }

    private static IReadOnlyList<BuildSessionOutput> Annotated(
        IReadOnlyList<BuildSessionOutput> outputs, IReadOnlyList<KeyValuePair<string, string>> annotations)
    {
        if (annotations.Count == 0)
            return outputs;
        if (outputs.Count == 0)
            outputs = [new BuildSessionOutput { Type = "image" }];
        foreach (var output in outputs.Where(static output => output.Type is "image" or "registry" or "oci" or "docker"))
            output.Attributes = new Dictionary<string, string>([.. output.Attributes ?? new Dictionary<string, string>(), .. annotations]);
        return outputs;
    }

    /// <summary>What is asked instead of a build, and in which form the answer is wanted: <c>check,format=json</c>.</summary>
    private (string Call, string Format) Call()
    {
        var parts = (_check.Value ? "check" : _call.Value).Split(',', StringSplitOptions.TrimEntries);
        var format = "";
        foreach (var part in parts.Skip(1))
        {
            format = part is "format=json" or "format=text" ? part["format=".Length..]
                : throw new CommandException($"invalid print function option: {part}: format=json or format=text");
        }
        return parts[0] switch
        {
            "" or "build" => ("", format),
            "check" or "lint" => ("lint", format),
            "outline" or "targets" or "subrequests.describe" => (parts[0], format),
            var other => throw new CommandException($"invalid call \"{other}\": build, check, outline or targets"),
        };
    }

    private static async Task<BuildSessionResult> FollowAsync(
        BuildConnection connection, ContextList contexts, OutputList outputs, IBuildDisplay display, CommandSession session)
    {
        while (await connection.ReceiveAsync().ConfigureAwait(false) is var (kind, payload))
        {
            switch (kind)
            {
                case BuildFrame.Need:
                    await contexts.SendContentAsync(connection, payload).ConfigureAwait(false);
                    break;
                case BuildFrame.Status:
                    display.Take(payload);
                    break;
                case BuildFrame.Output:
                    outputs.Take(payload.Span);
                    break;
                case BuildFrame.Result:
                    display.Finish(failed: false);
                    return JsonSerializer.Deserialize(payload.Span, ApiJson.Wire.BuildSessionResult) ?? new BuildSessionResult();
                case BuildFrame.Error:
                    display.Finish(failed: true);
                    var error = JsonSerializer.Deserialize(payload.Span, ApiJson.Wire.BuildSessionError) ?? new BuildSessionError();
                    if (error.Excerpt.Length > 0)
                        session.PrintError(error.Excerpt);
                    if (error.FailedImage.Length > 0)
                        FailedStep.Show(session, error.FailedImage);
                    throw new CommandException($"ERROR: failed to build: failed to solve: {error.Message}");
                default:
                    throw new IOException($"the daemon sent a message {(int)kind} that is not understood");
            }
        }
        throw new IOException("the daemon ended before the build did");
    }

    private IBuildDisplay Display(CommandSession session)
    {
        var mode = _quiet.Value ? "quiet" : _explain.Value && _progress.Value == "auto" ? "plain" : _progress.Value;
        var hasTerminal = session.Context.Terminal.ErrorSize is not null;
        return mode switch
        {
            "quiet" or "none" => new QuietDisplay(),
            "plain" => new PlainDisplay(session.Error, _explain.Value),
            "rawjson" => new RawDisplay(session.Context.Error),
            "tty" when !hasTerminal => throw new CommandException("failed to get console: the errors do not go to a terminal"),
            "auto" or "tty" => hasTerminal ? new LiveDisplay(session.Error, session.Context.Terminal) : new PlainDisplay(session.Error, _explain.Value),
            _ => throw new CommandException($"invalid progress mode \"{mode}\": auto, plain, quiet, rawjson or tty"),
        };
    }

    private void Report(CommandSession session, BuildSessionResult result)
    {
        if (_iidFile.Value.Length > 0)
            File.WriteAllText(_iidFile.Value, result.ImageId);
        if (_metadataFile.Value.Length > 0)
            File.WriteAllBytes(_metadataFile.Value, Metadata(result));
        if (_quiet.Value && result.ImageId.Length > 0)
            session.Print(result.ImageId);
    }

    private static byte[] Metadata(BuildSessionResult result)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("containerimage.config.digest", result.ImageId);
            writer.WriteString("containerimage.digest", result.ManifestDigest);
            if (result.Names is { Count: > 0 } names)
                writer.WriteString("image.name", string.Join(',', names));
            writer.WriteEndObject();
        }
        return memory.ToArray();
    }

    private static BuildSessionOutput Output(string text)
    {
        var fields = text.Split(',');
        var attributes = new Dictionary<string, string>();
        // A path alone is a folder to write to.
        if (fields is [var path] && !path.Contains('='))
            (attributes["type"], attributes["dest"]) = (path == "-" ? "tar" : "local", path);
        else
        {
            foreach (var field in fields)
            {
                var equals = field.IndexOf('=', StringComparison.Ordinal);
                attributes[(equals < 0 ? throw new CommandException($"invalid value {field}") : field[..equals]).Trim().ToLowerInvariant()] = field[
                    (equals + 1)..];
            }
        }
        if (!attributes.Remove("type", out var type))
            throw new CommandException("type is required for output");
        // The image store is where docker's goes, too, unless a file is named.
        if (type is "docker" or "registry" && !attributes.ContainsKey("dest"))
            type = type == "docker" ? "image" : type;
        return new BuildSessionOutput { Type = type, Attributes = attributes };
    }
}
