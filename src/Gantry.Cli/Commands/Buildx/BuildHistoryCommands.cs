using System.Globalization;
using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Builds;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx history ls</c>: lists the builds that there were.</summary>
internal sealed class BuildHistoryListCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ListFlag<string> _filter = flags.List("filter", "Provide filter values: status=completed|running|error, ref=ID");
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output", "table");
    private readonly BoolFlag _local = flags.Bool("local", "Not offered: where a build was started is not recorded");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Don't truncate output");

    public static CommandEntry Entry =>
        new(["buildx history ls"], "[OPTIONS]", "List build records", ArgumentCount.None, static flags => new BuildHistoryListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (_local.Value)
            throw new CommandException(
                "--local: from which folder or repository a build was started is not recorded; choose by --filter, or look at `buildx history inspect`");
        var records = (await session.Client.BuildHistoryAsync().ConfigureAwait(false)).Where(record => _filter.Values.All(filter => Matches(record, filter)));
        Listing.Write(
            session.Out, _format.Value, "{{.Ref}}\t{{.Name}}\t{{.Status}}\t{{.CreatedAt}}\t{{.Duration}}", Columns(_noTrunc.Value), records,
            "formatter.historyContext");
        return 0;
    }

    private static IReadOnlyList<Column<BuildHistoryRecord>> Columns(bool whole) =>
    [
        new("Ref", "BUILD ID", static record => record.Ref),
        new("Name", "NAME", record => whole ? BuildHistoryText.NameOf(record) : HumanText.Ellipsis(BuildHistoryText.NameOf(record), 36)),
        new("Status", "STATUS", static record => BuildHistoryText.StatusOf(record)),
        new("CreatedAt", "CREATED AT", static record => HumanText.Ago(record.CreatedAt)),
        new("Duration", "DURATION", static record => BuildHistoryText.DurationOf(record)),
    ];

    private static bool Matches(BuildHistoryRecord record, string filter) => filter.Split('=', 2) switch
    {
        ["status", var status] => BuildHistoryText.StatusOf(record).Equals(status, StringComparison.OrdinalIgnoreCase),
        ["ref", var name] => record.Ref == name,
        _ => throw new CommandException($"invalid filter {filter}: status=completed|running|error, ref=ID"),
    };
}

/// <summary><c>buildx history inspect</c>: what is known of a build.</summary>
internal sealed class BuildHistoryInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output: \"pretty\", \"json\", or a template", "pretty");

    public static CommandEntry Entry => new(["buildx history inspect"], "[OPTIONS] [REF]", "Inspect a build record", ArgumentCount.AtMost(3), static flags =>
    {
        // Of `inspect attachment`.
        foreach (var name in (string[])["platform", "type"])
            flags.Add(new ValueFlag<string>(name, '\0', "string", "Not offered", static text => text, "") { Hidden = true });
        return new BuildHistoryInspectCommand(flags);
    });

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (arguments is ["attachment", ..])
            throw new CommandException(
                "attestations are kept with the image, not with the record: see `buildx imagetools inspect`, or build with `--output type=local`");
        if (arguments.Count > 1)
            throw new CommandException($"one record is shown at a time: {arguments[1]} is one too many");
        var record = await BuildHistoryText.FindAsync(session, arguments).ConfigureAwait(false);
        if (_format.Value is "" or "pretty")
            PrintPretty(session, record);
        else
            BuildHistoryDocument.Print(session, record, _format.Value);
        return 0;
    }

    private static void PrintPretty(CommandSession session, BuildHistoryRecord record)
    {
        session.Print($"Name:           {BuildHistoryText.NameOf(record)}\nRef:            {record.Ref}\n");
        session.Print($"Started:        {record.CreatedAt.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}");
        session.Print($"Duration:       {BuildHistoryText.DurationOf(record)}\nStatus:         {BuildHistoryText.StatusOf(record)}");
        session.Print(
            $"Build Steps:    {record.CompletedSteps}/{record.TotalSteps} ({(record.TotalSteps > 0 ? record.CachedSteps * 100 / record.TotalSteps : 0)}% cached)");
        if (record.Warnings > 0)
            session.Print($"Warnings:       {record.Warnings}");
        foreach (var (title, prefix) in ((string, string)[])[("Build Args", "build-arg:"), ("Labels", "label:")])
        {
            var values = (record.Attributes ?? new Dictionary<string, string>()).Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal).ToList();
            if (values.Count > 0)
                session.Print($"\n{title}:\n{string.Join('\n', values.Select(pair => $"  {pair.Key[prefix.Length..]}={pair.Value}"))}");
        }
        if (record.Response?.GetValueOrDefault("containerimage.digest") is { Length: > 0 } digest)
            session.Print($"\nDigest:         {digest}");
        if (record.Error.Length > 0)
            session.Print($"\nError: {record.Error}\n\nPrint build logs: {session.Program} buildx history logs {record.Ref}");
    }
}

/// <summary><c>buildx history logs</c>: what a build wrote.</summary>
internal sealed class BuildHistoryLogsCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ValueFlag<string> _progress = flags.String("progress", "Set type of progress output (\"plain\", \"rawjson\")", "plain");

    public static CommandEntry Entry =>
        new(["buildx history logs"], "[OPTIONS] [REF]", "Print the logs of a build record", ArgumentCount.AtMost(1), static flags =>
            new BuildHistoryLogsCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        IBuildDisplay display = _progress.Value switch
        {
            "plain" or "auto" => new PlainDisplay(session.Out, explains: false),
            "rawjson" => new RawDisplay(session.Context.Output),
            var other => throw new CommandException($"unsupported progress type \"{other}\": plain or rawjson"),
        };
        var record = await BuildHistoryText.FindAsync(session, arguments).ConfigureAwait(false);
        var log = await session.Client.BuildLogAsync(record.Ref).ConfigureAwait(false);
        foreach (var line in Encoding.UTF8.GetString(log).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            display.Take(Encoding.UTF8.GetBytes(line));
        display.Finish(record.Error.Length > 0);
        return 0;
    }
}

/// <summary><c>buildx history rm</c>: removes records of builds.</summary>
internal sealed class BuildHistoryRemoveCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", "Remove all build records");
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);

    public static CommandEntry Entry =>
        new(["buildx history rm"], "[OPTIONS] [REF...]", "Remove build records", ArgumentCount.Any, static flags => new BuildHistoryRemoveCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (arguments.Count == 0 != _all.Value)
            throw new CommandException(_all.Value ? "cannot specify refs when using --all" : "\"buildx history rm\" requires at least 1 argument, or --all");
        var names = _all.Value
            ? [.. (await session.Client.BuildHistoryAsync().ConfigureAwait(false)).Where(static record => record.CompletedAt is not null)
                .Select(static record => record.Ref)] : arguments;
        foreach (var name in names)
            await session.Client.RemoveBuildAsync(name).ConfigureAwait(false);
        return 0;
    }
}

/// <summary>What is said of a build that there was.</summary>
internal static class BuildHistoryText
{
    /// <summary>A build by its name, the last one if there is none, or the one before it for <c>^1</c>.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static async Task<BuildHistoryRecord> FindAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var records = await session.Client.BuildHistoryAsync().ConfigureAwait(false);
        var name = arguments.Count > 0 ? arguments[0] : "";
        if (name.Length == 0 || name[0] == '^')
        {
            var back = name.Length > 1 && int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            return back < records.Count ? records[back] : throw new CommandException("no build records found");
        }
        return records.FirstOrDefault(record => record.Ref.StartsWith(name, StringComparison.Ordinal))
            ?? throw new CommandException($"no record found for ref \"{name}\"");
    }

    public static string NameOf(BuildHistoryRecord record)
    {
        var attributes = record.Attributes ?? new Dictionary<string, string>();
        var name = attributes.GetValueOrDefault("filename", "Dockerfile");
        return attributes.GetValueOrDefault("target") is { Length: > 0 } target ? $"{name} ({target})" : name;
    }

    public static string StatusOf(BuildHistoryRecord record) =>
        record.CompletedAt is null ? "Running" : record.Error.Length == 0 ? "Completed" : record.Error == "context canceled" ? "Canceled" : "Error";

    public static string DurationOf(BuildHistoryRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{((record.CompletedAt ?? DateTimeOffset.UtcNow) - record.CreatedAt).TotalSeconds:0.0}s");
}
