using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx du</c>: what the results in the cache of builds occupy.</summary>
internal sealed class BuilderDiskUsageCommand(FlagSet flags) : Command
{
    private const int IdLength = 25;
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Provide filter values: id, description, shared, until");
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output: \"table\", \"json\", \"pretty\", or a template");
    private readonly BoolFlag _verbose = flags.Bool("verbose", "Shorthand for \"--format=pretty\"");

    public static CommandEntry Entry => new(["buildx du", "builder du"], "[OPTIONS]", "Disk usage", ArgumentCount.None, static flags => new BuilderDiskUsageCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        var usage = await session.Client.DiskUsageAsync().ConfigureAwait(false);
        var records = (usage.BuildCache ?? []).Where(Matches).ToList();
        if (_verbose.Value || _format.Value == "pretty")
        {
            foreach (var record in records)
                PrintPretty(session, record);
        }
        else
        {
            Listing.Write(session.Out, _format.Value, "{{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAt}}", Columns, records, "formatter.diskusageContext");
            if (_format.Value.Length > 0 && !_format.Value.StartsWith("table", StringComparison.Ordinal))
                return 0;
        }
        PrintTotals(session, records);
        return 0;
    }

    private static IReadOnlyList<Column<BuildCacheRecord>> Columns =>
    [
        new("ID", "ID", static record => record.ID[..Math.Min(IdLength, record.ID.Length)]),
        new("Description", "DESCRIPTION", static record => record.Description),
        new("Mutable", "MUTABLE", static _ => false),
        new("Reclaimable", "RECLAIMABLE", static record => !record.InUse),
        new("Shared", "SHARED", static record => record.Shared),
        new("Size", "SIZE", static record => HumanText.Size(record.Size) + (record.Shared ? "*" : "")),
        new("CreatedAt", "CREATED AT", static record => HumanText.Timestamp(record.CreatedAt)),
        new("LastUsedAt", "LAST ACCESSED", static record => record.LastUsedAt is { } time ? HumanText.Ago(time) : ""),
        new("UsageCount", "USAGE COUNT", static record => (long)record.UsageCount),
        new("Type", "TYPE", static record => record.Type),
    ];

    private bool Matches(BuildCacheRecord record) => _filter.Filters.Names.All(name => _filter.Filters.Get(name).Any(value => name switch
    {
        "id" => record.ID.StartsWith(value, StringComparison.Ordinal),
        "description" => record.Description.Contains(value.TrimStart('~'), StringComparison.Ordinal),
        "shared" => record.Shared == (value is "1" or "true"),
        "type" => record.Type == value,
        _ => throw new CommandException($"invalid filter '{name}': id, description, shared or type"),
    }));

    private static void PrintPretty(CommandSession session, BuildCacheRecord record)
    {
        session.Print($"ID:\t\t{record.ID[..Math.Min(IdLength, record.ID.Length)]}");
        session.Print($"Created at:\t{HumanText.Timestamp(record.CreatedAt)}");
        session.Print($"Mutable:\tfalse\nReclaimable:\t{(record.InUse ? "false" : "true")}\nShared:\t\t{(record.Shared ? "true" : "false")}");
        session.Print($"Size:\t\t{HumanText.Size(record.Size)}\nDescription:\t{record.Description}\nUsage count:\t{record.UsageCount}");
        if (record.LastUsedAt is { } used)
            session.Print($"Last used:\t{HumanText.Ago(used)}");
        session.Print($"Type:\t\t{record.Type}\n");
    }

    private static void PrintTotals(CommandSession session, List<BuildCacheRecord> records)
    {
        var shared = records.Where(static record => record.Shared).Sum(static record => record.Size);
        var own = records.Where(static record => !record.Shared).Sum(static record => record.Size);
        if (shared > 0)
            session.Print($"Shared:\t\t{HumanText.Size(shared)}\nPrivate:\t{HumanText.Size(own)}");
        session.Print($"Reclaimable:\t{HumanText.Size(shared + own)}\nTotal:\t\t{HumanText.Size(shared + own)}");
    }
}
