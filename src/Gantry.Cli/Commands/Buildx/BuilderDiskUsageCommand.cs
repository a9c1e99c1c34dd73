using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Oci.Filters;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx du</c>: what the results in the cache of builds occupy.</summary>
internal sealed class BuilderDiskUsageCommand(FlagSet flags) : Command
{
    private const int IdLength = 25;
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly FilterFlag _filter = FilterFlag.Define(
        flags, '\0', "Provide filter values: id, type, description, inuse, mutable, immutable, shared or private");
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output: \"table\", \"json\", \"pretty\", or a template");
    private readonly BuilderTimeout _timeout = new(flags);
    private readonly BoolFlag _verbose = flags.Bool("verbose", "Shorthand for \"--format=pretty\"");

    public static CommandEntry Entry =>
        new(["buildx du", "builder du"], "[OPTIONS]", "Disk usage", ArgumentCount.None, static flags => new BuilderDiskUsageCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        var filter = RecordFilter.Parse(
            [string.Join(',', _filter.Filters.Names.SelectMany(name => _filter.Filters.Get(name).Select(value => RecordFilter.Term(name, value))))]);
        var usage = await _timeout.WithinAsync(() => session.Client.DiskUsageAsync()).ConfigureAwait(false);
        var records = (usage.BuildCache ?? []).Where(record => filter.Matches(field => ValueOf(record, field))).ToList();
        Print(session, records, _verbose.Value || _format.Value == "pretty", _format.Value);
        if (_verbose.Value || _format.Value is "" or "pretty" || _format.Value.StartsWith("table", StringComparison.Ordinal))
            PrintTotals(session, records);
        return 0;
    }

    /// <summary>Lists entries.</summary>
    public static void Print(CommandSession session, IReadOnlyList<BuildCacheRecord> records, bool pretty, string format = "")
    {
        if (pretty)
        {
            foreach (var record in records)
                PrintPretty(session, record);
            return;
        }
        Listing.Write(session.Out, format, "{{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAt}}", Columns, records, "formatter.diskusageContext");
    }

    private static IReadOnlyList<Column<BuildCacheRecord>> Columns =>
    [
        new("ID", "ID", static record => ShortId(record) + (IsMutable(record) ? "*" : "")),
        new("Description", "DESCRIPTION", static record => record.Description),
        new("Mutable", "MUTABLE", static record => IsMutable(record)),
        new("Reclaimable", "RECLAIMABLE", static record => !record.InUse),
        new("Shared", "SHARED", static record => record.Shared),
        new("Size", "SIZE", static record => HumanText.Size(record.Size) + (record.Shared ? "*" : "")),
        new("CreatedAt", "CREATED AT", static record => HumanText.Timestamp(record.CreatedAt)),
        new("LastUsedAt", "LAST ACCESSED", static record => record.LastUsedAt is { } time ? HumanText.Ago(time) : ""),
        new("UsageCount", "USAGE COUNT", static record => (long)record.UsageCount),
        new("Type", "TYPE", static record => record.Type),
    ];

    private static string ValueOf(BuildCacheRecord record, string field) => field switch
    {
        "id" => record.ID,
        "type" => record.Type,
        "description" => record.Description,
        "inuse" => YesNo(record.InUse),
        "mutable" => YesNo(IsMutable(record)),
        "immutable" => YesNo(!IsMutable(record)),
        "shared" => YesNo(record.Shared),
        "private" => YesNo(!record.Shared),
        _ => "",
    };

    private static string YesNo(bool value) => value ? "true" : "false";

    private static bool IsMutable(BuildCacheRecord record) => record.Type != "regular";

    private static string ShortId(BuildCacheRecord record) => record.ID[..Math.Min(IdLength, record.ID.Length)];

    private static void PrintPretty(CommandSession session, BuildCacheRecord record)
    {
        session.Print($"ID:\t\t{ShortId(record)}");
        session.Print($"Created at:\t{HumanText.Timestamp(record.CreatedAt)}");
        session.Print($"Mutable:\t{YesNo(IsMutable(record))}\nReclaimable:\t{YesNo(!record.InUse)}\nShared:\t\t{YesNo(record.Shared)}");
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
        session.Print(
            $"Reclaimable:\t{HumanText.Size(records.Where(static record => !record.InUse).Sum(static record => record.Size))}\nTotal:\t\t{HumanText.Size(shared + own)}");
    }
}
